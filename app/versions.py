"""The versions of call files that once served: what an application was started and handed in under."""

from app.call.loading import parse
from app.call.schema import ArchivedCall
from app.extensions import db, writing
from app.models import CallVersion


def keep(call, now):
    """The CallVersion row of this call as it serves now, made where it is missing; inside the write that is open."""
    version = db.session.scalars(db.select(CallVersion).filter_by(call_id=call.id, sha256=call.sha256)).first()
    if version is None:
        version = CallVersion(call_id=call.id, sha256=call.sha256, source=call.source, created_at=now)
        db.session.add(version)
        db.session.flush()
    return version


def keep_all(calls, now):
    """Keeps the version of every call that serves, so that one whose file is broken before the next start still can."""
    known = set(map(tuple, db.session.execute(db.select(CallVersion.call_id, CallVersion.sha256))))
    new = [call for call in calls if (call.id, call.sha256) not in known]
    if new:
        with writing():
            for call in new:
                keep(call, now)


def newest(call_id):
    """The CallVersion kept last for this call, or None."""
    return db.session.scalars(db.select(CallVersion).filter_by(call_id=call_id).order_by(CallVersion.id.desc()).limit(1)).first()


def archived(call_id):
    """The call as it last served, for one whose file was removed; None when no version of it is kept."""
    version = newest(call_id)
    return parse(version.source, call_id, ArchivedCall) if version else None


def every_call(calls):
    """`{id: Call}` of all that ever served: those of `calls` (`current_app.calls`), and the archived ones."""
    serving = {call.id: call for call in calls.all()}
    known = db.session.scalars(db.select(CallVersion.call_id).distinct())
    return serving | {call_id: archived(call_id) for call_id in known if call_id not in serving}
