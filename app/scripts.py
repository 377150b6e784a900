"""Which script a text is written in."""

import regex

# Planes 2 and 3 hold nothing but Han, also where this version of Unicode has not named it yet.
HAN = regex.compile(r"[\p{Han}\U00020000-\U0003ffff]")
LETTERS = regex.compile(r"[\p{L}--[\p{Common}\p{Inherited}]]", regex.V1)
LATIN = regex.compile(r"[\p{L}&&\p{Latin}]", regex.V1)


def has_han(text):
    return HAN.search(text) is not None


def mostly_latin(text):
    """Whether more than half of the letters are Latin; True for a text without letters. Letters of no script, such as
    the 𝑥 of a formula, are left aside."""
    letters = len(LETTERS.findall(text))
    return letters == 0 or 2 * len(LATIN.findall(text)) > letters
