"""The list of applications: search, filters, sorting, and what is done with many at once."""

from dataclasses import dataclass

from flask import current_app, render_template, request
from flask_babel import gettext as _

from app import languages, rules, times, versions
from app.desk import listing
from app.desk.listing import Selection
from app.models import Listed
from app.pages.access import organizer
from app.pages.desk.blueprint import BULK, blueprint

FARTHEST_PAGE = 1_000_000


@dataclass(frozen=True)
class Line:
    """A row of the table, everything in words: the page is drawn in a loop that calls nothing."""

    row: Listed
    title: str
    title_language: str
    organization: str
    organization_language: str
    edition: str
    status: str
    status_words: str
    category: str
    country: str
    checked_by: str
    submitted: str
    changed: str


@blueprint.get("/applications")
@organizer
def applications():
    now, calls = rules.now(), listing.newest_first(versions.every_call(current_app.calls).values())
    selection = Selection.from_args(request.args)
    found = listing.page(selection, current_app.calls, now, min(request.args.get("page", 1, type=int), FARTHEST_PAGE))
    checkers, names = listing.checkers(), listing.countries_listed(calls)
    return render_template(
        "desk/applications.html",
        selection=selection,
        found=found,
        lines=_lines(found.rows, calls, names, checkers, now),
        filters=_filters(selection, calls, names, checkers),
        bulk=[(endpoint, words) for endpoint, words in BULK if endpoint in current_app.view_functions],
    )


def _lines(rows, calls, country_names, checkers, now):
    language = languages.current()
    zone, _name = times.zone_of(current_app.calls.all())
    words = {status: str(said) for status, said in rules.STATUSES.items()}
    known = {call.id: call for call in calls}
    categories = {(call.id, category.id): category.name[language] for call in calls for category in call.categories}
    lines = []
    for row in rows:
        call = known.get(row.call_id)
        status = rules.status_of(row, call, now) if call else row.state
        lines.append(
            Line(
                row,
                *_in_one(row.title_zh, row.title_en, language),
                *_in_one(row.organization_zh, row.organization_en, language),
                edition=str(call.edition) if call and len(calls) > 1 else "",
                status=status,
                status_words=words.get(status, status),
                category=categories.get((row.call_id, row.category), row.category),
                country=country_names.get(row.country, row.country),
                checked_by=checkers.get(row.checked_by, ""),
                submitted=times.say_briefly(row.submitted_at, zone)[:16] if row.submitted_at else "",
                changed=times.say_briefly(row.changed_at, zone)[:16],
            )
        )
    return lines


def _in_one(zh, en, language):
    """(text, its language): what was given in the language of the page, else in the other one."""
    mine, theirs = (zh, en) if language == "zh" else (en, zh)
    return (mine, language) if mine or not theirs else (theirs, languages.other(language))


def _filters(selection, calls, country_names, checkers):
    """[(name, label, value chosen, [(value, words)])] of the selects."""
    asked = [call for call in calls if call.id == selection.call] or calls
    yes_no = [("yes", _("Yes")), ("no", _("No"))]
    options = [
        ("status", _("Status"), list(rules.STATUSES.items())),
        ("category", _("Category"), _union(call.categories for call in asked)),
        ("area", _("Area"), _union(call.areas for call in asked)),
        ("country", _("Country or region"), list(country_names.items())),
        ("joint", _("Joint application"), yes_no),
        ("checked_by", _("Checked by"), [(str(user_id), name) for user_id, name in checkers.items()]),
        ("answered", _("Handed in again"), yes_no),
    ]
    if len(calls) > 1:
        editions = [(call.id, _("%(award)s %(edition)s", award=call.short_name, edition=call.edition)) for call in calls]
        options.insert(0, ("call", _("Award"), editions))
    return [(name, label, getattr(selection, name), _known(getattr(selection, name), offered)) for name, label, offered in options]


def _union(lists):
    """[(id, name)] of categories or areas of several calls; of those with one id, the first."""
    found = {}
    for parts in lists:
        for part in parts:
            found.setdefault(part.id, part.name)
    return list(found.items())


def _known(value, offered):
    # An address may ask for what is not offered any more: the page must say so all the same.
    return offered if not value or value in dict(offered) else [*offered, (value, value)]
