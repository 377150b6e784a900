"""What the rooms of the panel share: the blueprint their pages hang on, and the way from one to the next."""

from flask import Blueprint, current_app
from flask_babel import lazy_gettext as _l

from app import times

blueprint = Blueprint("panel", __name__, url_prefix="/<any(zh,en):language>/panel")

ROOMS = [
    ("panel.home", _l("My part")),
    ("panel.applications", _l("Applications to review")),
]
"""(endpoint, name) of each room's first page, in the order of the bar."""


@blueprint.context_processor
def _known_on_the_panel():
    zone, zone_name = times.zone_of(current_app.calls.all())
    rooms = [(endpoint, name) for endpoint, name in ROOMS if endpoint in current_app.view_functions]
    return {"rooms": rooms, "zone_name": zone_name, "briefly": lambda instant: times.say_briefly(instant, zone)}
