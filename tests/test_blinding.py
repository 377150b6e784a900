"""Blind review: names of people and organizations are hidden wherever they stand."""

import pytest

from app import demo
from app.call.loading import SHIPPED, parse
from app.extensions import db
from app.models import Application
from app.review.blinding import Blot
from app.review.reading_for_experts import ForExperts
from tests.handing_in import handed_in

CALL = parse(SHIPPED.read_text("utf-8"), SHIPPED.stem)

NAMES = {"basics": {"organization-zh": ["示例大学"], "organization-en": ["Example University"], "contact_person-en": ["Wang Fang"]}}
ROWS = {"contributors": {"contributors-row": ["1"], "contributors-1-name-zh": ["𠮷田"], "contributors-1-name-en": ["Li"]}}


@pytest.mark.parametrize(
    ("text", "language", "shown"),
    [
        ("由示例大学与𠮷田完成。", "zh", "由〔隐去〕与〔隐去〕完成。"),
        ("At EXAMPLE\nUniversity, by wang fang.", "en", "At [hidden], by [hidden]."),
        ("Example Universityville", "en", "Example Universityville"),
        ("Lithium, by Li", "en", "Lithium, by Li"),
        ("其他大学", "zh", "其他大学"),
        ("Fang Wang, that is Wang, Fang.", "en", "[hidden], that is [hidden]."),
    ],
)
def test_names_are_blotted_out_as_whole_words(text, language, shown):
    assert Blot(CALL, NAMES | ROWS)(text, language) == shown


def test_longer_name_is_taken_before_one_within_it():
    row = {"contributors-row": ["1"], "contributors-1-organization-zh": ["示例大学实验室"]}
    answers = {"basics": {"organization-zh": ["示例大学"]}, "contributors": row}
    assert Blot(CALL, answers)("示例大学实验室", "zh") == "〔隐去〕"


def test_nothing_is_hidden_where_no_name_is_given():
    assert Blot(CALL, {})("示例大学", "zh") == "示例大学"


def test_titles_of_files_lose_their_names_and_nothing_else():
    entry = {"zh": "示例大学论文", "en": "Paper of Example University", "ref": "x"}
    blot = Blot(CALL, demo.sample_answers(CALL, demo.ACHIEVEMENTS[0]) | NAMES)
    assert blot.file(entry) == {"zh": "〔隐去〕论文", "en": "Paper of [hidden]", "ref": "x"}


def test_name_that_holds_a_claim_is_hidden_before_claims_are_marked(app, call):
    given = {"organization-zh": ["北京首创集团"]}
    application_id = handed_in(app, call, basics=given, materials={"summary-zh": ["由北京首创集团研制，为国际首创。"]})
    with app.app_context():
        version = ForExperts(db.session.get(Application, application_id), blind=True, tongue="zh")
        said = [text for _step, reads in version.steps("zh") for read in reads for _side, pieces in read.sides for text, _claim in pieces]
    assert [text for text in said if "集团" in text] == []
    assert "由〔隐去〕研制，为" in "".join(said)
