"""What organizers and experts say of an application."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.common import Instant


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


class Assignment(db.Model):
    """An application given to an expert to review."""

    __tablename__ = "assignment"
    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    expert_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    assigned_at: Mapped[datetime] = mapped_column(Instant)


class Decision(db.Model):
    """The result of an application; nobody but the organizer knows it before `released_at`."""

    __tablename__ = "decision"
    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), unique=True)
    outcome: Mapped[str]
    """"awarded", "collected" or "not-selected"."""
    released_at: Mapped[datetime | None] = mapped_column(Instant)
