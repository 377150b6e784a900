"""Answers as people read them: every shown question of an application in both languages, out of the raw strings."""

from dataclasses import asdict, dataclass, field

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
