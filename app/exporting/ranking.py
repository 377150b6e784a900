"""The ranking of a call as XLSX, with the raw scores from which every figure of it can be computed again by hand."""

from flask_babel import gettext as _
from xlsxwriter import Workbook

from app.exporting.cells import COLOUR, GUARDED, cell, heading
from app.honors.ranking import DISAGREEMENT, SOURCE, standardized
from app.languages import current, other

FIGURES = "0.00"


def ranking_xlsx(target, scores, outcome_name, about):
    """Writes the ranking of every category, the reviews, the raw scores and the formulas into an open binary file.

    `scores` is a `scores.Scores`, `outcome_name(id)` what a decision is called, `about` [(word, text or datetime)].
    """
    with Workbook(target, GUARDED | {"in_memory": True}) as book:
        formats = {
            "heading": heading(book),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            "figure": book.add_format({"num_format": FIGURES, "valign": "top"}),
            "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "valign": "top", "align": "left"}),
            "title": book.add_format({"bold": True, "font_size": 14, "font_color": COLOUR}),
        }
        categories = {category.id: str(category.name) for category in scores.call.categories}
        _fill(book, _("Ranking"), formats, *_ranking(scores, categories, outcome_name))
        _fill(book, _("Reviews"), formats, *_reviews(scores, categories))
        _fill(book, _("Raw scores"), formats, *_raw(scores, categories))
        _tell(book, formats, scores, about)


def _fill(book, title, formats, columns, rows):
    sheet = book.add_worksheet(title)
    sheet.freeze_panes(1, 0)
    for place, (words, width) in enumerate(columns):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, cell(words), formats["heading"])
    for number, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            _write(sheet, number, place, value, formats)
    sheet.autofilter(0, 0, len(rows), len(columns) - 1)


def _write(sheet, row, place, value, formats):
    if hasattr(value, "hour"):
        sheet.write_datetime(row, place, value.replace(tzinfo=None), formats["time"])
    elif isinstance(value, str):
        sheet.write_string(row, place, cell(value), formats["text"])
    elif isinstance(value, int):
        sheet.write_number(row, place, value, formats["text"])
    elif value is not None:
        sheet.write_number(row, place, float(value), formats["figure"])


def _ranking(scores, categories, outcome_name):
    columns = [
        (_("Category"), 18), (_("Rank"), 8), (_("Number"), 16), (_("Achievement"), 48), (_("Organization"), 36),
        (_("Weighted mean"), 12), (_("Spread"), 10), (_("Reviews handed in"), 12), (_("Lowest"), 10), (_("Highest"), 10),
        (_("Standardized score"), 14), (_("Disagreement"), 14), (_("Too few reviews"), 14), (_("Decision"), 20),
    ]  # fmt: skip
    rows = []
    for category_id, name in categories.items():
        for line in scores.lines(category_id):
            listed, found = line.listed, line.result
            rows.append([
                name, found.rank, listed.number, _either(listed, "title"), _either(listed, "organization"), found.mean, found.spread,
                found.count, found.lowest, found.highest, found.standardized, _yes(found.disagreement), _yes(found.few),
                str(outcome_name(line.decision.outcome)) if line.decision else "",
            ])  # fmt: skip
    return columns, rows


def _reviews(scores, categories):
    columns = [
        (_("Category"), 18), (_("Number"), 16), (_("Expert"), 20), (_("Total"), 10), (_("Standardized total"), 14),
        (_("Handed in"), 20), (_("Comment to the committee"), 60),
    ]  # fmt: skip
    zone = scores.call.closes_at.tzinfo
    zs = standardized([handed.scored for handed in scores.reviews])
    rows = []
    for handed in scores.reviews:
        scored, listed = handed.scored, scores.listed[handed.scored.application_id]
        rows.append([
            categories.get(listed.category, listed.category), listed.number, handed.name, scored.total,
            zs.get((scored.application_id, scored.expert_id)), handed.submitted_at.astimezone(zone).replace(microsecond=0), handed.comment,
        ])  # fmt: skip
    return columns, rows


def _raw(scores, categories):
    columns = [
        (_("Category"), 18), (_("Number"), 16), (_("Expert"), 20), (_("Criterion"), 28), (_("Weight in percent"), 10), (_("Score"), 8),
    ]  # fmt: skip
    names = {(category.id, one.id): str(one.name) for category in scores.call.categories for one in category.criteria}
    rows = []
    for handed in scores.reviews:
        scored, listed = handed.scored, scores.listed[handed.scored.application_id]
        rows += [
            [categories[listed.category], listed.number, handed.name, names[listed.category, criterion], weight, scored.scores[criterion]]
            for criterion, weight in scored.weights.items()
        ]
    return columns, rows


def formulas(scale):
    """[(what, how it is computed)] of every figure of a ranking, in words; `scale` is the highest score."""
    return [
        (_("Total of a review"), _("For each criterion of the category its weight in percent times the score; their sum, divided by 100.")),
        (_("Weighted mean"), _("The sum of the totals of the reviews that were handed in, divided by how many they are.")),
        (
            _("Spread"),
            _(
                "The standard deviation of a sample: each total less the weighted mean, squared; their sum, divided by the number of "
                "reviews less one; of that the square root. Of a single review there is none. It is divided by the number less one "
                "because the experts who review stand for all those who might have."
            ),
        ),
        (_("Lowest"), _("The lowest total.")),
        (_("Highest"), _("The highest total.")),
        (
            _("Standardized total"),
            _(
                "The total less the mean of all totals that this expert has handed in for this call, in every category, divided by their "
                "standard deviation (of a sample, as above); 0 where these do not vary, or there is only one."
            ),
        ),
        (_("Standardized score"), _("The mean of the standardized totals of its reviews.")),
        (
            _("Rank"),
            _(
                "One more than the number of applications of the category with a greater weighted mean: equals share a rank, and the next "
                "ranks are left out (1, 2, 2, 4). Compared before anything is rounded."
            ),
        ),
        (_("Disagreement"), _disagreement(scale)),
        (_("Too few reviews"), _("Fewer reviews have been handed in than experts were to review each application.")),
        (
            _("Which reviews count"),
            _(
                "Those handed in, with a score for every criterion; none of an assignment that has ended, of an expert with a conflict of "
                "interest, or of an application that was withdrawn. Numbers are rounded for display alone."
            ),
        ),
        (_("Source"), SOURCE),
    ]  # fmt: skip


def _disagreement(scale):
    percent, points = f"{int(DISAGREEMENT * 100)}%", f"{float(DISAGREEMENT * scale):g}"
    return _(
        "The highest total is above the lowest by %(percent)s of the scale or more, that is by %(points)s.", percent=percent, points=points
    )


def _tell(book, formats, scores, about):
    sheet = book.add_worksheet(_("How it is computed"))
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 100)
    sheet.write_string(0, 0, cell(_("How it is computed")), formats["title"])
    scale = scores.call.review.scale
    rows = [*about, (_("Scores"), _("Whole numbers from 0 to %(scale)s", scale=scale)), *formulas(scale)]
    for number, (word, value) in enumerate(rows, 2):
        sheet.write_string(number, 0, cell(word), formats["text"])
        _write(sheet, number, 1, value, formats)


def _either(listed, name):
    return getattr(listed, f"{name}_{current()}") or getattr(listed, f"{name}_{other(current())}")


def _yes(flag):
    return _("Yes") if flag else ""
