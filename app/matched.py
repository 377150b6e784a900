"""What is proposed and assigned, as the desk lists it: a page at a time, counted by the database."""

from dataclasses import dataclass

from sqlalchemy import literal, union_all

from app import conflicts, matching, panels, rules
from app.extensions import db
from app.models import Application, Assignment, Expert, Listed, ListedArea, Proposal

PAGE = 50
SHOWN = ("all", "gaps", "proposed", "assigned")
"""What may be asked for: everything, what has too few experts, what is to be confirmed, what is confirmed."""


@dataclass(frozen=True)
class Chosen:
    """Which applications: made of the query of an address, and written into one. `expert` is the id of an Expert."""

    show: str = ""
    expert: str = ""
    area: str = ""
    q: str = ""

    @classmethod
    def from_args(cls, args):
        given = {name: args.get(name, "").replace("\0", "").strip()[:100] for name in cls.__dataclass_fields__}
        number = given["expert"]
        sound = {"show": given["show"] in SHOWN, "expert": number.isascii() and number.isdecimal() and len(number) < 10}
        return cls(**{name: value for name, value in given.items() if sound.get(name, True)})

    def args(self):
        return {name: value for name in self.__dataclass_fields__ if (value := getattr(self, name))}


@dataclass(frozen=True)
class Pair:
    """An expert of an application. `state` is "assigned", "locked" or "proposed"; `shared` the ids of the areas in common."""

    expert: Expert
    state: str
    shared: list
    load: int


@dataclass(frozen=True)
class Row:
    """An application: its row of the list, ids of areas, [Pair], and a `matching.Gap` where it has too few experts, or None."""

    listed: Listed
    areas: list
    pairs: list
    gap: object


@dataclass(frozen=True)
class Counts:
    """How a call stands: what can be assigned, or is."""

    applications: int
    waiting: int
    """Those that no expert has been given."""
    gaps: int
    """Those with fewer experts, assigned or proposed, than they should have."""
    wanted: int
    """Reviews in all."""
    served: int
    """Of these, how many are assigned or proposed."""
    assigned: int
    proposed: int
    """Pairs that can be confirmed, in `to_confirm` applications."""
    to_confirm: int
    experts: int
    invited: int
    capacity: int
    """Of those who accepted, in all."""
    greatest: int
    """The greatest load, over all experts."""

    @property
    def lacking(self):
        """Reviews for which the panel has no capacity."""
        return max(0, self.wanted - self.capacity)


@dataclass(frozen=True)
class ToConfirm:
    """What would be confirmed: how many pairs, of how many applications and experts; how many of these applications would still
    have too few experts, and which [Expert] have more than their capacity.
    """

    pairs: int
    applications: int
    experts: int
    gaps: int
    over: list


def pairs_of(call, assignable):
    """A SELECT of application_id, expert_id (of an Expert, or NULL) and state of everything assigned and proposed."""
    assigned = (
        db.select(Assignment.application_id, Expert.id.label("expert_id"), literal("assigned").label("state"))
        .join(Application, Application.id == Assignment.application_id)
        .outerjoin(Expert, (Expert.user_id == Assignment.expert_id) & (Expert.call_id == call.id))
        .where(Application.call_id == call.id, rules.assigned(Assignment, Application))
    )
    state = db.case((Proposal.locked, "locked"), else_="proposed")
    proposed = db.select(Proposal.application_id, Proposal.expert_id, state).join(Listed, Listed.application_id == Proposal.application_id)
    return union_all(assigned, proposed.where(assignable))


class Matched:
    """The matching of a call as it is now."""

    def __init__(self, call, now):
        self.call, self.now, self.panel = call, now, panels.of(call.id)
        self._assignable = rules.assignable(Listed, call, now)
        self.pairs = pairs_of(call, self._assignable).cte("pairs")
        numbers = db.select(self.pairs.c.application_id, db.func.count().label("number"))
        self.per_application = numbers.group_by(self.pairs.c.application_id).cte("numbers")
        self.number = db.func.coalesce(self.per_application.c.number, 0)
        self.experts = list(db.session.scalars(db.select(Expert).where(Expert.call_id == call.id).order_by(Expert.id)))
        self.loads = self._count_by(self.pairs.c.expert_id)

    @property
    def accepted(self):
        return [expert for expert in self.experts if expert.state == "accepted"]

    def _count_by(self, column):
        return dict(map(tuple, db.session.execute(db.select(column, db.func.count()).group_by(column))))

    def _from(self, *columns):
        table = Listed.__table__.outerjoin(self.per_application, self.per_application.c.application_id == Listed.application_id)
        return db.select(*columns).select_from(table).where(self._assignable)

    def counts(self):
        k = self.panel.reviewers
        assigned = db.select(self.pairs.c.application_id).where(self.pairs.c.state == "assigned")
        counted = [db.func.count().filter(condition) for condition in (Listed.application_id.not_in(assigned), self.number < k)]
        served = db.func.coalesce(db.func.sum(db.case((self.number < k, self.number), else_=k)), 0)
        applications, waiting, gaps, served = db.session.execute(self._from(db.func.count(), *counted, served)).one()
        states = self._count_by(self.pairs.c.state)
        proposed = db.select(db.func.count(self.pairs.c.application_id.distinct())).where(self.pairs.c.state != "assigned")
        accepted = self.accepted
        return Counts(
            applications=applications,
            waiting=waiting,
            gaps=gaps,
            wanted=applications * k,
            served=served,
            assigned=states.get("assigned", 0),
            proposed=states.get("proposed", 0) + states.get("locked", 0),
            to_confirm=db.session.scalar(proposed),
            experts=len(accepted),
            invited=sum(expert.state == "invited" for expert in self.experts),
            capacity=sum(expert.capacity for expert in accepted),
            greatest=max((self.loads.get(expert.id, 0) for expert in self.experts), default=0),
        )

    def _chosen(self, chosen, *columns):
        query = self._from(*columns)
        ids = {
            "proposed": db.select(self.pairs.c.application_id).where(self.pairs.c.state != "assigned"),
            "assigned": db.select(self.pairs.c.application_id).where(self.pairs.c.state == "assigned"),
        }
        if chosen.show == "gaps":
            query = query.where(self.number < self.panel.reviewers)
        elif chosen.show in ids:
            query = query.where(Listed.application_id.in_(ids[chosen.show]))
        if chosen.expert:
            mine = db.select(self.pairs.c.application_id).where(self.pairs.c.expert_id == int(chosen.expert))
            query = query.where(Listed.application_id.in_(mine))
        if chosen.area:
            query = query.where(Listed.application_id.in_(db.select(ListedArea.application_id).where(ListedArea.area == chosen.area)))
        return query

    def ids(self, chosen, refs=()):
        """The ids of all chosen applications, or of those among them with these refs."""
        query = self._chosen(chosen, Listed.application_id)
        return list(db.session.scalars(query.where(Listed.ref.in_(refs)) if refs else query))

    def to_confirm(self, ids):
        """The ToConfirm of the applications with these ids."""
        chosen, rows = set(ids), db.session.execute(db.select(self.pairs).where(self.pairs.c.state != "assigned")).all()
        rows = [row for row in rows if row.application_id in chosen]
        per_application = dict(map(tuple, db.session.execute(db.select(self.per_application))))
        mine = {row.application_id for row in rows}
        return ToConfirm(
            pairs=len(rows),
            applications=len(mine),
            experts=len({row.expert_id for row in rows}),
            gaps=sum(per_application[number] < self.panel.reviewers for number in mine),
            over=[expert for expert in self.experts if self.loads.get(expert.id, 0) > expert.capacity],
        )

    def page(self, chosen, number):
        """([Row], how many in all, the number of the page): the page with this number, or the last."""
        total = db.session.scalar(self._chosen(chosen, db.func.count()))
        number = min(max(number, 1), max(1, -(-total // PAGE)))
        query = self._chosen(chosen, Listed.application_id).order_by(Listed.number_key, Listed.application_id)
        ids = list(db.session.scalars(query.limit(PAGE).offset((number - 1) * PAGE)))
        return self.rows(ids), total, number

    def rows(self, ids):
        """The [Row] of the applications with these ids, in their order."""
        listed = {row.application_id: row for row in db.session.scalars(db.select(Listed).where(Listed.application_id.in_(ids)))}
        areas = {number: [] for number in ids}
        query = db.select(ListedArea.application_id, ListedArea.area).where(ListedArea.application_id.in_(ids))
        for number, area in db.session.execute(query.order_by(ListedArea.area)):
            areas[number].append(area)
        known, pairs, found = {expert.id: expert for expert in self.experts}, {number: [] for number in ids}, dict.fromkeys(ids, 0)
        for number, expert_id, state in db.session.execute(db.select(self.pairs).where(self.pairs.c.application_id.in_(ids))):
            found[number] += 1
            if expert_id in known:
                pairs[number].append(self.pair(known[expert_id], areas[number], state))
        barred = conflicts.standing(self.call) if any(count < self.panel.reviewers for count in found.values()) else set()
        return [
            Row(
                listed[number],
                areas[number],
                sorted(pairs[number], key=lambda pair: (-len(pair.shared), pair.expert.id)),
                self._gap(number, pairs[number], found[number], barred),
            )
            for number in ids
            if number in listed
        ]

    def pair(self, expert, areas, state=""):
        return Pair(expert, state, [area for area in areas if area in expert.areas], self.loads.get(expert.id, 0))

    def _gap(self, number, pairs, count, barred):
        free = {expert.id for expert in self.accepted if (number, expert.id) not in barred}
        full = {expert.id for expert in self.accepted if self.loads.get(expert.id, 0) >= expert.capacity}
        return matching.gap(self.panel.reviewers - count, free, {pair.expert.id for pair in pairs}, full)
