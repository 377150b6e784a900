"""Sign-ins: which browser is signed in as whom. Its cookie holds a key, the server a row; without the row the key is nothing."""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import flask
from flask_login import current_user
from sqlalchemy import bindparam
from sqlalchemy.exc import OperationalError

from app import rules
from app.extensions import db, login, writing
from app.models import SignIn, Token, record
from app.people import limits
from app.people.credentials import digest, matches

LIFE = timedelta(days=30)
"""A sign-in ends when its browser has not been here for so long."""
SEEN_EVERY = timedelta(hours=1)
SECOND_STEP = "second-step"
# Built once: every page of a signed-in person asks this, and building a statement takes as long as running it.
_BY_KEY = db.select(SignIn).where(SignIn.key_hash == bindparam("key_hash"))


@dataclass(frozen=True)
class Pending:
    """A sign-in that waits for the code of the second factor; `secret` is known to the browser alone."""

    secret: str


def init_app(app):
    """Makes `flask_login.current_user` the SignIn of this browser, its person under `.user`; anonymous costs no query."""
    login.init_app(app)
    # A phone changes its network address all day; the key alone decides.
    login.session_protection = None
    login.user_loader(by_key)

    @app.before_request
    def _seen():
        # Before the page has read anything: a write ends the read that is open.
        now = rules.now()
        if current_user.is_authenticated and current_user.seen_at <= now - SEEN_EVERY:
            this = SignIn.id == current_user.id
            # A page that is only read must be answered although nothing can be written; the next one will note it.
            with suppress(OperationalError), writing(patience=0.2) as session:
                session.execute(db.update(SignIn).where(this).values(seen_at=now))
                flask.session.modified = True


def by_key(key):
    """The SignIn of this key, or None when it has ended."""
    sign_in = db.session.scalars(_BY_KEY, {"key_hash": digest(key)}).first()
    if sign_in is None or sign_in.seen_at <= rules.now() - LIFE:
        return None
    sign_in.key = key
    return sign_in


def begin(user, now):
    """Within the write that is open: a new SignIn of somebody who has shown to be `user`, by password or by a mailed link.

    Where the person has a second factor, a Pending instead: its Token, at the server, lives as `mailed_links.LIFE` says.
    """
    if not user.totp_secret:
        return begin_fully(user, now)
    secret = secrets.token_urlsafe(32)
    db.session.add(Token(secret_hash=digest(secret), user_id=user.id, purpose=SECOND_STEP, email=user.email, created_at=now))
    return Pending(secret)


def begin_fully(user, now):
    """Within the write that is open: a new SignIn, nothing more being asked."""
    db.session.execute(db.delete(SignIn).where(SignIn.user_id == user.id, SignIn.seen_at <= now - LIFE))
    key = secrets.token_urlsafe(32)
    sign_in = SignIn(key_hash=digest(key), user=user, created_at=now, seen_at=now)
    sign_in.key = key
    db.session.add(sign_in)
    return sign_in


def end(user, keep=None):
    """Within the write that is open: ends every sign-in of this person, begun ones too, save the SignIn `keep`."""
    db.session.execute(db.delete(SignIn).where(SignIn.user_id == user.id, SignIn.id != (keep.id if keep else 0)))
    db.session.execute(db.delete(Token).where(Token.user_id == user.id, Token.purpose == SECOND_STEP))


def sign_out(*, sign_in, now):
    """Ends this sign-in: its cookie is worth nothing from now on."""
    with writing() as session:
        record("signed out", at=now, user=sign_in.user)
        session.delete(sign_in)


def sign_out_everywhere(*, user, now):
    """Ends every sign-in of this person."""
    with writing():
        record("signed out everywhere", at=now, user=user)
        end(user)


def knows_password(user, password, now):
    """Whether somebody who is signed in knows the password of the account; raises TooMany."""
    limits.take("password", now, account=user.id)
    if not matches(user.password_hash, password):
        return False
    with writing():
        limits.succeeded("password", account=user.id)
    return True
