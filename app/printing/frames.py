"""What every sheet has in common: its frame, the words of a list of files, titles that fit."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.languages import LANGUAGES
from app.printing.limits import LONGEST_TITLE, cut
from app.printing.question_sheet import in_both

RUNNING = 90
"""Characters of a title in the running head; a draft's title may be of any length."""


def frame(call, language, heading, running):
    """What every sheet says: the award, what it is, its running head and foot."""
    return {
        "language": language,
        "title": f"{heading} · {call.name[language]}",
        "award": call.name[language],
        "heading": heading,
        "short": call.short_name[language],
        "running": running if len(running) <= RUNNING else running[:RUNNING] + "…",
        "foot": call.organizer[language],
        "words": {
            "page": _("Page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
            "sample": in_both(str, _l("Sample, to be confirmed by the organizer")),
            "blank": _("Not filled in"),
            "zh": _("Chinese"),
            "en": _("English"),
        },
    }


def file_words():
    return {
        "order": _("No."),
        "zh_title": _("Title in Chinese"),
        "en_title": _("Title in English"),
        "size": _("Type and size"),
        "core": _("Core material"),
    }


def pair(title):
    """As much of both titles as is printed."""
    return {language: cut(title[language], LONGEST_TITLE) for language in LANGUAGES}
