"""The reviews that count, out of the database, and the ranking that follows from them."""

from dataclasses import dataclass
from functools import cached_property

from flask_babel import gettext as _

from app import rules
from app.extensions import db
from app.forms.review import score
from app.honors import ranking
from app.languages import current
from app.models import Application, Assignment, Decision, Expert, Listed, Review, User
from app.review import panels
from app.review.reviewing import COUNTING


@dataclass(frozen=True)
class Handed:
    """A review that was handed in: `scored` is a `ranking.Scored`, `name` the expert's, `raw` as it was typed."""

    scored: ranking.Scored
    name: str
    raw: dict
    submitted_at: object

    @property
    def comment(self):
        return (self.raw.get("comment") or [""])[0].strip()


@dataclass(frozen=True)
class Line:
    """One application of a ranking: `listed` are columns of the list, `result` a `ranking.Result`, `decision` a row or None."""

    listed: object
    result: object
    decision: object


class Scores:
    """All that was scored in a call. Reads narrow rows, a few hundred bytes for each application and review."""

    def __init__(self, call):
        self.call = call
        self.panel = panels.of(call.id)

    @cached_property
    def listed(self):
        """`{application id: row}` of the applications that are ranked, by number."""
        columns = (
            Listed.application_id, Listed.ref, Listed.number, Listed.number_key, Listed.title_zh, Listed.title_en,
            Listed.organization_zh, Listed.organization_en, Listed.category, Listed.state,
        )  # fmt: skip
        query = db.select(*columns).where(Listed.call_id == self.call.id, rules.is_ranked(Listed)).order_by(Listed.number_key)
        return {row.application_id: row for row in db.session.execute(query)}

    @cached_property
    def reviews(self):
        """The [Handed] of those applications, by number."""
        weights = {category.id: {one.id: one.weight for one in category.criteria} for category in self.call.categories}
        names = (User.name, Expert.name_zh, Expert.name_en)
        query = (
            db.select(Assignment.application_id, Assignment.expert_id, Review.raw, Review.submitted_at, *names)
            .join(Assignment, Assignment.id == Review.assignment_id)
            .join(Application, Application.id == Assignment.application_id)
            .join(User, User.id == Assignment.expert_id)
            .outerjoin(Expert, (Expert.user_id == User.id) & (Expert.call_id == self.call.id))
            .where(Application.call_id == self.call.id, Review.submitted_at.is_not(None), COUNTING)
            .order_by(Assignment.id)
        )
        found = {}
        for application_id, expert_id, raw, submitted_at, name, *names in db.session.execute(query):
            if application_id in self.listed:
                asked = weights.get(self.listed[application_id].category, {})
                scored = ranking.Scored(application_id, expert_id, self._scores(raw, asked), asked)
                name = next(filter(None, names if current() == "zh" else reversed(names)), name) or _("A deleted account")
                found.setdefault(application_id, []).append(Handed(scored, name, raw, submitted_at))
        return [handed for application_id in self.listed for handed in found.get(application_id, ())]

    def _scores(self, raw, asked):
        return {criterion: score((raw.get(f"score-{criterion}") or [""])[0], self.call.review.scale) for criterion in asked}

    @cached_property
    def decisions(self):
        """`{application id: Decision}`"""
        query = db.select(Decision).join(Listed, Listed.application_id == Decision.application_id).where(Listed.call_id == self.call.id)
        return {decision.application_id: decision for decision in db.session.scalars(query)}

    def lines(self, category_id):
        """The [Line] of a category, by rank."""
        ids = [row.application_id for row in self.listed.values() if row.category == category_id]
        found = ranking.results(ids, [handed.scored for handed in self.reviews], self.call.review.scale, self.panel.reviewers)
        return [Line(self.listed[row.application_id], row, self.decisions.get(row.application_id)) for row in found]

    def of(self, application_id):
        """The [Handed] of one application."""
        return [handed for handed in self.reviews if handed.scored.application_id == application_id]


def ordered(lines, by, descending):
    """Lines by `number`, or by a figure of `ranking.Result`; what has no such figure comes last."""
    if by == "number":
        return sorted(lines, key=lambda line: line.listed.number_key, reverse=descending)
    figures = [line for line in lines if getattr(line.result, by) is not None]
    return sorted(figures, key=lambda line: getattr(line.result, by), reverse=descending) + [
        line for line in lines if getattr(line.result, by) is None
    ]
