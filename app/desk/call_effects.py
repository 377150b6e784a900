"""What another version of a call would mean for answers already given: they stay stored, and would be asked for no more.

Counts run over every application of the call, in one statement a page of the form, and only where something was removed.
"""

from dataclasses import dataclass

from flask_babel import ngettext
from sqlalchemy.orm import aliased

from app.call.schema import CHOOSING
from app.extensions import db
from app.forms.step import inputs_of
from app.languages import Text
from app.models import Answers, Application, Listed, StoredFile


@dataclass(frozen=True)
class Loss:
    """That `count` applications hold something which the changed call knows no more. `kind` is a key of SENTENCES."""

    kind: str
    what: Text
    where: str
    """The place in the file as it was: `basics.title`."""
    count: int
    option: Text | None = None

    def __str__(self):
        return SENTENCES[self.kind](self.count, what=self.what, option=self.option)


SENTENCES = {
    "removed": lambda count, **words: ngettext(
        "“%(what)s” is not asked on this page any more; %(num)s application has an answer.",
        "“%(what)s” is not asked on this page any more; %(num)s applications have an answer.",
        count, **words,
    ),
    "changed": lambda count, **words: ngettext(
        "“%(what)s” is asked in another way; %(num)s application has an answer that may not fit.",
        "“%(what)s” is asked in another way; %(num)s applications have an answer that may not fit.",
        count, **words,
    ),
    "narrowed": lambda count, **words: ngettext(
        "“%(what)s” is not asked in the category “%(option)s” any more; %(num)s application has an answer.",
        "“%(what)s” is not asked in the category “%(option)s” any more; %(num)s applications have an answer.",
        count, **words,
    ),
    "option": lambda count, **words: ngettext(
        "“%(option)s” cannot be chosen for “%(what)s” any more; %(num)s application has chosen it.",
        "“%(option)s” cannot be chosen for “%(what)s” any more; %(num)s applications have chosen it.",
        count, **words,
    ),
    "files": lambda count, **words: ngettext(
        "There is no kind of files “%(what)s” any more; %(num)s application has some.",
        "There is no kind of files “%(what)s” any more; %(num)s applications have some.",
        count, **words,
    ),
}  # fmt: skip


def losses(old, new):
    """Every [Loss] that comes with `new` in place of `old`, two versions of a call; categories that go are told by `lost_categories`."""
    found, gone = [], _gone(old, new)
    for step in old.steps:
        asked = [(loss, condition) for step_id, loss, condition in gone if step_id == step.id]
        if asked:
            counts = [db.func.count().filter(condition) for _loss, condition in asked]
            rows = db.select(*counts).select_from(Answers).join(Application, Application.id == Answers.application_id)
            counted = db.session.execute(rows.where(Application.call_id == old.id, Answers.step == step.id)).one()
            found += [Loss(*loss, count, option) for ((*loss, option), _condition), count in zip(asked, counted, strict=True) if count]
    return found + _lost_files(old, new)


def lost_categories(old, new):
    """[(Category, how many applications are in it)] of those of `old` that are in use and not in `new`."""
    return [(category, count) for category in old.categories if not new.category(category.id) and (count := _in_category(old, category.id))]


def _gone(old, new):
    """[(step id, (kind, what, where, option), condition on a row of Answers)] of all that `new` asks otherwise than `old`."""
    before, after, gone = _questions(old), _questions(new), []
    for (step_id, *names), (step, spec) in before.items():
        place, then = ".".join((step_id, *names)), after.get((step_id, *names))
        if len(names) == 2 and _differs(before[step_id, names[0]], after.get((step_id, names[0]))):
            continue
        if _differs((step, spec), then):
            gone.append((step_id, ("changed" if then else "removed", spec.label, place, None), _holds(_inputs(names, spec))))
            continue
        lost = [id_ for id_ in _categories(old, step, spec) - _categories(new, *then) if new.category(id_)]
        for category in (category for category in old.categories if category.id in lost):
            here = _holds(_inputs(names, spec)) & _in_same(old, category.id)
            gone.append((step_id, ("narrowed", spec.label, place, category.name), here))
        if spec.kind in CHOOSING and spec.options != "categories":
            left = dict(new.options(then[1]))
            removed = [(id_, label) for id_, label in old.options(spec) if id_ not in left]
            gone += [(step_id, ("option", spec.label, place, label), _holds(_inputs(names, spec), id_)) for id_, label in removed]
    return gone


def _questions(call):
    """`{(step id, field id) or (step id, field id, id of a field in its rows): (Step, Field)}`."""
    questions = {}
    for step in call.steps:
        for field in step.fields:
            questions[step.id, field.id] = step, field
            questions |= {(step.id, field.id, sub.id): (step, sub) for sub in field.fields}
    return questions


def _differs(before, after):
    return after is None or (before[1].kind, before[1].both) != (after[1].kind, after[1].both)


def _categories(call, step, spec):
    every = {category.id for category in call.categories}
    return every & set(step.for_ or every) & set(spec.for_ or every)


def _inputs(names, spec):
    """The names of a question's inputs, as GLOB patterns: those in rows hold the id of a row."""
    if spec.kind == "rows":
        return [pattern for sub in spec.fields for pattern in _inputs([spec.id, sub.id], sub)]
    return ["-*-".join([*names[:-1], name]) for _side, name in inputs_of(spec)]


def _holds(patterns, value=None):
    """Whether a row of Answers holds a text, or this very `value`, in one of these inputs."""
    if value is None and not any("*" in pattern for pattern in patterns):
        # Three times as fast as to look at every input there is.
        return db.or_(*(db.func.trim(Answers.raw[(name, 0)].as_string()) != "" for name in patterns))
    inputs = db.func.json_each(Answers.raw).table_valued("key", "value", name="inputs", joins_implicitly=True)
    texts = db.func.json_each(inputs.c.value).table_valued("value", name="texts", joins_implicitly=True)
    named = db.or_(*(inputs.c.key.op("GLOB")(pattern) for pattern in patterns))
    filled = db.func.trim(texts.c.value) != "" if value is None else texts.c.value == value
    return db.select(db.literal(1)).select_from(inputs, texts).where(named, filled).correlate(Answers).exists()


def _chosen(old, answers, category_id):
    """The conditions that a row of `answers` (Answers, or an alias of it) is the choice of this category."""
    step, field = old.find("category")
    return answers.step == step.id, answers.raw[(field.id, 0)].as_string() == category_id


def _in_same(old, category_id):
    """Whether the application of a row of Answers is in this category."""
    choice = aliased(Answers)
    same = choice.application_id == Answers.application_id
    return db.select(choice.id).where(same, *_chosen(old, choice, category_id)).correlate(Answers).exists()


def _in_category(old, category_id):
    """How many applications are in a category as they stand, or as they were handed in."""
    chosen = db.select(Answers.id).where(Answers.application_id == Application.id, *_chosen(old, Answers, category_id))
    listed = db.select(Listed.application_id).where(Listed.application_id == Application.id, Listed.category == category_id)
    return db.session.scalar(
        db.select(db.func.count(Application.id)).where(Application.call_id == old.id, chosen.exists() | listed.exists())
    )


def _lost_files(old, new):
    gone = {kind.id: kind for kind in old.files.kinds if not new.file_kind(kind.id)}
    counted = (
        db.select(StoredFile.kind, db.func.count(db.distinct(StoredFile.application_id)))
        .join(Application, Application.id == StoredFile.application_id)
        .where(Application.call_id == old.id, StoredFile.removed_at.is_(None), StoredFile.kind.in_(gone))
        .group_by(StoredFile.kind)
    )
    counts = dict(map(tuple, db.session.execute(counted))) if gone else {}
    return [Loss("files", kind.name, f"files.kinds.{kind.id}", counts[kind.id]) for kind in gone.values() if kind.id in counts]
