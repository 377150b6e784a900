"""What the desk opens with: how many of what, what waits for whom, how they come in against the deadline."""

from flask import current_app, render_template, request
from flask_babel import gettext as _

from app import countries, languages, rules, versions
from app.desk import listing, tallies
from app.pages.access import organizer
from app.pages.desk.blueprint import blueprint
from app.pages.desk.charts import chart

FIRST_COUNTRIES = 10


@blueprint.get("/")
@organizer
def overview():
    calls = listing.newest_first(versions.every_call(current_app.calls).values())
    call = next((call for call in calls if call.id == request.args.get("call")), calls[0] if calls else None)
    tally = tallies.of_call(call, rules.now()) if call else None
    return render_template(
        "desk/overview.html",
        calls=calls,
        call=call,
        tally=tally,
        waiting=_waiting(tally) if call else [],
        counts=_counts(call, tally) if call else [],
        chart=chart(tally.days, call.closes_at.date(), languages.current()) if call else None,
        problems=[problem for problems in current_app.calls.problems().values() for problem in problems],
        samples=call.samples() if call and not call.archived else [],
        first_countries=FIRST_COUNTRIES,
    )


def _waiting(tally):
    """[(for whom, [(how many, for what, what to ask the list for)])], where there is anything."""
    statuses = tally.statuses
    waiting = [
        (
            _("For the organizer"),
            [
                (statuses["submitted"] - tally.again, _("to be checked"), {"status": "submitted", "answered": "no", "sort": "submitted"}),
                (tally.again, _("handed in again after a check, to be checked"), {"answered": "yes", "sort": "submitted"}),
                (statuses["return-lapsed"], _("returned and not improved in time, to be decided"), {"status": "return-lapsed"}),
                (statuses["passed"], _("passed, to be given to experts"), {"status": "passed"}),
            ],
        ),
        (
            _("For the applicants"),
            [
                (statuses["returned"], _("returned, to be improved and handed in again"), {"status": "returned"}),
                (statuses["draft"], _("in draft, to be handed in before the deadline"), {"status": "draft"}),
            ],
        ),
        (_("For the experts"), [(statuses["under-review"], _("to be reviewed"), {"status": "under-review"})]),
    ]
    return [(whom, [item for item in items if item[0]]) for whom, items in waiting]


def _counts(call, tally):
    """[(heading, name of the filter, [(value, words, how many)])]; countries by number, all others in the order of the call."""
    names = countries.names(call)
    by_number = sorted(tally.countries.items(), key=lambda item: (-item[1], names.get(item[0], item[0])))
    return [
        (_("Status"), "status", [(status, words, tally.statuses[status]) for status, words in rules.STATUSES.items()]),
        (_("Category"), "category", [(category.id, category.name, tally.categories.get(category.id, 0)) for category in call.categories]),
        (_("Area"), "area", [(area.id, area.name, tally.areas.get(area.id, 0)) for area in call.areas]),
        (_("Country or region"), "country", [(code, names.get(code, code), size) for code, size in by_number]),
    ]
