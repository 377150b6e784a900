"""How many applications of a call: by status, category, area, country or region, and day. Everything is counted in indexes alone."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from app import rules
from app.desk import listing
from app.extensions import db
from app.models import Listed, ListedArea


@dataclass(frozen=True)
class Tally:
    """The counts of one call, each as `{id: how many}`; category, area and country of what was handed in, the rest of all."""

    statuses: dict
    again: int
    """Of those submitted, how many were handed in again after a check."""
    categories: dict
    areas: dict
    countries: dict
    days: list
    """[(date, begun, handed in for the first time)], every day from the first to the last on which there were any."""

    @property
    def total(self):
        return sum(self.statuses.values())


def of_call(call, now):
    """The Tally of a call."""
    again, categories, countries = 0, Counter(), Counter()
    for answered, category, country, size in db.session.execute(_grouped(call)):
        again += size if answered else 0
        categories[category] += size
        countries[country] += size
    statuses = listing.count_each(rules.statuses_in(Listed, [call], now), Listed.call_id == call.id)
    areas = _by(ListedArea.area, ListedArea.call_id == call.id)
    return Tally(statuses, again, _known(categories), areas, _known(countries), _days(call))


def _grouped(call):
    columns = (Listed.answered, Listed.call_id, Listed.state, Listed.category, Listed.country)
    query = db.select(Listed.answered, Listed.category, Listed.country, db.func.count())
    # In the order of the index, which holds all of it: where it knows that the call is but one, SQLite sorts the rows instead.
    return query.where(Listed.call_id.between(call.id, call.id)).group_by(*columns)


def _known(counts):
    return {key: size for key, size in counts.items() if key}


def _by(column, *conditions):
    return dict(map(tuple, db.session.execute(db.select(column, db.func.count()).where(*conditions).group_by(column))))


def _days(call):
    begun, handed_in = (_by(day, Listed.call_id == call.id, day.is_not(None)) for day in (Listed.created_on, Listed.submitted_on))
    days = begun.keys() | handed_in.keys()
    span = (max(days) - min(days)).days + 1 if days else 0
    every = (min(days) + timedelta(days=number) for number in range(span))
    return [(day, begun.get(day, 0), handed_in.get(day, 0)) for day in every]
