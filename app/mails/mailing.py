"""Mail: written as a row in the transaction that makes it due, sent afterwards by the worker."""

import re
import threading
from datetime import timedelta

from flask import current_app
from flask_mailman import EmailMultiAlternatives
from sqlalchemy import event

from app import languages, versions
from app.extensions import db, mail, writing
from app.models import Application, Mail, record

RETRIES = [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6)]
"""How long to wait after the first failure, the second …; the last one goes on."""
PATIENCE = timedelta(days=3)

waiting = threading.Event()
"""Set when a write that queued mail has committed; the worker waits for it."""


def absolute_url(endpoint, **values):
    """The full address of a page of ours, from the configured or bound address.

    Never from the Host header, which anybody may forge to have a stranger mailed a link to another site.
    """
    if current_app.url_map.is_endpoint_expecting(endpoint, "language"):
        values.setdefault("language", languages.current())
    base = current_app.config["SETTINGS"]["address"] or current_app.config.get("BOUND_ADDRESS", "http://127.0.0.1:8000")
    return base + current_app.url_map.bind("").build(endpoint, values)


def queue(*, recipient, language, template, now, application_ref=None, **context):
    """Adds a mail to the write that is open; it is due once that has committed.

    Renders `templates/mail/<template>.txt` in `language`: the first line is the subject, blank lines part paragraphs, a
    link stands alone on its line. `application_ref` is for a mail about an application: answers go to the contact of its
    call, and organizers may read it while it waits, so a mail that holds a secret has none.
    """
    with languages.speaking(language):
        # Not render_template: its context processors would look up who is signed in, in the middle of this write.
        render = current_app.jinja_env.get_template(f"mail/{template}.txt").render
        subject, text = render(absolute_url=absolute_url, language=language, **context).strip().split("\n", 1)
    add(row(recipient=recipient, language=language, subject=subject, text=text, now=now, application_ref=application_ref))


def row(*, recipient, language, subject, text, now, application_ref=None, mailing_id=None):
    """A Mail with its HTML twin, due at `now` once it is added and committed.

    Blank lines part paragraphs; a line that is an address becomes a link. A subject is one line whatever it holds.
    """
    text = text.replace("\r\n", "\n").strip()
    paragraphs = [paragraph.split("\n") for paragraph in re.split(r"\n\s*\n", text)]
    subject = " ".join(subject.splitlines()).strip()
    twin = current_app.jinja_env.get_template("mail/_twin.html")
    return Mail(
        recipient=recipient,
        subject=subject,
        text="\n\n".join("\n".join(lines) for lines in paragraphs) + "\n",
        html=twin.render(subject=subject, paragraphs=paragraphs, html_lang=languages.HTML_LANG[language]),
        language=language,
        created_at=now,
        due_at=now,
        application_ref=application_ref,
        mailing_id=mailing_id,
    )


def add(*mails):
    """Adds mails to the write that is open, and wakes the worker once it has committed."""
    db.session.add_all(mails)
    event.listen(db.session(), "after_commit", lambda session: waiting.set(), once=True)


def send_waiting(now):
    """Sends what is due at `now`, oldest first, until one fails, and answers how many were sent.

    A failed mail waits longer each time and is given up after three days, its last error kept. The text of a sent mail
    is erased: it may hold a link that opens an account. Call it outside any write.
    """
    sent = 0
    while claimed := _claim(now):
        try:
            _message(claimed).send()
        # Whatever a mail server or an odd address raises, the mail waits and the worker lives on. The round ends: when the
        # server is away, the others must not wait for its timeout one after the other.
        except Exception as error:
            current_app.logger.warning("Mail %s could not be sent: %r", claimed.id, error)
            given_up = {"due_at": None} if now - claimed.created_at >= PATIENCE else {}
            _note(claimed, error=repr(error)[:500], **given_up)
            return sent
        _note(claimed, sent_at=now, due_at=None, error=None, text="", html="")
        sent += 1
    return sent


def _claim(now):
    """The next mail that is due, already put off to its next try: whoever else looks meanwhile does not see it."""
    due = db.select(Mail).where(Mail.due_at <= now).order_by(Mail.due_at, Mail.id).limit(1)
    if db.session.scalars(due).first() is None:
        return None
    with writing() as session:
        claimed = session.scalars(due).first()
        if claimed is not None:
            claimed.tries += 1
            claimed.due_at = now + RETRIES[min(claimed.tries, len(RETRIES)) - 1]
    if claimed is not None:
        # The row may go with its account while this is being sent.
        db.session.expunge(claimed)
    return claimed


def _note(claimed, **outcome):
    # Its row may have gone with its account meanwhile, and SQLite have given the id to the next mail.
    same = (Mail.id == claimed.id, Mail.created_at == claimed.created_at)
    with writing() as session:
        session.execute(db.update(Mail).where(*same).values(**outcome))


def listed(everything=False):
    """The mails that wait or were given up, oldest first; with `everything` those sent, too."""
    mails = db.select(Mail).order_by(Mail.id)
    return db.session.scalars(mails if everything else mails.where(Mail.sent_at.is_(None))).all()


def retry(ids, now, user=None):
    """Makes due at `now` what failed or was given up, all of it or the mails with these ids; answers how many.

    `user` is the organizer who asked for it; None for the console.
    """
    failed = [Mail.sent_at.is_(None), Mail.error.is_not(None)] + ([Mail.id.in_(ids)] if ids else [])
    with writing() as session:
        count = session.execute(db.update(Mail).where(*failed).values(due_at=now)).rowcount
        if count:
            record("mail tried again", at=now, user=user, count=count)
        event.listen(session(), "after_commit", lambda session: waiting.set(), once=True)
    return count


def _reply_to(claimed):
    """Answers to a mail about an application go to the contact of its call."""
    call_id = db.session.scalar(db.select(Application.call_id).filter_by(ref=claimed.application_ref))
    call = call_id and (current_app.calls.get(call_id) or versions.archived(call_id))
    return [call.contact.email] if call else None


def _message(claimed):
    sender = current_app.config["MAIL_DEFAULT_SENDER"]
    domain = sender.rpartition("@")[2].rstrip("> ")
    message = EmailMultiAlternatives(
        claimed.subject, claimed.text, sender, [claimed.recipient], connection=mail.get_connection(), reply_to=_reply_to(claimed),
        headers={
            # The same at every try, so that a mail that did arrive although the server said no is shown once.
            "Message-ID": f"<{claimed.id}.{claimed.created_at:%Y%m%d%H%M%S}@{domain}>",
            "Auto-Submitted": "auto-generated",
            "Content-Language": languages.HTML_LANG[claimed.language],
        },
    )  # fmt: skip
    message.attach_alternative(claimed.html, "text/html")
    return message
