"""What a reason concerns: a question, one row of it, a file, further files, or the application as a whole.

Its key is "" for the whole, "<step>/<question>", "<step>/<question>/<row>", "files" for further files, or "files/<ref>".
"""

from flask_babel import lazy_gettext as _l

from app.call.loading import parse
from app.call.schema import FILES_STEP
from app.forms.step import row_ids, row_list
from app.languages import LANGUAGES, Text

WHOLE = _l("The application as a whole")
MORE_FILES = _l("Further files are needed")


def key(reason):
    return "/".join(filter(None, (reason.step, reason.field, reason.row, reason.file_ref)))


def columns(key):
    """What a key is in the columns of `models.Reason`."""
    step, *rest = key.split("/")
    names = ("file_ref",) if step == FILES_STEP else ("field", "row")
    return dict.fromkeys(("field", "row", "file_ref")) | {"step": step or None} | dict(zip(names, rest, strict=False))


def name(application, reason):
    """What a reason concerns, as something whose `str()` is in the language spoken; `WHOLE` for all of it."""
    if reason.step == FILES_STEP:
        listed = [file for snapshot in reversed(application.snapshots) for file in snapshot.files]
        file = next((file for file in listed if file["ref"] == reason.file_ref), None)
        return Text(zh=file["zh"], en=file["en"]) if file else MORE_FILES
    if reason.step is None:
        return WHOLE
    snapshot = application.snapshot
    _step, field = parse(snapshot.call_version.source, application.call_id).find(reason.field)
    raw = snapshot.answers.get(reason.step, {})
    ids = row_ids(raw.get(row_list(reason.field), []))
    return _row(field, ids.index(reason.row) + 1, raw, reason.row) if reason.row in ids else field.label if field else reason.field


def offered(states, snapshot):
    """[(title of a group, [(key, name)])] of all that a reason may concern; `states` are the StepStates of the snapshot."""
    groups = []
    for state in states:
        if state.form is None:
            named = [(f"{FILES_STEP}/{file['ref']}", Text(zh=file["zh"], en=file["en"])) for file in snapshot.files]
            groups.append((state.step.title, [(FILES_STEP, MORE_FILES), *named]))
            continue
        asked = [item for item in state.form.items if item.rows is not None or state.form.applies(item.sides[0][1])]
        groups.append((state.step.title, [concern for item in asked for concern in _concerns(state.step, item, snapshot.answers)]))
    return groups


def _concerns(step, item, answers):
    where = f"{step.id}/{item.id}"
    yield where, item.spec.label
    for row in [row for row in item.rows or () if not row.blank]:
        yield f"{where}/{row.id}", _row(item.spec, row.number, answers[step.id], row.id)


def _row(field, number, raw, row):
    """“Contributor 2 (Lin Xiaowen)”: the name is what its first question in both languages holds."""
    first = next((sub.id for sub in field.fields if sub.both), None)
    names = {side: (raw.get(f"{field.id}-{row}-{first}-{side}") or [""])[0].strip() for side in LANGUAGES}
    called = {side: names[side] or names[other] for side, other in zip(LANGUAGES, reversed(LANGUAGES), strict=True)}
    label = field.row or field.label
    if not any(called.values()):
        return Text(zh=f"{label.zh}{number}", en=f"{label.en} {number}")
    return Text(zh=f"{label.zh}{number}（{called['zh']}）", en=f"{label.en} {number} ({called['en']})")
