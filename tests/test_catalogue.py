"""The catalogue: every text of the code and the templates has its Chinese, and nothing else is in it."""

import io
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

APP = Path(__file__).parent.parent / "app"
CATALOGUE = APP / "translations" / "zh" / "LC_MESSAGES" / "messages.po"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "_ln": (1, 2), "lazy_ngettext": (1, 2)}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


@pytest.fixture(scope="module")
def catalogue():
    return read_po(io.BytesIO(CATALOGUE.read_bytes()))


def extracted():
    found = extract_from_dir(str(APP), METHODS, keywords=KEYWORDS)
    return {message[0] if isinstance(message, tuple) else message for _file, _line, message, _comments, _context in found}


def said(message):
    return message.string if isinstance(message.string, tuple) else (message.string,)


def original(message):
    return message.id[0] if isinstance(message.id, tuple) else message.id


def test_catalogue_holds_exactly_the_texts_of_the_code(catalogue):
    assert {original(message) for message in catalogue if message.id} == extracted()


def test_catalogue_has_no_empty_or_fuzzy_entry(catalogue):
    assert [message.id for message in catalogue if message.id and (message.fuzzy or not all(said(message)))] == []


def test_translations_keep_the_placeholders(catalogue):
    wrong = [
        message.id
        for message in catalogue
        if message.id and any(set(PLACEHOLDER.findall(text)) - set(PLACEHOLDER.findall("".join(message.id))) for text in said(message))
    ]
    assert wrong == []


def test_translations_hold_no_two_latin_words_in_a_row(catalogue):
    run = re.compile(r"[A-Za-z]{2,} +[A-Za-z]{2,}")
    assert [text for message in catalogue if message.id for text in said(message) if run.search(PLACEHOLDER.sub("", text))] == []
