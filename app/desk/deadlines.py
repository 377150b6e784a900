"""Moving the deadline of a call: the one Event that the timeline of every application shows, and the mail to those it gives more time."""

from app import rules, times
from app.extensions import db
from app.languages import LANGUAGES
from app.mails import mail_words
from app.models import Event, Listed, Mailing, new_ref, record

MOVED = "deadline moved"


def record_move(before, call, *, now, user, reason, mailed):
    """Records that the deadline moves from that of `before` to that of `call`, if it does; inside the write that is open.

    Of the Event: `before` and `deadline` are as the file writes them, `said` is `{language: the new one in words}`, `reason`
    the same of `reason`, a Text or None, or empty, `count` tells how many are mailed.
    """
    if call.closes_at == before.closes_at:
        return
    ids = _concerned(call, now) if mailed else []
    if ids:
        words = mail_words.words(call, "deadline-moved", before=before.closes_at, deadline=call.closes_at, reason=reason or "")
        db.session.add(Mailing(key=new_ref(), user_id=user.id, at=now, remaining=ids, **words.columns()))
    said = {language: times.say_deadline(call, language) for language in LANGUAGES}
    why = reason.model_dump() if reason else {}
    record(
        MOVED, at=now, user=user, call=call.id, before=before.deadline, deadline=call.deadline, said=said, reason=why, count=len(ids)
    )


def concerning(application):
    """The condition that an Event is a move of the deadline that belongs on the timeline of this application: since it was begun."""
    return db.and_(_of(application.call_id), Event.at >= application.created_at)


def newest_move(call_id):
    """The Event of the last move of a call's deadline, or None."""
    return db.session.scalars(db.select(Event).where(_of(call_id)).order_by(Event.id.desc()).limit(1)).first()


def _of(call_id):
    return db.and_(Event.what == MOVED, Event.details["call"].as_string() == call_id)


def how_many_concerned(call_id):
    """How many applications would get a mail: those begun, reopened or returned."""
    return db.session.scalar(db.select(db.func.count()).select_from(Listed).where(*_unfinished(call_id)))


def _concerned(call, now):
    if not rules.is_open(call, now):
        return []
    return list(db.session.scalars(db.select(Listed.application_id).where(*_unfinished(call.id)).order_by(Listed.application_id)))


def _unfinished(call_id):
    return Listed.call_id == call_id, rules.unfinished(Listed)
