"""A handed-in version as its experts read it: nothing private, one language alone if they like, and no names in a blind review."""

from functools import cached_property

from flask_babel import gettext as _

from app.applying.working_copy import call_at
from app.desk.reading import Version
from app.languages import LANGUAGES
from app.review.blinding import Blot, is_telling


def title_of(listed, application, call, blind):
    """The achievement's name, `{"zh": …, "en": …}`, out of the row of the list, as an expert may know it."""
    title = {side: getattr(listed, f"title_{side}") for side in LANGUAGES}
    if not blind:
        return title
    snapshot = application.snapshot
    blot = Blot(call_at(snapshot, call), snapshot.answers)
    return {side: blot(text, side) for side, text in title.items()}


class ForExperts(Version):
    """The standing version of an application. `blind` hides who is behind it; `tongue` is "zh", "en", or None for both."""

    def __init__(self, application, *, blind, tongue=None):
        super().__init__(application, application.snapshot)
        self.blind, self.tongue = blind, tongue
        self._blot = Blot(self.call, self.snapshot.answers) if blind else lambda text, language: text
        self._asked = {f"{step.id}/{field.id}": field for step in self.call.steps for field in step.fields}

    @cached_property
    def title(self):
        return {side: self._blot(text, side) for side, text in super().title.items()}

    @cached_property
    def files(self):
        """The entries of `Snapshot.files`."""
        return [self._blot.file(entry) if self.blind else entry for entry in self.snapshot.files]

    @cached_property
    def files_by_kind(self):
        of_kind = {}
        for entry in self.files:
            of_kind.setdefault(tuple(entry["kind"].items()), []).append(entry)
        return [(dict(kind), entries) for kind, entries in of_kind.items()]

    def _text(self, text, side):
        return self._blot(text, side)

    def steps(self, language):
        shown = []
        for step, reads in super().steps(language):
            reads = [self._for_experts(read) for read in reads if not read.answer.private]
            if reads:
                shown.append((step, reads))
        return shown

    def _for_experts(self, read):
        field = self._asked[read.key]
        if read.answer.rows is None:
            self._tell(read, field)
            return read
        kinds = {sub.id: sub for sub in field.fields}
        read.rows = [(number, [cell for cell in cells if not cell.answer.private]) for number, cells in read.rows]
        for _number, cells in read.rows:
            for cell in cells:
                self._tell(cell, kinds[cell.answer.id])
        return read

    def _tell(self, read, field):
        """Leaves of one answer what its readers may know and want to."""
        if self.blind and is_telling(field):
            read.sides = [(None, [(_("hidden: blind review"), False)])]
            return
        read.sides = [(side, pieces) for side, pieces in read.sides if side in (None, self.tongue) or self.tongue is None]
        if read.evidence:
            by_ref = {entry["ref"]: entry for entry in self.files}
            read.evidence = [by_ref[entry["ref"]] for entry in read.evidence]
