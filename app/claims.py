"""Phrases in a text that claim to be the largest, the first or leading."""

from functools import lru_cache

import regex

APOSTROPHE = "['’‘ʼ＇]"
GAP = r"[\s\-‐‑–]+"
BEFORE, AFTER = r"(?<![\p{Latin}\p{Nd}])", r"(?![\p{Latin}\p{Nd}])"


def find(text, phrases):
    """Those of `phrases` that stand in `text`, as they stand there, each once, in the order of their first occurrence.

    Letter case, the shape of an apostrophe, and a hyphen or a space between words make no difference. Latin phrases match
    whole words. Where one phrase lies within another, the longer counts. Time is linear in the text.
    """
    pattern = _pattern(tuple(phrases))
    if pattern is None:
        return []
    found = {}
    for match in pattern.finditer(text):
        found.setdefault(match.lastindex, match[0])
    return list(found.values())


@lru_cache(maxsize=64)
def _pattern(phrases):
    distinct = dict.fromkeys(_one(phrase) for phrase in sorted(phrases, key=len, reverse=True) if phrase.strip())
    return regex.compile("|".join(f"({one})" for one in distinct), regex.IGNORECASE) if distinct else None


def _one(phrase):
    words = regex.split(GAP, phrase.strip().lower())
    one = GAP.join(regex.sub(APOSTROPHE, APOSTROPHE, regex.escape(word, literal_spaces=True)) for word in words)
    before = BEFORE if regex.match(r"[\p{Latin}\p{Nd}]", phrase.strip()) else ""
    after = AFTER if regex.search(r"[\p{Latin}\p{Nd}]$", phrase.strip()) else ""
    return before + one + after
