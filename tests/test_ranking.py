"""The ranking: against a worked table, against the statistics of Python, and what of the database counts."""

import io
import math
import statistics
from fractions import Fraction

import openpyxl
import pytest

from app import rules
from app.exporting.ranking import formulas, ranking_xlsx
from app.extensions import writing
from app.honors import ranking
from app.honors.ranking import Scored, results, rounded
from app.honors.scores import Scores, ordered
from app.languages import Text
from app.models import Application, Conflict, Expert
from tests.judging import evenly, reviewed, under_review, user

WEIGHTS = {"a": 70, "b": 30}


def scored(application, expert, a, b):
    return Scored(application, expert, {"a": a, "b": b}, WEIGHTS)


# Computed by hand with pencil and paper, total = (70·a + 30·b) / 100, by the definitions of the NIST handbook, 1.3.5.1 and 1.3.5.6:
#   application 1: 8, 9 → 8.3; 6, 6 → 6; 7, 9 → 7.6.     Mean 21.9/3 = 7.3; squares 1 + 1.69 + 0.09 = 2.78; s = √1.39 = 1.1790
#   application 2: 9, 2 → 6.9; 10, 10 → 10; 5, 5 → 5.    Mean 21.9/3 = 7.3; squares 0.16 + 7.29 + 5.29 = 12.74; s = √6.37 = 2.5239
#   application 3: 3, 3 → 3; 4, 5 → 4.3.                 Mean 7.3/2 = 3.65; squares 0.4225·2 = 0.845; s = √0.845 = 0.9192
#   application 4: 10, 9 → 9.7.                          Mean 9.7, no spread
# Expert 11 gave 8.3, 6.9, 3: mean 18.2/3 = 6.0667; s² = (4.9878 + 0.6944 + 9.4044)/2 = 7.5433, s = 2.7465; z 0.8131, 0.3034, −1.1165
# Expert 12 gave 6, 10, 4.3: mean 20.3/3 = 6.7667; s² = (0.5878 + 10.4544 + 6.0844)/2 = 8.5633, s = 2.9263; z −0.2620, 1.1049, −0.8429
# Expert 13 gave 7.6, 5, 9.7: mean 22.3/3 = 7.4333; s² = (0.0278 + 5.9211 + 5.1378)/2 = 5.5433, s = 2.3544; z 0.0708, −1.0335, 0.9627
WORKED = [
    scored(1, 11, 8, 9), scored(1, 12, 6, 6), scored(1, 13, 7, 9),
    scored(2, 11, 9, 2), scored(2, 12, 10, 10), scored(2, 13, 5, 5),
    scored(3, 11, 3, 3), scored(3, 12, 4, 5), scored(4, 13, 10, 9),
]  # fmt: skip
TABLE = [
    # application, rank, mean, spread, reviews, lowest, highest, disagreement (≥ 4 of 10), standardized, too few of 3
    (4, 1, "9.70", "", 1, "9.70", "9.70", False, "0.96", True),
    (1, 2, "7.30", "1.18", 3, "6.00", "8.30", False, "0.21", False),
    (2, 2, "7.30", "2.52", 3, "5.00", "10.00", True, "0.12", False),
    (3, 4, "3.65", "0.92", 2, "3.00", "4.30", False, "−0.98", True),
    (5, None, "", "", 0, "", "", False, "", True),
]


def test_worked_table():
    found = [
        (
            row.application_id, row.rank, rounded(row.mean), rounded(row.spread), row.count, rounded(row.lowest), rounded(row.highest),
            row.disagreement, rounded(row.standardized), row.few,
        )
        for row in results([5, 1, 2, 3, 4], WORKED, 10, 3)
    ]  # fmt: skip
    assert found == TABLE


def test_figures_are_those_of_the_statistics_module():
    totals = [review.total for review in WORKED[:3]]
    row = next(row for row in results([1], WORKED, 10, 3) if row.application_id == 1)
    assert row.mean == statistics.mean(totals) == Fraction(73, 10)
    assert row.spread == pytest.approx(statistics.stdev(totals), rel=1e-15)
    of_expert = [review.total for review in WORKED if review.expert_id == 12]
    z = ranking.standardized(WORKED)[2, 12]
    assert z == pytest.approx(float(10 - statistics.mean(of_expert)) / statistics.stdev(of_expert), rel=1e-15)


def test_standardized_scores_of_an_expert_have_mean_0_and_spread_1():
    zs = [z for (_application, expert), z in ranking.standardized(WORKED).items() if expert == 11]
    assert (math.fsum(zs), statistics.stdev(zs)) == (pytest.approx(0, abs=1e-15), pytest.approx(1))


def test_expert_whose_scores_do_not_vary_or_with_one_review_counts_0():
    reviews = [scored(1, 1, 7, 7), scored(2, 1, 7, 7), scored(1, 2, 9, 1)]
    assert ranking.standardized(reviews) == {(1, 1): 0.0, (2, 1): 0.0, (1, 2): 0.0}


def test_ties_are_judged_exactly():
    # As binary floats, 0.1 + 0.2 is more than 0.3.
    thirds = {"a": 33, "b": 33, "c": 34}
    reviews = [
        Scored(1, 1, {"a": 1, "b": 0, "c": 0}, thirds), Scored(1, 2, {"a": 0, "b": 2, "c": 0}, thirds),
        Scored(2, 1, {"a": 0, "b": 3, "c": 0}, thirds), Scored(2, 2, {"a": 0, "b": 0, "c": 0}, thirds),
        Scored(3, 1, {"a": 0, "b": 0, "c": 1}, thirds),
    ]  # fmt: skip
    assert [(row.application_id, row.rank) for row in results([1, 2, 3], reviews, 10, 1)] == [(1, 1), (2, 1), (3, 3)]


def test_review_in_a_category_that_the_call_has_no_more_counts_nowhere():
    reviews = [Scored(1, 1, {}, {}), scored(2, 1, 7, 7)]
    assert (reviews[0].total, [(row.application_id, row.rank) for row in results([1, 2], reviews, 10, 1)]) == (None, [(2, 1), (1, None)])


@pytest.mark.parametrize(("value", "shown"), [
    (None, ""), (Fraction(0), "0.00"), (Fraction(1, 3), "0.33"), (Fraction(-1, 200), "−0.01"), (-0.001, "0.00"),
    (Fraction(2675, 1000), "2.68"), (9.999, "10.00"),
])  # fmt: skip
def test_rounding_is_for_display(value, shown):
    assert rounded(value) == shown


@pytest.mark.parametrize(("low", "flagged"), [(6, False), (5, True)])
def test_disagreement_begins_at_40_percent_of_the_scale(low, flagged):
    reviews = [scored(1, 1, 9, 9), scored(1, 2, low, low)]
    assert results([1], reviews, 10, 2)[0].disagreement is flagged
    assert results([1], reviews, 10, 2)[0].highest - low == 9 - low


@pytest.fixture
def panel(app, call):
    """(ids of three applications under review, two experts)."""
    ids = under_review(app, call, 3)
    with app.app_context():
        yield ids, [user(f"{name}@example.org", "expert", name) for name in ("Ada", "Ben")]


def test_only_reviews_that_count_are_read(call, panel):
    ids, (ada, ben) = panel
    cleo, dora = user("c@example.org", "expert"), user("d@example.org", "expert")
    for application_id, score in zip(ids, (8, 6, 9), strict=True):
        reviewed(call, application_id, ada, evenly(call, "basic-research", score))
    reviewed(call, ids[0], ben, evenly(call, "basic-research", 1), handed_in=False)
    reviewed(call, ids[1], ben, evenly(call, "basic-research", 1), ended=True)
    reviewed(call, ids[0], cleo, {"originality": 3})
    reviewed(call, ids[1], dora, evenly(call, "basic-research", 2))
    with writing() as session:
        session.get(Application, ids[2]).withdrawn_at = rules.now()
        expert = Expert(
            call_id=call.id, user_id=dora.id, name_zh="朵拉", name_en="Dora", organization_zh="", organization_en="", capacity=1,
            invited_at=rules.now(),
        )  # fmt: skip
        session.add(expert)
        session.flush()
        session.add(Conflict(application_id=ids[1], expert_id=expert.id, source="expert", details={}, at=rules.now()))
    lines = Scores(call).lines("basic-research")
    assert [(line.listed.application_id, line.result.rank, line.result.mean, line.result.count) for line in lines] == [
        (ids[0], 1, 8, 1), (ids[1], 2, 6, 1),
    ]  # fmt: skip


def test_every_figure_of_the_export_is_computed_again_from_its_raw_scores(call, panel):
    ids, experts = panel
    given = {(0, 0): 9, (0, 1): 4, (1, 0): 7, (1, 1): 8, (2, 0): 7}
    for (application, expert), score in given.items():
        scores = evenly(call, "basic-research", score) | {"originality": 10 - score}
        reviewed(call, ids[application], experts[expert], scores, comment="=1+1")
    target = io.BytesIO()
    ranking_xlsx(target, Scores(call), lambda outcome: Text(zh=outcome, en=outcome), [])
    book = openpyxl.load_workbook(target)
    ranked, reviews, raw, told = (list(sheet.iter_rows(min_row=2, values_only=True)) for sheet in book)
    assert [cell.data_type for row in book["Reviews"].iter_rows(min_row=2) for cell in row[6:]] == ["s"] * 5
    totals = {}
    for _category, number, expert, _criterion, weight, score in raw:
        totals[number, expert] = totals.get((number, expert), 0) + weight * score / 100
    assert len(raw) == 5 * len(call.categories[0].criteria)
    assert {(row[1], row[2]): row[3] for row in reviews} == pytest.approx(totals)
    of_expert = {name: [total for (_number, expert), total in totals.items() if expert == name] for name in ("Ada", "Ben")}
    for _category, _rank, number, _title, _organization, mean, spread, count, lowest, highest, z, *_rest in ranked:
        mine = {expert: total for (one, expert), total in totals.items() if one == number}
        zs = [(total - statistics.mean(of_expert[name])) / statistics.stdev(of_expert[name]) for name, total in mine.items()]
        assert (mean, count, lowest, highest) == (
            pytest.approx(statistics.mean(mine.values())), len(mine), pytest.approx(min(mine.values())), pytest.approx(max(mine.values())),
        )  # fmt: skip
        assert spread == (pytest.approx(statistics.stdev(mine.values())) if len(mine) > 1 else None)
        assert z == pytest.approx(statistics.mean(zs))
    assert [row[1] for row in ranked] == [1, 2, 3]
    words = [str(what) for what, _how in formulas(10)]
    assert [row[0] for row in told[-len(words) :]] == words


def test_lines_are_sorted_by_any_figure_with_those_that_have_none_last(call, panel):
    ids, (ada, ben) = panel
    reviewed(call, ids[0], ada, evenly(call, "basic-research", 5))
    reviewed(call, ids[1], ada, evenly(call, "basic-research", 9))
    reviewed(call, ids[1], ben, evenly(call, "basic-research", 7))
    with writing() as session:
        for sequence, application_id in enumerate(ids, 9998):
            application = session.get(Application, application_id)
            application.sequence, application.number = sequence, f"{call.number_prefix}-{sequence:04d}"
    lines = Scores(call).lines("basic-research")

    def order(by, descending=False):
        return [ids.index(line.listed.application_id) for line in ordered(lines, by, descending)]

    assert [order("rank"), order("mean"), order("number", True), order("spread"), order("count", True)] == [
        [1, 0, 2], [0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 0, 2],
    ]  # fmt: skip
