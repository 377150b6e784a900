"""What an application holds in all its tables, taken out of them: when its time is over, or its owner's account ends."""

from app.extensions import db
from app.models import (
    Answers,
    Application,
    Assignment,
    Conflict,
    Decision,
    EarlierAnswers,
    EarlierReview,
    Extension,
    KeptText,
    Mail,
    NameConfirmation,
    Note,
    Proposal,
    Reason,
    Review,
)

_HELD = (NameConfirmation, Reason, Note, Extension, KeptText, EarlierAnswers, Answers, Conflict, Proposal)


def contents(ids):
    """Within the write that is open: deletes what was typed into the applications `ids` and said of them, and the mails about
    them. Files, snapshots, checks, decision and history are left to the caller.
    """
    mails(ids)
    reviews = db.select(Review.id).join(Assignment).where(Assignment.application_id.in_(ids))
    for table, column in ((EarlierReview, EarlierReview.review_id), (Review, Review.id)):
        db.session.execute(db.delete(table).where(column.in_(reviews)), execution_options={"synchronize_session": False})
    mine = Decision.application_id.in_(ids)
    db.session.execute(db.update(Decision).where(mine).values(feedback_zh="", feedback_en=""))
    for table in _HELD:
        db.session.execute(db.delete(table).where(table.application_id.in_(ids)))


def mails(ids):
    """Within the write that is open: deletes the mails about these applications, and what is known of mails to their contributors."""
    refs = db.select(Application.ref).where(Application.id.in_(ids))
    asked = NameConfirmation.application_id.in_(ids)
    # The same address may have got mail about something else; what is about a name or a certificate leads to its page.
    leading = Mail.text.contains("/names/") | Mail.text.contains("/certificates/")
    to_contributors = leading & Mail.application_ref.is_(None) & Mail.recipient.in_(db.select(NameConfirmation.mailed_to).where(asked))
    unwatched = {"synchronize_session": False}
    db.session.execute(db.delete(Mail).where(Mail.application_ref.in_(refs) | to_contributors), execution_options=unwatched)
    db.session.execute(db.update(NameConfirmation).where(asked).values(mailed_to=None), execution_options=unwatched)


def found_conflicts(ids):
    """Within the write that is open: deletes what was found to bind experts to these applications: it holds names and addresses."""
    found = Conflict.application_id.in_(ids) & (Conflict.source == "system")
    db.session.execute(db.delete(Conflict).where(found), execution_options={"synchronize_session": False})
