"""What applicants may do, until when, and when they are reminded."""

from dataclasses import dataclass
from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_

from app.call.schema import FILES_STEP
from app.rules.statuses import CLOSED, cannot, hand_in_by, has_begun, is_open, only_in, standing_check, status

REMINDER_HOURS = (7 * 24, 48, 6)
"""How long before the deadline people are reminded of what they have not handed in."""
UNDISTURBED = timedelta(hours=1)
"""How long nobody is reminded of what they have only just begun."""
NOT_NAMED = _l("The deadline has passed: only what the organizer named can still be changed.")


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
    return cannot(state)


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
    return cannot(state)


def may_withdraw(application, call, now):
    return only_in(("submitted", "returned", "passed", "under-review"), application, call, now)


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
