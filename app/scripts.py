"""Which script a text is written in."""

import regex
from markupsafe import Markup

# Planes 2 and 3 hold nothing but Han, also where this version of Unicode has not named it yet.
HAN = regex.compile(r"[\p{Han}\U00020000-\U0003ffff]")
LETTERS = regex.compile(r"[\p{L}--[\p{Common}\p{Inherited}]]+", regex.V1)
LATIN = regex.compile(r"[\p{L}&&\p{Latin}]+", regex.V1)

_EAST = r"\p{Han}\p{Hiragana}\p{Katakana}\U00020000-\U0003ffff"
FOREIGN_TO_EN = regex.compile(rf"[{_EAST}][{_EAST}，。、：；！？（）《》ー]*")
FOREIGN_TO_ZH = regex.compile(r"\p{Latin}[\w'’.&/-]*(?:[ \u00a0]+[\p{Latin}\d][\w'’.&/-]*)+")


def has_han(text):
    return HAN.search(text) is not None


def mostly_latin(text):
    """Whether more than half of the letters are Latin; True for a text without letters. Letters of no script, such as
    the 𝑥 of a formula, are left aside."""
    letters = sum(map(len, LETTERS.findall(text)))
    return letters == 0 or 2 * sum(map(len, LATIN.findall(text))) > letters


def marked(text, language):
    """`text` as Markup, its pieces in the other language marked as such: for sentences that quote what people typed.

    In an English sentence every run of Han and kana, in a Chinese one every run of two or more Latin words.
    """
    pattern, tag = (FOREIGN_TO_ZH, "en") if language == "zh" else (FOREIGN_TO_EN, "zh")
    # Not while it is escaped: “&#34;” at the end of an English word would be taken for a part of it.
    plain, pieces, end = Markup.escape(text).unescape(), [], 0
    for found in pattern.finditer(plain):
        pieces += plain[end : found.start()], Markup('<span lang="{}">{}</span>').format(tag, found[0])
        end = found.end()
    return Markup("").join([*pieces, plain[end:]])
