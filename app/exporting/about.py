"""What a table tells of itself: when and by whom it was made, and of which applications."""

from flask_babel import gettext as _

from app import countries, rules, times, versions
from app.extensions import db
from app.languages import current
from app.models import User


def about(selection, user, calls, now):
    """[(word, text or datetime)] on the list that `selection`, a `listing.Selection`, makes; `calls` is `current_app.calls`."""
    zone, zone_name = times.zone_of(calls.all())
    rows = [
        (_("Made at"), now.astimezone(zone).replace(microsecond=0)),
        (_("Time zone"), zone_name[current()]),
        (_("Made by"), f"{user.name} <{user.email}>"),
    ]
    every = list(versions.every_call(calls).values())
    rows += [word(value, every) for name, word in _FILTERS.items() if (value := getattr(selection, name))]
    if selection.refs:
        rows.append((_("Picked by hand"), _("Yes")))
    return rows


def _named(word, find):
    """A function from the value of a filter and every Call to (what the filter is called, what the value is called)."""
    return lambda value, calls: (word(), next((str(name) for call in calls if (name := find(call, value))), value))


def _name_of(part):
    return part and part.name


_FILTERS = {
    "call": _named(lambda: _("Award"), lambda call, value: call.id == value and f"{call.short_name} {call.edition}"),
    "status": lambda value, calls: (_("Status"), str(rules.STATUSES[value])),
    "category": _named(lambda: _("Category"), lambda call, value: _name_of(call.category(value))),
    "area": _named(lambda: _("Area"), lambda call, value: _name_of(call.area(value))),
    "country": _named(lambda: _("Country or region"), lambda call, value: countries.names(call).get(value)),
    "joint": lambda value, calls: (_("Joint application"), _("Yes") if value == "yes" else _("No")),
    "checked_by": lambda value, calls: (_("Checked by"), user.name if (user := db.session.get(User, int(value))) else value),
    "q": lambda value, calls: (_("Search"), value),
}
