"""What a call says to those who run it: the checklist of the formal check, usual reasons, the words of mails."""

import re

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
}
"""The mails the site writes itself, and the placeholders that only they have. `before` is the deadline as it was."""


BLANK = "____"
"""What has still to be written before a mail is sent."""


def placeholders(text):
    """What stands in braces in the words of a mail, known or not, in order and each once."""
    return list(dict.fromkeys(re.findall(PLACEHOLDER, text)))


class MailText(Part):
    """The words of a mail. One with an id of MAILS is ours; the others are templates that an organizer may begin with."""

    id: Slug
    subject: Title
    text: Text
