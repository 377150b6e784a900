"""My applications, a new one, and the task list of one: its status, what the organizer asks for, its history."""

from collections import Counter
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app import languages, rules, times
from app.applying import drafts, feedback, saving
from app.applying.drafts import Refused
from app.applying.working_copy import WorkingCopy
from app.desk import deadlines, events
from app.extensions import db
from app.honors import deciding, honoring, names
from app.models import Event
from app.pages.access import ask_to_sign_in, call_of, get_call, own_application, signed_in
from app.pages.answering import step_url, with_status
from app.pages.apply.blueprint import blueprint
from app.review import panels

STATE_NAMES = {
    "not-started": _l("Not started"),
    "in-progress": _l("In progress"),
    "complete": _l("Complete"),
    "attention": _l("Needs attention"),
    "locked": _l("Locked"),
}
STATE_TONES = {"not-started": "quiet", "in-progress": "", "complete": "good", "attention": "warn", "locked": "quiet"}
HISTORY = 50
"""The most entries of a timeline."""


@blueprint.get("/applications")
@signed_in
def mine():
    return render_template("apply/mine.html", listed=with_status(drafts.recent(current_user.user), rules.now()))


@blueprint.route("/calls/<call_id>/applications", methods=["GET", "POST"])
def start(call_id):
    call = get_call(call_id)
    if not current_user.is_authenticated:
        return ask_to_sign_in()
    earlier = drafts.recent(current_user.user)
    copies = {application.ref: application for application in earlier}
    if request.method == "POST":
        try:
            application = drafts.create(user=current_user.user, call=call, now=rules.now(), copy_of=copies.get(request.form.get("copy")))
        except Refused as refused:
            flash(str(refused), "error")
            return redirect(url_for("public.call", call_id=call.id))
        return redirect(url_for("apply.overview", ref=application.ref))
    closed = rules.may_start(call, rules.now())
    return render_template("apply/start.html", call=call, closed=closed, earlier=[(a, drafts.title_of(a, call_of(a))) for a in earlier])


@blueprint.get("/applications/<ref>")
@signed_in
def overview(ref):
    application, call = own_application(ref)
    now = rules.now()
    copy = WorkingCopy(application, call, now)
    status = rules.status(application, call, now)
    states = copy.progress()
    points = feedback.points(copy)
    with_kept_text = saving.steps_with_kept_text(application)
    result = _result(application, call, now)
    certified = honoring.of_application(application, call, now) if status == "result" else []
    asked = Counter(point.step.id for point in points if point.step) if status == "returned" else {}
    return render_template(
        "apply/overview.html",
        application=application,
        call=call,
        copy=copy,
        states=[(state, _state_of(state, copy, with_kept_text), asked.get(state.step.id)) for state in states],
        state_names=STATE_NAMES,
        state_tones=STATE_TONES,
        with_kept_text=with_kept_text,
        amounts={side: f"{sum(s.filled[side] for s in states)}/{sum(s.total[side] for s in states)}" for side in languages.LANGUAGES},
        status=status,
        status_words=rules.STATUSES[status],
        points=points,
        due=rules.hand_in_by(application, call),
        open_until=rules.open_until(application, call, now),
        changed=rules.has_unsubmitted_changes(application),
        extension=rules.extension(application, call, now),
        result=result,
        results_public=bool(result) and rules.results_are_public(panels.of(call.id), now),
        may=_may(application, call, now),
        history=_history(application, call, result),
        certified=certified,
        name_links={one.contributor.row: names.to_pass_on(one, now) for one in certified},
        name_states=rules.NAME_STATES,
        step_url=step_url,
    )


def _result(application, call, now):
    """(Outcome, Decision) once its owner may know, else None."""
    decision = rules.known_decision(application, call, now)
    return decision and (deciding.outcome_of(call, decision.outcome), decision)


def _state_of(state, copy, with_kept_text):
    """The key in STATE_NAMES of a step."""
    if state.step.id in with_kept_text:
        return "attention"
    return "locked" if copy.standing and copy.parts and not copy.parts.step(state.step.id) else state.state


def _may(application, call, now):
    """Which verbs are allowed now."""
    verbs = ("edit", "submit", "reopen", "withdraw", "restore", "delete")
    return {verb for verb in verbs if getattr(rules, f"may_{verb}")(application, call, now) is None}


def _history(application, call, result):
    """[(when, what, more)] of what its owner may know of it, newest first; who did it is never told."""
    theirs = (Event.application_id == application.id) & Event.what.in_(events.TIMELINE)
    seen = db.select(Event).where(theirs | deadlines.concerning(application))
    rows = db.session.scalars(seen.order_by(Event.id.desc()).limit(HISTORY))
    told = [(event.at, events.TIMELINE[event.what], _more(event, call)) for event in rows]
    if result:
        outcome, decision = result
        told.append((decision.released_at, rules.STATUSES["result"], str(outcome.name)))
    return sorted(told, key=lambda row: row[0], reverse=True)


def _more(event, call):
    """What else of an event its owner may know; of a decision not why, which is for the organizers."""
    details, language = event.details, languages.current()
    until = times.say_end(datetime.fromisoformat(details["until"]), call, language) if details.get("until") else None
    if event.what == deadlines.MOVED:
        return " · ".join(filter(None, (details["said"][language], details.get("reason", {}).get(language))))
    if event.what == "extended":
        return _("until %(when)s · %(reason)s", when=until, reason=details["reason"])
    if event.what == "returned":
        return _("until %(when)s", when=until)
    return details.get({"reason closed": "reason"}.get(event.what, "name"))
