"""What organizers may do with applications and calls: check, return, extend, move a deadline, erase what is past."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l

from app.rules.statuses import closing, has_begun, only_in, standing_check

DAYS_KEPT = {"drafts": 90, "applications": 365}
"""How long after the deadline things are kept, unless an organizer chooses another time."""
LEAST_DAYS_KEPT = 30


def may_move_deadline(call, moved):
    """Let `moved`, another version of this call, take its place although applications have been started."""
    if moved.closes_at < call.closes_at or closing(moved) < closing(call):
        return _l("Applications have been started, so the deadline can only be moved to a later time.")
    return None


def may_open_later(call, changed, now):
    """The same, of when it opens."""
    if has_begun(call, now) and not has_begun(changed, now):
        return _l("Applications have been started, so the call cannot open later than now.")
    return None


def may_check(application, call, now):
    """Decide on what stands handed in; also anew, before it goes to review."""
    return only_in(("submitted", "returned", "return-lapsed", "passed", "ineligible"), application, call, now)


def may_pass(application, call, now):
    check = standing_check(application)
    if check is not None and check.outcome == "passed":
        return _l("This application has passed the formal check already.")
    return may_check(application, call, now)


def may_return(application, call, now, until, named):
    """Return until `until`, an exclusive instant; `named`: whether a reason names a question or a file."""
    if until <= now:
        return _l("The date until which it may be improved must lie ahead.")
    if until < call.closes_at:
        return _l("Until the deadline everything may be improved. Choose the deadline itself or a later date.")
    if until > closing(call, application.extended_until) and not named:
        return _l("After the deadline only what the reasons name can be changed: choose the question or file of at least one reason.")
    return may_check(application, call, now)


def usual_return(call, now):
    """Until when a returned application may usually be improved: the deadline; afterwards a week, to the end of its last day."""
    if now < call.closes_at:
        return call.closes_at
    return (now.astimezone(call.closes_at.tzinfo) + timedelta(days=8)).replace(hour=0, minute=0, second=0, microsecond=0)


def reverses(application, outcome):
    """Whether this outcome takes back that what stands handed in has passed, or is ineligible."""
    check = standing_check(application)
    return check is not None and check.outcome in ("passed", "ineligible") and check.outcome != outcome


def may_settle(application, call, now):
    """Close single reasons of a return, or open them again, between two checks."""
    return only_in(("submitted", "returned", "return-lapsed"), application, call, now)


def may_extend(application, call, now, until=None):
    """Give one application a later deadline; that it may be `until`, an exclusive instant, once one was chosen."""
    if call.archived:
        return _l("The file of this call was removed, so nothing can be handed in any more.")
    if until is not None and until <= max(now, closing(call, application.extended_until)):
        return _l("The new date must lie ahead, and be later than the one that holds.")
    states = ("draft", "not-submitted", "submitted", "returned", "return-lapsed", "passed", "withdrawn")
    return only_in(states, application, call, now)


def is_past(call, now):
    """Whether the deadline of this call has passed, its grace included."""
    return closing(call) <= now


def may_erase(call, days, now):
    """Erase or anonymize, `days` after the deadline, what this call has left."""
    if not is_past(call, now):
        return _l("This call has not closed yet.")
    if days < LEAST_DAYS_KEPT:
        return _l("Everything is kept for at least %(least)s days after the deadline.", least=LEAST_DAYS_KEPT)
    if now < closing(call) + timedelta(days=days):
        return _l("The deadline is not %(days)s days ago yet, so nothing is due.", days=days)
    return None


def ended_long_ago(column, days, now):
    """SQL condition: an own date of an application, where it has one, passed `days` ago as well."""
    return column.is_(None) | (column <= now - timedelta(days=days))
