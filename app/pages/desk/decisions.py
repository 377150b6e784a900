"""Decisions: prepared beside the ranking, released together, corrected one by one; and the page of results."""

import re

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from app import rules, times
from app.applying.drafts import Refused
from app.extensions import csrf
from app.forms.checking import ends
from app.forms.deciding import DecisionForm, ReleaseForm
from app.honors import deciding
from app.honors import ranking as figures
from app.honors.scores import Scores
from app.languages import current
from app.pages.access import organizer
from app.pages.desk.asking import asked_call, asked_category, window
from app.pages.desk.blueprint import blueprint
from app.pages.desk.reading import handed_in
from app.review import panels


@blueprint.route("/decisions", methods=["GET", "POST"])
@organizer
def decisions():
    call, calls = asked_call()
    category, scores, now = asked_category(call), Scores(call), rules.now()
    lines = scores.lines(category.id)
    undecided = [line for line in lines if line.decision is None]
    only = request.args.get("only") == "undecided"
    shown, number, pages = window(undecided if only else lines)
    here = url_for("desk.decisions", call=call.id, category=category.id, only="undecided" if only else None, page=number)
    if request.method == "POST":
        chosen = _filled(undecided) if request.form.get("action") == "fill" else _typed(lines)
        if chosen is not None:
            _prepare(call, chosen, now)
        return redirect(here)
    counts = deciding.counts(call.id)
    panel = scores.panel
    return render_template(
        "desk/decisions.html",
        call=call,
        calls=calls,
        category=category,
        lines=lines,
        undecided=undecided,
        only=only,
        shown=shown,
        number=number,
        pages=pages,
        here=here,
        counts=counts,
        left=sum(count for (_category, outcome), count in counts.items() if not outcome),
        panel=panel,
        open=not rules.is_being_released(panel, now),
        released=rules.is_released(panel, now),
        public=rules.results_are_public(panel, now),
        seen=deciding.seen,
        outcome_name=lambda outcome: deciding.outcome_name(call, outcome),
        rounded=figures.rounded,
    )


def _typed(lines):
    """What was chosen on the page that was sent, where it is something else than was shown; the page may hold other lines by now."""
    chosen = {}
    for ref in (line.listed.ref for line in lines):
        outcome, known = request.form.get(f"outcome-{ref}"), request.form.get(f"known-{ref}", "")
        if outcome is not None and outcome != known.partition(" ")[0]:
            chosen[ref] = outcome, known
    return chosen


def _filled(undecided):
    """The chosen decision for all of a category that have none, from one rank to another; without ranks for all of them.

    None, once that is said, where what was typed is no rank.
    """
    typed = [request.form.get(name, "").strip() for name in ("first", "last")]
    if not all(re.fullmatch(r"\d{0,6}", text) for text in typed):
        flash(_("A rank is a whole number, such as 12. Nothing was changed."), "error")
        return None
    first, last = (int(text) if text else None for text in typed)
    outcome = request.form.get("outcome", "")
    if not outcome:
        return {}

    def meant(rank):
        return first is last is None or rank is not None and (first or 1) <= rank and (last is None or rank <= last)

    return {line.listed.ref: (outcome, "") for line in undecided if meant(line.result.rank)}


def _prepare(call, chosen, now):
    try:
        changed, overtaken = deciding.prepare(call=call, organizer=current_user.user, chosen=chosen, now=now)
    except Refused as refused:
        flash(str(refused.args[0]), "error")
        return
    if overtaken:
        numbers = ", ".join(application.number for application in overtaken)
        flash(_("Somebody else has decided on these meanwhile, so they were left as they are: %(numbers)s.", numbers=numbers), "error")
    if changed or not overtaken:
        words = ngettext("%(num)s decision was prepared.", "%(num)s decisions were prepared.", changed)
        flash(words if changed else _("Nothing was changed."), "success" if changed else "warn")


@blueprint.route("/applications/<ref>/decision", methods=["GET", "POST"])
@csrf.exempt
@organizer
def decision(ref):
    application, call, version = handed_in(ref)
    now, panel = rules.now(), panels.of(call.id)
    correcting = rules.is_released(panel, now)
    form = DecisionForm(call=call, data=_stored(application.decision))
    if request.form.get("action") == "decide" and form.validate_on_submit():
        given = {"outcome": form.outcome.data, "feedback": form.feedback, "known": form.known.data, "named": form.named.data}
        who = {"call": call, "organizer": current_user.user, "application": application, "now": now}
        try:
            if correcting:
                deciding.correct(**who, **given, reason=form.reason.data or "", mail=form.mail.data)
            else:
                deciding.decide(**who, **given)
        except Refused as error:
            form.refuse(error)
            application, call, version = handed_in(ref)
            if "overtaken" in error.args:
                # The page shows how it stands now, so from here on it is known.
                form.known.data = deciding.seen(application.decision)
        else:
            flash(_("The decision has been changed.") if correcting else _("The decision has been prepared."), "success")
            return redirect(url_for("desk.decisions", call=call.id, category=version.category))
    scores = Scores(call)
    may = rules.may_correct if correcting else rules.may_prepare
    return render_template(
        "desk/decision.html",
        application=application,
        call=call,
        category=version.category,
        title=version.title,
        form=form,
        errors=form.problems,
        refused=may(application, call, panel, now),
        correcting=correcting,
        line=next((line for line in scores.lines(version.category) if line.listed.ref == ref), None),
        reviews=scores.of(application.id),
        criteria=getattr(call.category(version.category), "criteria", ()),
        stands=application.decision and deciding.outcome_name(call, application.decision.outcome),
        rounded=figures.rounded,
        longest=deciding.LONGEST,
        language_form="step",
        language_at_twin=True,
    )


def _stored(stands):
    if stands is None:
        return {"known": ""}
    return {
        "known": deciding.seen(stands),
        "outcome": stands.outcome,
        "feedback_zh": stands.feedback_zh,
        "feedback_en": stands.feedback_en,
    }


@blueprint.route("/decisions/release", methods=["GET", "POST"])
@csrf.exempt
@organizer
def release():
    (call, _calls), now = asked_call(), rules.now()
    panel = panels.of(call.id)
    back = url_for("desk.decisions", call=call.id)
    refused = deciding.may_release(call, panel, now)
    if refused is not None and request.method == "GET":
        flash(str(refused), "error")
        return redirect(back)
    known = panel.release_at.isoformat() if panel.release_at else ""
    shown = ends(panel.release_at, call.closes_at.tzinfo) if panel.release_at else {"until_time": "10:00"}
    form = ReleaseForm(call=call, data=shown | {"known": known, "when": "later" if known else None})
    if request.form.get("action") == "release" and form.validate_on_submit():
        try:
            at = form.until if form.when.data == "later" else None
            when = deciding.release(call=call, organizer=current_user.user, at=at, known=form.held, now=now)
        except Refused as error:
            form.refuse(error)
            form.known.data = known
        else:
            flash(_("All decisions become known at %(when)s.", when=_exactly(when, call)), "success")
            return redirect(back)
    return render_template(
        "desk/release.html",
        call=call,
        form=form,
        errors=form.problems,
        counts=deciding.counts(call.id),
        panel=panel,
        language_form="step",
        language_at_twin=True,
    )


def _exactly(instant, call):
    return times.say_exactly(instant, call, current())


@blueprint.post("/decisions/call-off")
@organizer
def call_off_release():
    return _press(deciding.call_off, _("The release has been called off: everything stays prepared, and nobody is told."))


@blueprint.post("/decisions/publish")
@organizer
def publish_results():
    if request.form.get("action") == "take-back":
        return _press(deciding.take_back, _("The page of results has been taken back."))
    return _press(deciding.publish, _("The page of results is open to everybody."))


def _press(verb, done):
    call, _calls = asked_call()
    try:
        verb(call=call, organizer=current_user.user, now=rules.now())
    except Refused as refused:
        flash(str(refused.args[0]), "error")
    else:
        flash(done, "success")
    return redirect(url_for("desk.decisions", call=call.id))
