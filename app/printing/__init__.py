"""Everything Typst: the question sheet, the attachments, the draft, the receipt and the index of files, as PDF.

Every function answers bytes and raises Unavailable where no PDF can be made. `language` is that of headings and labels;
a pair always stands Chinese beside English. `title` is anything with `["zh"]` and `["en"]`, either may be blank; `files`
are dicts as `uploads.listed` makes them; `answers` are lists of dicts as `answers.as_dicts` makes them.
"""

from collections import OrderedDict
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import times
from app.applying.answers import as_dicts
from app.languages import speaking
from app.printing.certificate import certificate
from app.printing.frames import file_words, frame, pair
from app.printing.limits import shortened
from app.printing.press import Unavailable, lacking_forms, missing, printable, render
from app.printing.question_sheet import in_both, sheet_of

__all__ = ["Unavailable", "attachment", "certificate", "draft", "index", "lacking_forms", "missing", "printable", "questions", "receipt"]

_KEPT = 32
_kept = OrderedDict()


def questions(call, language):
    """Every question of the form in both languages, so that a team can prepare before it registers."""
    return _once(call, "questions", language, _questions)


def attachment(call, attachment, language):
    """A download of kind "slides" (16:9) or "criteria" (portrait), in both languages. KeyError for any other kind."""
    return _once(call, attachment.name, language, {"slides": _slides, "criteria": _criteria}[attachment.kind], attachment)


def draft(call, title, steps, files, language, now):
    """The [AnsweredStep] of a draft side by side, marked as a draft on every page, for co-authors to read."""
    with speaking(language):
        heading = _("Draft of the application")
        data = frame(call, language, heading, title[language] or heading)
        data["foot"] = _("As of %(time)s", time=times.say(now, call, language))
        data["words"] |= file_words() | {
            "watermark": _("DRAFT"),
            "blank": _("Not filled in yet"),
            "note": _("This draft has not been submitted. It is meant for reading and correcting together."),
            "files": _("Supporting files"),
        }
        data |= {"about": pair(title), "answers": shortened(as_dicts(steps)), "files": _listed(files, language)}
    return render("draft", data, at=now)


def receipt(call, receipt, sha256, language):
    """A receipt, the parsed receipt.json, with `sha256` of that file's bytes; every time the same bytes."""
    submitted = datetime.fromisoformat(receipt["submitted_at"])
    with speaking(language):
        data = frame(call, language, _("Receipt of submission"), receipt["number"])
        data["foot"] = _("%(number)s, submission no. %(n)s", number=receipt["number"], n=receipt["submission"])
        data["words"] |= file_words() | {
            "time": _("Submitted at"),
            "utc": _("Universal time"),
            "award": _("Award"),
            "category": _("Category"),
            "digest": _("SHA-256 of receipt.json"),
            "achievement": _("Achievement"),
            "files": _("Supporting files"),
            "note": _("Keep this receipt. The SHA-256 values show that receipt.json and every file are still exactly what was submitted."),
        }
        data |= {
            "about": pair(receipt["title"]),
            "number": receipt["number"],
            "submission": _("Submission no. %(n)s", n=receipt["submission"]),
            "time": times.say_exactly(submitted, call, language),
            "utc": times.say_utc(submitted, language),
            "category": [receipt["category"][language]] if "category" in receipt else [],
            "sha256": sha256,
            "answers": shortened(receipt["answers"]),
            "files": _listed(receipt["files"], language),
        }
    return render("receipt", data, at=submitted)


def index(call, title, number, files, language):
    """The index of files by kind, core kinds first; `number` is None before the first submission."""
    with speaking(language):
        data = frame(call, language, _("Index of supporting files"), number or title[language])
        data["words"] |= file_words() | {"number": _("Application number")}
        data |= {"about": pair(title), "number": number, "files": _listed(files, language)}
    return render("index", data)


def _questions(call, language):
    with speaking(language):
        data = frame(call, language, _("All questions of the application form"), _("All questions of the application form"))
        data["foot"] = _("Deadline: %(deadline)s", deadline=times.say_deadline(call, language))
        data["words"]["marks"] = in_both(lambda: [_("Required"), _("Optional")])
        data["words"]["note"] = _(
            "Prepare your answers together before you register. Questions marked for both languages are answered in Chinese and in English."
        )
    return render("questions", data | sheet_of(call))


def _slides(call, language, attachment):
    with speaking(language):
        data = frame(call, language, attachment.title[language], attachment.title[language])
    data |= {
        "name": call.name.model_dump(),
        "subject": attachment.title.model_dump(),
        "organizer": call.organizer.model_dump(),
        "edition": str(call.edition),
        "slides": [slide.model_dump() for slide in attachment.slides],
    }
    return render("slides", data)


def _criteria(call, language, attachment):
    category = call.category(attachment.category)
    with speaking(language):
        data = frame(call, language, _("Evaluation criteria"), attachment.title[language])
        data["words"] |= {"weight": _("Weight"), "guide": in_both(str, _l("Quick guide"))}
    return render("criteria", data | {"category": category.model_dump()})


def _once(call, name, language, make, *more):
    """What `make` answers for this very call object; at most _KEPT results are kept."""
    # The call itself is kept too, so that its id cannot come to mean another one.
    key = (id(call), name, language)
    found = _kept.get(key) or (call, make(call, language, *more))
    _kept[key] = found
    while len(_kept) > _KEPT:
        _kept.popitem(last=False)
    return found[1]


def _listed(files, language):
    return [file | pair(file) | {"said_size": times.size(file["size"], language)} for file in files]
