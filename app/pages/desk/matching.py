"""Who reviews what: settings, the proposal with what is changed by hand, its confirmation, and what is assigned."""

from dataclasses import dataclass

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user

from app import languages, rules
from app.applying.drafts import Refused
from app.desk import listing
from app.extensions import csrf
from app.forms.checking import ends
from app.forms.matching import EndForm, PanelForm
from app.pages.access import get_call, organizer
from app.pages.desk.blueprint import blueprint
from app.pages.desk.reading import handed_in
from app.review import assigning, experts, matched, panels, proposing, tasks
from app.review.matched import Chosen, Matched

SECONDS = 2
"""How long a page waits for a task it has begun, before it shows that one is at work."""
FARTHEST_PAGE = 1_000_000
MOST_CANDIDATES = 50
MOST_OFFERED = 100
"""Experts in the select of the filter; of more, one is chosen in the list of who has how much."""
SHOWS = {
    "": _l("All"),
    "gaps": _l("Too few experts"),
    "proposed": _l("To be confirmed"),
    "assigned": _l("Confirmed"),
}


@dataclass(frozen=True)
class Candidate:
    """An expert who could review an application; a `matched.Pair` beside what an organizer should know."""

    pair: object
    full: bool


def _call():
    """The Call of this address, else the newest; None where there is none."""
    asked = request.args.get("call", "")
    if asked:
        return get_call(asked)
    calls = listing.newest_first(current_app.calls.all())
    return calls[0] if calls else None


def _here(endpoint="desk.matching", **values):
    """A page of the matching of the same call, with the same filter."""
    kept = Chosen.from_args(request.args).args()
    return url_for(endpoint, **{"call": request.args.get("call") or None, **kept, **values})


@blueprint.get("/matching")
@organizer
def matching():
    call, now = _call(), rules.now()
    task = tasks.newest()
    if task is not None and not task.finished.is_set():
        # Not in the page: whoever is read to by a machine asks for the next look by a link.
        return render_template("desk/matching_busy.html", task=task, here=_here()), {"Refresh": "3"}
    if call is None:
        return render_template("desk/matching.html", call=None)
    state, chosen = Matched(call, now), Chosen.from_args(request.args)
    return render_template(
        "desk/matching.html",
        call=call,
        calls=listing.newest_first(current_app.calls.all()),
        panel=state.panel,
        counts=state.counts(),
        refused=rules.may_match(state.panel, now),
        failed=task.failed if task is not None and task.call_id == call.id else None,
        chosen=chosen,
        shows=SHOWS,
        experts=sorted(state.accepted, key=experts.name) if len(state.accepted) <= MOST_OFFERED else [],
        expert=next((state.pair(one, []) for one in state.experts if str(one.id) == chosen.expert), None),
        found=state.page(chosen, _number()),
        here=_here,
        **_words(call),
    )


def _number():
    return min(request.args.get("page", 1, type=int), FARTHEST_PAGE)


def _words(call):
    """What templates say of areas, experts and achievements."""
    return {
        "areas": {area.id: str(area.name) for area in call.areas},
        "name": experts.name,
        "title": _title,
    }


def _title(row):
    """(text, its language)."""
    language = languages.current()
    mine, theirs = (getattr(row, f"title_{side}") for side in (language, languages.other(language)))
    return (mine, language) if mine or not theirs else (theirs, languages.other(language))


@blueprint.get("/matching/experts")
@organizer
def matching_experts():
    call = _call() or abort(404)
    state = Matched(call, rules.now())
    pairs = [state.pair(expert, []) for expert in state.experts if expert.state == "accepted" or state.loads[expert.id]]
    pairs.sort(key=lambda pair: (-pair.load, pair.expert.id))
    found = matched.page_of(pairs, _number())
    return render_template("desk/matching_experts.html", call=call, found=found, here=_here, **_words(call))


@blueprint.route("/matching/settings", methods=["GET", "POST"])
@csrf.exempt
@organizer
def matching_settings():
    call = _call() or abort(404)
    panel = panels.of(call.id)
    until = ends(panel.closes_at, call.closes_at.tzinfo) if panel.closes_at else {"until_time": "24:00"}
    form = PanelForm(call=call, data={"reviewers": panel.reviewers, "blind": panel.blind} | until)
    if form.validate_on_submit():
        given = {"reviewers": form.reviewers.data, "closes_at": form.until, "blind": form.blind.data}
        try:
            proposing.set_panel(call=call, organizer=current_user.user, now=rules.now(), **given)
        except Refused as refused:
            form.until_day.errors = [refused.args[0]]
        else:
            flash(_("The settings of the reviews have been saved."), "success")
            return redirect(_here())
    return render_template(
        "desk/matching_settings.html", call=call, form=form, errors=form.problems, here=_here, language_form="step", language_at_twin=True
    )


@blueprint.post("/matching/run")
@organizer
def matching_run():
    call = _call() or abort(404)
    return _begun(lambda now: proposing.start(call=call, organizer=current_user.user, now=now))


def _begun(start):
    """Waits a little for a task, and goes to the list, where its end is seen, or that it is at work."""
    try:
        start(rules.now()).finished.wait(SECONDS)
    except Refused as refused:
        flash(str(refused.args[0]), "error")
    return redirect(_here())


@blueprint.post("/matching/rows")
@organizer
def matching_rows():
    """What is done with the rows that were ticked, or with all that match."""
    call, now, action = _call() or abort(404), rules.now(), request.form.get("action")
    refs = _picked(request.form)
    if action == "confirm":
        return redirect(_here("desk.matching_confirm", pick=refs))
    ids = Matched(call, now).ids(Chosen.from_args(request.args), refs)
    count = proposing.lock(call=call, ids=ids, locked=action != "unlock", organizer=current_user.user, now=now)
    if action == "unlock":
        flash(ngettext("%(num)s application has been unlocked.", "%(num)s applications have been unlocked.", count), "success")
    else:
        flash(ngettext("%(num)s application has been locked.", "%(num)s applications have been locked.", count), "success")
    return redirect(_here(page=request.args.get("page", type=int)))


def _picked(given):
    return tuple(ref.replace("\0", "") for ref in given.getlist("pick"))


@blueprint.route("/matching/confirm", methods=["GET", "POST"])
@organizer
def matching_confirm():
    """What confirming means, before it is done; of the rows that are ticked, or of all that match."""
    call, now = _call() or abort(404), rules.now()
    state, refs = Matched(call, now), _picked(request.args)
    count = state.to_confirm(state.ids(Chosen.from_args(request.args), refs))
    if request.method == "POST":
        return _begun(lambda now: assigning.start(call=call, ids=count.ids, organizer=current_user.user, now=now))
    if not count.pairs or rules.may_match(state.panel, now) is not None:
        flash(_("There is nothing to confirm."), "warn")
        return redirect(_here())
    return render_template("desk/matching_confirm.html", call=call, panel=state.panel, count=count, name=experts.name, here=_here)


@blueprint.route("/matching/<ref>", methods=["GET", "POST"])
@organizer
def matching_one(ref):
    """One application: its experts, and who else could review it."""
    application, call, _version = handed_in(ref)
    now, action = rules.now(), request.form.get("action", "")
    form, errors = EndForm(meta={"csrf": False}), []
    if request.method == "POST":
        try:
            said = _changed(application, call, action, form, now)
        except Refused as error:
            form.refuse(error)
            errors = form.problems
        else:
            flash(said, "success")
            return redirect(_here("desk.matching_one", ref=ref, call=None))
    return _show_one(application, call, form, errors, now)


def _id(text):
    """The number of a row, None for what cannot be one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _changed(application, call, action, form, now):
    """Does what the button says; answers the sentence that tells of it."""
    about = {"application": application, "call": call, "organizer": current_user.user, "now": now}
    verb, _hyphen, number = action.partition("-")
    expert_id, chosen, place = map(_id, (number, request.form.get("expert", ""), request.form.get("place", "")))
    if verb == "remove" and expert_id:
        proposing.remove(expert_id=expert_id, **about)
        return _("The expert has been taken from this application.")
    if verb in ("lock", "unlock"):
        proposing.lock(call=call, ids=[application.id], locked=verb == "lock", organizer=current_user.user, now=now)
        return _("Locked: another run keeps these experts.") if verb == "lock" else _("Unlocked: another run may change these experts.")
    if verb == "end" and expert_id:
        assigning.end(expert_id=chosen, user_id=expert_id, reason=form.reason.data or "", **about)
        return _("The expert does not review this application any more.")
    if verb == "add" and chosen:
        proposing.add(expert_id=chosen, instead_of=place, **about)
        if any(pair.state != "assigned" and pair.load > pair.expert.capacity for pair in _row(application, call, now).pairs):
            flash(_("An expert of this application now has more than the capacity."), "warn")
        return _("The expert has been proposed for this application.")
    raise Refused(_l("Choose an expert first."))


def _row(application, call, now):
    return Matched(call, now).rows([application.id])[0]


def _show_one(application, call, form, errors, now):
    state = Matched(call, now)
    row = (state.rows([application.id]) or abort(404))[0]
    refused = rules.may_assign(application, call, state.panel, now)
    taken = {pair.expert.id for pair in row.pairs}
    barred = {expert_id for number, expert_id in state.barred if number == application.id}
    q = request.args.get("q", "")
    pairs = [state.pair(expert, row.areas) for expert in state.accepted if expert.id not in taken | barred and _matches(expert, q)]
    pairs.sort(key=lambda pair: (pair.load >= pair.expert.capacity, -len(pair.shared), pair.load, pair.expert.id))
    return render_template(
        "desk/matching_one.html",
        application=application,
        call=call,
        panel=state.panel,
        row=row,
        refused=refused,
        candidates=[Candidate(pair, pair.load >= pair.expert.capacity) for pair in pairs[:MOST_CANDIDATES]],
        more=max(0, len(pairs) - MOST_CANDIDATES),
        conflicted=[expert for expert in state.accepted if expert.id in barred],
        q=q,
        form=form,
        errors=errors,
        here=_here,
        **_words(call),
    )


def _matches(expert, words):
    text = "\n".join((expert.name_zh, expert.name_en, expert.organization_zh, expert.organization_en)).casefold()
    return all(word in text for word in words.casefold().split())
