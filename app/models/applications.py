"""Applications: answers, files, what was handed in, and the calls they belong to."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.models.common import Instant, new_ref
from app.models.judging import Extension, FormalCheck, Note, Reason
from app.models.people import User
from app.models.reviewing import Assignment, Decision


class CallVersion(db.Model):
    """The source of a call file as it once served."""

    __tablename__ = "call_version"
    __table_args__ = (UniqueConstraint("call_id", "sha256"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(index=True)
    sha256: Mapped[str]
    source: Mapped[str] = mapped_column(deferred=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    """Who made it at the desk; None where the file was changed on the disk."""


class Application(db.Model):
    __tablename__ = "application"
    __table_args__ = (UniqueConstraint("call_id", "sequence"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    call_id: Mapped[str] = mapped_column(index=True)
    sequence: Mapped[int | None]
    """The running number within its call, given at the first submission and never again."""
    number: Mapped[str | None] = mapped_column(unique=True)
    """What people call it: `WIC2027-0042`."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    reopened_at: Mapped[datetime | None] = mapped_column(Instant)
    """Set while the owner changes what was already handed in; the last snapshot stands meanwhile."""
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    extended_until: Mapped[datetime | None] = mapped_column(Instant)
    """The latest of its `extensions`, exclusive."""
    erased_at: Mapped[datetime | None] = mapped_column(Instant)
    """Set once its contents were erased after their time; only its number, dates and result are left."""
    user: Mapped[User] = relationship()
    answers: Mapped[list["Answers"]] = relationship(cascade="all, delete-orphan")
    kept: Mapped[list["KeptText"]] = relationship(cascade="all, delete-orphan", passive_deletes=True)
    files: Mapped[list["StoredFile"]] = relationship(order_by="StoredFile.position, StoredFile.id", cascade="all, delete-orphan")
    snapshots: Mapped[list["Snapshot"]] = relationship(order_by="Snapshot.n", cascade="all, delete-orphan")
    checks: Mapped[list["FormalCheck"]] = relationship(order_by="FormalCheck.id", cascade="all, delete-orphan")
    reasons: Mapped[list["Reason"]] = relationship(order_by="Reason.id", cascade="all, delete-orphan")
    extensions: Mapped[list["Extension"]] = relationship(order_by="Extension.id", cascade="all, delete-orphan")
    notes: Mapped[list["Note"]] = relationship(order_by="Note.id", cascade="all, delete-orphan")
    assignments: Mapped[list["Assignment"]] = relationship(cascade="all, delete-orphan")
    decision: Mapped["Decision | None"] = relationship(cascade="all, delete-orphan")

    @property
    def submissions(self):
        """The snapshots, oldest first. The number comes with the first one, so a draft is spared the query."""
        return self.snapshots if self.number else []

    @property
    def snapshot(self):
        """The standing snapshot, or None before the first submission."""
        return self.submissions[-1] if self.submissions else None


class Answers(db.Model):
    """What was typed into one step: `raw` is `{input name: [strings as they came]}`; `version` counts saves."""

    __tablename__ = "answers"
    __table_args__ = (UniqueConstraint("application_id", "step"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    step: Mapped[str]
    raw: Mapped[dict] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=1)
    saved_at: Mapped[datetime] = mapped_column(Instant)


class EarlierAnswers(db.Model):
    """What `Answers.raw` of a step was at an earlier version: the common ground when two tabs are merged."""

    __tablename__ = "earlier_answers"
    __table_args__ = (UniqueConstraint("application_id", "step", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))
    step: Mapped[str]
    version: Mapped[int]
    raw: Mapped[dict] = mapped_column(JSON)


class KeptText(db.Model):
    """Posted text of a step that is not in the draft: it came late, signed out, or against somebody else's change.

    Given back only to the owner of the application. `version` is the one its page had been opened with.
    """

    __tablename__ = "kept_text"
    __table_args__ = (UniqueConstraint("application_id", "step"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))
    step: Mapped[str]
    reason: Mapped[str]
    """"conflict", "late" or "signed-out"."""
    version: Mapped[int]
    raw: Mapped[dict] = mapped_column(JSON)
    kept_at: Mapped[datetime] = mapped_column(Instant)


class StoredFile(db.Model):
    """A file of an application. `removed_at` detaches it from the draft; a snapshot may still refer to it."""

    __tablename__ = "stored_file"
    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True, default=new_ref)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    kind: Mapped[str]
    title_zh: Mapped[str]
    title_en: Mapped[str]
    original_name: Mapped[str]
    extension: Mapped[str]
    """Lower case, without the dot."""
    size: Mapped[int]
    sha256: Mapped[str]
    path: Mapped[str]
    """Below the uploads folder; generated, never from a name somebody gave."""
    position: Mapped[int]
    uploaded_at: Mapped[datetime] = mapped_column(Instant)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)


class Snapshot(db.Model):
    """One handing-in, frozen: the n-th of its application. `receipt` is the exact bytes of receipt.json, as text."""

    __tablename__ = "snapshot"
    __table_args__ = (UniqueConstraint("application_id", "n"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    n: Mapped[int]
    call_version_id: Mapped[int] = mapped_column(ForeignKey("call_version.id"))
    answers: Mapped[dict] = mapped_column(JSON, deferred=True)
    """`{step id: raw}` of the steps shown at submission."""
    files: Mapped[list] = mapped_column(JSON)
    receipt: Mapped[str] = mapped_column(deferred=True)
    sha256: Mapped[str]
    """Of `receipt`, UTF-8."""
    submitted_at: Mapped[datetime] = mapped_column(Instant)
    call_version: Mapped[CallVersion] = relationship()
