"""The clock, dates and statuses: when what is open, and which status follows."""

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


def closing(call, extended_until=None):
    """The exclusive instant at which the call closes, grace included; for an application, its own extension as well."""
    general = call.closes_at + timedelta(minutes=call.grace_minutes)
    return max(general, extended_until) if extended_until else general


def deadline_of(application, call):
    """The exclusive instant, without grace, until which all of this application is open: the call's or its own extension's."""
    return max(call.closes_at, application.extended_until or call.closes_at)


def open_until(application, call, now):
    """That instant while all of it may be changed, reopened and restored; None when this is over."""
    return deadline_of(application, call) if is_open(call, now, application.extended_until) else None


def hand_in_by(application, call):
    """Its deadline, or the later date of a return, until which what that names may be improved."""
    deadline = deadline_of(application, call)
    check = standing_check(application) if application.number else None
    return max(deadline, check.until) if check and check.outcome == "returned" and check.until else deadline


def has_begun(call, now):
    return call.opens_at is None or call.opens_at <= now


def is_open(call, now, extended_until=None):
    """Whether applications of this call may be changed and handed in now; an archived call is closed."""
    return not call.archived and has_begun(call, now) and now < closing(call, extended_until)


def standing(application):
    """The Standing of an application."""
    return Standing(_state(application), _until(application), application.extended_until, released_at(application))


def _state(application):
    snapshot = application.snapshot
    if application.withdrawn_at:
        return "withdrawn"
    if snapshot is None:
        return "draft"
    if released_at(application):
        return "decided"
    if any(assignment.ended_at is None for assignment in application.assignments):
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


def released_at(application):
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


def extension(application, call, now):
    """The Extension by which it is open now; None when the deadline of the call holds, or all is over."""
    until = open_until(application, call, now)
    return application.extensions[-1] if until and until == application.extended_until else None


def only_in(states, application, call, now):
    state = status(application, call, now)
    return None if state in states else cannot(state)


def cannot(state):
    return _l("This is not possible while the status is “%(status)s”.", status=STATUSES[state])
