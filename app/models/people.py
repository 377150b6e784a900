"""People: accounts, sign-ins, mailed links, the second factor, rate limits."""

from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import db
from app.models.common import Instant


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
    role: Mapped[str] = mapped_column(default="applicant", index=True)
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
    """A secret given to a person, good for one use. `purpose` is "confirm", "reset", "email", "invite" or "panel" of a mailed
    link, or "second-step" of a browser that has to give a code yet.
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
