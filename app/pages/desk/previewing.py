"""How a call that is not accepted yet would look: the real pages, out of which nothing leads and on which nothing acts."""

from functools import lru_cache
from types import SimpleNamespace

import nh3
from flask import current_app
from flask_babel import gettext as _
from jinja2 import ChainableUndefined, ChoiceLoader, DictLoader
from markupsafe import Markup

from app import countries, languages, rules
from app.call.schema import FILES_STEP, MAX_FILE_BYTES
from app.forms.step import judge

CALL, PRIVACY = "-call", "-privacy"
TAGS = nh3.ALLOWED_TAGS | {
    "address", "button", "datalist", "fieldset", "input", "label", "legend", "optgroup", "option", "progress", "section", "select",
    "textarea",
}  # fmt: skip
ATTRIBUTES = {
    "*": {"class", "hidden", "id", "lang", "role", "tabindex"},
    "input": {"checked", "inputmode", "list", "multiple", "placeholder", "type", "value"},
    "label": {"for"},
    "optgroup": {"label"},
    "option": {"selected", "value"},
    "progress": {"max", "value"},
    "textarea": {"rows"},
    "time": {"datetime"},
}
"""No addresses, no names and no forms: links lead nowhere, buttons send nothing, inputs belong to nothing."""


def looks(call, language):
    """[(key, name in this language)] of all that can be looked at: two pages, and each step, in every category that asks otherwise."""
    with languages.speaking(language):
        found = [(CALL, _("Public page")), (PRIVACY, _("Privacy"))]
        for step in call.steps:
            if not any(field.for_ for field in step.fields):
                found.append((step.id, step.title[language]))
                continue
            for category in call.categories:
                if not step.for_ or category.id in step.for_:
                    name = _("%(step)s: %(category)s", step=step.title[language], category=category.name[language])
                    found.append((f"{step.id}.{category.id}", name))
    return found


def chosen(call, look):
    """(language, key) of `look`, "<language>.<key>"; of the public page in the language of the page where there is no such thing."""
    language, _dot, key = look.partition(".")
    if language in languages.LANGUAGES and key in dict(looks(call, language)):
        return language, key
    return languages.current(), CALL


def rendered(call, language, key, now):
    """What the page would show between head and foot, as Markup that is safe to stand anywhere."""
    with languages.speaking(language):
        template, context = _page(call, key, now)
        current_app.update_template_context(context)
        page = _without_layout(current_app.jinja_env).get_template(template).render(context)
    clean = nh3.clean(page, tags=TAGS, attributes=ATTRIBUTES, generic_attribute_prefixes={"aria-"}, link_rel=None)
    return Markup(clean)  # noqa: S704 - cleaned just here


@lru_cache(maxsize=1)
def _without_layout(environment):
    bare = DictLoader({"_layout.html": "{% block main %}{% endblock %}"})
    # What only an application of somebody's would give to a page is nothing here.
    return environment.overlay(loader=ChoiceLoader([bare, environment.loader]), undefined=ChainableUndefined)


def _page(call, key, now):
    """(name of the template, what it is given) as the pages themselves would."""
    if key == CALL:
        ended = rules.has_begun(call, now) and not rules.is_open(call, now)
        return "public/call.html", {"call": call, "closed": rules.may_start(call, now), "ended": ended, "mine": [], "earlier": False}
    if key == PRIVACY:
        return "public/privacy.html", {"call": call}
    step_id, _dot, category = key.partition(".")
    step = call.step(step_id)
    copy = SimpleNamespace(standing=None, parts=rules.Parts(everything=True))
    given = {"call": call, "step": step, "copy": copy, "application": SimpleNamespace(ref="preview", user_id=0), "back": ""}
    given |= {"number": call.steps.index(step) + 1, "total": len(call.steps)}
    if step_id == FILES_STEP:
        return "apply/files.html", given | {"files": [], "points": [], "max_bytes": MAX_FILE_BYTES}
    form = judge(call, step, category, {})
    return "apply/step.html", given | {"form": form, "items": form.items, "countries": countries.options(call)}
