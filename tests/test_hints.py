"""What the program sees by itself of a handed-in version."""

import pytest

from app import demo
from app.applying import drafts
from app.desk import hints
from tests.small_call import pair

FILE = {"ref": "a", "zh": "论文", "en": "Paper", "kind": pair("论文", "Papers"), "core": True}


@pytest.fixture
def see(app, call):
    """`see(point, files, **changed)` answers [(tone, sentence)] of what is seen beside a point, after changing answers of a step."""
    def look(point, files=(), **changed):
        raw = demo.sample_answers(call, demo.ACHIEVEMENTS[0])
        for step, answers in changed.items():
            raw[step] |= answers
        with app.test_request_context("/en/"):
            found = hints.of(call, drafts.judged(call, raw, []), list(files))
            return [(tone, str(sentence)) for tone, sentence in found[point]]

    return look


def test_languages(see):
    assert see("languages") == [("good", "All 17 pairs are filled in both languages.")]
    assert see("languages", basics={"title-en": [""], "organization-zh": [" "]}) == [
        ("warn", "In Chinese, 1 of 17 are empty."),
        ("warn", "In English, 1 of 17 are empty."),
        ("warn", "Fill in “Achievement name” in English."),
        ("warn", "Fill in “Organization” in Chinese."),
    ]


def test_answers_over_their_length(see):
    (found,) = [hint for hint in see("languages", basics={"title-zh": ["量" * 51]}) if hint[0] == "warn"]
    assert found[1] == "“Achievement name” in Chinese has 51 characters; at most 50 are allowed. Nothing was cut."


def test_category_and_areas(see):
    assert see("category") == [("", "Basic Research")]
    assert see("areas", basics={"areas": ["ai", "quantum"]}) == [("", "Artificial intelligence, Quantum information")]


def test_names(see):
    assert see("names") == [("good", "Every name stands in the script of its language.")]
    odd = {"contributors-1-name-zh": ["Lin"], "contributors-2-name-en": ["陈志远"], "contributors-3-name-zh": [""]}
    odd["contributors-3-name-latin"] = ["y"]
    assert see("names", contributors=odd) == [
        ("warn", "“Lin” stands in Chinese without a Chinese character."),
        ("warn", "“陈志远” stands in English without Latin letters."),
        ("warn", "“Anna Müller” has no Chinese name; the Latin one is used."),
    ]


def test_contributors(see):
    assert see("contributors") == [("good", "3 contributors.")]
    rows = [str(number) for number in range(21)]
    many = {"contributors-row": rows} | {f"contributors-{row}-name-en": ["Somebody"] for row in rows}
    assert see("contributors", contributors=many) == [("warn", "21 contributors.")]


def test_claims(see):
    assert see("claims") == [("good", "No claim to be the largest, the first or leading was found.")]
    claims = {"theory-en": ["A world-leading result."], "influence-zh": ["国际领先。"], "influence-evidence": ["a"]}
    assert see("claims", [FILE], materials=claims) == [
        ("warn", "“world-leading” in “Theoretical innovation” has no evidence."),
        ("", "“国际领先” in “International influence” names evidence."),
    ]
    # A file that is not there any more supports nothing.
    assert see("claims", materials=claims)[1] == ("warn", "“国际领先” in “International influence” has no evidence.")


def test_files(see):
    assert see("files") == [("warn", "There are no files.")]
    assert see("files", [FILE]) == [("good", "1 file, 1 of core material.")]
    assert see("files", [FILE | {"core": False}] * 2) == [("warn", "2 files, 0 of core material.")]


def test_file_names(see):
    assert see("file-names") == []
    assert see("file-names", [FILE]) == [("good", "Every file is named in both languages.")]
    assert see("file-names", [FILE | {"zh": "Paper"}, FILE | {"en": "论文"}]) == [
        ("warn", "“Paper” does not look like the language it stands for."),
        ("warn", "“论文” does not look like the language it stands for."),
    ]
