"""The two languages: a text in both, the language of the request, the address of the twin page."""

import re
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import current_app, g, has_request_context, request, url_for
from flask_babel import force_locale
from jinja2 import pass_eval_context
from markupsafe import Markup, escape
from pydantic import BaseModel, ConfigDict, field_validator

LANGUAGES = ("zh", "en")
HTML_LANG = {"zh": "zh-Hans", "en": "en"}
OWN_NAMES = {"zh": "中文", "en": "English"}
LOCALES = {"zh": Locale("zh"), "en": Locale("en")}
YEAR = 365 * 24 * 3600
CATALOGUES = Path(__file__).parent / "translations"


class Text(BaseModel):
    """One text in both languages; neither side is ever blank. `str()` gives the language spoken now."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    zh: str
    en: str

    @field_validator("zh", "en")
    @classmethod
    def _filled(cls, value):
        if not value.strip():
            raise ValueError("blank")
        return value

    def __getitem__(self, language):
        return getattr(self, language)

    def __str__(self):
        return self[current()]

    def __html__(self):
        return escape(self[current()])


def current():
    """The language spoken now: "zh" or "en"; "en" where there is neither a request nor a `speaking`."""
    # Asked forty times a page: what is known already has to be found at the first look.
    try:
        return g.language
    except (AttributeError, RuntimeError):
        if not has_request_context():
            return "en"
        g.language = _from_path(request.path) or preferred()
        return g.language


@contextmanager
def speaking(language):
    """Inside, `current()` and the catalogue speak `language`, whatever the request does: for mails and files."""
    before = g.get("language")
    g.language = language
    try:
        with force_locale(language):
            yield
    finally:
        if before is None:
            g.pop("language")
        else:
            g.language = before


def _from_path(path):
    match = re.match(r"/(zh|en)(?=/|$)", path)
    return match.group(1) if match else None


def preferred():
    """The visitor's language by cookie, then by Accept-Language; Chinese where neither says."""
    cookie = request.cookies.get(_cookie())
    if cookie in LANGUAGES:
        return cookie
    return request.accept_languages.best_match(LANGUAGES, default="zh")


def remember(response):
    """Keeps the language of this page for `/`, in a cookie, where the browser's own preference says otherwise."""
    if g.get("address_values") is not None and preferred() != g.language:
        secure = current_app.config["SESSION_COOKIE_SECURE"]
        response.set_cookie(_cookie(), g.language, max_age=YEAR, secure=secure, httponly=True, samesite="Lax")


def _cookie():
    return "__Host-language" if current_app.config["SESSION_COOKIE_SECURE"] else "language"


def other(language):
    """The twin of `language`."""
    return "en" if language == "zh" else "zh"


def twin_url():
    """The address of this very page in the other language, query kept; the home page where this address has no twin."""
    language = other(current())
    if g.get("address_values") is None:
        return url_for("public.home", language=language)
    return same_query(url_for(request.endpoint, **{**g.address_values, "language": language}))


def same_query(address):
    """`address` with the query of this request; `url_for` would take names such as `_method` in it for its own."""
    query = request.query_string.decode("latin-1")
    return f"{address}?{query}" if query else address


def compile_catalogues():
    """Writes each `.mo` that is missing or older than its `.po`; `.mo` files are not in version control."""
    for po in CATALOGUES.glob("*/LC_MESSAGES/messages.po"):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        with po.open("rb") as source:
            catalogue = read_po(source)
        with mo.open("wb") as target:
            write_mo(target, catalogue)


def init_app(app, babel):
    """Speaks the language of the address, and puts it into every address that is built."""
    compile_catalogues()
    babel.init_app(app, default_translation_directories=str(CATALOGUES), locale_selector=current)
    catalogues = {language: Translations.load(CATALOGUES, [language]) for language in LANGUAGES}

    @lru_cache(maxsize=4000)
    def said(language, text, as_html):
        text = catalogues[language].ugettext(text)
        return Markup(text) if as_html else text  # noqa: S704 - ours

    # Jinja's and Flask-Babel's own ask anew at every text for the context and the locale, up to two hundred times a page.
    @pass_eval_context
    def gettext(template, text, **values):
        text = said(current(), text, template.autoescape)
        return text % values if values else text

    app.jinja_env.globals.update(_=gettext, gettext=gettext)

    @app.url_value_preprocessor
    def _take(endpoint, values):
        if values and "language" in values:
            g.address_values = dict(values)
            g.language = values.pop("language")

    @app.url_defaults
    def _give(endpoint, values):
        if "language" not in values and current_app.url_map.is_endpoint_expecting(endpoint, "language"):
            values["language"] = current()
