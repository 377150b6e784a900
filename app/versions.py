"""The versions of call files that once served: what an application was started and handed in under.

Each is one row, however often it serves; that it serves again is told by an Event.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from app.call.loading import parse
from app.call.schema import ArchivedCall
from app.extensions import db, writing
from app.models import CallVersion, Event, User, record

CHANGED = "call changed"

log = logging.getLogger(__name__)


def keep(call, now, user_id=None):
    """The CallVersion row of this call as it serves now, made where it is missing; inside the write that is open."""
    version = db.session.scalars(db.select(CallVersion).filter_by(call_id=call.id, sha256=call.sha256)).first()
    if version is None:
        version = CallVersion(call_id=call.id, sha256=call.sha256, source=call.source, created_at=now, user_id=user_id)
        db.session.add(version)
        db.session.flush()
    return version


def change(call, now, user, reason):
    """Keeps the version that serves from now on because `user` made it so at the desk; inside the write that is open."""
    keep(call, now, user.id)
    record(CHANGED, at=now, user=user, call=call.id, sha256=call.sha256, reason=reason)


def keep_all(calls, now):
    """Keeps the version of every call that serves, so that one whose file is broken before the next start still can."""
    if any(not _is_newest(call) for call in calls):
        with writing():
            for call in calls:
                # A version made just now needs no Event beside its row.
                if not _is_newest(call) and keep(call, now).created_at != now:
                    record(CHANGED, at=now, call=call.id, sha256=call.sha256)


def _is_newest(call):
    version = newest(call.id)
    return version is not None and version.sha256 == call.sha256


def newest(call_id):
    """The CallVersion that served last of this call, or None."""
    version = db.session.scalars(db.select(CallVersion).filter_by(call_id=call_id).order_by(CallVersion.id.desc()).limit(1)).first()
    event = db.session.scalars(_changes(call_id).order_by(Event.id.desc()).limit(1)).first()
    if event is None or event.at <= version.created_at:
        return version
    return db.session.scalars(db.select(CallVersion).filter_by(call_id=call_id, sha256=event.details["sha256"])).one()


def _changes(call_id):
    return db.select(Event).where(Event.what == CHANGED, Event.details["call"].as_string() == call_id)


@dataclass(frozen=True)
class Served:
    """That a version came to serve: the `n`-th time for its call, from 1; without a `user` the file was changed on the disk."""

    n: int
    version: CallVersion
    at: datetime
    user: User | None
    reason: str


def history(call_id):
    """The [Served] of a call, newest first."""
    versions = db.session.scalars(db.select(CallVersion).filter_by(call_id=call_id).order_by(CallVersion.id)).all()
    by_sha256 = {version.sha256: version for version in versions}
    times = {(version.created_at, version.sha256): (version.user_id, "") for version in versions}
    for event in db.session.scalars(_changes(call_id).order_by(Event.id)):
        times[event.at, event.details["sha256"]] = event.user_id, event.details.get("reason", "")
    who = db.select(User).where(User.id.in_({user_id for user_id, _reason in times.values() if user_id}))
    people = {user.id: user for user in db.session.scalars(who)}
    served = [
        Served(n, by_sha256[sha256], at, people.get(user_id), reason)
        for n, ((at, sha256), (user_id, reason)) in enumerate(sorted(times.items()), 1)
    ]
    return served[::-1]


def archived(call_id):
    """The call as it last served, for one whose file was removed; None when no version of it can be read."""
    version = newest(call_id)
    try:
        return parse(version.source, call_id, ArchivedCall) if version else None
    except ValueError:
        log.exception("The stored version of %s cannot be read", call_id)
        return None


def every_call(calls):
    """`{id: Call}` of all that ever served: those of `calls` (`current_app.calls`), and the archived ones."""
    serving = {call.id: call for call in calls.all()}
    gone = db.session.scalars(db.select(CallVersion.call_id).where(CallVersion.call_id.not_in(serving)).distinct())
    return serving | {call_id: call for call_id in gone if (call := archived(call_id))}
