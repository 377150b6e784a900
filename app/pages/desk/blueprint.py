"""What the rooms of the desk share: the blueprint their pages hang on, and the way from one to the next."""

from flask import Blueprint, current_app
from flask_babel import lazy_gettext as _l

from app import times

blueprint = Blueprint("desk", __name__, url_prefix="/<any(zh,en):language>/desk")

ROOMS = [
    ("desk.overview", _l("Overview")),
    ("desk.applications", _l("Applications")),
    ("desk.experts", _l("Experts")),
    ("desk.matching", _l("Matching")),
    ("desk.reviews", _l("Reviews")),
    ("desk.ranking", _l("Ranking")),
    ("desk.decisions", _l("Decisions")),
    ("desk.certificates", _l("Certificates")),
    ("desk.mails", _l("Mail")),
    ("desk.calls", _l("Calls")),
    ("desk.people", _l("People")),
    ("desk.log", _l("Log")),
    ("desk.retention", _l("Retention")),
]
"""(endpoint, name) of each room's first page, in the order of the bar."""
BULK = [
    ("desk.mail_new", _l("Write a mail")),
    ("desk.export_xlsx", _l("Excel table")),
    ("desk.export_csv", _l("CSV table")),
    ("desk.export_zip", _l("ZIP with files")),
    ("desk.dossiers", _l("Dossiers")),
]
"""(endpoint, words) of what can be done with many applications at once. Each takes a `listing.Selection` in its query."""


@blueprint.context_processor
def _known_at_the_desk():
    zone, zone_name = times.zone_of(current_app.calls.all())
    return {"rooms": ROOMS, "zone_name": zone_name, "briefly": lambda instant: times.say_briefly(instant, zone)}
