"""The words of mails about an application: an organizer's, from the call file or the composer, with placeholders in braces.

Only the placeholders below are replaced, each once: whatever somebody typed is text, in the words of a mail as in a value.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from flask_babel import gettext as _

from app import languages, rules, times
from app.applying import drafts
from app.call.loading import SHIPPED, parse
from app.call.organizing import fill, our_mail
from app.mails import mailing

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


@dataclass(frozen=True)
class Words:
    """What an organizer wrote, `{"zh": …, "en": …}` each. A language that nobody reads may be blank."""

    subject: dict
    text: dict

    @classmethod
    def of(cls, mailing):
        """Those of a Mailing."""
        return cls(
            *({language: getattr(mailing, f"{part}_{language}") for language in languages.LANGUAGES} for part in ("subject", "text"))
        )

    def columns(self):
        """The same as the columns of a Mailing."""
        return {f"{part}_{language}": words for part in ("subject", "text") for language, words in getattr(self, part).items()}


def words(call, mail_id, **values):
    """The Words of one of our mails (a key of MAILS): the call's own, else the shipped ones.

    `values`, if given, are filled in already, see `queue_about`; the placeholders of the application stay.
    """
    text = _own(call, mail_id)
    filled = Words({}, {})
    for language in languages.LANGUAGES:
        with languages.speaking(language):
            known = {name: _say(value, call, language) for name, value in values.items()}
        filled.subject[language] = fill(text.subject[language], known)
        filled.text[language] = fill(text.text[language], known)
    return filled


def templates(call):
    """The [MailText] an organizer may begin a mail with: the call's own, or the shipped ones where it has no words at all."""
    return [text for text in call.mails or _shipped().mails if not our_mail(text.id)]


def queue_about(application, call, mail_id, now, **values):
    """Queues one of our mails (a key of MAILS) to the owner of `application`, in their language, within the write that is open.

    `values` fill the placeholders that only this mail has: a datetime is said in words, as the exclusive end of a time; a
    list of (what it concerns, sentence) as lines; of anything else its `str()` in the owner's language. Nothing is queued
    when the account was deleted.
    """
    reader = about(application, call)
    if reader is not None:
        mailing.add(written(_own(call, mail_id), reader, now, **values))


def written(words, about, now, **values):
    """The Mail, not yet added, with these words (Words or MailText) about an application."""
    subject, text = said(words, about, **values)
    return mailing.row(
        recipient=about.email, language=_spoken(words, about), subject=subject, text=text, now=now, application_ref=about.ref
    )


def said(words, about, **values):
    """(subject, text) with everything filled in, in the owner's language; in the other one where theirs is blank."""
    language = _spoken(words, about)
    with languages.speaking(language):
        known = _general(about, language) | {name: _say(value, about.call, language) for name, value in values.items()}
        short = known | {"title": _cut(known["title"])}
        return fill(words.subject[language], short), fill(words.text[language], known)


def _spoken(words, about):
    return about.language if words.text[about.language].strip() else languages.other(about.language)


def _general(about, language):
    call = about.call
    title = about.title[language] or about.title[languages.other(language)] or _("Untitled application")
    return {
        "name": about.name,
        "number": about.number or _("no number yet"),
        "title": " ".join(title.split()),
        "award": call.name[language],
        "organizer": call.organizer[language],
        "contact": _("%(name)s, %(email)s, %(phone)s", name=call.contact.name, email=call.contact.email, phone=call.contact.phone),
        "deadline": _deadline(about, language),
        "link": mailing.absolute_url("apply.overview", language=language, ref=about.ref),
    }


def _deadline(about, language):
    until = about.extended_until
    if until and rules.closing(about.call, until) == until:
        return times.say_end(until, about.call, language)
    return times.say_deadline(about.call, language)


def _say(value, call, language):
    if isinstance(value, datetime):
        return times.say_end(value, call, language)
    if isinstance(value, list | tuple):
        return "\n".join(_reason(*map(str, reason)) for reason in value)
    return str(value).strip()


def _reason(concerns, sentence):
    line = " ".join(sentence.split())
    return "– " + (_("%(concerns)s: %(reason)s", concerns=concerns, reason=line) if concerns else line)


def _cut(title):
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"


def ships(mail_id):
    """Whether the shipped call has words for a mail with this id."""
    return _shipped().mail(mail_id) is not None


def _own(call, mail_id):
    return call.mail(mail_id) or _shipped().mail(mail_id)


@lru_cache(maxsize=1)
def _shipped():
    return parse(SHIPPED.read_text("utf-8"), SHIPPED.stem)
