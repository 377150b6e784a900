"""The tables. Times are aware instants in UTC; texts people typed are stored as typed, never normalized."""

import secrets
from datetime import UTC, datetime

from flask_login import UserMixin
from sqlalchemy import JSON, DateTime, ForeignKey, TypeDecorator, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db


class Instant(TypeDecorator):
    """An aware datetime, stored in UTC; refuses naive ones."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value, dialect):
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time needs its zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value, dialect):
        return None if value is None else value.replace(tzinfo=UTC)


def new_ref():
    """A name nobody can guess (96 bits), made of URL-safe characters."""
    return secrets.token_urlsafe(12)


class User(db.Model):
    """A person with an account. After deletion the row stays without e-mail, name and password."""

    __tablename__ = "user"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str | None]
    email_key: Mapped[str | None] = mapped_column(unique=True)
    """The address in the one form that is compared (`accounts.email_key`)."""
    name: Mapped[str]
    password_hash: Mapped[str | None]
    language: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)
    role: Mapped[str] = mapped_column(default="applicant")
    """"applicant", "organizer" or "expert"."""
    totp_secret: Mapped[str | None]
    """Base32; set once the second factor has been proven to work."""
    totp_used_at: Mapped[int | None]
    """The 30-second step of the code used last: no code counts twice."""


class SignIn(UserMixin, db.Model):
    """One signed-in browser. Deleting the row signs it out; the cookie holds the key, the row only its SHA-256."""

    __tablename__ = "sign_in"
    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    user: Mapped[User] = relationship(lazy="joined")
    key = None
    """The secret itself, known only to its own browser."""

    def get_id(self):
        return self.key


class Token(db.Model):
    """A secret given to a person, good for one use. `purpose` is "confirm", "reset", "email" or "invite" of a mailed link,
    or "second-step" of a browser that has to give a code yet.
    """

    __tablename__ = "token"
    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    purpose: Mapped[str]
    email: Mapped[str | None]
    """The address it was mailed to, or the one signed in with: it confirms that one and no later one."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class RecoveryCode(db.Model):
    """Signs in once in place of the second factor, when the phone is lost; deleted when used."""

    __tablename__ = "recovery_code"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    code_hash: Mapped[str]


class Attempts(db.Model):
    """How often something was tried within one window of time: a rate limit that outlives a restart."""

    __tablename__ = "attempts"
    __table_args__ = (UniqueConstraint("key", "window_ends_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    """What is limited, for whom: "sign-in:account:<hash>"."""
    window_ends_at: Mapped[datetime] = mapped_column(Instant, index=True)
    count: Mapped[int] = mapped_column(default=0)


class CallVersion(db.Model):
    """The source of a call file as it once served."""

    __tablename__ = "call_version"
    __table_args__ = (UniqueConstraint("call_id", "sha256"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(index=True)
    sha256: Mapped[str]
    source: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Instant)


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
    user: Mapped[User] = relationship()
    answers: Mapped[list["Answers"]] = relationship(cascade="all, delete-orphan")
    files: Mapped[list["StoredFile"]] = relationship(order_by="StoredFile.position, StoredFile.id", cascade="all, delete-orphan")
    snapshots: Mapped[list["Snapshot"]] = relationship(order_by="Snapshot.n", cascade="all, delete-orphan")
    checks: Mapped[list["FormalCheck"]] = relationship(order_by="FormalCheck.id", cascade="all, delete-orphan")
    assignments: Mapped[list["Assignment"]] = relationship(cascade="all, delete-orphan")
    decision: Mapped["Decision | None"] = relationship(cascade="all, delete-orphan")

    @property
    def snapshot(self):
        """The standing snapshot, or None before the first submission."""
        # The number comes with the first one: a draft is spared the query.
        return self.snapshots[-1] if self.number and self.snapshots else None


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
    answers: Mapped[dict] = mapped_column(JSON)
    """`{step id: raw}` of the steps shown at submission."""
    files: Mapped[list] = mapped_column(JSON)
    receipt: Mapped[str]
    sha256: Mapped[str]
    """Of `receipt`, UTF-8."""
    submitted_at: Mapped[datetime] = mapped_column(Instant)
    call_version: Mapped[CallVersion] = relationship()


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


class Event(db.Model):
    """History: who did what, when; written in the transaction of the change itself."""

    __tablename__ = "event"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    what: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    application_id: Mapped[int | None] = mapped_column(ForeignKey("application.id", ondelete="SET NULL"), index=True)
    details: Mapped[dict] = mapped_column(JSON, default=dict)


class Mail(db.Model):
    """A mail to be sent, written in the transaction that makes it due; the worker sends it afterwards."""

    __tablename__ = "mail"
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


def record(what, *, at, user=None, application=None, **details):
    """Adds an Event to the write that is open; the change and its history commit together."""
    event = Event(what=what, at=at, user_id=user.id if user else None, details=details)
    if application is not None:
        db.session.flush()
        event.application_id = application.id
    db.session.add(event)
