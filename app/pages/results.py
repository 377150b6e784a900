"""The results of a call, as everybody may read them: not there before its organizers publish them."""

from flask import Blueprint, abort, render_template

from app import rules
from app.honors import results
from app.pages.access import any_call
from app.review import panels

blueprint = Blueprint("results", __name__, url_prefix="/<any(zh,en):language>")


@blueprint.get("/calls/<call_id>/results")
def results_of(call_id):
    call, now = any_call(call_id), rules.now()
    if not rules.results_are_public(panels.of(call.id), now):
        abort(404)
    return render_template("public/results.html", call=call, groups=results.honored(call, now))
