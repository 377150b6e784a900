"""Staff: organizers and experts. Whoever gets another role signs in anew: every sign-in ends at once, at the server."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l

from app.applying.drafts import Refused, refuse
from app.extensions import db, writing
from app.mails import mailing
from app.models import Event, Expert, SignIn, User, record
from app.people import accounts, limits, mailed_links, sign_ins
from app.people.credentials import email_key
from app.people.second_factor import ROLES

MADE = {"organizer": "made organizer", "expert": "made expert", "applicant": "removed from staff"}
"""What is recorded of a new role."""
PRESENT = ("registered", "signed in", "signed out", "signed out everywhere", "password reset", "invitation accepted")
"""What only somebody does who is here."""


@dataclass(frozen=True)
class Member:
    """An organizer or expert; `seen_at` to the hour, None for never. Until a password is chosen, `invited` says so, and
    `link_until` when the link for it ends, or None when none is good any more.
    """

    user: User
    seen_at: datetime | None
    invited: bool
    link_until: datetime | None


def members(now):
    """The [Member], organizers first, by name."""
    seen = db.select(db.func.max(SignIn.seen_at)).where(SignIn.user_id == User.id).scalar_subquery()
    present = db.select(Event.at).where(Event.user_id == User.id, Event.what.in_(PRESENT)).order_by(Event.at.desc()).limit(1)
    query = db.select(User, seen, present.scalar_subquery()).where(User.role.in_(ROLES)).order_by(User.role.desc(), User.name, User.id)
    return [_member(user, max(filter(None, moments), default=None), now) for user, *moments in db.session.execute(query)]


def _member(user, seen_at, now):
    invited = user.password_hash is None
    return Member(user, seen_at, invited, mailed_links.invited_until(user, now) if invited else None)


def find(user_id):
    """The organizer or expert with this id, or None."""
    return db.session.scalars(db.select(User).where(User.id == user_id, User.role.in_(ROLES))).first()


def invite(*, email, name, role, language, by, now):
    """Makes the person with this address an organizer or expert, on behalf of the organizer `by`, and mails it. An account
    keeps its name, language and password; for a new one the mail holds a link to choose a password, good for 48 hours.

    Raises Refused when the person is one already, and limits.TooMany.
    """
    _take(email_key(email), by, now)
    with writing():
        refuse_others(by)
        user = accounts.find(email)
        if user and user.role in ROLES:
            raise Refused(_l("This person is among the organizers and experts already. Change the role there, or invite once more."))
        appoint(user or accounts.add(email=email, name=name, language=language, now=now), role, by, now)


def make_organizer(*, email, now, language="zh"):
    """The same by whoever holds the machine, for an organizer; an expert becomes one, too. Answers the User and the link at
    which a first password is set, None where there is a password. Raises ValueError when `email` is no address.
    """
    if email_key(email) is None:
        raise ValueError(f"{email!r} is not an e-mail address.")
    with writing():
        name = email.strip().partition("@")[0]
        user = accounts.find(email) or accounts.add(email=email, name=name, language=language, now=now)
        _uninvite(user, now)
        return user, appoint(user, "organizer", None, now)


def invite_again(*, user, by, now):
    """Mails a new link to somebody who has not chosen a password yet; earlier ones are worth nothing. Raises TooMany."""
    _take(user.email_key, by, now)
    with writing():
        refuse_others(by)
        if user.password_hash is None and user.role in ROLES:
            mailed_links.void(user, now)
            mailed_links.send(user, "invite", user.email, "invitation", now, role=user.role)
            record("invitation sent again", at=now, user=by, whom=user.id)


def change_role(*, user, role, by, now):
    """Makes an organizer an expert, or an expert an organizer, and mails it. Raises Refused for the last organizer."""
    with writing():
        refuse_others(by)
        if user.role != role:
            refuse(accounts.only_organizer(user))
            _uninvite(user, now)
            appoint(user, role, by, now)


def remove(*, user, by, now):
    """Makes an organizer or expert an applicant: the account, and applications of their own, stay. Raises Refused for the
    last organizer.
    """
    with writing():
        refuse_others(by)
        refuse(accounts.only_organizer(user))
        before, user.role = user.role, "applicant"
        record(MADE["applicant"], at=now, user=by, whom=user.id, before=before)
        _uninvite(user, now)
        sign_ins.end(user)
        mailed_links.void(user, now)
        if user.password_hash:
            mailing.queue(recipient=user.email, language=user.language, template="role_ended", now=now)


def appoint(user, role, by, now, purpose="invite", template="invitation", **context):
    """Within the write that is open: gives the person this role, and mails it; answers the link at which a first password is set,
    or None. `context` is what else the mail's template speaks of.

    An account whose address was never confirmed may be a stranger's who was first to type it: it starts anew.
    """
    before, user.role = user.role, role
    record(MADE[role], at=now, user=by, whom=user.id, before=before)
    sign_ins.end(user)
    if user.password_hash and user.confirmed_at:
        mailing.queue(recipient=user.email, language=user.language, template=template, now=now, role=role, link=None, **context)
        return None
    user.password_hash = None
    mailed_links.void(user, now)
    return mailed_links.send(user, purpose, user.email, template, now, role=role, **context)


def _uninvite(user, now):
    """Who is no expert any more has no invitation to a panel either, nor anything to review, and answers a new invitation anew."""
    accounts.end_reviewing(user, now)
    db.session.execute(db.update(Expert).where(Expert.user_id == user.id).values(state="listed", answered_at=None))


def _take(account, by, now):
    limits.take("invite", now, account=by.id)
    limits.take("invitation", now, account=account)


def refuse_others(by):
    """Raises Refused for somebody who was removed by another organizer while the page was on its way."""
    refuse(None if by.role == "organizer" else _l("You are not an organizer any more."))
