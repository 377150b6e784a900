"""Two tabs, two devices: fields changed on one side are merged, fields changed on both are asked about."""

import pytest

from app.applying.merging import merge

importorskip = pytest.importorskip


def one(**values):
    return {name.replace("__", "-"): [value] for name, value in values.items()}


def test_fields_changed_on_one_side_are_merged():
    assert merge(one(a="1", b="1"), one(a="2", b="1"), one(a="1", b="3")) == (one(a="2", b="3"), [])


def test_field_changed_on_both_sides_is_a_conflict_and_stays_as_saved():
    assert merge(one(a="1"), one(a="2"), one(a="3")) == (one(a="2"), ["a"])


def test_same_change_on_both_sides_is_no_conflict():
    assert merge(one(a="1"), one(a="2"), one(a="2")) == (one(a="2"), [])


def test_empty_and_absent_inputs_are_the_same():
    assert merge({}, {"a": ["2"]}, {"a": [""]}) == ({"a": ["2"]}, [])


def test_rows_added_on_both_sides_all_stay():
    base = {"p-row": ["1"], "p-1-n": ["x"]}
    saved = {**base, "p-row": ["1", "s"], "p-s-n": ["saved"]}
    mine = {**base, "p-row": ["1", "m"], "p-m-n": ["mine"]}
    assert merge(base, saved, mine) == ({"p-row": ["1", "m", "s"], "p-1-n": ["x"], "p-s-n": ["saved"], "p-m-n": ["mine"]}, [])


def test_row_removed_on_one_side_goes():
    base = {"p-row": ["1", "2"], "p-1-n": ["x"], "p-2-n": ["y"]}
    mine = {"p-row": ["1"], "p-1-n": ["x"]}
    assert merge(base, base, mine) == ({"p-row": ["1"], "p-1-n": ["x"]}, [])


def test_row_removed_there_and_typed_into_here_comes_back():
    base = {"p-row": ["1", "2"], "p-1-n": ["x"], "p-2-n": ["y"]}
    saved = {"p-row": ["1"], "p-1-n": ["x"]}
    mine = {**base, "p-2-n": ["typed"]}
    assert merge(base, saved, mine) == ({"p-row": ["1", "2"], "p-1-n": ["x"], "p-2-n": ["typed"]}, [])


def test_row_removed_here_and_typed_into_there_stays():
    base = {"p-row": ["1", "2"], "p-1-n": ["x"], "p-2-n": ["y"]}
    saved = {**base, "p-2-n": ["typed"]}
    mine = {"p-row": ["1"], "p-1-n": ["x"]}
    merged, _conflicts = merge(base, saved, mine)
    assert (merged["p-row"], merged["p-2-n"]) == (["1", "2"], ["typed"])


def test_order_of_mine_wins():
    base = {"p-row": ["1", "2"]}
    assert merge(base, {"p-row": ["1", "2", "3"]}, {"p-row": ["2", "1"]}) == ({"p-row": ["2", "1", "3"]}, [])


def test_promise_03_no_text_is_lost_whatever_two_tabs_do():
    hypothesis = importorskip("hypothesis")
    strategies = importorskip("hypothesis.strategies")
    fields = [*"ab", *(f"p-{row}-{cell}" for row in ROWS for cell in "nm")]
    texts = strategies.dictionaries(strategies.sampled_from(fields), strategies.sampled_from(["", "1", "2"]))
    sides = strategies.builds(side, texts, strategies.permutations(ROWS), strategies.integers(0, len(ROWS)))

    @hypothesis.given(sides, sides, sides)
    def check(base, saved, mine):
        merged, conflicts = merge(base, saved, mine)
        for tab in (saved, mine):
            for name in typed(base, tab):
                assert merged.get(name) == tab[name] or (tab is mine and name in conflicts)
                assert not name.startswith("p-") or name[2] in merged["p-row"]
        assert len(merged["p-row"]) == len(set(merged["p-row"]))

    check()


ROWS = "1234"


def side(texts, order, count):
    """What a page with `count` rows posts or has stored: its cells are those of its rows."""
    rows = order[:count]
    return {"p-row": rows} | {name: [text] for name, text in texts.items() if not name.startswith("p-") or name[2] in rows}


def typed(base, tab):
    """The names of the texts that this tab has written."""
    return [name for name, values in tab.items() if name != "p-row" and values not in (base.get(name), [""])]
