"""The form of one step: Step → FlaskForm class, out of the call file."""

import re
import secrets
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, Form

from app.applying import claims
from app.applying.answers import Answer
from app.forms.fields import KINDS
from app.languages import LANGUAGES

ROW_ID = re.compile(r"[a-z0-9]{1,12}\Z")
MOST_ROWS_READ = 100
"""Rows of one question that are read at all; a bound on work, five times what any question asks for."""


class Box(Field):
    """A lone checkbox beside a question."""

    @property
    def checked(self):
        return bool(self.raw_data)


class Boxes(Field):
    """The files chosen to support claims in a question."""

    @property
    def raw(self):
        return self.raw_data or []


@dataclass
class Evidence:
    """Phrases that claim something, found in a question, and the uploaded files that could support them."""

    name: str
    phrases: list[str]
    files: list[tuple[str, str]]
    chosen: set[str]

    @property
    def unsupported(self):
        return bool(self.phrases) and not self.chosen & {ref for ref, _ in self.files}


@dataclass
class Item:
    """One question as a page shows it: its inputs, or its rows."""

    spec: object
    name: str
    sides: list = field(default_factory=list)
    latin: Box | None = None
    evidence: Evidence | None = None
    rows: list | None = None
    errors: list = field(default_factory=list)
    open: bool = True
    """Whether it may be changed now; else it is only read."""
    points: list = field(default_factory=list)
    """Of the formal check, what concerns it: [feedback.Point]."""

    @property
    def id(self):
        return self.spec.id

    @property
    def kind(self):
        return self.spec.kind

    @property
    def row_label(self):
        return self.spec.row or self.spec.label

    @property
    def can_add(self):
        return not self.spec.most or len(self.rows) < self.spec.most


class Asking:
    """What a step's form and the form of one row have in common: questions out of schema fields."""

    def applies(self, question):
        """Whether the question counts: its `when` was answered with yes."""
        condition = question.spec.when
        return not condition or self[condition].raw == "yes"

    def excuses(self, question):
        """Whether this half of a pair may stay empty: "no Chinese name: use the Latin one" is ticked."""
        return question.side == "zh" and question.spec.latin and self[f"{question.spec.id}-latin"].checked

    def items_of(self, specs):
        return [self._item(spec) for spec in specs]

    def _item(self, spec):
        if spec.kind == "rows":
            rows = self[spec.id]
            return Item(spec, rows.name, rows=rows.rows, errors=rows.errors)
        item = Item(spec, f"{getattr(self, '_prefix', '')}{spec.id}")
        item.sides = [(side, self[name]) for side, name in inputs_of(spec)]
        if spec.latin:
            item.latin = self[f"{spec.id}-latin"]
        return item

    def answers_of(self, specs):
        """The [Answer] of the questions that apply and hold something or are required."""
        return [answer for spec in specs if (answer := self._answer(spec))]

    def _answer(self, spec):
        answer = Answer(spec.id, spec.label, spec.kind, spec.both, spec.private)
        if spec.kind == "rows":
            answer.row_label = spec.row or spec.label
            answer.rows = [(row.id, row.answers_of(spec.fields)) for row in self[spec.id].filled]
            return answer
        sides = dict(inputs_of(spec))
        first = self[sides.get("zh") or sides[None]]
        if not self.applies(first):
            return None
        answer.zh = first.said("zh")
        answer.en = self[sides["en"]].said("en") if spec.both else first.said("en")
        if spec.both and not answer.zh.strip() and self.excuses(first):
            answer.zh = answer.en
        return answer


class RowForm(Asking, Form):
    """One row; `specs` are its sub-fields."""

    specs = ()
    id = ""
    number = 0

    @property
    def items(self):
        return self.items_of(self.specs)

    @property
    def blank(self):
        return all(question.blank for question in questions(self))


class Rows(Field):
    """Rows of sub-questions with a stable id each: `<field>-row` lists the ids in order, `<field>-<id>-<sub>` holds a cell."""

    def __init__(self, *, spec, call, row_class, **kwargs):
        super().__init__(label=spec.label, **kwargs)
        self.spec, self.call, self.row_class = spec, call, row_class
        self.rows, self.missing = [], False

    def process(self, formdata, data=None, extra_filters=None):
        self.process_errors, self.errors = [], ()
        formdata = formdata if formdata is not None else MultiDict()
        ids = row_ids(formdata.getlist(row_list(self.name)))
        blanks = (str(n) for n in range(1, 1000) if str(n) not in ids)
        while len(ids) < max(self.spec.least, 1):
            ids.append(next(blanks))
        self.rows = []
        for number, row_id in enumerate(ids, 1):
            row = self.row_class(formdata, prefix=f"{self.name}-{row_id}-")
            row.id, row.number = row_id, number
            self.rows.append(row)

    @property
    def filled(self):
        return [row for row in self.rows if not row.blank]

    @property
    def blank(self):
        return not self.filled

    def validate(self, form, extra_validators=()):
        self.errors, self.missing = [], False
        if not form.applies(self):
            return True
        judged = self.filled or (self.rows[:1] if self.spec.required else [])
        # Every row, not up to the first that is wrong.
        valid = all([row.validate() for row in judged])  # noqa: C419
        if self.spec.most and len(self.filled) > self.spec.most:
            self.errors.append(
                _l("“%(label)s”: at most %(most)s rows, and there are %(count)s. Nothing was cut; please remove some.",
                   label=self.spec.label, most=self.spec.most, count=len(self.filled))
            )
        if self.spec.required and len(self.filled) < self.spec.least:
            self.missing = True
            if self.spec.least > 1:
                self.errors.append(_l("“%(label)s”: at least %(least)s rows are needed.", label=self.spec.label, least=self.spec.least))
            valid = False
        return valid and not self.errors


class StepForm(Asking, FlaskForm):
    """The questions of one step; `evidence_files()` are the (ref, title) of the uploaded files, asked for where a text claims."""

    call = step = None
    specs = ()
    evidence_files = tuple

    @property
    def items(self):
        items = self.items_of(self.specs)
        for item in items:
            if f"{item.spec.id}-evidence" in self:
                item.evidence = self.evidence_of(item.spec)
        return items

    def evidence_of(self, spec):
        phrases = [
            phrase
            for side, name in inputs_of(spec)
            if side
            for phrase in claims.find(self[name].raw, self.call.claims.zh if side == "zh" else self.call.claims.en)
        ]
        box = self[f"{spec.id}-evidence"]
        return Evidence(box.name, phrases, list(self.evidence_files()) if phrases else [], set(box.raw))

    def claimed(self):
        """The (spec, Evidence) of every question that holds a claim."""
        found = ((spec, self.evidence_of(spec)) for spec in self.specs if f"{spec.id}-evidence" in self)
        return [(spec, evidence) for spec, evidence in found if evidence.phrases]

    def answers(self):
        answers = self.answers_of(self.specs)
        for answer in answers:
            if f"{answer.id}-evidence" in self:
                answer.evidence = self[f"{answer.id}-evidence"].raw
        return answers

    def named(self, name):
        """(label, input) of the question with this input name, in a row with the row's number; None for any other name."""
        for spec in self.specs:
            if spec.kind != "rows":
                if name in dict(inputs_of(spec)).values():
                    return spec.label, self[name]
                continue
            for row in self[spec.id].rows:
                for sub in spec.fields:
                    for _, cell in inputs_of(sub):
                        if row[cell].name == name:
                            what = _l("%(row)s %(number)s: %(message)s", row=spec.row or spec.label, number=row.number, message=sub.label)
                            return what, row[cell]
        return None

    def problems(self):
        """After `validate()`: every (input name, message, missing?) in the order of the page."""
        found = []
        for spec in self.specs:
            if spec.kind != "rows":
                found += _problems(self, spec)
                continue
            rows = self[spec.id]
            found += [(spec.id, message, False) for message in rows.errors]
            for row in rows.rows:
                for sub in spec.fields:
                    for name, message, missing in _problems(row, sub):
                        what = _l("%(row)s %(number)s: %(message)s", row=spec.row or spec.label, number=row.number, message=message)
                        found.append((name, what, missing))
        return found


def _problems(form, spec):
    return [(form[name].name, message, form[name].missing) for _, name in inputs_of(spec) for message in form[name].errors]


def inputs_of(spec):
    """The (side, input name) of a question: one, or two for a pair."""
    return [(side, f"{spec.id}-{side}") for side in LANGUAGES] if spec.both else [(None, spec.id)]


def question_of(name):
    """The id of the question, of a step and not of a row, to which an input of this name belongs."""
    return name.partition("-")[0]


def questions(form):
    """Every judged input of a form or row."""
    return [field for field in form if hasattr(field, "missing")]


def row_list(name):
    """The name of the inputs that list a question's rows."""
    return f"{name}-row"


def row_ids(values):
    """The usable row ids among `values`: each once, in order, bounded."""
    return list(dict.fromkeys(value for value in values if ROW_ID.match(value)))[:MOST_ROWS_READ]


def new_row_id(taken):
    """An id that no row of this question has."""
    while (row_id := secrets.token_hex(2)) in taken:
        pass
    return row_id


def _attributes(specs, call, step_level):
    attributes = {}
    for spec in specs:
        if spec.kind == "rows":
            row_class = type("Row", (RowForm,), {"specs": spec.fields, **_attributes(spec.fields, call, False)})
            attributes[spec.id] = Rows(spec=spec, call=call, row_class=row_class)
            continue
        for side, name in inputs_of(spec):
            attributes[name] = KINDS[spec.kind](spec=spec, call=call, side=side)
        if spec.latin:
            attributes[f"{spec.id}-latin"] = Box()
        if step_level and spec.both and spec.kind == "text":
            attributes[f"{spec.id}-evidence"] = Boxes()
    return attributes


_classes = {}


def form_class(call, step, category):
    """The StepForm class of this step, with the questions of `category` (an id, or "" before one is chosen)."""
    key = (id(call), step.id, category)
    if key not in _classes or _classes[key].call is not call:
        if len(_classes) > 200:
            _classes.clear()
        specs = tuple(spec for spec in step.fields if not spec.for_ or category in spec.for_)
        _classes[key] = type("Step", (StepForm,), {"call": call, "step": step, "specs": specs, **_attributes(specs, call, True)})
    return _classes[key]


def judge(call, step, category, raw):
    """The form over stored answers, without CSRF: `raw` is `{input name: [strings]}`."""
    return form_class(call, step, category)(formdata=MultiDict(raw), meta={"csrf": False})
