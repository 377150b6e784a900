"""What a call says to those who run it: the checklist of the formal check, usual reasons, the words of mails."""

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


class MailText(Part):
    """The words of a mail, with placeholders in braces. One with an id of our own replaces our words; others are templates."""

    id: Slug
    subject: Title
    text: Text
