"""Names on certificates: asking each contributor how theirs is written, by a link of their own, and what they answer."""

import base64
import hashlib
import hmac

from flask import current_app

from app import languages, rules, scripts, versions
from app.applying.drafts import refuse
from app.extensions import db, writing
from app.honors import honoring
from app.mails import mail_words, mailing
from app.models import Application, NameConfirmation, record
from app.people.credentials import digest


def ask(call, refs, picks, user, now):
    """Asks the contributors of the applications `refs` (None: of all) who have not answered, or reminds them, which renews
    their links; only those in `picks` ((ref, row), …) where that is not None. Answers how many.

    Whoever gave an address is mailed; the links of the others are shown to the applicant, who is told so by mail. Nobody is
    asked twice within a day. A write for each application.
    """
    asked = 0
    for ref in dict.fromkeys(one.application.ref for one in honoring.of_call(call, now, refs)):
        with writing():
            chosen = [one for one in honoring.of_call(call, now, [ref]) if picks is None or (ref, one.contributor.row) in picks]
            due = [one for one in chosen if rules.may_ask_name(one.confirmation, one.certificate, now) is None]
            for one in due:
                _ask(one, call, now)
            if due:
                application = due[0].application
                if any(not one.contributor.email for one in due):
                    mail_words.queue_about(application, call, "names", now)
                record("names asked", at=now, user=user, application=application, count=len(due))
        asked += len(due)
    return asked


def _ask(one, call, now):
    confirmation = one.confirmation or _new(one, now)
    confirmation.expires_at = now + rules.NAME_OPEN
    if one.contributor.email:
        confirmation.mailed_to = one.contributor.email
        queue_to(one, call, "name", now, link=link(confirmation, language_of(one)), until=confirmation.expires_at)


def _new(one, now):
    given = {"application_id": one.application.id, "row": one.contributor.row, "asked_at": now}
    confirmation = NameConfirmation(asked_zh=one.contributor.zh, asked_en=one.contributor.en, expires_at=now, **given)
    confirmation.secret_hash = digest(_secret(confirmation))
    db.session.add(confirmation)
    return confirmation


def _secret(confirmation):
    """Follows from the row and the key of the site, so that the applicant can be shown it again although only its hash is kept."""
    what = f"name {confirmation.application_id} {confirmation.row} {confirmation.asked_at.isoformat()}"
    made = hmac.digest(current_app.secret_key.encode(), what.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def link(confirmation, language):
    """The address of the page on which this name is confirmed; None when the key of the site has changed since."""
    secret = _secret(confirmation)
    if not hmac.compare_digest(digest(secret), confirmation.secret_hash):
        return None
    return mailing.absolute_url("names.confirm", language=language, token=secret)


def to_pass_on(one, now):
    """The link that the applicant is shown, for a contributor who gave no address and may still answer; else None."""
    waiting = one.confirmation and not one.certificate and not one.contributor.email and rules.name_is_open(one.confirmation, now)
    return link(one.confirmation, languages.current()) if waiting else None


def language_of(one):
    """The language in which a contributor is written to: the applicant's, but nobody without a Chinese name is written Chinese."""
    return one.application.user.language if scripts.has_han(one.zh) else "en"


def queue_to(one, call, mail_id, now, **values):
    """Queues one of our mails (a key of MAILS) to a contributor, within the write that is open.

    It is about no application: organizers read such mails while they wait, and this one holds a link that is only theirs.
    """
    language, application = language_of(one), one.application
    name = one.zh if language == "zh" else one.en
    reader = mail_words.About(one.contributor.email, name, language, application.ref, application.number, one.title, None, call)
    subject, text = mail_words.said(mail_words.words(call, mail_id), reader, **values)
    mailing.add(mailing.row(recipient=reader.email, language=language, subject=subject, text=text, now=now))


def find(secret, now):
    """(Honored, Call) behind the secret of a link, or None: unknown, too old, or about a name that is asked about no more."""
    confirmation = db.session.scalars(db.select(NameConfirmation).filter_by(secret_hash=digest(secret))).first()
    if confirmation is None or not rules.name_is_open(confirmation, now):
        return None
    application = db.session.get(Application, confirmation.application_id)
    call = current_app.calls.get(application.call_id) or versions.archived(application.call_id)
    one = call and honoring.find(application.ref, confirmation.row, call, now)
    return (one, call) if one and one.confirmation and one.confirmation.id == confirmation.id else None


def confirm(one, call, zh, en, form, now, user=None, reason=None):
    """Stores how a contributor's name is written; `form` is a key of honoring.FORMS. Can be done again until it is issued.

    `user`, an organizer, confirms on somebody's behalf, with a `reason`. Raises Refused.
    """
    with writing():
        one = honoring.find(one.application.ref, one.contributor.row, call, now)
        refuse(rules.may_confirm_name(one))
        confirmation = one.confirmation or _new(one, now)
        confirmation.zh, confirmation.en, confirmation.form, confirmation.answered_at = zh, en, form, now
        application, place = one.application, one.contributor.place
        if user:
            record("name confirmed for somebody", at=now, user=user, application=application, place=place, reason=reason)
        else:
            record("name confirmed", at=now, application=application, place=place)
