"""Every line of the shipped call, deleted, doubled, retyped or cut: never a traceback, and the error names the line or its table.

Slips are made a dozen to a file, far apart, since everything wrong is to be named at once.
"""

import random
import re
from dataclasses import dataclass

import pytest

from app.call.loading import SHIPPED, read

SOURCE = SHIPPED.read_text("utf-8")
ROWS = SOURCE.split("\n")
OPTIONAL = re.compile(
    r"(sample|required|private|latin|core|least|most|for|when|grace_minutes|attachments|fields|files|reminders|types|honored|scale|comment_required|"
    r"(hint|row|longest)\.(zh|en)) ="
)


@dataclass(frozen=True)
class Row:
    """A line of the file: `number` from 1, within a table whose lines are `first` to `last`."""

    number: int
    kind: str
    """head, pair (a whole entry), begin, inside or end (of an entry over several lines), or idle (blank, or a note)."""
    first: int
    last: int

    @property
    def text(self):
        return ROWS[self.number - 1]


def rows_of_the_file():
    kinds, closing = [], None
    for text in ROWS:
        if closing:
            kind = "end" if text == closing else "inside"
            closing = None if kind == "end" else closing
        elif not text or text.startswith("#"):
            kind = "idle"
        elif text.startswith("["):
            kind = "head"
        else:
            closing = '"""' if text.endswith('= """') else "]" if text.endswith("= [") else None
            kind = "begin" if closing else "pair"
        kinds.append(kind)
    heads = [1, *(n for n, kind in enumerate(kinds, 1) if kind == "head"), len(ROWS) + 1]
    return [
        Row(number, kind, max(head for head in heads if head <= number), min(head for head in heads if head > number) - 1)
        for number, kind in enumerate(kinds, 1)
    ]


EVERY = rows_of_the_file()
PAIRS = [row for row in EVERY if row.kind == "pair"]


def changed(folder, changes):
    """The problems of the shipped file with `{number of a line: what stands there instead, or None for nothing}`."""
    text = "\n".join(changes.get(n, text) for n, text in enumerate(ROWS, 1) if changes.get(n, text) is not None)
    path = folder / "wic-awards-2027.toml"
    path.write_text(text, "utf-8")
    call, problems = read(path)
    assert bool(call) != bool(problems)
    assert all(problem.message.zh and problem.message.en and problem.file == path.name for problem in problems)
    return problems


def far_apart(rows, at_once=12):
    """`rows` in groups of at most `at_once`, each of which takes every n-th."""
    groups = -(-len(rows) // at_once)
    return [rows[start::groups] for start in range(groups)]


def test_the_file_is_understood_by_this_test():
    assert {
        kind: sum(row.kind == kind for row in EVERY) > 0 for kind in ("head", "pair", "begin", "inside", "end", "idle")
    } == dict.fromkeys(("head", "pair", "begin", "inside", "end", "idle"), True)
    assert sum(row.kind == "begin" for row in EVERY) == sum(row.kind == "end" for row in EVERY)


def test_every_optional_line_deleted_alone_is_no_problem_of_its_own(tmp_path):
    optional = [row for row in PAIRS if re.match(r"(sample|required|private|latin|core|least|most|grace_minutes) ", row.text)]
    assert len(optional) > 50
    assert changed(tmp_path, {row.number: None for row in optional}) == []


def test_every_required_line_deleted(tmp_path):
    required = [row for row in PAIRS if not OPTIONAL.match(row.text)]
    for group in far_apart(required):
        # An empty line instead of none keeps the numbers of the others.
        found = [problem.line for problem in changed(tmp_path, {row.number: "" for row in group})]
        for row in group:
            assert any(row.first <= line <= row.last for line in found), row


def test_every_head_deleted(tmp_path):
    for row in EVERY:
        if row.kind == "head":
            found = changed(tmp_path, {row.number: ""})
            assert any(row.first <= problem.line <= row.last or problem.where == row.text.strip("[]") for problem in found), row


def test_every_pair_doubled(tmp_path):
    for group in far_apart(PAIRS):
        found = [problem.line for problem in changed(tmp_path, {row.number: f"{row.text}\n{row.text}" for row in group})]
        assert found == [row.number + n for n, row in enumerate(group, 1)]


def test_every_head_of_a_list_doubled(tmp_path):
    for group in far_apart([row for row in EVERY if row.text.startswith("[[")]):
        found = [problem.line for problem in changed(tmp_path, {row.number: f"{row.text}\n{row.text}" for row in group})]
        for n, row in enumerate(group):
            assert row.number + n in found, row


def test_every_head_of_a_single_table_doubled(tmp_path):
    for row in EVERY:
        if re.match(r"\[\w", row.text):
            assert [problem.line for problem in changed(tmp_path, {row.number: f"{row.text}\n{row.text}"})] == [row.number + 1]


def test_every_entry_of_several_lines_doubled(tmp_path):
    begins = [row for row in EVERY if row.kind == "begin"]
    for begin in begins:
        end = next(row for row in EVERY[begin.number :] if row.kind == "end")
        entry = "\n".join(ROWS[begin.number - 1 : end.number])
        found = [problem.line for problem in changed(tmp_path, {end.number: f"{end.text}\n{entry}"})]
        assert len(found) == 1
        assert end.number < found[0] <= 2 * end.number - begin.number + 1


@pytest.mark.parametrize("value", ["42", '"?"', "true", "[]", "{}", "1.5", "2027-06-15", "[[1], 2]", '{ zh = "?" }'])
def test_every_pair_retyped(tmp_path, value):
    kinds = {'"': "text", "[": "list", "t": "flag", "f": "flag"}
    given = {'"?"': "text", "[]": "list", "[[1], 2]": "list", "true": "flag", "42": "number"}.get(value, "other")
    for group in far_apart(PAIRS, 40):
        retyped = {row.number: f"{row.text.split(' = ')[0]} = {value}" for row in group}
        found = {problem.line for problem in changed(tmp_path, retyped)}
        for row in group:
            kind = kinds.get(row.text.split(" = ")[1][0], "number")
            assert kind == given or row.number in found or row.text.startswith("options"), row


@pytest.mark.parametrize("head", ["[{}]", "[[{}]]", "[{}.x]", "[[x.{}]]", "{}", "{} = 1"])
def test_every_head_retyped(tmp_path, head):
    for name in {row.text.strip("[]") for row in EVERY if row.kind == "head"}:
        for row in [row for row in EVERY if row.kind == "head" and row.text.strip("[]") == name][:2]:
            text = head.format(name)
            assert text == row.text or changed(tmp_path, {row.number: text}), row


def test_every_pair_cut(tmp_path):
    for group in far_apart(PAIRS):
        # A note at the end of a line may be cut without harm.
        cut = {row.number: re.sub(r"\s+#.*", "", row.text)[: -2 if row.text.endswith("]") else -1] for row in group}
        found = [problem.line for problem in changed(tmp_path, cut)]
        harmless = [row for row in group if not cut[row.number].endswith(("= tru", "= fals")) and re.search(r"= \d*$", cut[row.number])]
        for row in group:
            assert row.number in found or row in harmless, row


def test_pairs_cut_in_the_middle(tmp_path):
    for group in far_apart(PAIRS[::6]):
        cut = {
            row.number: text[: text.index(" = ") + 3 + len(text.split(" = ")[1]) // 3]
            for row in group
            if (text := re.sub(r"\s+#.*", "", row.text))
        }
        found = [problem.line for problem in changed(tmp_path, cut)]
        for row in group:
            assert row.number in found or re.search(r"= \d+$", cut[row.number]), row


def test_every_key_cut(tmp_path):
    for group in far_apart(PAIRS):
        cut = {row.number: re.sub(r"^(\w+)\w\b", r"\1", row.text) for row in group}
        found = [problem.line for problem in changed(tmp_path, cut)]
        for row in group:
            assert row.number in found, row


def test_every_head_cut(tmp_path):
    for row in EVERY:
        if row.kind == "head":
            cut = row.text[:-1] if row.number % 2 else row.text[: len(row.text) // 2]
            assert [problem.line for problem in changed(tmp_path, {row.number: cut})] == [row.number]


def test_every_begin_and_end_of_several_lines_cut_or_deleted(tmp_path):
    for row in EVERY:
        if row.kind in ("begin", "end"):
            begin = max(other.number for other in EVERY[: row.number] if other.kind == "begin")
            found = changed(tmp_path, {row.number: row.text[:-1] if row.number % 2 else ""})
            assert found, row
            assert begin <= found[0].line <= row.last, row


def test_every_line_inside_a_long_text_deleted_doubled_or_cut_is_no_problem(tmp_path):
    inside, quoted = [], False
    for row in EVERY:
        quoted = row.text.endswith('"""') if row.kind == "begin" else quoted
        # The placeholders of mails are judged.
        inside += [row] if row.kind == "inside" and quoted and "{" not in row.text else []
    assert len(inside) > 60
    assert changed(tmp_path, {row.number: f"{row.text}\n{row.text}" for row in inside}) == []
    assert changed(tmp_path, {row.number: row.text[: len(row.text) // 2 + 1] for row in inside}) == []
    followed = [row for row in inside if EVERY[row.number].kind == "inside"]
    assert changed(tmp_path, {row.number: None for row in followed[::2]}) == []


def test_every_line_inside_a_list_cut(tmp_path):
    for row in EVERY:
        if row.kind == "inside" and re.match(r'  ["{]', row.text):
            found = [problem.line for problem in changed(tmp_path, {row.number: row.text[:-3]})]
            assert found == [row.number], row


def test_notes_and_blank_lines_deleted_doubled_or_cut_are_no_problem(tmp_path):
    idle = [row for row in EVERY if row.kind == "idle"]
    for change in (None, "", "\n", "# 说明 note"):
        assert changed(tmp_path, {row.number: change for row in idle}) == []
    assert changed(tmp_path, {row.number: row.text[: len(row.text) // 2] for row in idle}) == []


def test_the_file_ending_anywhere(tmp_path):
    path = tmp_path / "wic-awards-2027.toml"
    data = SOURCE.encode()
    for end in range(0, len(data) - 1000, 613):
        path.write_bytes(data[:end])
        call, problems = read(path)
        assert call is None
        assert all(1 <= problem.line <= data[:end].count(b"\n") + 1 for problem in problems)


def test_bytes_at_random(tmp_path):
    path, chance = tmp_path / "wic-awards-2027.toml", random.Random(1)
    marks = [b'"', b"[", b"]", b"{", b"}", b"=", b"\n", b"\\", b"#", b"\x00", b"\xff", b"'''", b'"""', b".", b",", b"\r", "汉".encode()]
    for _ in range(120):
        data = bytearray(SOURCE.encode())
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(data))
            data[at : at + chance.randint(0, 3)] = chance.choice(marks)
        path.write_bytes(data)
        call, problems = read(path)
        assert bool(call) != bool(problems)
        assert all(1 <= problem.line <= data.count(b"\n") + 1 for problem in problems)
