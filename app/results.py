"""The achievements that were honored, as everybody may read them once the organizers publish the results."""

import json
from dataclasses import dataclass

from app import countries, rules
from app.exporting.standing import STANDING
from app.extensions import db
from app.models import Decision, Listed, Snapshot


@dataclass(frozen=True)
class Honored:
    """One of them: every name is `{"zh": …, "en": …}`, either side may be blank."""

    number: str
    category: str
    country: str
    title: dict
    organizations: list
    contributors: list


def honored(call, now):
    """[(Outcome, [Honored] by category and number)] of the honored decisions of a call that are known."""
    places = {category.id: place for place, category in enumerate(call.categories)}
    names = countries.names(call)
    found = {outcome.id: [] for outcome in call.decisions if outcome.honored}
    query = (
        db.select(Decision.outcome, Listed.number, Listed.category, Listed.country, Snapshot.receipt)
        .join(Listed, Listed.application_id == Decision.application_id)
        .join(Snapshot, Snapshot.application_id == Decision.application_id)
        .where(Listed.call_id == call.id, Listed.state == "decided", rules.is_known(Decision, now), STANDING)
        .where(Decision.outcome.in_(found))
        .order_by(Listed.number_key)
    )
    for outcome, number, category_id, country, receipt in db.session.execute(query):
        answers = {answer["id"]: answer for step in json.loads(receipt)["answers"] for answer in step["answers"]}
        category = call.category(category_id)
        one = Honored(
            number=number,
            category=str(category.name) if category else "",
            country=names.get(country, ""),
            title=_pair(answers.get("title", {})),
            organizations=[_pair(answers.get("organization", {})), *_of_rows(answers.get("partners", {}), "organization")],
            contributors=_of_rows(answers.get("contributors", {}), "name"),
        )
        found[outcome].append((places.get(category_id, len(places)), one))
    return [(call.decision(outcome), [one for _place, one in sorted(rows, key=lambda row: row[0])]) for outcome, rows in found.items()]


def _of_rows(answer, name):
    return [_pair(part) for row in answer.get("rows", ()) for part in row["answers"] if part["id"] == name]


def _pair(answer):
    return {side: answer.get(side, "") for side in ("zh", "en")}
