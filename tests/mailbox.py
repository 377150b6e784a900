"""Accounts made by the verbs, and the mails that wait for their owners."""

import re

from app import rules
from app.extensions import db
from app.models import Mail
from app.people import accounts
from tests.site import PASSWORD

OTHER_PASSWORD = "eleven loud otters 58"


def register(email="a@example.org", password=PASSWORD, now=None):
    """The SignIn of a new account, or None; needs the app's context."""
    return accounts.register(email=email, name="Anna Muster", password=password, language="en", now=now or rules.now())


def mails(words):
    """The waiting mails whose subject holds these words, newest first."""
    rows = db.session.scalars(db.select(Mail).order_by(Mail.id.desc())).all()
    return [mail for mail in rows if words in mail.subject]


def path_in(mail):
    """The path of the confirming or resetting link of a mail."""
    return re.search(r"http://127\.0\.0\.1:8000(/\S+/(?:confirm|reset)/\S+)", mail.text).group(1)


def secret_in(mail):
    return path_in(mail).rpartition("/")[2]


def path(app, words):
    """The path of the link in the newest mail about `words`."""
    with app.app_context():
        return path_in(mails(words)[0])
