"""Links mailed to a person: they open a page, whose POST uses them up. Only the hash of their secret is kept."""

import secrets
from datetime import timedelta

from flask import current_app

from app.extensions import db
from app.mails import mailing
from app.models import Token, User
from app.people.credentials import digest

LIFE = {
    "confirm": timedelta(hours=48),
    "email": timedelta(hours=48),
    "invite": timedelta(hours=48),
    "panel": timedelta(days=14),
    "reset": timedelta(hours=1),
    "second-step": timedelta(minutes=10),
}
INVITING = ("invite", "panel")
"""Purposes of links that set a first password."""
MOST_AN_HOUR = 5
"""Of one purpose for one account: nobody's mailbox is to be flooded through us."""


def send(user, purpose, email, template, now, onward=None, **context):
    """Mails a new link to `email`, within the write that is open; answers it, or None when too many were sent already.

    `onward` is the endpoint to which the page of the link leads on; `context` is what else the mail's template speaks of.
    """
    recent = db.select(db.func.count(Token.id)).where(
        Token.user_id == user.id, Token.purpose == purpose, Token.created_at > now - timedelta(hours=1)
    )
    # Invitations are sent by a command or an organizer, not by whoever finds the site.
    if purpose not in INVITING and db.session.scalar(recent) >= MOST_AN_HOUR:
        return None
    secret = secrets.token_urlsafe(32)
    db.session.add(Token(secret_hash=digest(secret), user_id=user.id, purpose=purpose, email=email, created_at=now))
    endpoint = "account.confirm" if purpose in ("confirm", "email") else "account.reset"
    further = {"next": current_app.url_map.bind("").build(onward, {"language": user.language})} if onward else {}
    link = mailing.absolute_url(endpoint, token=secret, language=user.language, **further)
    mailing.queue(recipient=email, language=user.language, template=template, now=now, link=link, **context)
    return link


def find(secret, purposes, now):
    """The Token behind a mailed secret and its User, or (None, None) when it is unknown, used, too old, for another
    purpose, or was mailed to an address that is the person's no longer.
    """
    token = db.session.scalars(db.select(Token).filter_by(secret_hash=digest(secret), used_at=None)).first()
    if token is None or token.purpose not in purposes or token.created_at <= now - LIFE[token.purpose]:
        return None, None
    user = db.session.get(User, token.user_id)
    current = token.purpose == "email" or token.email == user.email
    return (token, user) if current else (None, None)


def invited_until(user, now):
    """Until when the person's newest link for a first password is good; None when there is none that is."""
    query = db.select(Token.created_at, Token.purpose).where(Token.user_id == user.id, Token.purpose.in_(INVITING), Token.used_at.is_(None))
    ends = max((sent_at + LIFE[purpose] for sent_at, purpose in db.session.execute(query)), default=now)
    return ends if ends > now else None


def void(user, now):
    """Makes every open link of this person worthless, save those that only confirm an address."""
    db.session.execute(
        db.update(Token).where(Token.user_id == user.id, Token.purpose != "confirm", Token.used_at.is_(None)).values(used_at=now)
    )
