"""What somebody has not handed in, or is to improve, is said on every page of theirs."""

from flask import current_app, g
from flask_login import current_user
from sqlalchemy import and_, bindparam

from app import languages, rules, times
from app.applying import drafts
from app.extensions import db
from app.models import Answers, Application, Listed

# Built once, because building a statement takes as long as running it. Of the answers only the step with the title.
_UNSUBMITTED = (
    db.select(Application, Answers.step, Answers.raw)
    .outerjoin(Answers, and_(Answers.application_id == Application.id, Answers.step.in_(bindparam("steps", expanding=True))))
    .join(Listed, Listed.application_id == Application.id)
    .where(Application.user_id == bindparam("user_id"), rules.unfinished(Listed))
    .order_by(Application.changed_at.desc())
)


def unsubmitted():
    """[(Application, Call, title, until when, the number of points to improve or None)] of what the signed-in person can still
    hand in, without the one this page is about.

    One query; none for whoever is not signed in. Returned applications, which are few, need some more.
    """
    if not current_user.is_authenticated:
        return []
    calls, now, found = {call.id: call for call in current_app.calls.all()}, rules.now(), {}
    title_steps = {call.id: call.find("title")[0].id for call in calls.values()}
    given = {"user_id": current_user.user_id, "steps": sorted(set(title_steps.values()))}
    for application, step, raw in db.session.execute(_UNSUBMITTED, given):
        call = calls.get(application.call_id)
        if call is None or application is g.get("application") or rules.unsubmitted_since(application, call, now) is None:
            continue
        if application.ref not in found or step == title_steps[call.id]:
            found[application.ref] = _said(application, call, raw if step == title_steps[call.id] else {}, now)
    return list(found.values())


def _said(application, call, raw, now):
    until = times.say_end(rules.hand_in_by(application, call), call, languages.current())
    returned = application.number and rules.status(application, call, now) == "returned"
    asked = len(rules.feedback(application, call, now)) if returned else None
    return application, call, drafts.title_in(call, raw), until, asked
