"""Answers as people read them: every shown question of an application in both languages, out of the raw strings."""

from dataclasses import dataclass, field

from app.languages import Text


@dataclass
class Answer:
    """One answered question. A pair differs in `zh` and `en`; a choice or country is said in both; the rest is equal.

    `rows` is None unless the kind is "rows"; then each row is `(row id, [Answer])`.
    """

    id: str
    label: Text
    kind: str
    both: bool
    private: bool
    zh: str = ""
    en: str = ""
    row_label: Text | None = None
    rows: list[tuple[str, list["Answer"]]] | None = None
    evidence: list[str] = field(default_factory=list)
    """Refs of the files chosen to support claims in this answer."""


@dataclass
class AnsweredStep:
    id: str
    title: Text
    answers: list[Answer]


def as_dicts(steps):
    """The [AnsweredStep] as plain dicts, private answers included: the form they have in receipt.json."""
    return [{"id": step.id, "title": step.title.model_dump(), "answers": [_as_dict(answer) for answer in step.answers]} for step in steps]


def _as_dict(answer):
    said = {"id": answer.id, "label": answer.label.model_dump(), "kind": answer.kind}
    if answer.rows is None:
        return said | {"both": answer.both, "zh": answer.zh, "en": answer.en}
    rows = [{"id": row_id, "answers": [_as_dict(sub) for sub in answers]} for row_id, answers in answer.rows]
    return said | {"row_label": (answer.row_label or answer.label).model_dump(), "rows": rows}
