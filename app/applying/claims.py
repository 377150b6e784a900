"""Phrases in a text that claim to be the largest, the first or leading."""

from functools import lru_cache

import regex

APOSTROPHE = "['’‘ʼ＇]"
GAP = r"[\s\-‐‑–]+"
LETTER = r"[\p{Latin}\p{Nd}]"


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


def spans(text, phrases):
    """Where in `text` any of `phrases` stands, as `find` matches them: [(start, end)] in order, none overlapping."""
    pattern = _pattern(tuple(phrases))
    return [match.span() for match in pattern.finditer(text)] if pattern else []


@lru_cache(maxsize=64)
def _pattern(phrases):
    distinct = dict.fromkeys(_one(phrase) for phrase in sorted(phrases, key=len, reverse=True) if phrase.strip())
    if not distinct:
        return None
    # Looking for the border once, before all phrases and not in each, is ten times as fast.
    latin = "|".join(f"({one})" for one in distinct if regex.match(LETTER, one))
    other = "|".join(f"({one})" for one in distinct if not regex.match(LETTER, one))
    return regex.compile("|".join(filter(None, (latin and f"(?<!{LETTER})(?:{latin})", other))), regex.IGNORECASE)


def _one(phrase):
    words = regex.split(GAP, phrase.strip().lower())
    one = GAP.join(regex.sub(APOSTROPHE, APOSTROPHE, regex.escape(word, literal_spaces=True)) for word in words)
    return one + (f"(?!{LETTER})" if regex.search(f"{LETTER}$", one) else "")
