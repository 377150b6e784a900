"""Reminders by mail of what has not been handed in, before the deadline; their Event rows remember that they were sent."""

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from app import languages, rules, times
from app.applying import feedback, submitting
from app.applying.working_copy import WorkingCopy
from app.extensions import db, writing
from app.mails import mailing
from app.models import Application, Event, Listed, record

WHAT = "reminded"
MOST_SENTENCES = 5
"""Of one step, in a mail: it is to be read, and leads to the page that says all."""


def send_due(now):
    """Queues what is due at `now` to the owners of drafts, of reopened and of returned applications, and answers how many mails.

    Each mail is a write of its own, with the Event that keeps it from being sent again. Call it outside any write.
    """
    return sum(_remind(call, application_id, now) for call in current_app.calls.all() for application_id in _waiting(call, now))


def _waiting(call, now):
    """The ids of the applications that are to be reminded of now; `_remind` asks the rules again."""
    reminded = db.select(db.func.max(Event.at)).where(Event.application_id == Listed.application_id, Event.what == WHAT).scalar_subquery()
    unfinished = db.select(Listed.application_id, reminded).where(Listed.call_id == call.id, rules.unfinished(Listed))
    unfinished = unfinished.order_by(Listed.application_id)
    ids = []
    newest = rules.newest_reminder(call.closes_at, now)
    if newest is not None and rules.is_open(call, now):
        _hours, moment = newest
        general = unfinished.where(~rules.has_own_date(Listed, call), reminded.is_(None) | (reminded < moment))
        ids += db.session.scalars(general)
    # Few have a date of their own, and each another one.
    for application_id, last in db.session.execute(unfinished.where(rules.own_date_is_near(Listed, call, now))).all():
        if rules.reminder_due(db.session.get(Application, application_id), call, now, last):
            ids.append(application_id)
    return ids


def _remind(call, application_id, now):
    """Queues the reminder of one application; whether there was one to be sent."""
    try:
        with writing() as session:
            application = session.get(Application, application_id, options=[joinedload(Application.user)])
            last = session.scalar(db.select(db.func.max(Event.at)).filter_by(application_id=application_id, what=WHAT))
            hours = application and rules.reminder_due(application, call, now, last)
            if not hours or application.user.email is None:
                return False
            _queue(application, call, now)
            record(WHAT, at=now, application=application, hours=hours)
    # One that cannot be judged or written must not keep the others from theirs.
    except Exception:
        current_app.logger.exception("The reminder of application %s failed", application_id)
        return False
    return True


def _queue(application, call, now):
    user = application.user
    with languages.speaking(user.language):
        copy = WorkingCopy(application, call, now)
        title = copy.title[user.language] or copy.title[languages.other(user.language)]
        title = " ".join(title.split()) or _("Untitled application")
        missing = _missing(submitting.readiness(copy))
        returned = rules.status(application, call, now) == "returned"
        mailing.queue(
            recipient=user.email,
            language=user.language,
            template="reminder",
            now=now,
            application_ref=application.ref,
            name=user.name,
            award=call.name[user.language],
            title=title,
            stands=times.say(application.snapshot.submitted_at, call, user.language) if application.snapshot else None,
            deadline=times.say_end(rules.hand_in_by(application, call), call, user.language),
            asked=feedback.points(copy) if returned else [],
            missing=missing,
            most=MOST_SENTENCES,
            url=mailing.absolute_url("apply.overview" if missing or returned else "apply.check", ref=application.ref),
        )


def _missing(ready):
    """`{title of a step: [sentences]}` of what stands against handing in."""
    missing = {}
    for step, _name, sentence in ready.problems:
        missing.setdefault(str(step.title), []).append(str(sentence))
    return missing
