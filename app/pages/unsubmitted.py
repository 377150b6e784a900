"""What somebody has not handed in is said on every page of theirs."""

from flask import current_app, g
from flask_login import current_user
from sqlalchemy import and_, bindparam

from app import drafts, rules
from app.extensions import db
from app.models import Answers, Application

# Built once, because building a statement takes as long as running it. Of the answers only the step with the title.
_UNSUBMITTED = (
    db.select(Application, Answers.raw)
    .outerjoin(Answers, and_(Answers.application_id == Application.id, Answers.step == bindparam("step")))
    .where(Application.user_id == bindparam("user_id"), Application.call_id == bindparam("call_id"))
    .where(Application.withdrawn_at.is_(None), Application.number.is_(None) | Application.reopened_at.is_not(None))
    .order_by(Application.changed_at.desc())
)


def unsubmitted():
    """[(Application, Call, title)] of what the signed-in person can still hand in, without the one this page is about.

    One query for each open call; none for whoever is not signed in.
    """
    if not current_user.is_authenticated:
        return []
    now, found = rules.now(), []
    for call in current_app.calls.all():
        if rules.is_open(call, now):
            step, _field = call.find("title")
            rows = db.session.execute(_UNSUBMITTED, {"user_id": current_user.user_id, "call_id": call.id, "step": step.id})
            found += [
                (application, call, drafts.title_in(call, raw or {}))
                for application, raw in rows
                if application is not g.get("application") and rules.unsubmitted_since(application, call, now)
            ]
    return found
