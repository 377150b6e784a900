"""What an application holds in all its tables, taken out of them: when its time is over, or its owner's account ends."""

from app.extensions import db
from app.models import Answers, Application, EarlierAnswers, Extension, KeptText, Mail, Note, Reason

_HELD = (Reason, Note, Extension, KeptText, EarlierAnswers, Answers)


def contents(ids):
    """Within the write that is open: deletes what was typed into the applications `ids` and said of them, and the mails about
    them. Files, snapshots, checks, decision and history are left to the caller.
    """
    mails(ids)
    for table in _HELD:
        db.session.execute(db.delete(table).where(table.application_id.in_(ids)))


def mails(ids):
    """Within the write that is open: deletes the mails about these applications."""
    refs = db.select(Application.ref).where(Application.id.in_(ids))
    db.session.execute(db.delete(Mail).where(Mail.application_ref.in_(refs)), execution_options={"synchronize_session": False})
