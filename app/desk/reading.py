"""A handed-in version as it is read at the desk: answers side by side, claims marked, the evidence chosen for them, files by kind."""

from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

from app.applying import claims, drafts, steps
from app.applying.answers import Answer
from app.call.loading import parse
from app.languages import LANGUAGES


@dataclass
class Read:
    """One answer. `sides` are (language, [(text, is it a claim)]): one without a language where both would say the same."""

    answer: Answer
    key: str
    sides: list
    evidence: list | None = None
    """The files chosen for the claims in it, entries of `Snapshot.files`; None where nothing is claimed."""
    rows: list = field(default_factory=list)
    """(number, [Read]) of each row."""


class Version:
    """The snapshot of an application, under the call as it was then."""

    def __init__(self, application, snapshot):
        self.snapshot = snapshot
        self.call = parse(snapshot.call_version.source, application.call_id)
        self.states = drafts.judged(self.call, snapshot.answers, [])
        self.category = steps.chosen_category(self.call, snapshot.answers)

    @cached_property
    def title(self):
        step, _field = self.call.find("title")
        return drafts.title_in(self.call, self.snapshot.answers.get(step.id, {}))

    @cached_property
    def files_by_kind(self):
        """[(name of a kind, [entries of `Snapshot.files`])]"""
        return [(kind, list(files)) for kind, files in groupby(self.snapshot.files, lambda file: file["kind"])]

    def steps(self, language):
        """[(Step, [Read])] of every step with questions; a plain answer is said in `language`."""
        return [
            (state.step, [self._read(state, answer, language) for answer in state.form.answers()])
            for state in self.states
            if state.form is not None
        ]

    def _read(self, state, answer, language):
        key = f"{state.step.id}/{answer.id}"
        if answer.rows is not None:
            rows = enumerate(answer.rows, 1)
            cells = [(number, [self._plain(cell, f"{key}/{row}", language) for cell in cells]) for number, (row, cells) in rows]
            return Read(answer, key, [], rows=cells)
        read = self._plain(answer, key, language)
        if any(claimed for _side, pieces in read.sides for _text, claimed in pieces):
            read.evidence = [file for file in self.snapshot.files if file["ref"] in answer.evidence]
        return read

    def _plain(self, answer, key, language):
        if answer.both and answer.zh != answer.en:
            return Read(answer, key, [(side, self._marked(answer, side)) for side in LANGUAGES])
        return Read(answer, key, [(None, self._marked(answer, language))])

    def _text(self, text, side):
        """What of a text its readers may know."""
        return text

    def _marked(self, answer, side):
        """The text of one side, in pieces: [(text, whether it is a claim)]."""
        text = self._text(getattr(answer, side), side)
        found = claims.spans(text, getattr(self.call.claims, side)) if answer.both and answer.kind == "text" else []
        pieces, at = [], 0
        for start, end in found:
            pieces += [(text[at:start], False), (text[start:end], True)]
            at = end
        return [piece for piece in [*pieces, (text[at:], False)] if piece[0]]
