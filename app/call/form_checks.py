"""What no type can say about the steps of a call and their questions."""

from app.call import schema
from app.call.problems import say
from app.call.view import ids, unknown


def check(call):
    """Every (path, Text) that is wrong in the steps of a call, a View."""
    for part in (_steps, _fields, _meanings):
        yield from part(call)


def _steps(call):
    steps = call.groups("steps")
    categories = ids(call.groups("categories"))
    if steps and ids(steps).count(schema.FILES_STEP) == 0:
        yield (
            ("steps",),
            say(
                "缺少上传页：请加一个id为files、不含问题的页面。",
                "The page for uploads is missing: add a step with the id files and no questions.",
            ),
        )
    yes_no = set()
    for step in steps:
        name, fields, when = step.text("id"), step.groups("fields"), step.text("when")
        if name in schema.RESERVED_STEPS:
            yield step.at("id"), say(f"“{name}”由网站使用，请换一个名称。", f"“{name}” is used by the site itself; choose another name.")
        if name == schema.FILES_STEP and step.value.get("fields"):
            yield step.at("fields"), say("上传页（files）不能有问题。", "The page for uploads (files) cannot have questions.")
        if name and name != schema.FILES_STEP and not fields:
            yield step.path, say("这一页还没有问题。", "This page has no question yet.")
        if when and when not in yes_no:
            yield (
                step.at("when"),
                say(
                    f"“{when}”不是前面某一页向所有人提出的是否题（yes-no）。",
                    f"“{when}” is not a yes-no question of an earlier page that everybody is asked.",
                ),
            )
        for view in (step, *fields):
            for path, category in view.names("for"):
                if category not in categories:
                    yield unknown(path, category, categories)
        if _asks_everybody(step):
            yes_no |= {field.text("id") for field in fields if field.text("kind") == "yes-no" and _asks_everybody(field)}


def _asks_everybody(view):
    return not {"for", "when"} & set(view.value)


def _fields(call):
    for step in call.groups("steps"):
        yes_no = set()
        for field in step.groups("fields"):
            yield from _field(field)
            when = field.text("when")
            if when and when not in yes_no:
                yield (
                    field.at("when"),
                    say(
                        f"“{when}”不是这一页前面向所有人提出的是否题（yes-no）。",
                        f"“{when}” is not a yes-no question before it on this page that everybody is asked.",
                    ),
                )
            if field.text("kind") == "yes-no" and _asks_everybody(field):
                yes_no.add(field.text("id"))
            for part in field.groups("fields"):
                yield from _field(part)
                yield from _part_of_a_row(part)


def _part_of_a_row(part):
    for key in ("for", "when"):
        if key in part.value:
            yield part.at(key), say(f"每条记录中的问题不能有“{key}”。", f"A question inside a row cannot have “{key}”.")
    if part.text("kind") == "rows":
        yield part.at("kind"), say("记录中不能再有记录（rows）。", "Rows cannot stand inside rows.")


BELONGS = (
    ("both", schema.PAIRABLE),
    ("latin", ("line",)),
    ("longest", schema.PAIRABLE),
    ("options", schema.CHOOSING),
    ("least", schema.COUNTABLE),
    ("most", schema.COUNTABLE),
    ("row", ("rows",)),
    ("fields", ("rows",)),
)
"""Which entries make sense for which kinds of question."""


def _field(field):
    name, kind = field.text("id"), field.text("kind")
    if name in schema.RESERVED_FIELDS or name.startswith("validate"):
        yield field.at("id"), say(f"“{name}”由网站使用，请换一个名称。", f"“{name}” is used by the site itself; choose another name.")
    if kind not in schema.KINDS:
        return
    for key, kinds in BELONGS:
        if key in field.value and kind not in kinds:
            yield (
                field.at(key),
                say(f"“{key}”只用于{'、'.join(kinds)}，不用于{kind}。", f"“{key}” belongs to {', '.join(kinds)}, not to {kind}."),
            )
    if kind in schema.CHOOSING and not field.value.get("options"):
        yield field.path, say("选择题须有选项（options）。", "A question of choice needs options.")
    if kind == "rows" and not field.value.get("fields"):
        zh = "多条记录须有自己的问题：[[steps.fields.fields]]。"
        yield field.path, say(zh, "Rows need questions of their own: [[steps.fields.fields]].")
    if field.flag("latin") and not field.flag("both"):
        yield field.at("latin"), say("latin须与both = true同用。", "latin needs both = true beside it.")
    if isinstance(field.value.get("longest"), dict) and not field.flag("both"):
        yield (
            field.at("longest"),
            say(
                "只用一种语言回答的问题，longest是一个整数。",
                "For a question that is not asked in both languages, longest is one whole number.",
            ),
        )
    yield from _counts(field, kind)


def _counts(field, kind):
    least, most = field.number("least"), field.number("most")
    if least is not None and most is not None and least > most:
        yield field.at("least"), say(f"最少{least}项多于最多{most}项。", f"At least {least} is more than at most {most}.")
    if kind == "rows" and most is not None and most > schema.MOST_ROWS:
        yield field.at("most"), say(f"不能超过{schema.MOST_ROWS}条。", f"There may be at most {schema.MOST_ROWS} rows.")
    options = field.groups("options")
    if kind == "choices" and options and least is not None and least > len(options):
        yield field.at("least"), say(f"只有{len(options)}个选项。", f"The number of options is only {len(options)}.")


def _meanings(call):
    steps = call.groups("steps")
    found = {field.text("id"): (step, field) for step in reversed(steps) for field in reversed(step.groups("fields"))}
    for name, kind in schema.MEANINGS.items():
        if name not in found:
            if steps:
                yield (
                    ("steps",),
                    say(f"缺少问题“{name}”（{kind}），网站需要它。", f"The question “{name}” ({kind}) is missing; the site needs it."),
                )
            continue
        step, field = found[name]
        if field.text("kind") in schema.KINDS and field.text("kind") != kind:
            yield field.at("kind"), say(f"问题“{name}”须为{kind}。", f"The question “{name}” has to be of the kind {kind}.")
        for view in (step, field):
            for key in ("for", "when"):
                if key in view.value:
                    yield (
                        view.at(key),
                        say(f"问题“{name}”必须向所有人提出，不能有“{key}”。", f"“{name}” is asked of everybody; it cannot have “{key}”."),
                    )
        if field.value.get("required") is False:
            yield field.at("required"), say(f"问题“{name}”必须填写。", f"“{name}” cannot be left empty.")
    yield from _meant(call, {name: field for name, (_, field) in found.items()})


def _meant(call, fields):
    for name, options in (("category", "categories"), ("areas", "areas")):
        if name in fields and fields[name].value.get("options", options) != options:
            yield fields[name].at("options"), say(f'须为options = "{options}"。', f'This has to be options = "{options}".')
    names = [part for part in fields["contributors"].groups("fields") if part.text("id") == "name"] if "contributors" in fields else []
    if "contributors" in fields and fields["contributors"].groups("fields") and not names:
        yield fields["contributors"].path, say('贡献者须有姓名（id = "name"）。', 'Contributors need a name (id = "name").')
    for field in [fields[name] for name in ("title", "organization") if name in fields] + names:
        if field.text("kind") == "line" and not field.flag("both"):
            yield field.path, say("这一项要印在证书上，须有both = true。", "This is printed on certificates and needs both = true.")
    yield from _after_category(call)


def _after_category(call):
    known = False
    for step in call.groups("steps"):
        fields = step.groups("fields")
        here = "category" in ids(fields)
        for view in (step, *fields):
            if "for" in view.value and not known:
                yield (
                    view.at("for"),
                    say("“for”只能用于选择类别之后的页面。", "“for” can only be used on pages after the one that asks for the category."),
                )
        known = known or here
