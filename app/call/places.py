"""Where in the text of a call file something stands: samples, the deadline, a date said in words."""

import re
import tomllib
from datetime import timedelta

from babel.dates import get_month_names

from app.call.lines import Lines
from app.call.values import parse_moment
from app.languages import LOCALES, Text

DEADLINE = re.compile(r"""([ \t]*deadline[ \t]*=[ \t]*)(["'])[^"'\\]*\2(?=[ \t]*(?:#.*)?\r?$)""")
"""The one way in which a line gives the deadline that can be rewritten without touching anything else."""


def samples(source):
    """[(line, Text)] of every `sample = true` in a source that loads; the Text is the name of what it stands beside, or its first line."""
    lines, found, waiting = Lines(source), [], [((), tomllib.loads(source))]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict) and value.get("sample") is True:
            words = next((value[key] for key in ("name", "title", "label") if key in value), value)
            first = {language: words[language].strip().split("\n")[0] for language in LOCALES}
            found.append((lines.of((*path, "sample")), Text(**first)))
        if isinstance(value, dict | list):
            waiting += [((*path, key), item) for key, item in (value.items() if isinstance(value, dict) else enumerate(value))]
    return sorted(found, key=lambda sample: sample[0])


def deadline_line(source):
    """The line, from 1, that gives the deadline in a source that loads."""
    return Lines(source).of(("deadline",))


def with_deadline(source, moment):
    """The source with its deadline replaced by `moment` ("2027-06-30 24:00") and nothing else; None where it is written in another way."""
    rows = source.split("\n")
    line = deadline_line(source) - 1
    changed, count = DEADLINE.subn(rf"\g<1>\g<2>{moment}\g<2>", rows[line])
    rows[line] = changed
    return "\n".join(rows) if count == 1 else None


def mentions(source, moment):
    """[(line, text of the line)] where the day of `moment`, a deadline, is said in a usual form of either language; not in notes."""
    pattern, own = _said(moment), deadline_line(source)
    rows = enumerate(source.split("\n"), 1)
    return [(line, row.strip()) for line, row in rows if line != own and not row.lstrip().startswith("#") and pattern.search(row)]


def _said(moment):
    day = parse_moment(moment, "UTC")
    if moment.endswith("24:00"):
        day -= timedelta(days=1)
    year, month, date = day.year, f"0?{day.month}", f"0?{day.day}"
    names = "|".join(re.escape(get_month_names(width, locale=LOCALES["en"])[day.month]) + r"\.?" for width in ("wide", "abbreviated"))
    nth, other_year = "(?:st|nd|rd|th)?", rf"(?!,?\s+(?!{year})2\d{{3}})"
    forms = (
        rf"(?:(?<![\d年])|{year}\s*年\s*){month}\s*月\s*{date}\s*[日号]",
        rf"\b(?:{names})\s+{date}{nth}(?!\d){other_year}",
        rf"(?<!\d){date}{nth}\s+(?:of\s+)?(?:{names})(?![a-z]){other_year}",
        rf"(?<!\d){year}\s*[-/.]\s*{month}\s*[-/.]\s*{date}(?!\d)",
    )
    return re.compile("|".join(forms), re.IGNORECASE)
