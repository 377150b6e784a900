"""The dossier of an application as it is printed: cover, answers, claims, index of files, and a sheet before each attachment."""

from datetime import datetime

from flask_babel import gettext as _

from app import times
from app.printing.frames import file_words, frame, pair
from app.printing.limits import shortened
from app.printing.press import render

FACTS = ("organization", "category", "areas", "country")
"""Questions whose answers stand on the cover."""


def dossier(call, receipt, claimed, attachments, language, for_experts):
    """The bytes of everything but the attachments' own pages; behind it, a page for each of them that has a `sheet`.

    `receipt` is receipt.json, parsed, without what its readers may not see; `claimed` are dicts of the `label`, the `phrases`
    and the `files` of a question; `attachments` are as `attachments.prepare` makes them. Every time the same bytes.
    """
    submitted = datetime.fromisoformat(receipt["submitted_at"])
    data = frame(call, language, _("Application dossier"), f"{receipt['number']} {receipt['title'][language]}")
    data["foot"] = _("%(number)s, submission no. %(n)s", number=receipt["number"], n=receipt["submission"])
    sheets = [attachment for attachment in attachments if attachment.sheet]
    data["words"] |= file_words() | {
        "claims": _("Claims and their supporting files"),
        "question": _("Question"),
        "claim": _("Claim"),
        "support": _("Supporting files"),
        "unsupported": _("No supporting file"),
        "files": _("Supporting files"),
        "where": _("Page in this dossier"),
        "file": _("File"),
        "note": "" if for_experts else _("With private answers, such as ways to reach people: for the organizer only."),
    }
    answers = {answer["id"]: answer for step in receipt["answers"] for answer in step["answers"]}
    data |= {
        "number": receipt["number"],
        "name": call.name.model_dump(),
        "organizer": call.organizer.model_dump(),
        "about": pair(receipt["title"]),
        "facts": [answers[name] | pair(answers[name]) for name in FACTS if name in answers],
        "submission": _("Submission no. %(n)s", n=receipt["submission"]),
        "time": times.say_exactly(submitted, call, language),
        "answers": shortened(receipt["answers"]),
        "claims": claimed,
        "files": [_file(attachment, language) for attachment in attachments],
        "sheets": [_file(attachment, language) for attachment in sheets],
        "pages_behind": sheets[-1].pages if sheets else 0,
    }
    return render("dossier", data, at=submitted)


def _file(attachment, language):
    file = attachment.file
    shown = {name: file[name] for name in ("order", "kind", "core", "name", "type", "sha256")}
    more = {"said_size": times.size(file["size"], language), "pages": attachment.pages}
    return shown | pair(file) | more | {"remark": attachment.remark, "sheet": attachment.sheet}


def visible(receipt, call):
    """`receipt`, a parsed receipt.json, without the answers that `call`, the form it was given to, keeps from experts."""
    kept = []
    for step in receipt["answers"]:
        asked = {question.id: question for question in call.step(step["id"]).fields}
        answers = [_visible(answer, asked[answer["id"]]) for answer in step["answers"] if not asked[answer["id"]].private]
        kept.append(step | {"answers": answers})
    return receipt | {"answers": [step for step in kept if step["answers"]]}


def _visible(answer, question):
    if "rows" not in answer:
        return answer
    shown = {part.id for part in question.fields if not part.private}
    return answer | {"rows": [row | {"answers": [part for part in row["answers"] if part["id"] in shown]} for row in answer["rows"]]}
