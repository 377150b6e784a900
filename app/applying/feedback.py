"""What the organizer asks for, as an applicant reads it: each reason of the formal check with the place where it is mended."""

from dataclasses import dataclass

from app import languages, rules
from app.applying.merging import changed
from app.call.schema import FILES_STEP
from app.desk import concerns
from app.files import uploads
from app.forms.step import inputs_of, question_of, row_list
from app.models import Reason


@dataclass(frozen=True)
class Point:
    """One reason. `label` says what it concerns; `step` is the Step where it stands, None for what concerns the whole or is
    asked no more; `anchor` is the id, on the page of that step, of what it is about.
    """

    reason: Reason
    label: object
    step: object
    anchor: str

    @property
    def language(self):
        """The language in which it is read: the one spoken, or the other where it was given in that one only."""
        spoken = languages.current()
        return spoken if getattr(self.reason, spoken).strip() else languages.other(spoken)

    @property
    def text(self):
        return getattr(self.reason, self.language)


def points(copy):
    """The [Point] that the owner of a WorkingCopy reads now, in the order of its steps."""
    found = [_point(copy, reason) for reason in rules.feedback(copy.application, copy.serving, copy.now)]
    order = {step.id: number for number, step in enumerate(copy.call.steps)}
    return sorted(found, key=lambda point: (order.get(point.step.id, 0) if point.step else -1, point.reason.id))


def _point(copy, reason):
    step = copy.call.step(reason.step) if reason.step else None
    field = next((field for field in step.fields if field.id == reason.field), None) if step else None
    if step and reason.field and field is None:
        step = None
    return Point(reason, concerns.name(copy.application, reason), step, _anchor(copy, reason, field))


def _anchor(copy, reason, field):
    if reason.step == FILES_STEP:
        return f"title-{reason.file_ref}-zh" if reason.file_ref in {file.ref for file in copy.files} else FILES_STEP
    if field is None:
        return ""
    if field.kind != "rows":
        return inputs_of(field)[0][1]
    rows = copy.raw.get(reason.step, {}).get(row_list(field.id), [])
    return f"{field.id}-{reason.row}" if reason.row in rows else field.id


def unchanged(copy):
    """The points of a return that a WorkingCopy still leaves as they were handed in; of what concerns the whole nobody can tell."""
    if rules.status(copy.application, copy.serving, copy.now) != "returned":
        return []
    return [point for point in points(copy) if point.step and not _is_changed(copy, point.reason)]


def _is_changed(copy, reason):
    snapshot = copy.application.snapshot
    if reason.step != FILES_STEP:
        return changed(_answers(snapshot.answers, reason), _answers(copy.raw, reason)) != {}
    then, now = ({entry["ref"]: _described(entry) for entry in files} for files in (snapshot.files, uploads.listed(copy.call, copy.files)))
    return then[reason.file_ref] != now.get(reason.file_ref) if reason.file_ref in then else not now.keys() <= then.keys()


def _described(entry):
    return entry["zh"], entry["en"], entry["kind"]


def _answers(raw, reason):
    answers = {name: values for name, values in raw.get(reason.step, {}).items() if question_of(name) == reason.field}
    return {name: values for name, values in answers.items() if not reason.row or name.startswith(f"{reason.field}-{reason.row}-")}
