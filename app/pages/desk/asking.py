"""What the rooms about one call share: which call, which of its categories, which page of many rows."""

from flask import abort, current_app, request

from app import versions
from app.desk import listing

PAGE = 50


def asked_call():
    """(the Call of `?call=`, else the newest; every Call), or 404."""
    calls = listing.newest_first(versions.every_call(current_app.calls).values())
    asked = request.args.get("call")
    return next((call for call in calls if asked in (None, "", call.id)), None) or abort(404), calls


def asked_category(call):
    """The Category of `?category=`, else the first."""
    return call.category(request.args.get("category", "")) or call.categories[0]


def window(lines):
    """(the lines of `?page=`, its number, how many pages there are)."""
    pages = max(1, -(-len(lines) // PAGE))
    number = min(max(1, request.args.get("page", 1, type=int)), pages)
    return lines[(number - 1) * PAGE : number * PAGE], number, pages
