"""The press: a Typst template and data go in, a PDF comes out. Texts travel as JSON and are never read as markup."""

import json
import re
import threading
from pathlib import Path

from flask_babel import lazy_gettext as _l

TEMPLATES = Path(__file__).parent.parent / "templates" / "pdf"
HAN_FONTS = (
    "Noto Serif CJK SC", "Source Han Serif SC", "Noto Serif SC", "Songti SC", "SimSun",
    "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "Microsoft YaHei",
)  # fmt: skip
"""Families that set simplified Chinese, the best first: Debian's, Adobe's, Google's, macOS's, Windows's."""
REGIONAL = ("Noto Serif CJK", "Source Han Serif", "Noto Serif")
"""Families that have a sister for each region, named like this one with "TC", "HK", "JP" or "KR" behind it."""

NO_TYPST = _l(
    "PDF files cannot be made: a Python package is missing. Run “%(command)s”, then start again.", command="pip install -r requirements.txt"
)
NO_FONT = _l(
    "PDF files cannot be made: no Chinese font was found. On Debian or Ubuntu run “%(command)s”; elsewhere install %(font)s. "
    "macOS and Windows bring a font with them.",
    command="apt install fonts-noto-cjk",
    font="Noto Serif CJK SC",
)
# XML 1.0 allows none of these, and a PDF's metadata is XML; fonts have no glyph for them either.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")

# A Typst compiler is not thread-safe; one at a time is fast enough.
_lock = threading.Lock()
_press = None


class Unavailable(Exception):
    """No PDF can be made on this machine; the argument says in words what is missing and how to get it."""


def missing():
    """None when PDFs can be made, else a lazy sentence that says what is missing and how to install it.

    Looks again each time until everything is there, so a font installed meanwhile is found. Takes 0.2 s the first time.
    """
    global _press
    with _lock:
        if _press is not None:
            return None
        try:
            import typst
        except ImportError:
            return NO_TYPST
        fonts = typst.Fonts()
        installed = set(fonts.families())
        han = [family for family in HAN_FONTS if family in installed]
        if not han:
            return NO_FONT
        _press = typst.Compiler(root=str(TEMPLATES), font_paths=fonts, ignore_system_fonts=True), han, installed
    return None


def render(template, data, *, at=None):
    """The bytes of the PDF that `<template>.typ` makes of `data`, a JSON-able dict with "title" and "language".

    `at`, an aware instant, becomes its date of creation; without it the same data give the same bytes. Raises
    Unavailable.
    """
    reason = missing()
    if reason is not None:
        raise Unavailable(reason)
    compiler, han, _installed = _press
    inputs = {"data": json.dumps(_printable(data | {"han": han, "dated": at is not None}), ensure_ascii=False)}
    source, instant = str(TEMPLATES / f"{template}.typ"), int(at.timestamp()) if at else 0
    with _lock:
        return compiler.compile(source, format="pdf", sys_inputs=inputs, timestamp=instant)


def lacking_forms():
    """The regional forms of Chinese characters, of "TC", "HK", "JP", "KR", for which this machine has no font like those of HAN_FONTS."""
    if missing() is not None:
        return []
    _compiler, _han, installed = _press
    return [form for form in ("TC", "HK", "JP", "KR") if not installed & {f"{family} {form}" for family in REGIONAL}]


def printable(text):
    """`text` without the characters that no document format accepts: control characters and halves of surrogates."""
    return _UNPRINTABLE.sub("", text.encode("utf-8", "replace").decode())


def _printable(value):
    if isinstance(value, dict):
        return {key: _printable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_printable(item) for item in value]
    return printable(value) if isinstance(value, str) else value
