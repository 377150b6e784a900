"""What changed between two texts, and between two handed-in versions of an application."""

import json
import re
from dataclasses import dataclass, field

from app.languages import LANGUAGES, Text
from app.lengths import WIDE

SENTENCE = re.compile(r".+?(?:[。！？；…]+|[.!?;](?=\s)|\n|\Z)\s*", re.S)
TOKEN = re.compile(rf"[{WIDE}]|\s+|(?:(?![{WIDE}])\w)+|.", re.S)
"""A word, a character of Chinese or Japanese, a space, a mark."""
STEPS = 200_000
"""How long is looked for the smallest change of one text: some 0.1 s."""
ALIKE = 0.3
"""The part of two passages that must agree for the change to be shown within them; else one stands for the other."""


def texts(before, after):
    """What became of `before`: [(kind, text)], `kind` being "same", "out" or "in".

    By word, in Chinese by character. "same" and "out" together are `before`, "same" and "in" together `after`. The time
    is bounded, whatever the texts hold: what differs in too many places is shown as replaced.
    """
    found, left = [], [STEPS]
    for kind, old, new in _regions(SENTENCE.findall(before), SENTENCE.findall(after), left):
        inner = _regions(TOKEN.findall(old), TOKEN.findall(new), left) if kind == "changed" else []
        agree = sum(len(text) for what, text, _ in inner if what == "same")
        found += inner if agree >= ALIKE * max(len(old), len(new)) else [(kind, old, new)]
    pieces = []
    for kind, old, new in _joined(found):
        pieces += [("same", old)] if kind == "same" else [(what, text) for what, text in (("out", old), ("in", new)) if text]
    return pieces


def _joined(regions):
    """The same regions, with what is changed on both sides of a mere space or mark as one change."""
    joined = []
    for kind, old, new in regions:
        if kind == "changed" and len(joined) > 1 and joined[-1][0] == "same" and not re.search(r"\w", joined[-1][1]):
            _, between, _ = joined.pop()
            _, older, newer = joined.pop()
            old, new = older + between + old, newer + between + new
        joined.append((kind, old, new))
    return joined


def _regions(a, b, left):
    """[("same" or "changed", old text, new text)] of two lists of pieces of text, in turn; `left` is as in `_runs`."""
    regions, i, j = [], 0, 0
    for at, to, length in [*_runs(a, b, left), (len(a), len(b), 0)]:
        if at > i or to > j:
            regions.append(("changed", "".join(a[i:at]), "".join(b[j:to])))
        if length:
            regions.append(("same", "".join(a[at : at + length]), "".join(b[to : to + length])))
        i, j = at + length, to + length
    return regions


def _runs(a, b, left):
    """[(place in a, place in b, length)] of the runs that both have, in order: the most that can be, by Myers' algorithm.

    Only what both begin and end with where that takes more than half of the steps that are `left`, a list of one number.
    """
    most = min(len(a), len(b))
    head = next((n for n in range(most) if a[n] != b[n]), most)
    tail = next((n for n in range(most - head) if a[-1 - n] != b[-1 - n]), most - head)
    inner = _inner_runs(a[head : len(a) - tail], b[head : len(b) - tail], left)
    runs = [(0, 0, head), *((i + head, j + head, length) for i, j, length in inner), (len(a) - tail, len(b) - tail, tail)]
    return [run for run in runs if run[2]]


def _inner_runs(a, b, left):
    n, m = len(a), len(b)
    allowed = left[0] // 2
    left[0] -= allowed
    # How far each diagonal has come, and over which runs, the last one first.
    reached = {1: (0, None)}
    for d in range(n + m + 1):
        for k in range(-d, d + 1, 2):
            down = k == -d or k != d and reached[k - 1][0] < reached[k + 1][0]
            start, runs = reached[k + 1] if down else (reached[k - 1][0] + 1, reached[k - 1][1])
            i = start
            while i < n and i - k < m and a[i] == b[i - k]:
                i += 1
            if i > start:
                runs = (start, start - k, i - start, runs)
            reached[k] = i, runs
            allowed -= 1 + i - start
            if i >= n and i - k >= m:
                left[0] += max(allowed, 0)
                return _in_order(runs)
            if allowed < 0:
                return []
    return []


def _in_order(runs):
    found = []
    while runs:
        *run, runs = runs
        found.append(run)
    return reversed(found)


@dataclass
class Change:
    """One question, or one row of it, that differs. `key` names it as `concerns.key` does.

    `sides` are (language or None, pieces) of a question; a row has `parts` instead. `what` is "changed", "added",
    "removed", or "moved" for rows whose order changed.
    """

    key: str
    label: Text
    what: str = "changed"
    number: int | None = None
    """Of a row: its place, counted from 1."""
    sides: list = field(default_factory=list)
    parts: list = field(default_factory=list)


@dataclass
class FileChange:
    """`what` is "added", "removed", "replaced" or "renamed"; `before` and `after` are entries of `Snapshot.files`, or None."""

    what: str
    before: dict | None
    after: dict | None


@dataclass
class Comparison:
    answers: list
    files: list
    same: int
    """How many questions hold what they held."""

    def about(self, key):
        """The part of it that concerns this question, row or file; all of it for the empty key."""
        return Comparison(
            [change for change in self.answers if f"{change.key}/".startswith(f"{key}/") or not key],
            [change for change in self.files if not key or key in ("files", *(f"files/{file['ref']}" for file in _sides(change)))],
            self.same,
        )


def _sides(change):
    return [file for file in (change.before, change.after) if file]


def versions(before, after, language):
    """The Comparison of two Snapshots, the older one first; a plain answer is said in `language`."""
    old, new = (_by_key(json.loads(snapshot.receipt)["answers"]) for snapshot in (before, after))
    changes, same = [], 0
    for key in dict.fromkeys([*new, *old]):
        found = list(_changes(key, old.get(key), new.get(key), language))
        changes += found
        same += not found
    return Comparison(changes, files(before.files, after.files), same)


def _by_key(steps):
    return {f"{step['id']}/{answer['id']}": answer for step in steps for answer in step["answers"]}


def _changes(key, old, new, language):
    """The [Change] of one question, whose answers are dicts as a receipt holds them, or None."""
    known = new or old
    if "rows" in known:
        yield from _row_changes(key, known, *(answer["rows"] if answer else [] for answer in (old, new)), language)
        return
    languages = LANGUAGES if known["both"] else (language,)
    pairs = [(side, *(answer[side] if answer else "" for answer in (old, new))) for side in languages]
    if any(was != now for _, was, now in pairs):
        fine = known["kind"] in ("line", "text")
        sides = [(side if known["both"] else None, texts(was, now) if fine else _whole(was, now)) for side, was, now in pairs]
        yield Change(key, Text(**known["label"]), sides=sides)


def _whole(was, now):
    return [("same", now)] if was == now else [(what, text) for what, text in (("out", was), ("in", now)) if text]


def _row_changes(key, known, old, new, language):
    was, now = ({row["id"]: row["answers"] for row in rows} for rows in (old, new))
    label = Text(**known["row_label"])
    if [row for row in was if row in now] != [row for row in now if row in was]:
        yield Change(key, Text(**known["label"]), "moved")
    for rows, number, row in [*((now, n, row) for n, row in enumerate(now, 1)), *((was, n, row) for n, row in enumerate(was, 1))]:
        if rows is was and row in now:
            continue
        cells = [{cell["id"]: cell for cell in side.get(row, [])} for side in (was, now)]
        parts = [
            change
            for name in dict.fromkeys([*cells[1], *cells[0]])
            for change in _changes(name, cells[0].get(name), cells[1].get(name), language)
        ]
        if parts:
            what = "removed" if rows is was else "changed" if row in was else "added"
            yield Change(f"{key}/{row}", label, what, number, parts=parts)


def files(before, after):
    """The [FileChange] between the files of two snapshots. One that came where another of its kind and name went replaces it."""
    old, new = ({file["ref"]: file for file in listed} for listed in (before, after))
    gone = [file for ref, file in old.items() if ref not in new]
    changes = []
    for ref, file in new.items():
        was = old.get(ref) or next((other for other in gone if _stands_for(file, other)), None)
        if was in gone:
            gone.remove(was)
        if was is None:
            changes.append(FileChange("added", None, file))
        elif was["sha256"] != file["sha256"]:
            changes.append(FileChange("replaced", was, file))
        elif any(was[name] != file[name] for name in ("zh", "en", "kind")):
            changes.append(FileChange("renamed", was, file))
    return changes + [FileChange("removed", file, None) for file in gone]


def _stands_for(file, other):
    return file["kind"] == other["kind"] and (file["zh"] == other["zh"] or file["en"] == other["en"])
