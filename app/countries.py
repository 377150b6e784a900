"""Countries and regions: ISO 3166-1 codes with the names of the Unicode CLDR, or those a call file gives instead."""

from functools import lru_cache

import regex
from markupsafe import Markup

from app.languages import LANGUAGES, LOCALES, current

# In the CLDR but not in ISO 3166-1.
_NOT_ISO = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"}


@lru_cache(maxsize=32)
def _names(language, overrides):
    names = {
        code: name
        for code, name in LOCALES[language].territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NOT_ISO
    }
    names.update((code, text[language]) for code, text in overrides)
    # GB 18030 keeps the common characters in the order of their Pinyin.
    return dict(sorted(names.items(), key=lambda item: item[1].encode("gb18030") if language == "zh" else item[1]))


def names(call, language=None):
    """`{code: name}` in the order of the language."""
    return _names(language or current(), tuple(sorted(call.countries.items())))


@lru_cache(maxsize=32)
def _options(language, overrides):
    return Markup("\n").join(Markup('<option value="{}">').format(name) for name in _names(language, overrides).values())


def options(call):
    """The `<option>` of each name in the language of the page, as HTML: 250 of them, made once and not for every page."""
    return _options(current(), tuple(sorted(call.countries.items())))


@lru_cache(maxsize=8)
def _codes(overrides):
    codes = {}
    for language in LANGUAGES:
        for code, name in {**_names(language, ()), **_names(language, overrides)}.items():
            codes[_folded(name)] = code
            codes[code.lower()] = code
    return codes


def resolve(call, typed):
    """The code of what was typed: a name in either language or a code; None when it is none."""
    return _codes(tuple(sorted(call.countries.items()))).get(_folded(typed))


def _folded(name):
    return regex.sub(r"[\s\p{P}]+", " ", name).strip().casefold()
