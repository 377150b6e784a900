"""The clock, dates and statuses: who may do what now, and if not, why not.

Every `may_…` answers None when it is allowed, else a sentence for the page. Nothing else compares dates or statuses.
"""

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Standing:
    """What a status follows from, apart from the time. A row of the list (`models.Listed`) has the same attributes."""

    state: str
    until: datetime | None = None
    extended_until: datetime | None = None
    released_at: datetime | None = None


@dataclass(frozen=True)
class Parts:
    """What of an application may be changed: everything, or the questions and files that a return names."""

    everything: bool = False
    questions: frozenset = frozenset()
    """(step id, question id)"""
    files: frozenset = frozenset()
    """Refs of files that may be replaced or renamed."""
    more_files: bool = False

    def __bool__(self):
        return self.everything or self.more_files or bool(self.questions or self.files)

    def question(self, step_id, field_id):
        return self.everything or (step_id, field_id) in self.questions


def closing(call, extended_until=None):
    """The exclusive instant at which the call closes, grace included; for an application, its own extension as well."""
    general = call.closes_at + timedelta(minutes=call.grace_minutes)
    return max(general, extended_until) if extended_until else general


def has_begun(call, now):
    return call.opens_at is None or call.opens_at <= now


def is_open(call, now, extended_until=None):
    """Whether applications of this call may be changed and handed in now; an archived call is closed."""
    return not call.archived and has_begun(call, now) and now < closing(call, extended_until)


def standing(application):
    """The Standing of an application."""
    return Standing(_state(application), _until(application), application.extended_until, _released_at(application))


def _state(application):
    snapshot = application.snapshot
    if application.withdrawn_at:
        return "withdrawn"
    if snapshot is None:
        return "draft"
    if _released_at(application):
        return "decided"
    if application.assignments:
        return "under-review"
    check = standing_check(application)
    return check.outcome if check else "submitted"


def standing_check(application):
    """The newest FormalCheck of the standing snapshot, or None."""
    snapshot = application.snapshot
    return next((check for check in reversed(application.checks) if snapshot and check.snapshot_id == snapshot.id), None)


def _until(application):
    check = standing_check(application) if application.number else None
    return check.until if check else None


def _released_at(application):
    # The decision comes after the first submission, so a draft is spared the query.
    decision = application.decision if application.number else None
    return decision.released_at if decision else None


def status(application, call, now):
    """The key in STATUSES that holds now."""
    return status_of(standing(application), call, now)


def status_of(standing, call, now):
    """The key in STATUSES of a Standing, or of a row of the list."""
    if standing.state == "draft":
        return "draft" if is_open(call, now, standing.extended_until) else "not-submitted"
    if standing.state == "returned":
        ends = closing(call, standing.extended_until)
        return "returned" if now < max(standing.until or ends, ends) else "return-lapsed"
    if standing.state == "decided":
        return "result" if standing.released_at <= now else "under-review"
    return standing.state


def statuses_in(columns, calls, now):
    """`{status: SQL condition}`, what `status_of` says, for the rows of a query: `columns` is `models.Listed`, `calls` every Call
    that has applications, archived ones as well. Each row meets exactly one of the conditions."""

    def later(column):
        return column.is_not(None) & (column > now)

    running = columns.call_id.in_([call.id for call in calls if not call.archived and has_begun(call, now)])
    opened = columns.call_id.in_([call.id for call in calls if is_open(call, now)])
    opened |= running & later(columns.extended_until)
    improvable = columns.call_id.in_([call.id for call in calls if now < closing(call)])
    improvable |= later(columns.extended_until) | later(columns.until)
    draft, returned, decided = (columns.state == state for state in ("draft", "returned", "decided"))
    return {status: columns.state == status for status in STATUSES} | {
        "draft": draft & opened,
        "not-submitted": draft & ~opened,
        "returned": returned & improvable,
        "return-lapsed": returned & ~improvable,
        "under-review": (columns.state == "under-review") | decided & later(columns.released_at),
        "result": decided & ~later(columns.released_at),
    }


def may_start(call, now):
    """Begin a new application."""
    if not has_begun(call, now):
        return _l("Applications have not opened yet.")
    return None if is_open(call, now) else _l("The deadline has passed, so no new application can be started.")


def open_parts(application, call, now):
    """The Parts its owner may change now. After closing, a return opens the questions and files its open reasons name."""
    state = status(application, call, now)
    if state not in ("draft", "returned") and not (application.reopened_at and state in ("submitted", "passed")):
        return Parts()
    if is_open(call, now, application.extended_until):
        return Parts(everything=True)
    if state != "returned":
        return Parts()
    named = [reason for reason in application.reasons if reason.closed_at is None and reason.step]
    files = [reason.file_ref for reason in named if reason.field is None]
    return Parts(
        questions=frozenset((reason.step, reason.field) for reason in named if reason.field),
        files=frozenset(filter(None, files)),
        more_files=bool(files),
    )


def may_edit(application, call, now):
    """Change answers and files: a draft, a returned application, or a reopened one, while it is open."""
    if open_parts(application, call, now):
        return None
    if not is_open(call, now, application.extended_until):
        return CLOSED
    state = status(application, call, now)
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
    if not is_open(call, now, application.extended_until):
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
    return None if is_open(call, now, application.extended_until) else CLOSED


def may_delete(application, call, now):
    """Delete for good: only what was never handed in."""
    if application.number:
        return _l("An application that has been handed in can be withdrawn, but not deleted.")
    return None if is_open(call, now, application.extended_until) else CLOSED


def _cannot(state):
    return _l("This is not possible while the status is “%(status)s”.", status=STATUSES[state])
