"""What changed between two texts, and between two handed-in versions."""

import json
import random

import pytest

from app.desk import comparing
from app.models import Snapshot


def shown(before, after):
    """The difference in one line: what went in [-…-], what came in {+…+}."""
    marks = {"same": "{}", "out": "[-{}-]", "in": "{{+{}+}}"}
    return "".join(marks[kind].format(text) for kind, text in comparing.texts(before, after))


@pytest.mark.parametrize(("before", "after", "line"), [
    ("", "", ""),
    ("same", "same", "same"),
    ("", "new", "{+new+}"),
    ("old", "", "[-old-]"),
    ("The quick brown fox runs. It sleeps.", "The quick red fox runs. It sleeps.", "The quick [-brown-]{+red+} fox runs. It sleeps."),
    ("It is fast and it is safe.", "It is fast, small and it is safe.", "It is fast{+, small+} and it is safe."),
    ("我们提出了新方法。效果好。", "我们提出了全新方法。效果好。", "我们提出了{+全+}新方法。效果好。"),
    ("在三个场景中得到验证", "在五个场景中得到验证", "在[-三-]{+五+}个场景中得到验证"),
    ("采用RISC-V架构", "采用RISC-VI架构", "采用RISC-[-V-]{+VI+}架构"),
    ("one two three four", "one deux trois four", "one [-two three-]{+deux trois+} four"),
    ("First. Second. Third.", "First. Third.", "First. [-Second. -]Third."),
    ("Nothing of this stays here at all.", "这里的一切都变了。", "[-Nothing of this stays here at all.-]{+这里的一切都变了。+}"),
    ("a\nb\n", "a\nc\n", "a\n[-b-]{+c+}\n"),
])
def test_texts(before, after, line):
    assert shown(before, after) == line


def test_pieces_make_up_both_texts_whatever_they_are():
    hypothesis = pytest.importorskip("hypothesis")
    text = hypothesis.strategies.text(alphabet="ab 。.\n量子é\u0301", max_size=60)

    @hypothesis.given(text, text)
    def holds(before, after):
        pieces = comparing.texts(before, after)
        assert "".join(text for kind, text in pieces if kind != "in") == before
        assert "".join(text for kind, text in pieces if kind != "out") == after
        assert all(text for _kind, text in pieces)

    holds()


def looked_at(before, after):
    """How many pieces are compared for the difference of two texts: what its time depends on."""
    class Counted(str):
        looks = 0
        __hash__ = str.__hash__

        def __eq__(self, other):
            Counted.looks += 1
            return str.__eq__(self, other)

        def __ne__(self, other):
            Counted.looks += 1
            return str.__ne__(self, other)

    left = [comparing.STEPS]
    comparing._regions([Counted(one) for one in before], list(after), left)
    return Counted.looks


@pytest.mark.parametrize("letters", ["的了", "ab 。", "甲乙丙丁戊己庚辛", "量"])
def test_work_on_20000_characters_is_bounded(letters):
    chance = random.Random(7)  # noqa: S311 - no secret
    before, after = ("".join(chance.choice(letters) for _ in range(20_000)) for _ in range(2))
    assert looked_at(before, after) <= 2 * comparing.STEPS


def test_a_word_in_a_long_text_is_found():
    long = "这是第%s句，讲的是一件事。"
    before = "".join(long % n for n in range(1400))
    after = before.replace("第700句，讲的是一件事", "第700句，说的是一件事")
    assert [piece for piece in comparing.texts(before, after) if piece[0] != "same"] == [("out", "讲"), ("in", "说")]


LABEL = {"zh": "问", "en": "Question"}


def plain(name, zh, en, kind="text", both=True):
    return {"id": name, "label": LABEL, "kind": kind, "both": both, "zh": zh, "en": en}


def rows(*cells):
    answers = [{"id": row, "answers": [plain("name", zh, en, "line")]} for row, zh, en in cells]
    return {"id": "people", "label": LABEL, "kind": "rows", "row_label": {"zh": "人", "en": "Person"}, "rows": answers}


def snapshot(*answers, files=()):
    return Snapshot(receipt=json.dumps({"answers": [{"id": "step", "title": LABEL, "answers": list(answers)}]}), files=list(files))


def changes(before, after, language="en"):
    """[(key, what, number, sides or the sides of its parts)] of two snapshots."""
    found = comparing.versions(before, after, language).answers
    return [(change.key, change.what, change.number, change.sides or [part.sides for part in change.parts]) for change in found]


def test_only_what_differs_is_listed():
    before = snapshot(plain("a", "甲", "A"), plain("b", "乙", "B"), plain("c", "丙", "C"))
    after = snapshot(plain("a", "甲", "A"), plain("b", "乙", "BB"), plain("d", "丁", "D"))
    assert changes(before, after) == [
        ("step/b", "changed", None, [("zh", [("same", "乙")]), ("en", [("out", "B"), ("in", "BB")])]),
        ("step/d", "changed", None, [("zh", [("in", "丁")]), ("en", [("in", "D")])]),
        ("step/c", "changed", None, [("zh", [("out", "丙")]), ("en", [("out", "C")])]),
    ]
    assert comparing.versions(before, after, "en").same == 1


def test_a_choice_is_replaced_as_a_whole_and_said_in_one_language():
    before = snapshot(plain("area", "量子信息", "Quantum information", "choices", both=False))
    after = snapshot(plain("area", "量子信息、大数据", "Quantum information, Big data", "choices", both=False))
    assert changes(before, after, "zh") == [("step/area", "changed", None, [(None, [("out", "量子信息"), ("in", "量子信息、大数据")])])]


def test_rows_are_matched_by_their_ids():
    before = snapshot(rows(("1", "甲", "A"), ("2", "乙", "B"), ("3", "丙", "C")))
    after = snapshot(rows(("1", "甲", "A"), ("3", "丙", "CC"), ("4", "丁", "D")))
    assert changes(before, after) == [
        ("step/people/3", "changed", 2, [[("zh", [("same", "丙")]), ("en", [("out", "C"), ("in", "CC")])]]),
        ("step/people/4", "added", 3, [[("zh", [("in", "丁")]), ("en", [("in", "D")])]]),
        ("step/people/2", "removed", 2, [[("zh", [("out", "乙")]), ("en", [("out", "B")])]]),
    ]


def test_rows_in_another_order():
    before, after = snapshot(rows(("1", "甲", "A"), ("2", "乙", "B"))), snapshot(rows(("2", "乙", "B"), ("1", "甲", "A")))
    assert changes(before, after) == [("step/people", "moved", None, [])]


def file(ref, zh="论文", en="Paper", sha256=None):
    return {"ref": ref, "zh": zh, "en": en, "kind": {"zh": "论文", "en": "Papers"}, "sha256": sha256 or ref}


def test_files_that_came_went_or_took_the_place_of_others():
    before = [file("a"), file("b", "专利", "Patent"), file("c", "旧", "Old"), file("d", "同", "Same"), file("e", "证明", "Proof", "1")]
    after = [file("a", en="The paper"), file("f", "专利", "Patent, complete"), file("d", "同", "Same"), file("g", "新", "New")]
    after.append(file("e", "证明", "Proof", "2"))
    found = [(one.what, one.before and one.before["ref"], one.after and one.after["ref"]) for one in comparing.files(before, after)]
    assert found == [("renamed", "a", "a"), ("replaced", "b", "f"), ("added", None, "g"), ("replaced", "e", "e"), ("removed", "c", None)]


@pytest.mark.parametrize(("key", "answers", "files"), [
    ("", ["step/a", "step/people/1", "step/people/2"], ["replaced"]),
    ("step/a", ["step/a"], []),
    ("step/people", ["step/people/1", "step/people/2"], []),
    ("step/people/2", ["step/people/2"], []),
    ("step/peop", [], []),
    ("files", [], ["replaced"]),
    ("files/old", [], ["replaced"]),
    ("files/new", [], ["replaced"]),
    ("files/other", [], []),
])
def test_what_concerns_one_reason(key, answers, files):
    before = snapshot(plain("a", "甲", "A"), rows(("1", "甲", "A"), ("2", "乙", "B")), files=[file("old")])
    after = snapshot(plain("a", "甲", "B"), rows(("1", "甲", "AA"), ("2", "乙", "BB")), files=[file("new")])
    found = comparing.versions(before, after, "en").about(key)
    assert ([change.key for change in found.answers], [change.what for change in found.files]) == (answers, files)
