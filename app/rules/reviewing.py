"""Who may be asked to review what, and until when reviews are saved, handed in, recalled and discussed."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import false, true

from app.rules.statuses import cannot, has_begun, is_open, released_at, standing, status


def is_reviewing(panel, now):
    """Whether reviews may be handed in and recalled: until the date that the organizers set, if they set one."""
    return panel.closes_at is None or now < panel.closes_at


def may_close_reviews(panel, closes_at, now):
    """Let reviews end at the exclusive instant `closes_at`, None for no end."""
    if closes_at is not None and closes_at != panel.closes_at and closes_at <= now:
        return _l("The date until which reviews may be handed in must lie ahead.")
    return None


def may_match(panel, now):
    """Prepare who reviews what, and give applications to experts."""
    return None if is_reviewing(panel, now) else _l("The reviews have closed. Choose a later date first.")


def may_assign(application, call, panel, now):
    """Give an application that passed to experts, or to further ones."""
    refused = may_match(panel, now)
    if refused is not None:
        return refused
    state = standing(application).state
    if state not in ("passed", "under-review"):
        return cannot(status(application, call, now))
    if application.reopened_at and state == "passed" and is_open(call, now, application.extended_until):
        return _l("The applicant is changing it just now.")
    return None


def assignable(columns, call, now):
    """The condition under which `may_assign` lets a row of the list of this call be assigned, while reviews are open."""
    opened = true() if is_open(call, now) else columns.extended_until.is_not(None) & (columns.extended_until > now)
    changing = columns.reopened & opened if not call.archived and has_begun(call, now) else false()
    return (columns.call_id == call.id) & ((columns.state == "under-review") | (columns.state == "passed") & ~changing)


EXPERT_STATES = {
    "listed": _l("Not invited yet"),
    "invited": _l("Invited"),
    "accepted": _l("Accepted"),
    "declined": _l("Declined"),
}
UNREMINDED = timedelta(days=1)
"""How long an expert is not mailed again."""


def may_invite(expert, now):
    """Mail an expert the invitation, or a reminder of it."""
    if expert.state == "accepted":
        return _l("This expert has accepted already.")
    if expert.state == "invited" and now < expert.invited_at + UNREMINDED:
        return _l("This expert was mailed less than a day ago.")
    return None


def may_answer(expert, busy):
    """Accept or decline, or correct areas and capacity; `busy`: whether applications have been given to this expert."""
    if expert.state == "listed":
        return _l("There is no invitation to answer yet.")
    return _l("Applications have been given to you, so please tell the organizer what has changed.") if busy else None


def assigned(assignments, applications):
    """The condition under which an assignment counts, and its expert sees the application: it has not ended, nor was the
    application withdrawn or erased."""
    return assignments.ended_at.is_(None) & applications.withdrawn_at.is_(None) & applications.erased_at.is_(None)


def is_assigned(assignment, application):
    """The same of two rows."""
    return not (assignment.ended_at or application.withdrawn_at or application.erased_at)


def _may_change_review(assignment, application, panel, now):
    """Whatever has been handed in."""
    if not is_assigned(assignment, application):
        return _l("This application is not among those that you review any more.")
    released = released_at(application)
    if not is_reviewing(panel, now) or released and released <= now:
        return _l("Reviewing has closed, so nothing can be changed any more.")
    return None


def may_review(assignment, application, panel, now):
    """Score an application, and write the comment."""
    if assignment.review and assignment.review.submitted_at:
        return _l("You have handed in this review. Recall it first if you want to change something.")
    return _may_change_review(assignment, application, panel, now)


def may_submit_review(assignment, application, panel, now):
    """Hand in a review, for the first time or again."""
    return may_review(assignment, application, panel, now)


def may_recall_review(assignment, application, panel, now):
    """Take back what was handed in, to change it."""
    if not (assignment.review and assignment.review.submitted_at):
        return _l("This review has not been handed in.")
    return _may_change_review(assignment, application, panel, now)


def may_discuss(panel, now):
    """Whether the experts of an application who have handed in see each other's reviews of it."""
    return panel.discussion_at is not None and panel.discussion_at <= now


def may_remind_reviewer(panel, now, last):
    """Mail an expert who has reviews to hand in; `last` is when that was done last, or None."""
    if not is_reviewing(panel, now):
        return _l("Reviewing has closed.")
    return _l("This expert was mailed less than a day ago.") if last and now < last + UNREMINDED else None


def may_have_conflict(application):
    """Be in conflict with an expert: only what was handed in, and not withdrawn, is ever given to one."""
    if application.number is None or application.withdrawn_at:
        return _l("This application has not been handed in, or was withdrawn, so no expert will see it.")
    return None
