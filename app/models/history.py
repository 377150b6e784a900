"""History and mail: rows written in the transaction of the change they tell of."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.common import Instant

UNSENT = text("sent_at IS NULL")


class Event(db.Model):
    """History: who did what, when; written in the transaction of the change itself."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_what", "what", "at"), Index("ix_event_user_id", "user_id", "at"))
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    what: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id", ondelete="SET NULL"), index=True)
    details: Mapped[dict] = mapped_column(JSON, default=dict)


class Mailing(db.Model):
    """A mail of the organizer's to many: as it was written, before the names were filled in."""

    __tablename__ = "mailing"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    """Made with the form, so that pressing its button twice sends once."""
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    subject_zh: Mapped[str]
    subject_en: Mapped[str]
    text_zh: Mapped[str]
    text_en: Mapped[str]
    remaining: Mapped[list | None] = mapped_column(JSON(none_as_null=True))
    """The ids of the applications whose mails are still to be queued; None once all are."""


class Mail(db.Model):
    """A mail to be sent, written in the transaction that makes it due; the worker sends it afterwards."""

    __tablename__ = "mail"
    __table_args__ = (
        Index("uq_mail_mailing_id", "mailing_id", "application_ref", unique=True),
        Index("ix_mail_unsent", "due_at", "id", sqlite_where=UNSENT, postgresql_where=UNSENT),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str]
    language: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    """When to try (again); None once sent or given up."""
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    mailing_id: Mapped[int | None] = mapped_column(ForeignKey("mailing.id"))
    application_ref: Mapped[str | None] = mapped_column(index=True)
    """The application it is about, which may be gone since."""


def record(what, *, at, user=None, user_id=None, application=None, **details):
    """Adds an Event to the write that is open; the change and its history commit together.

    Who did it is `user`, or `user_id` where the User need not be loaded; neither for what the site did by itself.
    """
    event = Event(what=what, at=at, user_id=user.id if user else user_id, details=details)
    if application is not None:
        if application.id is None:
            db.session.flush()
        event.application_id = application.id
    db.session.add(event)
