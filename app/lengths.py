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
WEIGHTLESS = regex.compile(r"[\p{M}\p{Cf}]+")
# Wide characters and the marks on either side of them; from its start alone, lest a run of marks is looked at again and again.
SINGLES = re.compile(rf"(?:(?<![{MARKS}])[{MARKS}]++)?[{WIDE}][{WIDE}{MARKS}]*+")


def count(text):
    """The units in `text`, in time linear in its length."""
    text = WEIGHTLESS.sub("", text)
    words, runs = SINGLES.subn(" ", text)
    # Each run of singles became one space.
    return len(text) - len(words) + runs + len(words.split())
