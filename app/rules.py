"""The clock, dates and statuses: who may do what now, and if not, why not.

Every `may_…` answers None when it is allowed, else a sentence for the page. Nothing else compares dates or statuses.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import false, or_, true

from app.call.schema import FILES_STEP

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
DAYS_KEPT = {"drafts": 90, "applications": 365}
"""How long after the deadline things are kept, unless an organizer chooses another time."""
LEAST_DAYS_KEPT = 30

CLOSED = _l("The deadline has passed, so nothing can be changed any more.")
NOT_NAMED = _l("The deadline has passed: only what the organizer named can still be changed.")


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
    """Whether files may be added; what was added may be renamed and removed again."""
    handed_in: frozenset = frozenset()
    """Refs of the files of the standing snapshot."""

    def __bool__(self):
        return self.everything or self.more_files or bool(self.questions or self.files)

    def question(self, step_id, field_id):
        return self.everything or (step_id, field_id) in self.questions

    def file(self, ref):
        return self.everything or ref in self.files or self.more_files and ref not in self.handed_in

    @property
    def adding(self):
        return self.everything or self.more_files

    def step(self, step_id):
        """Whether anything of this step may be changed."""
        if step_id == FILES_STEP:
            return self.adding or bool(self.files)
        return self.everything or any(step == step_id for step, _question in self.questions)


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
    return Standing(_state(application), _until(application), application.extended_until, _released_at(application))


def _state(application):
    snapshot = application.snapshot
    if application.withdrawn_at:
        return "withdrawn"
    if snapshot is None:
        return "draft"
    if _released_at(application):
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


def unchecked(columns):
    """The condition under which a row of the list waits for its formal check."""
    return columns.state == "submitted"


def unfinished(columns):
    """The condition under which a row of the list may have something to hand in: a draft, or it was reopened or returned. Whether
    it still can be handed in, `may_submit` says."""
    return columns.state.in_(("draft", "returned")) | columns.reopened & columns.state.in_(("submitted", "passed"))


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
    if state != "returned" or call.archived:
        return Parts()
    open_reasons = [reason for reason in application.reasons if reason.closed_at is None]
    return Parts(
        questions=frozenset((reason.step, reason.field) for reason in open_reasons if reason.field),
        files=frozenset(reason.file_ref for reason in open_reasons if reason.file_ref),
        more_files=any(reason.step == FILES_STEP for reason in open_reasons),
        handed_in=frozenset(file["ref"] for file in application.snapshot.files),
    )


def feedback(application, call, now):
    """The [Reason] its owner reads now: those still open, of a return or since answered; those for which it is ineligible."""
    if not application.number:
        return []
    state = status(application, call, now)
    if state == "ineligible":
        return [reason for reason in application.reasons if reason.check_id == standing_check(application).id]
    if state in ("returned", "return-lapsed", "submitted"):
        return [reason for reason in application.reasons if reason.closed_at is None]
    return []


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


def may_add_files(application, call, now):
    return may_edit(application, call, now) or (None if open_parts(application, call, now).adding else NOT_NAMED)


def may_change_file(application, call, now, ref):
    """Rename the file with this ref, change its kind, or remove it."""
    return may_edit(application, call, now) or (None if open_parts(application, call, now).file(ref) else NOT_NAMED)


def may_move_files(application, call, now):
    """Change their order."""
    return may_edit(application, call, now) or (None if open_parts(application, call, now).everything else NOT_NAMED)


def may_submit(application, call, now):
    """Hand in, for the first time or again."""
    return may_edit(application, call, now)


def unsubmitted_since(application, call, now):
    """Since when its owner has had a draft, improvements that were asked for, or changes to what was handed in, that can
    still be handed in, and since when under the dates that hold now; else None.
    """
    if may_submit(application, call, now) is not None:
        return None
    since = [application.created_at, application.reopened_at]
    if application.number and (check := standing_check(application)) and check.outcome == "returned":
        since.append(check.checked_at)
    if application.extended_until:
        since += [extension.given_at for extension in application.extensions]
    return max(filter(None, since))


def has_unsubmitted_changes(application):
    """Whether its owner has reopened or changed what was handed in, and not handed it in again."""
    return bool(application.number) and (application.reopened_at is not None or application.changed_at > application.snapshot.submitted_at)


def extension(application, call, now):
    """The Extension by which it is open now; None when the deadline of the call holds, or all is over."""
    until = open_until(application, call, now)
    return application.extensions[-1] if until and until == application.extended_until else None


def has_own_date(columns, call):
    """The condition under which a row of the list has a later date than its call, by an extension or a return."""
    own = (columns.extended_until, columns.until)
    return or_(*(column.is_not(None) & (column > call.closes_at) for column in own))


def own_date_is_near(columns, call, now):
    """The same where one of those dates is near enough to be reminded of."""
    reach = now + timedelta(hours=max(REMINDER_HOURS))
    own = (columns.extended_until, columns.until)
    return or_(*((column > max(call.closes_at, now)) & (column <= reach) for column in own))


def newest_reminder(due, now):
    """(hours, since when) of the reminder due last before the instant `due`; None before all and after it."""
    if now >= due:
        return None
    moments = [(hours, due - timedelta(hours=hours)) for hours in REMINDER_HOURS]
    return next(((hours, moment) for hours, moment in reversed(moments) if moment <= now), None)


def reminder_due(application, call, now, last):
    """The hours of the reminder its owner is to get now, or None; `last` is when the last one was sent, or None.

    Each is sent once: also when the site was down meanwhile, in which case the newest stands for those before. A deadline
    that is put off makes them fall due again. Who began, or was given more time, after a reminder fell due is spared that one.
    """
    since, newest = unsubmitted_since(application, call, now), newest_reminder(hand_in_by(application, call), now)
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
    return _only_in(("submitted", "returned", "passed", "under-review"), application, call, now)


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


def may_check(application, call, now):
    """Decide on what stands handed in; also anew, before it goes to review."""
    return _only_in(("submitted", "returned", "return-lapsed", "passed", "ineligible"), application, call, now)


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
        return _cannot(status(application, call, now))
    if application.reopened_at and state == "passed" and is_open(call, now, application.extended_until):
        return _l("The applicant is changing it just now.")
    return None


def assignable(columns, call, now):
    """The condition under which `may_assign` lets a row of the list of this call be assigned, while reviews are open."""
    opened = true() if is_open(call, now) else columns.extended_until.is_not(None) & (columns.extended_until > now)
    changing = columns.reopened & opened if not call.archived and has_begun(call, now) else false()
    return (columns.call_id == call.id) & ((columns.state == "under-review") | (columns.state == "passed") & ~changing)


def may_settle(application, call, now):
    """Close single reasons of a return, or open them again, between two checks."""
    return _only_in(("submitted", "returned", "return-lapsed"), application, call, now)


def may_extend(application, call, now, until=None):
    """Give one application a later deadline; that it may be `until`, an exclusive instant, once one was chosen."""
    if call.archived:
        return _l("The file of this call was removed, so nothing can be handed in any more.")
    if until is not None and until <= max(now, closing(call, application.extended_until)):
        return _l("The new date must lie ahead, and be later than the one that holds.")
    states = ("draft", "not-submitted", "submitted", "returned", "return-lapsed", "passed", "withdrawn")
    return _only_in(states, application, call, now)


def _only_in(states, application, call, now):
    state = status(application, call, now)
    return None if state in states else _cannot(state)


def _cannot(state):
    return _l("This is not possible while the status is “%(status)s”.", status=STATUSES[state])


# Decisions: prepared by the organizers, released together.

RANKED = ("passed", "under-review")
RELEASE_BEGINS = timedelta(minutes=2)
"""How long before the chosen time the release begins: from then on it cannot be stopped any more."""


def is_ranked(columns):
    """The condition under which a row of the list takes part in ranking and decisions."""
    return columns.state.in_((*RANKED, "decided"))


def is_decidable(columns):
    """The same before its decision was released."""
    return columns.state.in_(RANKED)


def is_being_released(panel, now):
    """Whether the release of the decisions has begun, or is over."""
    return panel.release_at is not None and panel.release_at - RELEASE_BEGINS <= now


def is_released(panel, now):
    return panel.release_at is not None and panel.release_at <= now


def is_overdue(panel, now):
    """Whether the decisions should have been known already."""
    return panel.announced_at is None and is_released(panel, now)


def may_prepare(application, call, panel, now):
    """Decide on an application, or change what was prepared, while nobody else knows."""
    if is_being_released(panel, now):
        return _l("The decisions are being released or have been, so nothing can be prepared any more.")
    return _only_in(RANKED, application, call, now)


def may_correct(application, call, panel, now):
    """Change a decision that is known, or decide on an application that had no decision at the release."""
    if not is_released(panel, now):
        return _l("The decisions have not been released yet.")
    return _only_in(("result", *RANKED), application, call, now)


def may_release(panel, decided, undecided, now, at=None):
    """Set or move the time of the release; `at`, once it was chosen."""
    if is_being_released(panel, now):
        return _l("The decisions are being released or have been, so the time cannot be changed any more.")
    if undecided:
        return _l("Some applications have no decision yet. All decisions are released together, so decide on each of them first.")
    if not decided:
        return _l("Nothing has been decided yet.")
    if at is not None and at <= now:
        return _l("The time of the release must lie ahead.")
    return None


def may_call_off(panel, now):
    """Take back the time of the release."""
    if panel.release_at is None:
        return _l("No time has been set for the release.")
    if is_being_released(panel, now):
        return _l("The decisions are being released or have been: this cannot be called off any more.")
    return None


def may_publish(panel, now):
    """Open the public page of results, once their owners may know them."""
    return None if is_released(panel, now) else _l("The decisions have not been released yet.")


def results_are_public(panel, now):
    return panel.published_at is not None and is_released(panel, now)


def known_decision(application, call, now):
    """The Decision that its owner may know, or None."""
    return application.decision if status(application, call, now) == "result" else None


# What is kept of a call after its deadline, and for how long.


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


# Who is on the panel of a call.

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


# Who reads and scores what.


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
    released = _released_at(application)
    if panel.closes_at and panel.closes_at <= now or released and released <= now:
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
    if panel.closes_at and panel.closes_at <= now:
        return _l("Reviewing has closed.")
    return _l("This expert was mailed less than a day ago.") if last and now < last + UNREMINDED else None


def may_have_conflict(application):
    """Be in conflict with an expert: only what was handed in, and not withdrawn, is ever given to one."""
    if application.number is None or application.withdrawn_at:
        return _l("This application has not been handed in, or was withdrawn, so no expert will see it.")
    return None


# Whose name stands on a certificate.

NAME_STATES = {
    "unasked": _l("Not asked yet"),
    "waiting": _l("Waiting for an answer"),
    "confirmed": _l("Name confirmed"),
    "issued": _l("Issued"),
    "revoked": _l("Revoked"),
}
NAME_OPEN = timedelta(days=30)
"""How long a link to confirm a name is good, each time it was sent."""


def honored(applications, decisions, call, now):
    """The condition under which contributors of an application of this call receive certificates."""
    outcomes = [outcome.id for outcome in call.decisions if outcome.honored]
    announced = decisions.outcome.in_(outcomes) & (decisions.released_at <= now)
    return announced & (applications.call_id == call.id) & applications.withdrawn_at.is_(None) & applications.erased_at.is_(None)


def name_state(confirmation, certificate):
    """A key of NAME_STATES; either may be None."""
    if certificate is not None:
        return "revoked" if certificate.revoked_at else "issued"
    if confirmation is None:
        return "unasked"
    return "confirmed" if confirmation.answered_at else "waiting"


def name_is_open(confirmation, now):
    """Whether the link of a confirmation is good."""
    return now < confirmation.expires_at


def may_ask_name(confirmation, certificate, now):
    """Ask a contributor how their name is written, or remind them, which renews their link."""
    if name_state(confirmation, certificate) not in ("unasked", "waiting"):
        return _l("This name has been confirmed already.")
    if confirmation is not None and now < confirmation.expires_at - NAME_OPEN + UNREMINDED:
        return _l("This contributor was asked less than a day ago.")
    return None


def may_confirm_name(one):
    """Confirm the name of an Honored, or change what was confirmed; None where it is none any more."""
    if one is None:
        return _l("This contributor receives no certificate any more.")
    return _l("The certificate has been issued already. Write to the organizer if a name is wrong on it.") if one.certificate else None


def may_issue(confirmation, certificate):
    """Issue the first certificate of a contributor."""
    if name_state(confirmation, certificate) == "confirmed":
        return None
    return _l("Certificates are issued once, and only when the name has been confirmed.")


def may_revoke(certificate):
    return _l("This certificate has been revoked already.") if certificate.revoked_at else None


def may_replace(certificate):
    """Issue another certificate in the place of this one, which is revoked thereby, if it was not already."""
    return _l("This certificate has been replaced already.") if certificate.replaced_by else None
