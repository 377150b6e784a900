"""Certificates: names that contributors confirm, what was issued to whom, and how it looks."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.models.common import Instant


class NameConfirmation(db.Model):
    """A contributor asked to confirm how their name is written; bound to the row and to both names as they were asked about."""

    __tablename__ = "name_confirmation"
    __table_args__ = (UniqueConstraint("application_id", "row", "asked_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"), index=True)
    row: Mapped[str]
    """The id of the contributor's row."""
    secret_hash: Mapped[str] = mapped_column(unique=True)
    asked_zh: Mapped[str]
    asked_en: Mapped[str]
    mailed_to: Mapped[str | None]
    asked_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    zh: Mapped[str | None]
    en: Mapped[str | None]
    form: Mapped[str | None]
    """The regional form of the characters: "SC", "TC", "HK", "JP" or "KR"."""


class CertificateDesign(db.Model):
    """What the certificates of a call show beside the names. Paths are below the uploads folder."""

    __tablename__ = "certificate_design"
    call_id: Mapped[str] = mapped_column(primary_key=True)
    date: Mapped[str | None]
    """ISO 8601, in the call's zone."""
    signatory_zh: Mapped[str] = mapped_column(default="")
    signatory_en: Mapped[str] = mapped_column(default="")
    seal: Mapped[str | None]
    signature: Mapped[str | None]


class Certificate(db.Model):
    """What was issued: frozen, so that it verifies and prints the same for ever."""

    __tablename__ = "certificate"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    """In its address; unguessable."""
    number: Mapped[str] = mapped_column(unique=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    call_id: Mapped[str] = mapped_column(index=True)
    row: Mapped[str]
    zh: Mapped[str]
    en: Mapped[str]
    form: Mapped[str]
    details: Mapped[dict] = mapped_column(JSON)
    """Everything else that is printed: title, award, organizer, achievement, category, decision, date, signatory and text, in both
    languages; edition; address; the paths of seal and signature, or None.
    """
    issued_at: Mapped[datetime] = mapped_column(Instant)
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_reason: Mapped[str | None]
    replaced_by: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"))
