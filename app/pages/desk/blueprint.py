"""What the rooms of the desk share: the blueprint their pages hang on, and the way from one to the next."""

from flask import Blueprint
from flask_babel import lazy_gettext as _l

blueprint = Blueprint("desk", __name__, url_prefix="/<any(zh,en):language>/desk")

ROOMS = [
    ("desk.applications", _l("Applications")),
]
"""(endpoint, name) of each room's first page, in the order of the bar."""


@blueprint.context_processor
def _known_at_the_desk():
    return {"rooms": ROOMS}
