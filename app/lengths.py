"""How long a text is, in the units in which limits are given. `static/lengths.js` is the same rule in the browser; both
must pass `tests/lengths.json`.

One unit for each Han or kana character, for each CJK or full-width mark, letter or digit, and for each other run without
spaces: a word. The marks that both worlds share, “”‘’—…·, count one each where they stand beside such a character and
belong to the run elsewhere. Combining marks and invisible format characters count nothing. Hangul is written in words.
"""

import re

import regex

# Ranges instead of properties: the browsers at hand know older versions of Unicode than the server does.
WIDE = (
    r"\u2e80-\u2fff\u3001-\u312f\u3190-\u9fff\uf900-\ufaff\ufe10-\ufe1f\ufe30-\ufe6f\uff01-\uff9f\uffe0-\uffe6"
    r"\U0001aff0-\U0001b16f\U0001f200-\U0001f2ff\U00020000-\U0003ffff"
)
MARKS = "“”‘’—…·"
SPACES = r"\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
WEIGHTLESS = regex.compile(r"[\p{M}\p{Cf}]+")
TOKENS = re.compile(rf"(?P<wide>[{WIDE}]+)|(?P<marks>[{MARKS}]+)|(?P<space>[{SPACES}]+)|(?P<word>[^{WIDE}{MARKS}{SPACES}]+)")


def count(text):
    """The units in `text`, in time linear in its length."""
    tokens = [(match.lastgroup, len(match[0])) for match in TOKENS.finditer(WEIGHTLESS.sub("", text))]
    kinds = [None, *(kind for kind, _ in tokens), None]
    total, in_run = 0, False
    for place, (kind, length) in enumerate(tokens):
        if kind == "wide" or kind == "marks" and "wide" in (kinds[place], kinds[place + 2]):
            total, in_run = total + length, False
        elif kind == "space":
            in_run = False
        elif not in_run:
            total, in_run = total + 1, True
    return total
