"""The ranking of each category: what the reviews that were handed in amount to."""

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app import exporting, rules, times
from app.exporting.ranking import formulas, ranking_xlsx
from app.extensions import writing
from app.honors import deciding
from app.honors import ranking as figures
from app.honors.scores import Scores, ordered
from app.models import record
from app.pages.access import organizer
from app.pages.answering import XLSX, made_for_long
from app.pages.desk.asking import asked_call, asked_category, window
from app.pages.desk.blueprint import blueprint

HEADINGS = {
    "rank": _l("Rank"),
    "number": _l("Application"),
    "mean": _l("Weighted mean"),
    "spread": _l("Spread"),
    "count": _l("Reviews"),
    "lowest": _l("Lowest"),
    "highest": _l("Highest"),
    "standardized": _l("Standardized score"),
}
ASCENDING = ("rank", "number")
"""What is sorted from the smallest at the first press."""


@blueprint.get("/ranking")
@organizer
def ranking():
    call, calls = asked_call()
    category, scores = asked_category(call), Scores(call)
    sort = request.args.get("sort", "")
    by = sort.removeprefix("-") if sort.removeprefix("-") in HEADINGS else "rank"
    descending = sort.startswith("-") and by in sort
    lines = scores.lines(category.id)
    shown, number, pages = window(ordered(lines, by, descending))

    def here(**changed):
        kept = {"call": call.id, "category": category.id, "sort": sort or None}
        return url_for("desk.ranking", **(kept | changed))

    return render_template(
        "desk/ranking.html",
        call=call,
        calls=calls,
        category=category,
        lines=lines,
        shown=shown,
        number=number,
        pages=pages,
        here=here,
        headings=HEADINGS,
        by=by,
        descending=descending,
        ascending=ASCENDING,
        rounded=figures.rounded,
        formulas=formulas(call.review.scale),
        expected=scores.panel.reviewers,
    )


@blueprint.get("/ranking.xlsx")
@organizer
def ranking_table():
    (call, _calls), now, user = asked_call(), rules.now(), current_user.user
    with writing():
        record("ranking exported", at=now, user=user, call=call.id, format="XLSX")
    zone, zone_name = times.zone_of([call])
    about = [
        (_("Award"), f"{call.short_name} {call.edition}"),
        (_("Made at"), now.astimezone(zone).replace(microsecond=0)),
        (_("Time zone"), str(zone_name)),
        (_("Made by"), f"{user.name} <{user.email}>"),
    ]

    def make(folder):
        path = folder / "ranking.xlsx"
        with path.open("wb") as target:
            ranking_xlsx(target, Scores(call), lambda outcome: deciding.outcome_name(call, outcome), about)
        size = path.stat().st_size
        return exporting.read(path, size), size

    return made_for_long(make, f"ranking-{call.id}-{now:%Y-%m-%d}.xlsx", XLSX)
