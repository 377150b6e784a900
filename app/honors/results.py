"""The achievements that were honored, as everybody may read them once the organizers publish the results."""

import json
from dataclasses import dataclass

from app import countries, rules
from app.exporting.standing import STANDING
from app.extensions import db
from app.honors import honoring
from app.models import Application, Decision, Listed, Snapshot


@dataclass(frozen=True)
class Achievement:
    """One of them: every name is `{"zh": …, "en": …}`, either side may be blank. Contributors as they confirmed their names."""

    category: str
    country: str
    title: dict
    organizations: list
    contributors: list


def honored(call, now):
    """[(Outcome, [Achievement] by category and number)] of the honored decisions of a call that are known."""
    places = {category.id: place for place, category in enumerate(call.categories)}
    country_names, contributors = countries.names(call), {}
    for one in honoring.of_call(call, now):
        contributors.setdefault(one.application.id, []).append({"zh": one.zh, "en": one.en})
    found = {outcome.id: [] for outcome in call.decisions if outcome.honored}
    query = (
        db.select(Application.id, Decision.outcome, Listed.category, Listed.country, Snapshot.receipt)
        .join(Decision, Decision.application_id == Application.id)
        .join(Listed, Listed.application_id == Application.id)
        .join(Snapshot, Snapshot.application_id == Application.id)
        .where(rules.honored(Application, Decision, call, now), STANDING)
        .order_by(Listed.number_key)
    )
    for application_id, outcome, category_id, country, receipt in db.session.execute(query):
        answers = {answer["id"]: answer for step in json.loads(receipt)["answers"] for answer in step["answers"]}
        category = call.category(category_id)
        partners = [part for row in answers.get("partners", {}).get("rows", ()) for part in row["answers"] if part["id"] == "organization"]
        one = Achievement(
            category=str(category.name) if category else "",
            country=country_names.get(country, ""),
            title=_pair(answers.get("title", {})),
            organizations=[_pair(answer) for answer in (answers.get("organization", {}), *partners)],
            contributors=contributors.get(application_id, []),
        )
        found[outcome].append((places.get(category_id, len(places)), one))
    return [(call.decision(outcome), [one for _place, one in sorted(rows, key=lambda row: row[0])]) for outcome, rows in found.items()]


def _pair(answer):
    return {side: answer.get(side, "") for side in ("zh", "en")}
