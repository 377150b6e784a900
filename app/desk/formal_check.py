"""The formal check: pass, return or refuse what was handed in, with reasons; notes; a later deadline for one application.

Whoever decides names what they looked at: the snapshot, and the newest check. A Refused of this module may hold a second
argument: which part of the form it is about.
"""

from flask_babel import lazy_gettext as _l

from app import rules
from app.applying.drafts import Refused, refuse
from app.desk import concerns
from app.extensions import writing
from app.languages import Text
from app.mails import mail_words
from app.models import Extension, FormalCheck, Note, Reason, record

LONGEST = 2000
"""Characters of a reason in one language, or of a note."""
OUTCOMES = {
    "passed": _l("Passed"),
    "returned": _l("Returned for improvement"),
    "ineligible": _l("Ineligible"),
}

EVENTS = {"passed": "passed", "returned": "returned", "ineligible": "found ineligible"}


def newest_check(application):
    """The FormalCheck made last, of whichever snapshot, or None."""
    return application.checks[-1] if application.checks else None


def open_reasons(application):
    return [reason for reason in application.reasons if reason.closed_at is None]


def words(reason):
    """The sentence of a Reason as a Text: where it was given in one language only, that one stands for both."""
    return Text(zh=reason.zh.strip() or reason.en, en=reason.en.strip() or reason.zh)


def check(
    *, application, call, organizer, outcome, snapshot_n, last_check_id, held=(), reasons=(), settled=(), until=None, why="", now
):  # fmt: skip
    """Decides on the standing snapshot, and answers the FormalCheck: the applicant is mailed, and may improve what was returned.

    `outcome` is a key of OUTCOMES; `held` are the ids of the points of the checklist that hold; `reasons` are new ones, as
    dicts of the columns of `models.Reason`; `settled` are the ids of open reasons that are closed; all others stay open.
    `until`, an exclusive instant, belongs to a return; `why` says why an earlier outcome is reversed to a pass. Raises
    Refused, also when the applicant has handed in again or somebody else has checked since `snapshot_n` and `last_check_id`
    were looked at; the very same decision of the same organizer, as by a double click, answers the first one.
    """
    with writing() as session:
        refuse(rules.may_check(application, call, now))
        newest = newest_check(application)
        if newest is not None and newest.id != last_check_id and _is_same(application, newest, organizer, outcome, snapshot_n, reasons):
            return newest
        _refuse_if_overtaken(application, snapshot_n, last_check_id)
        left = [reason for reason in open_reasons(application) if reason.id not in settled]
        given = [Reason(**reason) for reason in reasons]
        _refuse_outcome(application, call, outcome, left + given, until, why, now)
        checked = FormalCheck(
            snapshot_id=application.snapshot.id,
            outcome=outcome,
            until=until if outcome == "returned" else None,
            checked_at=now,
            checked_by=organizer.id,
            held=list(held),
        )
        application.checks.append(checked)
        session.flush()
        for reason in open_reasons(application):
            if reason not in left:
                reason.closed_at, reason.closed_by = now, organizer.id
        for reason in given:
            reason.check_id = checked.id
            application.reasons.append(reason)
        ends = checked.until.isoformat() if checked.until else None
        record(EVENTS[outcome], at=now, user=organizer, application=application, n=snapshot_n, until=ends, reason=why.strip() or None)
        mail_words.queue_about(application, call, outcome, now, **told(application, left + given, until))
    return checked


def told(application, reasons, until):
    """What the mail of a decision says beside its words: `reasons` and `until` as `mail_words.queue_about` takes them."""
    lines = [(concerns.name(application, reason) if reason.step else "", words(reason)) for reason in reasons]
    return {"reasons": lines, "until": until or ""}


def _is_same(application, newest, organizer, outcome, snapshot_n, reasons):
    def said(reason):
        return concerns.key(reason), reason.zh, reason.en

    stored = [said(reason) for reason in application.reasons if reason.check_id == newest.id]
    same = (newest.checked_by, newest.snapshot_id, newest.outcome) == (organizer.id, application.snapshot.id, outcome)
    return same and snapshot_n == application.snapshot.n and stored == [said(Reason(**reason)) for reason in reasons]


def _refuse_if_overtaken(application, snapshot_n, last_check_id):
    snapshot, newest = application.snapshot, newest_check(application)
    if snapshot.n != snapshot_n:
        sentence = _l(
            "The applicant has handed in again meanwhile (submission %(n)s), so nothing was decided. What you typed is still here: look "
            "at what changed, then decide once more.",
            n=snapshot.n,
        )
        raise Refused(sentence, "overtaken")
    if newest is not None and newest.id != last_check_id:
        sentence = _l(
            "%(name)s has checked this submission meanwhile (%(outcome)s), so nothing was decided a second time. What you typed is still "
            "here.",
            name=newest.user.name if newest.user else "—",
            outcome=OUTCOMES[newest.outcome],
        )
        raise Refused(sentence, "overtaken")


def _refuse_outcome(application, call, outcome, reasons, until, why, now):
    if outcome == "passed":
        refuse(rules.may_pass(application, call, now))
        if reasons:
            raise Refused(_l("There are reasons that are still open. Settle each of them, or return the application."), "settled")
        if rules.reverses(application, outcome) and not why.strip():
            raise Refused(_l("Say why the earlier outcome is reversed."), "why")
        return
    if not reasons:
        raise Refused(_l("Give at least one reason."), "reasons")
    if outcome == "returned":
        refused = rules.may_return(application, call, now, until, any(reason.step for reason in reasons))
        if refused is not None:
            raise Refused(refused, "until")


def close_reason(*, application, call, organizer, reason_id, now):
    """Closes one reason between two checks: after the deadline, what only it named cannot be changed any more."""
    with writing():
        refuse(rules.may_settle(application, call, now))
        reason = next((reason for reason in open_reasons(application) if reason.id == reason_id), None)
        if reason is not None:
            reason.closed_at, reason.closed_by = now, organizer.id
            record("reason closed", at=now, user=organizer, application=application, reason=str(words(reason)))


def reopen_reason(*, application, call, organizer, reason_id, now):
    with writing():
        refuse(rules.may_settle(application, call, now))
        reason = next((reason for reason in application.reasons if reason.id == reason_id and reason.closed_at), None)
        if reason is not None:
            reason.closed_at = reason.closed_by = None
            record("reason reopened", at=now, user=organizer, application=application, reason=str(words(reason)))


def add_note(*, application, organizer, text, now):
    """Adds a note that only organizers read; blank or over-long text is Refused."""
    text = text.strip()
    if not text:
        raise Refused(_l("Write something in the note first."))
    if len(text) > LONGEST:
        raise Refused(_l("A note may have up to %(most)s characters, and this one has %(count)s.", most=LONGEST, count=len(text)))
    with writing():
        application.notes.append(Note(user_id=organizer.id, text=text, at=now))
        record("note added", at=now, user=organizer, application=application)


def remove_note(*, application, organizer, note_id, now):
    """Removes a note of one's own; anybody else's stays."""
    with writing():
        note = next((note for note in application.notes if note.id == note_id and note.user_id == organizer.id), None)
        if note is not None:
            application.notes.remove(note)
            record("note removed", at=now, user=organizer, application=application)


def extend(*, application, call, organizer, until, reason, now):
    """Gives one application a later deadline, until the exclusive instant `until`, and tells its owner why by mail."""
    reason = reason.strip()
    with writing():
        refuse(rules.may_extend(application, call, now))
        refused = rules.may_extend(application, call, now, until)
        if refused is not None:
            raise Refused(refused, "until")
        if not reason:
            raise Refused(_l("Say why; the applicant reads it."), "reason")
        application.extensions.append(Extension(until=until, reason=reason, given_at=now, given_by=organizer.id))
        application.extended_until = until
        record("extended", at=now, user=organizer, application=application, until=until.isoformat(), reason=reason)
        mail_words.queue_about(application, call, "extended", now, until=until, reason=reason)
