"""The data of the question sheet: every step and question of a call, each said in both languages."""

from babel.lists import format_list
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import times
from app.call.schema import FILES_STEP, MAX_FILE_BYTES
from app.languages import LANGUAGES, current, speaking

KINDS = {
    "line": _l("One line"),
    "text": _l("Text"),
    "choice": _l("Choose one"),
    "country": _l("Choose a country or region"),
    "email": _l("E-mail address"),
    "phone": _l("Phone number"),
    "link": _l("Web address"),
    "date": _l("Date"),
    "yes-no": _l("Yes or no"),
}


def in_both(say, *given):
    """`{"zh": …, "en": …}` of what `say(*given)` answers while each language is spoken."""
    said = {}
    for language in LANGUAGES:
        with speaking(language):
            said[language] = say(*given)
    return said


def sheet_of(call):
    """The JSON-able content of the sheet: the steps in order, common questions before those of one category."""
    return {
        "name": call.name.model_dump(),
        "facts": in_both(_facts, call),
        "steps": [_step(call, step, number) for number, step in enumerate(call.steps, 1)],
        "declaration": {"title": in_both(str, _l("Declaration before submitting")), "text": call.declaration.model_dump()},
    }


def _facts(call):
    return [
        [_("Deadline"), times.say_deadline(call, current())],
        [_("Contact"), f"{call.contact.name} · {call.contact.phone}\n{call.contact.email}"],
    ]


def _step(call, step, number):
    groups, place = [], 0
    for name, fields in _grouped(call, step):
        questions = []
        for field in fields:
            place += 1
            questions.append(_question(call, step, field, f"{number}.{place}"))
        groups.append({"name": name, "questions": questions})
    return {
        "number": str(number),
        "title": step.title.model_dump(),
        "condition": in_both(_condition, call, step),
        "reminders": [reminder.model_dump() for reminder in step.reminders],
        "groups": groups,
        "files": _files(call) if step.id == FILES_STEP else None,
    }


def _grouped(call, step):
    """[(name in both languages or None, [Field])]: those asked of everybody first, then those of each category."""
    common = [field for field in step.fields if not field.for_]
    special = [(category.name.model_dump(), [field for field in step.fields if category.id in field.for_]) for category in call.categories]
    special = [(name, fields) for name, fields in special if fields]
    return [(in_both(str, _l("Asked in every category")) if special else None, common), *special]


def _condition(call, step):
    """When a step is asked at all, as a list of sentences."""
    said = []
    if step.for_:
        names = format_list([str(call.category(category).name) for category in step.for_], style="or", locale=get_locale())
        said.append(_("Only in the category %(names)s", names=names))
    if step.when:
        said.append(_("Only if “%(question)s” is answered with yes", question=call.find(step.when)[1].label))
    return said


def _question(call, step, field, number):
    options = in_both(_options, call, field)
    return {
        "number": number,
        "long": len(str(field.hint or "")) + sum(map(len, options["en"])) > 1500,
        "required": field.required,
        "sample": field.sample,
        "label": field.label.model_dump(),
        "hint": field.hint.model_dump() if field.hint else None,
        "notes": in_both(_notes, step, field),
        "options": options,
        "questions": [_question(call, field, sub, f"{number}.{place}") for place, sub in enumerate(field.fields, 1)],
    }


def _notes(step, field):
    """How it is answered, in a few words each: kind, both languages, limit, who sees it, when it is asked."""
    notes = [_count(field) if field.kind in ("choices", "rows") else str(KINDS[field.kind])]
    if field.both:
        notes.append(_("in both languages"))
    if field.longest and field.both:
        notes.append(_("Chinese up to %(zh)s characters, English up to %(en)s words", zh=field.limit("zh"), en=field.limit("en")))
    elif field.longest:
        notes.append(_("up to %(limit)s characters or words", limit=field.limit(current())))
    if field.private:
        notes.append(_("not shown to experts"))
    if field.when:
        notes.append(_("only if “%(question)s” is answered with yes", question=_sibling(step, field.when).label))
    return notes


def _sibling(step, name):
    return next(field for field in step.fields if field.id == name)


def _count(field):
    """How many options or rows: "Choose up to 2", "1 to 20 entries"."""
    least, most = field.least, field.most
    if field.kind == "choices":
        return ngettext("Choose up to %(num)s", "Choose up to %(num)s", most) if most else _("Choose any number")
    if most is None:
        return ngettext("At least %(num)s entry", "At least %(num)s entries", least)
    return _("%(least)s to %(most)s entries", least=least, most=most)


def _options(call, field):
    if field.options == "categories":
        return [_("%(name)s: %(guide)s", name=category.name, guide=category.quick_guide) for category in call.categories]
    return [str(label) for _id, label in call.options(field)]


def _files(call):
    kinds = sorted(call.files.kinds, key=lambda kind: not kind.core)
    return {
        "limits": in_both(_limits, call),
        "kinds": [
            {"name": kind.name.model_dump(), "hint": kind.hint.model_dump() if kind.hint else None, "core": kind.core} for kind in kinds
        ],
        "core": in_both(str, _l("Core material")),
    }


def _limits(call):
    types = format_list([kind.upper() for kind in call.files.types], locale=get_locale())
    return _(
        "%(types)s; each up to %(size)s, any number; every file is named in both languages.",
        types=types,
        size=times.size(MAX_FILE_BYTES, current()),
    )
