"""What a call says to those who run it: checklist, usual reasons, words of mails; how it is reviewed, decided and honored."""

import re
from typing import Annotated

from pydantic import Field as Key

from app.call.values import Flag, Name, Part, Slug, Title
from app.languages import Text


class UsualReason(Part):
    """A reason that is picked instead of typed; `fields` are the questions, or `files` the files, that it usually concerns."""

    text: Title
    fields: tuple[Name, ...] = ()
    files: Flag = False


class Point(Part):
    """One point of the checklist, and the usual reasons for which it does not hold."""

    id: Slug
    text: Title
    reasons: tuple[UsualReason, ...] = ()
    for_: tuple[Slug, ...] = Key(default=(), alias="for")


PLACEHOLDER = r"\{([^{}\n]*)\}"
PLACEHOLDERS = ("name", "number", "title", "award", "organizer", "deadline", "link", "contact")
"""What the words of every mail about an application may hold, in braces."""
MAILS = {
    "passed": (),
    "returned": ("reasons", "until"),
    "ineligible": ("reasons",),
    "extended": ("until", "reason"),
    "deadline-moved": ("before", "reason"),
    "name": ("until",),
    "names": (),
    "certificate": (),
    "certificates": (),
    "result": ("outcome",),
}
"""The mails the site writes itself, and the placeholders that only they have. `before` is the deadline as it was.

Of a decision with words of its own, the mail `result-<id of the decision>` takes the place of `result`.
"""


def our_mail(mail_id):
    """The key in MAILS of the mail with this id, or None where an organizer sends it."""
    mail_id = "result" if mail_id.startswith("result-") else mail_id
    return mail_id if mail_id in MAILS else None


BLANK = "____"
"""What has still to be written before a mail is sent."""


def placeholders(text):
    """What stands in braces in the words of a mail, known or not, in order and each once."""
    return list(dict.fromkeys(re.findall(PLACEHOLDER, text)))


def fill(text, values):
    """`text` with each known placeholder replaced, once: what comes in with a value is text."""
    return re.sub(PLACEHOLDER, lambda match: values.get(match[1], match[0]), text)


class MailText(Part):
    """The words of a mail. One with an id of MAILS is ours; the others are templates that an organizer may begin with."""

    id: Slug
    subject: Title
    text: Text


class Outcome(Part):
    """What may be decided of an application. Contributors of one that is `honored` receive certificates."""

    id: Slug
    name: Title
    honored: Flag = False


OUTCOMES = (
    Outcome(id="awarded", name=Text(zh="获奖", en="Awarded"), honored=True),
    Outcome(id="collected", name=Text(zh="入选成果集", en="Collected in the book of achievements"), honored=True),
    Outcome(id="not-selected", name=Text(zh="未入选", en="Not selected")),
)
"""Of a call file that names none."""


class Review(Part):
    """How experts score: whole numbers from 0 to `scale` for each criterion of the category."""

    scale: Annotated[int, Key(strict=True, ge=1, le=100)] = 10
    comment_required: Flag = False


CERTIFICATE_PLACEHOLDERS = ("achievement", "category", "decision", "award", "edition", "organizer")
"""What the text of a certificate may hold, in braces."""


class Wording(Part):
    """What a certificate says around the name of its bearer."""

    title: Title = Text(zh="荣誉证书", en="Certificate of Honor")
    text: Text = Text(
        zh="系{edition}年{award}成果“{achievement}”（{category}·{decision}）的主要贡献者，特发此证，以资表彰。",
        en="in recognition of a contribution to “{achievement}” ({category}), {award} {edition}: {decision}.",
    )
    sample: Flag = False
