"""What the desk sees of the mails: their states, why one could not be sent, the mailings with their counts."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import defer

from app.extensions import db
from app.models import Application, Mail, Mailing

PAGE = 50
MAILINGS = 20
STATES = {
    "waiting": _l("Waiting"),
    "retrying": _l("Being tried again"),
    "given-up": _l("Given up"),
    "sent": _l("Sent"),
}
UNSENT = ("waiting", "retrying", "given-up")
_UNSENT = Mail.sent_at.is_(None)
_MAILING = Mail.mailing_id + 0
"""The same, but SQLite shall find what is unsent by the index of that, and not look through all mails of a mailing."""
_CONDITIONS = {
    "waiting": (_UNSENT, Mail.due_at.is_not(None), Mail.error.is_(None)),
    "retrying": (_UNSENT, Mail.due_at.is_not(None), Mail.error.is_not(None)),
    "given-up": (_UNSENT, Mail.due_at.is_(None)),
    "sent": (Mail.sent_at.is_not(None),),
}
_STATE = db.case(
    (Mail.sent_at.is_not(None), "sent"), (Mail.due_at.is_(None), "given-up"), (Mail.error.is_(None), "waiting"), else_="retrying"
)
_LINES = db.select(Mail, _STATE, Application.number).outerjoin(Application, Application.ref == Mail.application_ref)
ERRORS = {
    "ConnectionRefusedError": _l("The mail server does not answer."),
    "gaierror": _l("The mail server is not found under its name."),
    "TimeoutError": _l("The mail server did not answer in time."),
    "SMTPServerDisconnected": _l("The mail server ended the conversation."),
    "SMTPConnectError": _l("The mail server does not answer."),
    "SMTPAuthenticationError": _l("The mail server does not accept our user name or password."),
    "SMTPRecipientsRefused": _l("The mail server does not accept this address."),
    "SMTPSenderRefused": _l("The mail server does not accept our own address as the sender."),
    "SMTPNotSupportedError": _l("The mail server cannot do what the settings ask for."),
    "SSLCertVerificationError": _l("The certificate of the mail server is not valid."),
    "SSLError": _l("No encrypted connection to the mail server could be made."),
    "PermissionError": _l("The folder for mails cannot be written."),
}
"""Why a mail could not be sent, by the class that `Mail.error` begins with."""


@dataclass(frozen=True)
class Line:
    """A Mail (its text not loaded), its state, a key of STATES, and the number of the application it is about, or None."""

    mail: Mail
    state: str
    number: str | None


def page(state, mailing_id, number):
    """([Line], whether there are more) of the page with this number, counted from 1: the newest first.

    `state` is a key of STATES, None for all. With `mailing_id`, the mails of one mailing, which are of one time.
    """
    # Each order is that of an index: there may be many thousands.
    mailing, order = Mail.mailing_id, [Mail.id.desc()]
    if state in UNSENT:
        mailing, order = _MAILING, [Mail.due_at.desc(), Mail.id.desc()]
    elif mailing_id is not None:
        order = [Mail.application_ref]
    query = _LINES.where(*_CONDITIONS.get(state, ()), *([mailing == mailing_id] if mailing_id is not None else []))
    query = query.options(defer(Mail.text), defer(Mail.html)).order_by(*order)
    rows = db.session.execute(query.limit(PAGE + 1).offset((number - 1) * PAGE)).all()
    return [Line(*row) for row in rows[:PAGE]], len(rows) > PAGE


def unsent():
    """`{state: how many}` of the mails that have not been sent; without those of which there are none."""
    query = db.select(_STATE, db.func.count()).where(_UNSENT).group_by(_STATE)
    return dict(db.session.execute(query).all())


def mailings(mailing_id=None):
    """[(Mailing, {state: how many})], the newest first, or this one alone; "remaining" counts those not queued yet."""
    query = db.select(Mailing).order_by(Mailing.id.desc()).limit(MAILINGS)
    found = db.session.scalars(query if mailing_id is None else query.filter_by(id=mailing_id)).all()
    ids = [mailing.id for mailing in found]
    # What has been sent is counted from an index alone; what has not is found by another one.
    of_these = db.select(Mail.mailing_id, db.func.count()).where(Mail.mailing_id.in_(ids)).group_by(Mail.mailing_id)
    queued = dict(db.session.execute(of_these).all())
    unsent = db.select(_MAILING, _STATE, db.func.count()).where(_UNSENT).group_by(_MAILING, _STATE)
    counts = {number: {"sent": queued.get(number, 0)} for number in ids}
    for number, state, count in db.session.execute(unsent):
        if number in counts:
            counts[number][state] = count
            counts[number]["sent"] -= count
    return [(mailing, counts[mailing.id] | {"remaining": len(mailing.remaining or ())}) for mailing in found]


def find(mail_id):
    """The Line of one mail, with its text, or None."""
    row = db.session.execute(_LINES.where(Mail.id == mail_id)).first()
    return Line(*row) if row else None


def explain(error):
    """What `Mail.error` means, in a sentence."""
    return ERRORS.get(error.partition("(")[0], _l("The mail server answered with an error."))
