"""What organizers say of an application."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.models.common import Instant
from app.models.people import User


class FormalCheck(db.Model):
    """What the formal check said of one snapshot: `outcome` is "passed", "returned" or "ineligible"."""

    __tablename__ = "formal_check"
    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    snapshot_id: Mapped[int] = mapped_column(ForeignKey("snapshot.id"))
    outcome: Mapped[str]
    until: Mapped[datetime | None] = mapped_column(Instant)
    """Until when a returned application may be improved."""
    checked_at: Mapped[datetime] = mapped_column(Instant)
    checked_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    held: Mapped[list] = mapped_column(JSON, default=list)
    """The ids of the points of the call's checklist that were found to hold."""
    user: Mapped[User | None] = relationship()


class Reason(db.Model):
    """Why an application was returned, or is ineligible: what it concerns, and the sentence in either language or both.

    `step` and `field` name a question (with `row`, one row of it); step "files" alone means that files are to be added,
    with `file_ref` one file; without a `step` the reason concerns the whole. It stays open over several submissions until
    an organizer closes it.
    """

    __tablename__ = "reason"
    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    check_id: Mapped[int] = mapped_column(ForeignKey("formal_check.id"))
    """The check that raised it."""
    step: Mapped[str | None]
    field: Mapped[str | None]
    row: Mapped[str | None]
    file_ref: Mapped[str | None]
    zh: Mapped[str]
    en: Mapped[str]
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


class Extension(db.Model):
    """A later deadline for one application; its owner reads the reason."""

    __tablename__ = "extension"
    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    until: Mapped[datetime] = mapped_column(Instant)
    """Exclusive."""
    reason: Mapped[str]
    given_at: Mapped[datetime] = mapped_column(Instant)
    given_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


class Note(db.Model):
    """A private note of the organizers; neither applicants nor experts ever see it."""

    __tablename__ = "note"
    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    text: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)
    user: Mapped[User | None] = relationship()
