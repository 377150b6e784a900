"""The second factor: six digits from an app on the phone (TOTP, RFC 6238), or a recovery code when the phone is lost."""

import base64
import hmac
import io
import re
import secrets
import unicodedata

import pyotp
import segno
from flask import current_app

from app.extensions import db, writing
from app.mails import mailing
from app.models import RecoveryCode, record
from app.people import limits, mailed_links, sign_ins
from app.people.credentials import digest

ROLES = ("organizer", "expert")
"""Whose accounts reach other people's applications."""
RECOVERY_CODES = 10


class Wrong(Exception):
    """What was typed is not right; the argument is "password" or "code"."""


def is_owed(user):
    """Whether this site asks the person to set up a second factor before anything else."""
    return current_app.config["SETTINGS"]["require_second_factor"] and user.role in ROLES and not user.totp_secret


def proposed_secret(sign_in):
    """The Base32 secret a person is about to put on the phone: the same for all of a sign-in, so that it is stored nowhere.

    Another one once a code was used: what is set up anew must not be what was turned off.
    """
    seed = f"second factor {sign_in.key} {sign_in.user.totp_used_at}"
    return base64.b32encode(hmac.digest(current_app.secret_key.encode(), seed.encode(), "sha1")).decode()


def qr_code(sign_in, site_name):
    """The SVG, as bytes, from which an app on the phone takes the proposed secret."""
    address = pyotp.TOTP(proposed_secret(sign_in)).provisioning_uri(name=sign_in.user.email, issuer_name=site_name)
    picture = io.BytesIO()
    segno.make(address, micro=False).save(picture, kind="svg", scale=6, xmldecl=False, light="white")
    return picture.getvalue()


def set_up(*, sign_in, password, code, now):
    """The proposed secret becomes the second factor, once a code shows that the phone has it. Ends the other sign-ins,
    tells the owner, and answers the recovery codes, which nobody can see again. Raises Wrong and TooMany.
    """
    user, secret = sign_in.user, proposed_secret(sign_in)
    if not sign_ins.knows_password(user, password, now):
        raise Wrong("password")
    step = _step(secret, _digits(code), now, after=0)
    if step is None:
        raise Wrong("code")
    with writing():
        user.totp_secret, user.totp_used_at = secret, step
        _tell(user, "second factor set up", now)
        sign_ins.end(user, keep=sign_in)
        return _new_recovery_codes(user)


def finish(*, secret, code, now):
    """Turns a Pending into a SignIn by a code; None when the code is not right, or the Pending has ended. Raises TooMany."""
    _token, user = mailed_links.find(secret, (sign_ins.SECOND_STEP,), now)
    if user is None:
        return None
    limits.take("second-step", now, account=user.id)
    with writing() as session:
        token, user = mailed_links.find(secret, (sign_ins.SECOND_STEP,), now)
        if token is None or not _uses_up(user, code, now):
            return None
        session.delete(token)
        record("signed in", at=now, user=user)
        return sign_ins.begin_fully(user, now)


def renew_recovery_codes(*, user, code, now):
    """New recovery codes in place of the old; raises Wrong and TooMany."""
    limits.take("second-step", now, account=user.id)
    with writing():
        if not _uses_up(user, code, now):
            raise Wrong("code")
        record("recovery codes renewed", at=now, user=user)
        return _new_recovery_codes(user)


def turn_off(*, user, code, now):
    """From now on the password is enough; the owner is told. Raises Wrong and TooMany."""
    limits.take("second-step", now, account=user.id)
    with writing():
        if not _uses_up(user, code, now):
            raise Wrong("code")
        _clear(user)
        _tell(user, "second factor turned off", now)


def reset(*, user, now):
    """For somebody who has neither phone nor recovery codes: turns it off, ends every sign-in, and tells the owner."""
    with writing():
        _clear(user)
        sign_ins.end(user)
        limits.succeeded("second-step", account=user.id)
        _tell(user, "second factor reset", now)


def recovery_codes_left(user):
    return db.session.scalar(db.select(db.func.count(RecoveryCode.id)).filter_by(user_id=user.id))


def _clear(user):
    user.totp_secret = None
    db.session.execute(db.delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def _tell(user, what, now):
    record(what, at=now, user=user)
    mailing.queue(recipient=user.email, language=user.language, template="second_factor", now=now, on=user.totp_secret is not None)


def _digits(code):
    return re.sub("[^0-9]", "", unicodedata.normalize("NFKC", code))


def _step(secret, digits, now, after):
    """The 30-second step of these digits, if it is the present one or the one before or behind, and later than `after`."""
    totp = pyotp.TOTP(secret)
    present = totp.timecode(now)
    for step in (present - 1, present, present + 1):
        if step > after and hmac.compare_digest(totp.generate_otp(step), digits):
            return step
    return None


def _uses_up(user, code, now):
    """Within the write that is open: whether this code of either kind is right; from now on it is not."""
    digits = _digits(code)
    step = _step(user.totp_secret, digits, now, after=user.totp_used_at) if user.totp_secret else None
    if step is not None:
        user.totp_used_at = step
    elif db.session.execute(db.delete(RecoveryCode).filter_by(user_id=user.id, code_hash=digest(digits))).rowcount == 1:
        record("recovery code used", at=now, user=user)
    else:
        return False
    limits.succeeded("second-step", account=user.id)
    return True


def _new_recovery_codes(user):
    """Replaces the codes; answers them as 20 digits in groups of five, which can be read out on the telephone."""
    db.session.execute(db.delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = [f"{secrets.randbelow(10**20):020d}" for _ in range(RECOVERY_CODES)]
    db.session.add_all(RecoveryCode(user_id=user.id, code_hash=digest(code)) for code in codes)
    return ["-".join(re.findall(".{5}", code)) for code in codes]
