"""Saving one step: whatever arrives is stored as typed, tabs are merged, and nothing that cannot be stored is thrown away."""

from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _l

from app import rules
from app.applying.drafts import moved, raw_of, refuse
from app.applying.merging import changed, merge
from app.applying.working_copy import WorkingCopy, overlaid
from app.extensions import db, writing
from app.forms.step import form_class, inputs_of, judge, new_row_id, question_of, row_ids, row_list
from app.models import Answers, EarlierAnswers, KeptText

VERSIONS_KEPT = 60
"""Earlier versions of a step that are kept for merging; an older tab is asked about every field that differs."""
MOST_CHARACTERS = 500_000
"""Of one step, many times what the longest one asks for. Of earlier versions, eight times as many are kept."""


@dataclass
class Saved:
    """The version stored now, and the input names that need a choice between mine and the saved one."""

    version: int
    conflicts: list = field(default_factory=list)
    elsewhere: bool = False
    """Another page changed this step since mine was opened."""
    late: bool = False
    """Some of it came for questions that are closed, and is kept apart."""


def answers_of(application, step):
    """The Answers row of a step, or None."""
    return next((answers for answers in application.answers if answers.step == step.id), None)


def version_of(application, step):
    """How often this step has been saved: 0 before the first time."""
    answers = answers_of(application, step)
    return answers.version if answers else 0


def save(*, application, call, step, posted, version, now, merging=True):
    """Stores what came for one step as it was typed, without judging it, and answers Saved.

    `posted` is `{input name: [strings]}`, `version` the one the page had been opened with (None: the newest). Inputs
    changed since on one side only are merged; those changed on both stay as saved, and mine are kept apart until the
    applicant has chosen. With `merging=False` a page that is behind is not merged at all: its changes are kept apart.
    Answers of questions that the form did not show (another category's) stay. What came for questions that are closed now
    changes nothing and is kept apart, too; Refused is raised when all of them are.
    """
    with writing() as session:
        answers, saved = answers_of(application, step), _stored(application, step)
        current, base = version_of(application, step), _base(application, step, version)
        copy = WorkingCopy(application, call, now)
        mine, late = _told_apart(copy, step, posted, base, saved)
        _keep(application, step, "late", version or current, late, now)
        refused = rules.may_edit(application, call, now)
        if refused is None:
            merged, conflicts = merge(base, saved, mine)
            elsewhere = version not in (None, current) and changed(merged, mine) != {}
            if elsewhere and not merging:
                _keep(application, step, "conflict", version, changed(base, mine), now)
                return Saved(current, conflicts, True)
            if merged != saved or answers is None:
                current = _store(session, application, step, answers, merged, now)
            if conflicts:
                _keep(application, step, "conflict", current, {name: mine.get(name, []) for name in conflicts}, now)
            _forget_stored(application, step, merged)
    refuse(refused)
    return Saved(current, conflicts, elsewhere, bool(late))


def _told_apart(copy, step, posted, base, saved):
    """(the step with what was posted for open questions, what was posted for others and says something else than is saved)."""
    specs = form_class(copy.call, step, copy.category).specs
    closed = [spec for spec in specs if not copy.parts.question(step.id, spec.id)]
    # A page does not post what it does not ask, and an unticked box looks just the same.
    came = {question_of(name) for name in posted}
    late = changed(saved, posted_over([spec for spec in closed if spec.id in came], base, posted))
    mine = posted_over([spec for spec in specs if spec not in closed], base, posted)
    late = {name: values for name, values in late.items() if question_of(name) in {spec.id for spec in closed} & came}
    # A country is stored as it was typed, and posted as its name in the language of the page.
    was, now = (_said(copy, step, raw, late) for raw in (saved, {**saved, **late}))
    return mine, {name: values for name, values in late.items() if was[name] != now[name]}


def _said(copy, step, raw, names):
    """What the inputs with these names say in words, and boxes as they are ticked."""
    form = judge(copy.call, step, copy.category, raw) if names else None
    return {name: named[1].said("en") if (named := form.named(name)) else raw.get(name) for name in names}


def _store(session, application, step, answers, raw, now):
    """Makes `raw` the next version of a step and answers its number."""
    refuse(_too_much(raw))
    application.changed_at = now
    if answers is None:
        application.answers.append(Answers(step=step.id, raw=raw, version=1, saved_at=now))
        session.flush()
        return 1
    session.add(EarlierAnswers(application_id=application.id, step=step.id, version=answers.version, raw=answers.raw))
    answers.raw, answers.version, answers.saved_at = raw, answers.version + 1, now
    session.flush()
    kept = min(VERSIONS_KEPT, 8 * MOST_CHARACTERS // max(1, _characters(raw)))
    if answers.version > kept:
        session.execute(
            db.delete(EarlierAnswers).where(
                EarlierAnswers.application_id == application.id,
                EarlierAnswers.step == step.id,
                EarlierAnswers.version < answers.version - kept,
            )
        )
    return answers.version


def _characters(raw):
    return sum(len(value) for values in raw.values() for value in values)


def _too_much(raw):
    """Why nobody can store so much text in one step, or None."""
    if _characters(raw) <= MOST_CHARACTERS:
        return None
    return _l(
        "This step holds %(count)s characters; the site can store at most %(most)s. Nothing was cut and nothing was stored; "
        "please shorten it.",
        count=_characters(raw), most=MOST_CHARACTERS,
    )  # fmt: skip


def _stored(application, step):
    """The newest raw strings of a step; none before the first save."""
    return raw_of(application).get(step.id, {})


def _base(application, step, version):
    """The raw strings a page opened with `version` began with (None: the newest); none when that is no longer known."""
    if version in (None, version_of(application, step)):
        return _stored(application, step)
    row = db.session.scalars(db.select(EarlierAnswers).filter_by(application_id=application.id, step=step.id, version=version)).first()
    return row.raw if row else {}


# -- text that is not in the draft


def kept(application, step):
    """The KeptText of a step, or None."""
    return next((row for row in application.kept if row.step == step.id), None)


def steps_with_kept_text(application):
    """The ids of the steps of which text waits outside the draft."""
    return {row.step for row in application.kept}


def _keep(application, step, reason, version, raw, now):
    row = kept(application, step)
    if not raw:
        return
    if row is None:
        row = KeptText(step=step.id, raw={})
        application.kept.append(row)
    row.reason, row.version, row.raw, row.kept_at = reason, version, row.raw | raw, now
    refuse(_too_much(row.raw))
    db.session.flush()


def _forget_stored(application, step, stored):
    """Drops kept text that is in the draft now."""
    row = kept(application, step)
    if row is not None:
        row.raw = changed(stored, {**stored, **row.raw})
        if not row.raw:
            application.kept.remove(row)


def keep_signed_out(*, application, call, step, posted, version, now):
    """Keeps what was posted after the sign-in had ended; the owner of the application gets it back after signing in.

    Whoever posts it is not known, so it never replaces text that was kept for another reason.
    """
    with writing():
        row = kept(application, step)
        if row is not None and row.reason != "signed-out":
            return
        base = _base(application, step, version)
        mine, late = _told_apart(WorkingCopy(application, call, now), step, posted, base, base)
        _keep(application, step, "signed-out", version or 0, changed(base, mine) | late, now)


def take_back(copy, step, row):
    """(raw, conflicts, late): the answers of a WorkingCopy with kept text merged in, for the page to show; nothing is stored.

    `late` is `{input name: [strings]}` of what was kept of questions that are closed now.
    """
    open_, late = _open_now(copy, step, row.raw)
    application, saved = copy.application, _stored(copy.application, step)
    if row.reason == "conflict":
        return copy.raw.get(step.id, {}), list(changed(saved, {**saved, **open_})), late
    base = _base(application, step, row.version)
    merged, conflicts = merge(base, saved, {**base, **open_})
    questions = {(step.id, question_of(name)) for name in open_}
    return overlaid(copy.raw, {step.id: merged}, questions).get(step.id, {}), conflicts, late


def _open_now(copy, step, raw):
    """`raw` in two: what belongs to questions of the step that may be changed now, and the rest."""
    open_ = {name: values for name, values in raw.items() if copy.parts.question(step.id, question_of(name))}
    return open_, {name: values for name, values in raw.items() if name not in open_}


def resolve(*, application, call, step, mine, now):
    """Ends a choice: the kept text of the input names `mine` is stored, the other is dropped; that of closed questions stays."""
    with writing() as session:
        refuse(rules.may_edit(application, call, now))
        row = kept(application, step)
        if row is None:
            return
        answers, saved = answers_of(application, step), _stored(application, step)
        open_, row.raw = _open_now(WorkingCopy(application, call, now), step, row.raw)
        raw = {**saved, **{name: values for name, values in open_.items() if name in mine}}
        if raw != saved:
            _store(session, application, step, answers, raw, now)
        if not row.raw:
            application.kept.remove(row)


# -- raw strings


def posted_over(specs, old, posted):
    """The stored strings of a step after `posted` came: inputs of the questions `specs` are replaced, all others stay."""
    raw = dict(old)
    for spec in specs:
        names = [name for _, name in inputs_of(spec)]
        # A browser sends nothing for an empty checkbox or radio, but always something for a text.
        ticked = [f"{spec.id}-latin", f"{spec.id}-evidence"] + (names if spec.kind in ("choice", "choices", "yes-no") else [])
        for name in ticked:
            raw.pop(name, None)
        if spec.kind == "rows" and row_list(spec.id) in posted:
            raw = {name: values for name, values in raw.items() if not name.startswith(f"{spec.id}-")}
            names += _cells(spec, posted[row_list(spec.id)])
        for name in names + ticked:
            if name in posted:
                raw[name] = posted[name]
        if spec.kind == "rows":
            _paste(spec, raw, posted.get(f"{spec.id}-paste", [""])[0])
    return raw


def _cells(spec, ids):
    names = [row_list(spec.id)]
    for row_id in row_ids(ids):
        for sub in spec.fields:
            names += [f"{spec.id}-{row_id}-{name}" for _, name in inputs_of(sub)] + [f"{spec.id}-{row_id}-{sub.id}-latin"]
    return names


def _paste(spec, raw, text):
    """Appends a row for each line pasted from a spreadsheet, its cells in the order of the questions."""
    columns = [name for sub in spec.fields for _, name in inputs_of(sub)]
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split("\t")]
        if any(cells):
            row_id = add_row(spec, raw)
            raw.update({f"{spec.id}-{row_id}-{name}": [cell] for name, cell in zip(columns, cells, strict=False)})
    blank = [
        row_id
        for row_id in raw.get(row_list(spec.id), [])
        if not any("".join(raw.get(name, [])).strip() for name in _cells(spec, [row_id])[1:])
    ]
    if text.strip() and blank:
        raw[row_list(spec.id)] = [row_id for row_id in raw[row_list(spec.id)] if row_id not in blank]


def add_row(spec, raw):
    """Appends an empty row to `raw` and answers its id."""
    ids = row_ids(raw.get(row_list(spec.id), ["1"]))
    row_id = new_row_id(ids)
    raw[row_list(spec.id)] = [*ids, row_id]
    return row_id


def change_rows(*, application, call, step, verb, row_id, now):
    """Adds, removes or moves one row of a step: `verb` is "add", "remove", "up" or "down".

    Answers (question id, id of the row concerned), or None when no such row is there, as from a stale tab. Raises Refused
    where rows cannot be changed now.
    """
    with writing() as session:
        refuse(rules.may_edit(application, call, now))
        copy = WorkingCopy(application, call, now)
        answers = answers_of(application, step)
        raw = dict(answers.raw) if answers else {}
        asked = [spec for spec in step.fields if spec.kind == "rows"]
        specs = [spec for spec in asked if copy.parts.question(step.id, spec.id)]
        refuse(rules.NOT_NAMED if asked and not specs else None)
        for spec in specs:
            ids = row_ids(raw.get(row_list(spec.id), ["1"]))
            if verb == "add":
                row_id = add_row(spec, raw)
            elif row_id not in ids:
                continue
            elif verb == "remove":
                raw = {name: values for name, values in raw.items() if not name.startswith(f"{spec.id}-{row_id}-")}
                raw[row_list(spec.id)] = [other for other in ids if other != row_id]
            else:
                raw[row_list(spec.id)] = moved(ids, row_id, verb)
            _store(session, application, step, answers, raw, now)
            return spec.id, row_id
    return None
