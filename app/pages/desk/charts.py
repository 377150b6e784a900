"""The picture of how many were begun and handed in, day by day, against the deadline: where everything stands in it."""

from dataclasses import dataclass
from datetime import timedelta

from babel.dates import format_date

from app.languages import LOCALES

WIDTH, HEIGHT = 960, 260
LEFT, RIGHT, TOP, BOTTOM = 48, 4, 26, 26
MOST_COLUMNS = 180
"""More days than these are drawn by the week."""
MOST_MARKS = 9


@dataclass(frozen=True)
class Chart:
    """Everything in units of a viewBox of WIDTH × HEIGHT; y points down."""

    bars: list
    """[(x, y, width, height)] of what was handed in."""
    line: str
    """The path of what was begun."""
    rows: list
    """[(y, words)] of the lines across."""
    marks: list
    """[(x, words)] below."""
    deadline: float
    days: int
    """Of each column."""
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def chart(days, deadline, language):
    """The Chart of `days`, [(date, begun, handed in)] without gaps; `deadline` is the first day after it. None without any days."""
    if not days:
        return None
    first, last = days[0][0], max(days[-1][0] + timedelta(days=1), deadline)
    step = 1 if (last - first).days <= MOST_COLUMNS else 7
    parts = [days[start : start + step] for start in range(0, len(days), step)]
    columns = [(sum(begun for _day, begun, _done in part), sum(done for _day, _begun, done in part)) for part in parts]
    most = _round(max(max(column) for column in columns))

    def x(day):
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (day - first).days / (last - first).days, 1)

    def y(count):
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * count / most, 1)

    edges = [x(min(first + timedelta(days=step * number), last)) for number in range(len(columns) + 1)]
    bars = [
        (round(here + (after - here) * 0.15, 1), y(done), round((after - here) * 0.7, 1), round(y(0) - y(done), 1))
        for here, after, (_begun, done) in zip(edges, edges[1:], columns, strict=False)
        if done
    ]
    line = f"M{edges[0]} {y(0)}" + "".join(f"V{y(begun)}H{after}" for after, (begun, _done) in zip(edges[1:], columns, strict=True))
    return Chart(
        bars=bars,
        line=line,
        rows=[(y(count), count) for count in sorted({0, most // 2 if most > 1 else 0, most})],
        marks=[(x(day), format_date(day, words, locale=LOCALES[language])) for day, words in _marks(first, last, language)],
        deadline=x(deadline),
        days=step,
    )


def _round(count):
    """The next of 1, 2, 5, 10, 20, 50, 100, …"""
    size = 1
    while True:
        for factor in (1, 2, 5):
            if count <= factor * size:
                return factor * size
        size *= 10


def _marks(first, last, language):
    """[(day, how it is said)]: the first days of months, or of weeks where there are few."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    months = [day for day in days if day.day == 1]
    if len(months) < 3:
        chosen, words = [day for day in days if day.weekday() == 0] or days[:1], {"zh": "M月d日", "en": "MMM d"}[language]
    else:
        chosen, words = months, {"zh": "M月", "en": "MMM"}[language]
    return [(day, words) for day in chosen[:: -(-len(chosen) // MOST_MARKS)]]
