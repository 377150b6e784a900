"""Accounts: register, sign in, links by mail, what a person may change, and how an account ends.

`address`, where a verb takes one, is the client's: its tries are counted too. Verbs that take one raise limits.TooMany, and
so do those that ask for the password of somebody who is signed in.
"""

from flask_babel import lazy_gettext as _l

from app.applying.drafts import refuse
from app.extensions import db, writing
from app.keeping import erasing
from app.mails import mailing
from app.models import Application, Assignment, Expert, Mail, RecoveryCode, Review, SignIn, Token, User, record
from app.people import limits, mailed_links, sign_ins
from app.people.credentials import email_key, hashed, matches


def find(email):
    """The User with this address, however it is typed, or None."""
    key = email_key(email)
    return key and db.session.scalars(db.select(User).filter_by(email_key=key)).first()


def register(*, email, name, password, language, now, address=None):
    """Makes an account, mails the link that confirms its address, and signs in; answers the SignIn, or None when the
    address has an account already. `language` is that of the mails.
    """
    limits.take("sign-up", now, address=address)
    password_hash = hashed(password)
    with writing():
        if find(email):
            return None
        user = add(email=email, name=name, language=language, now=now, password_hash=password_hash)
        record("registered", at=now, user=user)
        mailed_links.send(user, "confirm", user.email, "confirm", now)
        return sign_ins.begin(user, now)


def add(*, email, name, language, now, password_hash=None):
    """Within the write that is open: a new User, who cannot sign in without a password."""
    user = User(
        email=email.strip(), email_key=email_key(email), name=name.strip(), password_hash=password_hash, language=language, created_at=now,
    )  # fmt: skip
    db.session.add(user)
    db.session.flush()
    return user


def warn_owner(*, email, now):
    """Tells the owner of an account that somebody wanted to use its address for another one."""
    with writing():
        user = find(email)
        if user:
            mailed_links.send(user, "reset", user.email, "address_in_use", now)


def sign_in(*, email, password, now, address=None):
    """A new SignIn, or a Pending where a second factor is asked for, or None when e-mail address and password do not belong
    together. Whether there is such an account takes no other time, and is counted no other way.
    """
    limits.take("sign-in", now, account=email_key(email), address=address)
    user = find(email)
    proof = user and user.password_hash
    if not matches(proof, password):
        return None
    with writing():
        if user.password_hash != proof:
            return None
        limits.succeeded("sign-in", account=user.email_key, address=address)
        if not user.totp_secret:
            record("signed in", at=now, user=user)
        return sign_ins.begin(user, now)


def request_confirmation(*, user, now):
    """Mails the confirming link again; answers whether one was sent: not when it is confirmed, or too many were."""
    with writing():
        if user.confirmed_at:
            return False
        record("confirmation requested", at=now, user=user)
        return mailed_links.send(user, "confirm", user.email, "confirm", now) is not None


def confirm(*, secret, now):
    """Uses up a link of purpose "confirm" or "email"; answers the User, or None when the link is not valid any more.

    A link of purpose "email" makes its address the person's; the old one is told.
    """
    with writing():
        token, user = mailed_links.find(secret, ("confirm", "email"), now)
        if token is None:
            return None
        if token.purpose == "email":
            holder = find(token.email)
            if holder and holder is not user:
                return None
            mailing.queue(recipient=user.email, language=user.language, template="email_changed", now=now)
            user.email, user.email_key = token.email, email_key(token.email)
        token.used_at = user.confirmed_at = now
        record("email changed" if token.purpose == "email" else "email confirmed", at=now, user=user)
        return user


def request_reset(*, email, language, now, address=None):
    """Mails a link for a new password; where there is no such account, a mail in `language` that says so.

    Only whoever reads the mailbox learns which: the answer is the same, and so is the work.
    """
    limits.take("reset", now, account=email_key(email), address=address)
    with writing():
        user = find(email)
        record("reset requested", at=now, user=user)
        if user:
            mailed_links.send(user, "reset", user.email, "reset", now)
        else:
            mailing.queue(recipient=email.strip(), language=language, template="no_account", now=now)


def reset_password(*, secret, password, now):
    """Uses up a link of purpose "reset", "invite" or "panel": the new password stands, every earlier sign-in ends, and the address
    is confirmed. Answers a new SignIn or Pending, or None when the link is not valid any more.
    """
    password_hash = hashed(password)
    with writing():
        token, user = mailed_links.find(secret, ("reset", *mailed_links.INVITING), now)
        if token is None:
            return None
        user.confirmed_at = user.confirmed_at or now
        _set_password(user, password_hash, now)
        record("invitation accepted" if token.purpose in mailed_links.INVITING else "password reset", at=now, user=user)
        sign_ins.end(user)
        # Whoever reads the mailbox need not wait because somebody else has tried passwords.
        limits.succeeded("sign-in", account=user.email_key)
        return sign_ins.begin(user, now)


def _set_password(user, password_hash, now):
    """A new password also makes worthless every link that somebody who knew the old one may have asked for."""
    user.password_hash = password_hash
    mailed_links.void(user, now)
    mailing.queue(recipient=user.email, language=user.language, template="password_changed", now=now)


def change_password(*, sign_in, current, new, now):
    """Ends the person's other sign-ins; answers whether `current` was right, else nothing changed."""
    user, proof = sign_in.user, sign_in.user.password_hash
    if not sign_ins.knows_password(user, current, now):
        return False
    password_hash = hashed(new)
    with writing():
        if user.password_hash != proof:
            return False
        _set_password(user, password_hash, now)
        record("password changed", at=now, user=user)
        sign_ins.end(user, keep=sign_in)
        return True


def change_profile(*, user, name, language, now):
    """`language` is that of the mails."""
    with writing():
        user.name, user.language = name.strip(), language
        record("profile changed", at=now, user=user)


def request_email(*, user, email, password, now):
    """Mails a link to the new address, which counts once it is confirmed; answers whether `password` was right.

    When the address belongs to another account its owner is told instead: who asks must not learn that it exists.
    """
    if not sign_ins.knows_password(user, password, now):
        return False
    email = email.strip()
    with writing():
        record("email change requested", at=now, user=user)
        holder = find(email)
        if holder and holder is not user:
            mailed_links.send(holder, "reset", holder.email, "address_in_use", now)
        else:
            mailed_links.send(user, "email", email, "new_email", now)
        return True


def delete_account(*, user, password, now):
    """Ends the account for good; answers the paths of files to discard once this has committed, or None when `password`
    was wrong. E-mail, name, password, sign-ins, links and mails go, and so does what was never handed in. What was
    handed in stays with the organizer; of a withdrawn application only its number and its dates stay. Raises Refused for
    the only organizer.
    """
    if not sign_ins.knows_password(user, password, now):
        return None
    with writing() as session:
        refuse(only_organizer(user))
        paths = []
        for application in session.scalars(db.select(Application).filter_by(user_id=user.id)):
            if application.number is None:
                paths += [file.path for file in application.files]
                session.delete(application)
            elif application.withdrawn_at:
                paths += [file.path for file in application.files]
                _empty(application)
        # Reviews that were handed in stay, with nobody's name.
        end_reviewing(user, now)
        for table in (SignIn, Token, RecoveryCode, Expert):
            session.execute(db.delete(table).where(table.user_id == user.id))
        session.execute(db.delete(Mail).where(Mail.recipient == user.email))
        user.email = user.email_key = user.password_hash = user.confirmed_at = user.totp_secret = None
        user.name, user.role, user.deleted_at = "", "applicant", now
        record("account deleted", at=now, user=user)
    return paths


def end_reviewing(user, now):
    """Within the write that is open: what this person was given and has not reviewed is given no more; reviews handed in count on."""
    handed_in = db.select(Review.id).where(Review.assignment_id == Assignment.id, Review.submitted_at.is_not(None)).exists()
    given = db.update(Assignment).where(Assignment.expert_id == user.id, Assignment.ended_at.is_(None), ~handed_in)
    db.session.execute(given.values(ended_at=now))


def _empty(application):
    erasing.contents([application.id])
    # A check refers to its snapshot, so it has to go first.
    application.checks.clear()
    application.assignments.clear()
    application.decision = None
    db.session.flush()
    for collection in (application.files, application.snapshots):
        collection.clear()


def only_organizer(user):
    """Why this person has to stay an organizer, or None. Those who are invited and have no password yet do not count."""
    others = db.select(User.id).where(User.role == "organizer", User.id != user.id, User.password_hash.is_not(None))
    if user.role != "organizer" or user.password_hash is None or db.session.scalars(others.limit(1)).first():
        return None
    return _l("This is the only organizer who can sign in. Make somebody else an organizer first.")
