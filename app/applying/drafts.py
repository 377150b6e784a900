"""Drafts: start one, store what was typed before it is judged, and say what is still missing."""

from dataclasses import dataclass

from app import rules, versions
from app.applying import steps
from app.applying.answers import AnsweredStep
from app.call.schema import FILES_STEP
from app.extensions import db, writing
from app.forms.step import inputs_of, judge
from app.models import Answers, Application, record
from app.people import limits


class Refused(Exception):
    """The rules do not allow it now; the argument is the sentence for the page."""


def create(*, user, call, now, copy_of=None):
    """Starts an application; `copy_of`, an earlier one of the same person, gives it its answers but not its files.

    Raises Refused when the call is not open, or the person has started too many today.
    """
    with writing() as session:
        refuse(rules.may_start(call, now))
        refuse(limits.done_too_often("application started", user_id=user.id, now=now))
        application = Application(user_id=user.id, call_id=call.id, created_at=now, changed_at=now)
        if copy_of is not None:
            for answers in copy_of.answers:
                if call.step(answers.step):
                    application.answers.append(Answers(step=answers.step, raw=answers.raw, saved_at=now))
        session.add(application)
        versions.keep(call, now)
        record("application started", at=now, user=user, application=application, copy_of=copy_of.ref if copy_of else None)
    return application


def refuse(reason):
    """Raises Refused unless `reason` is None."""
    if reason is not None:
        raise Refused(reason)


def raw_of(application):
    """Everything typed so far: `{step id: {input name: [strings as they came]}}`."""
    return {answers.step: answers.raw for answers in application.answers}


def moved(ids, item, verb):
    """`ids` with `item` one place "up" or "down"; unchanged at either end."""
    place = ids.index(item)
    target = place + (-1 if verb == "up" else 1)
    if not 0 <= target < len(ids):
        return ids
    ids = list(ids)
    ids[place], ids[target] = ids[target], ids[place]
    return ids


def delete(*, application, call, now):
    """Deletes a draft for good and answers the paths of its files, for `uploads.discard` once this has committed."""
    with writing() as session:
        refuse(rules.may_delete(application, call, now))
        paths = [file.path for file in application.files]
        record("application deleted", at=now, user=application.user, ref=application.ref)
        session.delete(application)
    return paths


def withdraw(*, application, call, now):
    """Takes a handed-in application out of the competition; its number is never given again."""
    with writing():
        refuse(rules.may_withdraw(application, call, now))
        application.withdrawn_at = now
        record("withdrawn", at=now, user=application.user, application=application)


def restore(*, application, call, now):
    """Takes a withdrawal back."""
    with writing():
        refuse(rules.may_restore(application, call, now))
        application.withdrawn_at = None
        record("restored", at=now, user=application.user, application=application)


def reopen(*, application, call, now):
    """Opens a handed-in application for changes; the last snapshot stands until the next is handed in."""
    with writing():
        refuse(rules.may_reopen(application, call, now))
        application.reopened_at = now
        record("reopened", at=now, user=application.user, application=application)


@dataclass
class StepState:
    """How far one step is: `state` is "not-started", "in-progress", "complete" or "attention"."""

    step: object
    state: str
    filled: dict
    total: dict
    problems: list
    form: object = None
    """The judged form; None for the files step."""


def attached(application):
    """The files of the draft, in the order of their kinds as the pages show them: position within kind."""
    return [file for file in application.files if file.removed_at is None]


def progress(application, call):
    """The [StepState] of every shown step; judged afresh each time, never stored."""
    return judged(call, raw_of(application), attached(application))


def judged(call, raw, files):
    """The same of any raw answers, such as those of a snapshot, `{step id: {input name: [strings]}}`; `files` are StoredFiles."""
    category = steps.chosen_category(call, raw)
    states = []
    for step in steps.shown(call, raw):
        if step.id == FILES_STEP:
            states.append(_files_state(step, files))
            continue
        form = judge(call, step, category, raw.get(step.id, {}))
        valid = form.validate()
        problems = form.problems()
        filled, total = _counts(form)
        if valid:
            state = "complete"
        elif any(not missing for *_, missing in problems):
            state = "attention"
        elif any(not question.blank for question in _questions(form)):
            state = "in-progress"
        else:
            state = "not-started"
        states.append(StepState(step, state, filled, total, problems, form))
    return states


def _files_state(step, files):
    untitled = {language: sum(1 for file in files if getattr(file, f"title_{language}").strip()) for language in ("zh", "en")}
    filled = "complete" if min(untitled.values()) == len(files) else "attention"
    return StepState(step, filled if files else "not-started", untitled, {"zh": len(files), "en": len(files)}, [])


def _questions(form):
    for spec in form.specs:
        if spec.kind == "rows":
            for row in form[spec.id].rows:
                yield from (row[name] for sub in spec.fields for _, name in inputs_of(sub))
        else:
            yield from (form[name] for _, name in inputs_of(spec))


def _counts(form):
    """How many halves of pairs are filled, and how many there are, in each language."""
    filled, total = {"zh": 0, "en": 0}, {"zh": 0, "en": 0}
    for spec in form.specs:
        parts = form[spec.id].filled or form[spec.id].rows[:1] if spec.kind == "rows" else [form]
        for part in parts:
            for sub in spec.fields if spec.kind == "rows" else [spec]:
                if not sub.both or not part.applies(part[f"{sub.id}-zh"]) or not (sub.required or not _blank_pair(part, sub)):
                    continue
                for side, name in inputs_of(sub):
                    total[side] += 1
                    filled[side] += not part[name].blank or part.excuses(part[name])
    return filled, total


def _blank_pair(part, spec):
    return all(part[name].blank for _, name in inputs_of(spec))


def answered(states):
    """The [AnsweredStep] of judged states, as pages and files show them."""
    return [AnsweredStep(state.step.id, state.step.title, state.form.answers()) for state in states if state.form is not None]


def title_of(application, call):
    """The achievement's name as `{"zh": …, "en": …}`, either may be blank."""
    step, _field = call.find("title")
    return title_in(call, next((answers.raw for answers in application.answers if answers.step == step.id), {}))


def title_in(call, raw):
    """The same from the raw answers of the step that asks for it."""
    _step, field = call.find("title")
    return {side: (raw.get(name) or [""])[0].strip() for side, name in inputs_of(field)}


def recent(user):
    """The applications of a person, the one changed last first."""
    return list(db.session.scalars(db.select(Application).filter_by(user_id=user.id).order_by(Application.changed_at.desc())))
