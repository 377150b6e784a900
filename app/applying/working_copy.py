"""What of an application its owner works on now: by whose questions, with which answers and files, and what of it is open."""

from dataclasses import replace
from functools import cached_property

from app import rules
from app.applying import drafts, steps
from app.call.loading import parse
from app.call.schema import FILES_STEP
from app.forms.step import question_of
from app.models import StoredFile


class WorkingCopy:
    """An application as its owner sees and changes it now.

    While all of it is open, and before it was ever handed in, that is the draft, asked by the call that serves. Otherwise
    it is the standing snapshot, asked by the call as it was then, with the draft's answers and files where a return opens
    them: what was not handed in waits in the draft, and an edited call locks nobody out.
    """

    def __init__(self, application, call, now):
        self.application, self.serving, self.now = application, call, now
        self.parts = rules.open_parts(application, call, now)
        self.standing = None if self.parts.everything else application.snapshot
        """The snapshot it is based on; None for a draft."""
        if self.standing is None:
            self.call, self.raw = call, drafts.raw_of(application)
        else:
            self.call = call_at(self.standing, call)
            self.raw = self._opened(drafts.raw_of(application))

    def _opened(self, draft):
        """The raw answers; a question that an open one brings with it, such as those of another category, is open as well."""
        standing, opened = self.standing.answers, self.parts.questions
        while True:
            raw = overlaid(standing, draft, opened)
            brought = steps.asked(self.call, raw) - steps.asked(self.call, standing) - opened if opened else None
            if not brought:
                self.parts = replace(self.parts, questions=opened)
                return raw
            opened |= brought

    @property
    def category(self):
        """The id of the chosen category, or ""."""
        return steps.chosen_category(self.call, self.raw)

    @property
    def title(self):
        """The achievement's name as `{"zh": …, "en": …}`, either may be blank."""
        step, _field = self.call.find("title")
        return drafts.title_in(self.call, self.raw.get(step.id, {}))

    def open_questions(self, step):
        """The ids of the questions of a step that may be changed."""
        return {field.id for field in step.fields if self.parts.question(step.id, field.id)}

    def step_after(self, step):
        """The next step in which anything may be changed, or None after the last one."""
        ids = [shown.id for shown in steps.shown(self.call, self.raw)]
        following = ids[ids.index(step.id) + 1 :] if step.id in ids else []
        return next((self.call.step(step_id) for step_id in following if self.parts.step(step_id)), None)

    @cached_property
    def files(self):
        """The files, in the order of their positions; what is not open is as it was handed in, whatever the draft holds."""
        if self.standing is None:
            return drafts.attached(self.application)
        stored = {file.ref: file for file in self.application.files}
        files = []
        for entry in self.standing.files:
            row = stored[entry["ref"]]
            if not self.parts.file(row.ref):
                kind = next((kind.id for kind in self.call.files.kinds if kind.name.model_dump() == entry["kind"]), row.kind)
                files.append(_copied(row, title_zh=entry["zh"], title_en=entry["en"], kind=kind, position=entry["order"]))
            elif row.removed_at is None:
                files.append(_copied(row, position=entry["order"]))
        if self.parts.adding:
            added = [row for row in drafts.attached(self.application) if row.ref not in self.parts.handed_in]
            files += [_copied(row, position=len(stored) + row.position) for row in added]
        return files

    def progress(self):
        """The [StepState] of every step; of what is not open nothing is judged."""
        states = drafts.judged(self.call, self.raw, self.files)
        if self.standing is not None:
            for state in states:
                state.problems = self.open_problems(state.step, state.problems)
                if state.step.id != FILES_STEP and not state.problems:
                    state.state = "complete"
        return states

    def open_problems(self, step, problems):
        """Those of `problems`, [(input name, …)], that concern what may be changed; all of a draft's."""
        if self.standing is None:
            return problems
        return [problem for problem in problems if self.parts.question(step.id, question_of(problem[0]))]


def call_at(snapshot, call):
    """The call as it stood when `snapshot` was handed in; `call` is the one that serves now."""
    version = snapshot.call_version
    return call if version.sha256 == call.sha256 else parse(version.source, version.call_id)


def overlaid(raw, other, questions):
    """`raw` with the answers to `questions`, {(step id, question id)}, as they are in `other`."""
    merged = {step_id: dict(answers) for step_id, answers in raw.items()}
    for step_id, question in questions:
        kept = {name: values for name, values in merged.get(step_id, {}).items() if question_of(name) != question}
        merged[step_id] = kept | {name: values for name, values in other.get(step_id, {}).items() if question_of(name) == question}
    return merged


def _copied(row, **changed):
    """A StoredFile like `row`, of no session: changing it changes nothing stored."""
    return StoredFile(**{column.key: getattr(row, column.key) for column in StoredFile.__table__.columns} | changed)
