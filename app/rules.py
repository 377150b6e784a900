"""The clock, dates and statuses: who may do what now, and if not, why not.

Every `may_…` answers None when it is allowed, else a sentence for the page. Nothing else compares dates or statuses.
"""

from datetime import UTC, datetime, timedelta

from flask_babel import lazy_gettext as _l

STATUSES = {
    "draft": _l("Draft"),
    "not-submitted": _l("Not submitted"),
    "submitted": _l("Submitted"),
    "returned": _l("Returned for improvement"),
    "return-lapsed": _l("Return lapsed"),
    "passed": _l("Formal check passed"),
    "ineligible": _l("Ineligible"),
    "under-review": _l("Under review"),
    "result": _l("Result announced"),
    "withdrawn": _l("Withdrawn"),
}

REMINDER_HOURS = (7 * 24, 48, 6)
"""How long before the deadline people are reminded of what they have not handed in."""
UNDISTURBED = timedelta(hours=1)
"""How long nobody is reminded of what they have only just begun."""

CLOSED = _l("The deadline has passed, so nothing can be changed any more.")


def now():
    """This instant, in UTC."""
    return datetime.now(UTC)


def closing(call):
    """The exclusive instant at which the call closes, grace included."""
    return call.closes_at + timedelta(minutes=call.grace_minutes)


def has_begun(call, now):
    return call.opens_at is None or call.opens_at <= now


def is_open(call, now):
    """Whether applications of this call may be changed and handed in now; an archived call is closed."""
    return not call.archived and has_begun(call, now) and now < closing(call)


def status(application, call, now):
    """The key in STATUSES that holds now."""
    snapshot = application.snapshot
    if application.withdrawn_at:
        return "withdrawn"
    if snapshot is None:
        return "draft" if is_open(call, now) else "not-submitted"
    if application.decision and application.decision.released_at and application.decision.released_at <= now:
        return "result"
    if application.assignments:
        return "under-review"
    check = next((check for check in reversed(application.checks) if check.snapshot_id == snapshot.id), None)
    if check is None:
        return "submitted"
    if check.outcome == "returned":
        return "returned" if now < max(check.until or closing(call), closing(call)) else "return-lapsed"
    return check.outcome


def may_start(call, now):
    """Begin a new application."""
    if not has_begun(call, now):
        return _l("Applications have not opened yet.")
    return None if is_open(call, now) else _l("The deadline has passed, so no new application can be started.")


def may_edit(application, call, now):
    """Change answers and files: a draft, a returned application, or a reopened one, while the call is open."""
    if not is_open(call, now):
        return CLOSED
    state = status(application, call, now)
    if state in ("draft", "returned") or (application.reopened_at and state in ("submitted", "passed")):
        return None
    if state in ("submitted", "passed"):
        return _l("This application has been handed in. Reopen it first if you want to change something.")
    return _cannot(state)


def may_submit(application, call, now):
    """Hand in, for the first time or again."""
    return may_edit(application, call, now)


def unsubmitted_since(application, call, now):
    """Since when its owner has had a draft, or changes to what was handed in, that can still be handed in; else None."""
    if may_submit(application, call, now) is not None:
        return None
    return application.reopened_at if application.number else application.created_at


def newest_reminder(call, now):
    """(hours, since when) of the reminder due last before the deadline of this call; None before all and after the deadline."""
    if not is_open(call, now) or now >= call.closes_at:
        return None
    moments = [(hours, call.closes_at - timedelta(hours=hours)) for hours in REMINDER_HOURS]
    return next(((hours, moment) for hours, moment in reversed(moments) if moment <= now), None)


def reminder_due(application, call, now, last):
    """The hours of the reminder its owner is to get now, or None; `last` is when the last one was sent, or None.

    Each is sent once: also when the site was down meanwhile, in which case the newest stands for those before. A deadline
    that is put off makes them fall due again. Who began after a reminder fell due is spared that one.
    """
    since, newest = unsubmitted_since(application, call, now), newest_reminder(call, now)
    if since is None or newest is None:
        return None
    hours, moment = newest
    return hours if since <= min(moment, now - UNDISTURBED) and (last is None or last < moment) else None


def may_reopen(application, call, now):
    """Change what has been handed in; the last snapshot stands until the next."""
    if not is_open(call, now):
        return CLOSED
    state = status(application, call, now)
    if state in ("submitted", "passed"):
        return None if not application.reopened_at else _l("This application is already open for changes.")
    return _cannot(state)


def may_withdraw(application, call, now):
    state = status(application, call, now)
    return None if state in ("submitted", "returned", "passed", "under-review") else _cannot(state)


def may_restore(application, call, now):
    """Take a withdrawal back."""
    if not application.withdrawn_at:
        return _l("This application has not been withdrawn.")
    return None if is_open(call, now) else CLOSED


def may_delete(application, call, now):
    """Delete for good: only what was never handed in."""
    if application.number:
        return _l("An application that has been handed in can be withdrawn, but not deleted.")
    return None if is_open(call, now) else CLOSED


def _cannot(state):
    return _l("This is not possible while the status is “%(status)s”.", status=STATUSES[state])
