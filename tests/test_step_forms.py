"""Judging: pairs, limits, kinds. The form judges raw strings and never changes them."""

import pytest

from app.call.schema import Call
from app.forms.step import judge
from app.languages import speaking


@pytest.fixture(autouse=True)
def _in_english(app):
    with app.test_request_context("/en/"):
        yield


@pytest.fixture
def verdict(call):
    """Judges raw answers of a step and answers {input name: first sentence in English}."""

    def of(step, raw, category="basic-research"):
        answers = {name.replace("__", "-"): [value] if isinstance(value, str) else value for name, value in raw.items()}
        form = judge(call, call.step(step), category, answers)
        form.validate()
        return {name: str(message) for name, message, _missing in form.problems()}

    return of


@pytest.fixture
def warnings(call):
    def of(step, name, text):
        form = judge(call, call.step(step), "basic-research", {name: [text]})
        return [str(warning) for warning in form[name].warnings]

    return of


@pytest.mark.parametrize("text", ["RISC-V处理器", "𠮷田㛃", "正體中文", "阿卜杜拉·买买提"])
def test_chinese_side_is_kept_as_typed_without_a_word(verdict, warnings, text):
    assert "title-zh" not in verdict("basics", {"title-zh": text})
    assert warnings("basics", "title-zh", text) == []


@pytest.mark.parametrize("text", ["RISC-V", "Siemens", "さくら"])
def test_one_line_without_han_only_warns(verdict, warnings, text):
    assert "title-zh" not in verdict("basics", {"title-zh": text})
    assert warnings("basics", "title-zh", text) == ["There is no Chinese character here. That is fine if the name has none."]


def test_one_line_in_another_script_on_the_english_side_only_warns(verdict, warnings):
    assert "title-en" not in verdict("basics", {"title-en": "量子"})
    assert len(warnings("basics", "title-en", "量子")) == 1


def test_long_chinese_text_without_han_is_an_error(verdict):
    assert "there is no Chinese character in it" in verdict("materials", {"summary-zh": "Only English here."})["summary-zh"]


def test_long_english_text_mostly_in_another_script_is_an_error(verdict):
    assert "most of it is in another script" in verdict("materials", {"summary-en": "这里几乎全部都是中文内容 but not all"})["summary-en"]


def test_both_sides_of_a_pair_are_asked_for(verdict):
    problems = verdict("basics", {"title-zh": "  \u3000 "})
    assert problems["title-zh"] == "Fill in “Achievement name” in Chinese."
    assert problems["title-en"] == "Fill in “Achievement name” in English."


def test_latin_name_excuses_the_chinese_one(verdict):
    assert "organization-zh" not in verdict("basics", {"organization-en": "Siemens", "organization-latin": "yes"})


def test_limit_counts_characters_in_chinese_and_words_in_english(call, verdict):
    limit = call.find("title")[1].longest
    assert "title-zh" not in verdict("basics", {"title-zh": "字" * limit.zh})
    assert f"has {limit.zh + 1} characters; at most {limit.zh}" in verdict("basics", {"title-zh": "字" * (limit.zh + 1)})["title-zh"]
    assert "title-en" not in verdict("basics", {"title-en": "word " * limit.en})
    assert f"has {limit.en + 1} words; at most {limit.en}" in verdict("basics", {"title-en": "word " * (limit.en + 1)})["title-en"]


@pytest.mark.parametrize("text", ["13800138000", "+86 138 0013 8000", "+49 89 1234567", "010-12345678", "+1 (650) 253-0000"])
def test_phone_number_is_accepted(verdict, text):
    assert "contact_phone" not in verdict("basics", {"contact_phone": text})


@pytest.mark.parametrize("text", ["12", "phone", "+999 1", "１２３ ＡＢＣ", "0" * 50])
def test_phone_number_is_refused(verdict, text):
    assert verdict("basics", {"contact_phone": text})["contact_phone"].endswith("such as +49 89 1234567.")


@pytest.mark.parametrize("text", ["中国", "China", "CN", "cn", "德国", "Germany", " germany "])
def test_country_is_found_by_name_or_code_in_either_language(verdict, text):
    assert "country" not in verdict("basics", {"country": text})


@pytest.mark.parametrize("text", ["Atlantis", "EU", "XX", "Europe"])
def test_country_that_is_none_is_refused(verdict, text):
    assert "country" in verdict("basics", {"country": text})


def test_areas_are_at_most_two_of_those_offered(call, verdict):
    one, two, three, *_ = [area.id for area in call.areas]
    assert "areas" not in verdict("basics", {"areas": [one, two]})
    assert "choose at most 2" in verdict("basics", {"areas": [one, two, three]})["areas"]
    assert "choose one of the answers offered" in verdict("basics", {"areas": ["astrology"]})["areas"]


@pytest.mark.parametrize(
    ("text", "fine"),
    [("https://example.org/x", True), ("http://例子.中国", True), ("example.org", False), ("javascript:alert(1)", False)],
)
def test_link_begins_with_http(verdict, text, fine):
    assert ("website" not in verdict("materials", {"website": text})) is fine


def test_blank_rows_are_not_judged(verdict):
    row = {"name-zh": "张三", "name-en": "Zhang San", "organization-zh": "甲", "organization-en": "A", "role-zh": "组长", "role-en": "Lead"}
    raw = {f"contributors-a-{name}": value for name, value in row.items()} | {"contributors-row": ["a", "b"]}
    assert verdict("contributors", raw) == {}


def test_error_in_a_row_names_the_row(verdict):
    problems = verdict("contributors", {"contributors-row": ["a", "b"], "contributors-a-name-zh": "张三", "contributors-b-email": "no"})
    assert problems["contributors-b-email"].startswith("Contributor 2: “E-mail” must be one e-mail address")


def test_questions_of_another_category_are_not_asked(call, verdict):
    asked = {name.rsplit("-", 1)[0] for name in verdict("materials", {}, "key-technology")}
    assert "bottleneck" in asked
    assert "theory" not in asked


def test_question_with_a_condition_is_judged_only_after_a_yes(call, verdict):
    data = call.model_dump(by_alias=True, mode="json")
    basics = next(step for step in data["steps"] if step["id"] == "basics")
    basics["fields"].append({"id": "partner", "kind": "line", "label": {"zh": "伙伴", "en": "Partner"}, "when": "joint"})
    changed = Call.model_validate(data)

    def problems(joint):
        form = judge(changed, changed.step("basics"), "", {"joint": [joint]})
        form.validate()
        return {name for name, *_ in form.problems()}

    assert "partner" in problems("yes")
    assert "partner" not in problems("no")


PIECES = [
    *"0123456789+-. @:/[]()%&=#?ext,;", "http://", "https://", "xn--", "@example.org", "+86", "2026-02-29", "9999-99-99", "量子", "的",
    "世界首创", "world’s first", "word ", "长" * 200, "yes", "no", "joint", "CN", "Germany", "٣", "\u0301", "\u202e", "\0", "\n", "\u2028",
]  # fmt: skip
"""Of what the kinds of questions look for."""


@pytest.mark.parametrize("step", ["category", "basics", "contributors", "partnership", "materials"])
def test_any_text_is_judged_and_shown_without_a_crash_or_a_change(call, step):
    hypothesis = pytest.importorskip("hypothesis")
    text = pytest.importorskip("hypothesis.strategies").text
    lists, dictionaries, sampled = (getattr(hypothesis.strategies, name) for name in ("lists", "dictionaries", "sampled_from"))
    texts = text() | lists(sampled(PIECES) | text(max_size=3), max_size=12).map("".join)
    blank = judge(call, call.step(step), "basic-research", {})
    rows = {f"{spec.id}-row" for spec in blank.specs if spec.kind == "rows"}
    cells = [field.name for spec in blank.specs if spec.kind == "rows" for row in blank[spec.id].rows for field in row]
    names = [name for name in blank._fields if name not in {spec.id for spec in blank.specs if spec.kind == "rows"}] + cells

    @hypothesis.given(dictionaries(sampled(names), lists(texts, min_size=1, max_size=2)))
    def check(raw):
        raw |= dict.fromkeys(rows, ["1"])
        before = {name: list(values) for name, values in raw.items()}
        for language in ("zh", "en"):
            with speaking(language):
                form = judge(call, call.step(step), "basic-research", raw)
                form.validate()
                assert all(str(message) for _name, message, _missing in form.problems())
                form.answers()
        assert raw == before

    check()
