"""The words of mails about an application: an organizer's, from the call file or the composer, with placeholders in braces.

Only the placeholders below are replaced, each once: whatever somebody typed is text, in the words of a mail as in a value.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from flask_babel import gettext as _

from app import drafts, languages, mailing, rules, times
from app.call.loading import SHIPPED, parse
from app.call.organizing import MAILS, PLACEHOLDER

LONGEST_TITLE = 60
"""Characters of a title in a subject."""


@dataclass(frozen=True)
class About:
    """An application and its owner, as far as a mail may speak of them; `title` is `{"zh": …, "en": …}`."""

    email: str
    name: str
    language: str
    ref: str
    number: str | None
    title: dict
    extended_until: datetime | None
    call: object


def about(application, call):
    """The About of an application, as it is now; None when the account of its owner was deleted."""
    user = application.user
    if user.email is None:
        return None
    title = drafts.title_of(application, call)
    return About(user.email, user.name, user.language, application.ref, application.number, title, application.extended_until, call)


def words(call, mail_id):
    """The MailText with one of our ids: the call's own, else the shipped one."""
    return call.mail(mail_id) or _shipped().mail(mail_id)


def templates(call):
    """The [MailText] an organizer may begin a mail with: the call's own, or the shipped ones where it has no words at all."""
    return [text for text in call.mails or _shipped().mails if text.id not in MAILS]


def queue_about(application, call, mail_id, now, **values):
    """Queues one of our mails (a key of MAILS) to the owner of `application`, in their language, within the write that is open.

    `values` fill the placeholders that only this mail has: a datetime is said in words, as the exclusive end of a time; a
    list of (what it concerns, sentence) as lines; of anything else its `str()` in the owner's language. Nothing is queued
    when the account was deleted.
    """
    subject = about(application, call)
    if subject is not None:
        mailing.add(written(words(call, mail_id), subject, now, **values))


def written(text, about, now, mailing_id=None, **values):
    """The Mail row, not yet added, of the words `text` (with `subject` and `text` in both languages) about an application."""
    filled = said(text, about, **values)
    return mailing.row(recipient=about.email, language=about.language, **filled, now=now, application_ref=about.ref, mailing_id=mailing_id)


def said(text, about, **values):
    """`{"subject": …, "text": …}` in the owner's language."""
    language = about.language
    with languages.speaking(language):
        known = _general(about) | {name: _say(value, about.call, language) for name, value in values.items()}
        short = known | {"title": _cut(known["title"])}
        return {"subject": _fill(text.subject[language], short), "text": _fill(text.text[language], known)}


def _general(about):
    call, language = about.call, about.language
    title = about.title[language] or about.title[languages.other(language)] or _("Untitled application")
    return {
        "name": about.name,
        "number": about.number or _("no number yet"),
        "title": " ".join(title.split()),
        "award": call.name[language],
        "organizer": call.organizer[language],
        "contact": _("%(name)s, %(email)s, %(phone)s", name=call.contact.name, email=call.contact.email, phone=call.contact.phone),
        "deadline": _deadline(about),
        "link": mailing.absolute_url("apply.overview", language=language, ref=about.ref),
    }


def _deadline(about):
    until = about.extended_until
    if until and rules.closing(about.call, until) == until:
        return times.say_end(until, about.call, about.language)
    return times.say_deadline(about.call, about.language)


def _say(value, call, language):
    if isinstance(value, datetime):
        return times.say_end(value, call, language)
    if isinstance(value, list | tuple):
        return "\n".join(_reason(*map(str, reason)) for reason in value)
    return str(value).strip()


def _reason(concerns, sentence):
    line = " ".join(sentence.split())
    return "– " + (_("%(concerns)s: %(reason)s", concerns=concerns, reason=line) if concerns else line)


def _fill(text, values):
    return re.sub(PLACEHOLDER, lambda match: values.get(match[1], match[0]), text)


def _cut(title):
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"


@lru_cache(maxsize=1)
def _shipped():
    return parse(SHIPPED.read_text("utf-8"), SHIPPED.stem)
