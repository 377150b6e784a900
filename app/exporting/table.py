"""A list of applications as a table: one row each, with every answer of what was handed in; of a draft title and progress."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from flask_babel import gettext as _

from app import rules, versions
from app.call.loading import parse
from app.exporting.standing import STANDING
from app.extensions import db
from app.languages import LANGUAGES, current
from app.models import CallVersion, FormalCheck, Listed, Reason, Snapshot, User

BATCH = 100
"""Applications read at once."""
FIRST = (
    "category", "areas", "country", "joint", "title", "organization", "contributors", "contact_person", "contact_email", "contact_phone",
)  # fmt: skip
"""Questions whose answers stand at the front, where a call asks them; the others follow in the order of the form."""
NARROW, MIDDLE, WIDE = 12, 24, 48


class Column(NamedTuple):
    heading: str
    width: int
    """In characters."""
    value: Callable
    """From a Record to a text, an int, a datetime in the zone of its call, or None."""


@dataclass
class Record:
    """What one row is made of. `listed` is a row of the list; `snapshot` and `check` are None where there is none."""

    listed: object
    call: object
    """The one that serves now."""
    status: str
    """In words."""
    snapshot: object = None
    answers: dict = field(default_factory=dict)
    """`{question id: dict}` out of receipt.json."""
    check: object = None
    reasons: list = field(default_factory=list)
    """The open ones."""


class Table:
    """`columns` is a list of Column, `rows()` yields as many values for each of the applications `ids`, in their order.

    `calls` is `current_app.calls`. Reads a hundred applications at a time and lets them go. `counts` says how many rows of
    which status have come so far.
    """

    def __init__(self, ids, calls, now):
        self.ids, self.now, self.counts = ids, now, Counter()
        self._calls = versions.every_call(calls)
        self.columns = self._columns()
        db.session.rollback()

    def rows(self):
        for record in self._records():
            self.counts[record.status] += 1
            yield [column.value(record) for column in self.columns]

    def _batches(self):
        return (self.ids[start : start + BATCH] for start in range(0, len(self.ids), BATCH))

    def _forms(self):
        """[Call] of every form that was answered, the newest last, then of those that serve now."""
        used = set()
        for ids in self._batches():
            query = db.select(Snapshot.call_version_id).where(Snapshot.application_id.in_(ids), STANDING)
            used |= set(db.session.scalars(query.distinct()))
        kept = db.select(CallVersion.source, CallVersion.call_id).where(CallVersion.id.in_(used)).order_by(CallVersion.id)
        return [parse(*row) for row in db.session.execute(kept)] + [self._calls[call_id] for call_id in self._call_ids()]

    def _call_ids(self):
        chosen = (db.select(Listed.call_id).where(Listed.application_id.in_(ids)).distinct() for ids in self._batches())
        return sorted({call_id for query in chosen for call_id in db.session.scalars(query)})

    def _columns(self):
        # Where a question was asked in several forms, the newest says how it is called.
        questions = {}
        for form in self._forms():
            questions |= {question.id: question for step in form.steps for question in step.fields}
        first = [questions.pop(name) for name in FIRST if name in questions]
        columns = [Column(_("Number"), 16, lambda record: record.listed.number)]
        if len(self._call_ids()) > 1:
            columns.append(Column(_("Award"), MIDDLE, _edition))
        columns += [
            Column(_("Status"), 18, lambda record: record.status),
            Column(_("Progress"), NARROW, _progress),
        ]
        for question in first:
            columns += _short_columns(question)
        columns += [
            Column(_("Submission no."), NARROW, lambda record: record.snapshot and record.snapshot.n),
            Column(_("Submitted at"), 19, lambda record: record.snapshot and _there(record.snapshot.submitted_at, record)),
            Column(_("Changed at"), 19, lambda record: _there(record.listed.changed_at, record)),
            Column(_("Checked by"), 18, lambda record: record.check and record.check.name),
            Column(_("Outcome of the formal check"), 18, lambda record: record.check and str(rules.STATUSES[record.check.outcome])),
            Column(_("Open reasons"), WIDE, _open_reasons),
        ]
        for question in [question for question in first if question.kind == "rows"] + list(questions.values()):
            columns += _columns_of(question)
        return columns

    def _records(self):
        for ids in self._batches():
            records = self._read(ids)
            db.session.rollback()
            # One may have been deleted since the list was made.
            yield from (records[application_id] for application_id in ids if application_id in records)

    def _read(self, ids):
        rows = db.session.execute(db.select(*Listed.__table__.columns).where(Listed.application_id.in_(ids)))
        records = {}
        for row in rows:
            call = self._calls[row.call_id]
            records[row.application_id] = Record(row, call, str(rules.STATUSES[rules.status_of(row, call, self.now)]))
        columns = (Snapshot.id, Snapshot.n, Snapshot.submitted_at, Snapshot.receipt, Snapshot.application_id)
        query = db.select(*columns).where(Snapshot.application_id.in_(ids), STANDING)
        snapshots = {row.id: row for row in db.session.execute(query)}
        for row in snapshots.values():
            record = records[row.application_id]
            record.snapshot = row
            record.answers = {answer["id"]: answer for step in json.loads(row.receipt)["answers"] for answer in step["answers"]}
        columns = (FormalCheck.application_id, FormalCheck.outcome, User.name)
        query = db.select(*columns).join(User, User.id == FormalCheck.checked_by, isouter=True)
        for row in db.session.execute(query.where(FormalCheck.snapshot_id.in_(list(snapshots))).order_by(FormalCheck.id)):
            records[row.application_id].check = row
        query = db.select(*Reason.__table__.columns).where(Reason.application_id.in_(ids), Reason.closed_at.is_(None))
        for row in db.session.execute(query.order_by(Reason.id)):
            records[row.application_id].reasons.append(row)
        return records


def _there(instant, record):
    """To the second, in the zone of the call."""
    return instant.astimezone(record.call.closes_at.tzinfo).replace(microsecond=0)


def _edition(record):
    return _("%(award)s %(edition)s", award=record.call.short_name, edition=record.call.edition)


def _progress(record):
    if record.listed.number:
        return None
    return _("%(begun)s of %(steps)s steps begun", begun=record.listed.begun, steps=record.listed.steps)


def _open_reasons(record):
    language, other = sorted(LANGUAGES, key=lambda side: side != current())
    said = []
    for reason in record.reasons:
        _step, question = record.call.find(reason.field)
        named = question.label if question else step.title if (step := record.call.step(reason.step)) else None
        words = getattr(reason, language).strip() or getattr(reason, other).strip()
        said.append(_("%(label)s: %(text)s", label=named, text=words) if named else words)
    return "\n".join(said)


def _short_columns(question):
    """The columns of a question at the front: of rows nothing but the names."""
    if question.kind == "rows":
        return [Column(str(question.label), WIDE, lambda record: _names(record.answers.get(question.id)))]
    return _columns_of(question)


def _columns_of(question):
    """A column for each language of a pair and of rows; one for what is said in both."""
    if question.kind == "rows":
        parts = " | ".join(str(part.label) for part in question.fields)
        headings = {side: _("%(label)s: %(text)s", label=_in(side, question), text=parts) for side in LANGUAGES}
        return [Column(headings[side], WIDE, _rows(question, side)) for side in LANGUAGES]
    if question.both:
        return [Column(_in(side, question), WIDE, _said(question, side)) for side in LANGUAGES]
    return [Column(str(question.label), MIDDLE, _said(question, current()))]


def _in(side, question):
    names = {"zh": _("%(question)s (Chinese)", question=question.label), "en": _("%(question)s (English)", question=question.label)}
    return names[side]


def _said(question, side):
    def value(record):
        if question.id == "title" and not record.snapshot:
            return getattr(record.listed, f"title_{side}")
        answer = record.answers.get(question.id)
        return answer and answer.get(side)

    return value


def _rows(question, side):
    """Each row on a line of its own, its parts in the order of the heading."""

    def value(record):
        answer = record.answers.get(question.id, {})
        lines = []
        for row in answer.get("rows", ()):
            said = {part["id"]: part[side] for part in row["answers"]}
            lines.append(" | ".join(said.get(part.id, "") for part in question.fields).rstrip(" |"))
        return "\n".join(lines)

    return value


def _names(answer):
    named = [part for row in (answer or {}).get("rows", ()) for part in row["answers"] if part["id"] == "name"]
    return "\n".join(" / ".join(dict.fromkeys(filter(None, (part["zh"], part["en"])))) for part in named)
