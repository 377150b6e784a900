"""What is proposed and assigned, as the desk lists it."""

from collections import Counter
from dataclasses import dataclass, replace

from app import rules
from app.desk.listing import PAGE, Page
from app.extensions import db
from app.models import Expert, Listed, ListedArea, Proposal
from app.review import conflicts, matching, panels, proposing

SHOWN = ("gaps", "proposed", "assigned")
"""What may be asked for: what has too few experts, what is to be confirmed, what is confirmed."""


@dataclass(frozen=True)
class Chosen:
    """Which applications: made of the query of an address, and written into one. `expert` is the id of an Expert."""

    show: str = ""
    expert: str = ""
    area: str = ""

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
    proposed: int
    """Pairs that can be confirmed."""
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
    """What would be confirmed: how many pairs, of which applications and how many experts; how many of these applications would
    still have too few experts, and which [Expert] have more than their capacity.
    """

    pairs: int
    ids: list
    experts: int
    gaps: int
    over: list


def page_of(everything, number):
    """The listing.Page with this number, counted from 1, of a list; the last one where there are not that many."""
    number = min(max(number, 1), max(1, -(-len(everything) // PAGE)))
    return Page(everything[(number - 1) * PAGE : number * PAGE], len(everything), number)


class Matched:
    """The matching of a call as it is now. Reads every pair, as numbers alone: thousands of applications take some hundredths of a
    second, and everything else is counted from them.
    """

    def __init__(self, call, now):
        self.call, self.panel = call, panels.of(call.id)
        assignable = rules.assignable(Listed, call, now)
        refs = db.select(Listed.application_id, Listed.ref).where(assignable)
        self.refs = dict(map(tuple, db.session.execute(refs.order_by(Listed.number_key, Listed.application_id))))
        self.experts = list(db.session.scalars(db.select(Expert).where(Expert.call_id == call.id).order_by(Expert.id)))
        self.accepted = [expert for expert in self.experts if expert.state == "accepted"]
        self.pairs = {}
        """`{application id: {expert id: "assigned", "locked" or "proposed"}}`"""
        expert_of = {expert.user_id: expert.id for expert in self.experts}
        for number, user_id in proposing.assigned_in(call):
            # Whoever is not on the panel any more has no id on it.
            self.pairs.setdefault(number, {})[expert_of.get(user_id, -user_id)] = "assigned"
        proposed = db.select(Proposal.application_id, Proposal.expert_id, Proposal.locked)
        proposed = proposed.join(Listed, Listed.application_id == Proposal.application_id).where(assignable)
        accepted, barred = {expert.id for expert in self.accepted}, conflicts.standing(call)
        for number, expert_id, locked in db.session.execute(proposed):
            # Who declined or came into conflict since is not given it, and is left out by another run.
            if expert_id in accepted and (number, expert_id) not in barred:
                self.pairs.setdefault(number, {})[expert_id] = "locked" if locked else "proposed"
        self.barred = barred
        """{(application id, expert id)} in conflict."""
        self.loads = Counter(expert_id for states in self.pairs.values() for expert_id in states)

    def _states(self, number):
        return self.pairs.get(number, {})

    def _missing(self, number):
        return max(0, self.panel.reviewers - len(self._states(number)))

    def counts(self):
        states = Counter(state for number in self.refs for state in self._states(number).values())
        wanted = len(self.refs) * self.panel.reviewers
        return Counts(
            applications=len(self.refs),
            waiting=sum("assigned" not in self._states(number).values() for number in self.refs),
            gaps=sum(self._missing(number) > 0 for number in self.refs),
            wanted=wanted,
            served=wanted - sum(map(self._missing, self.refs)),
            proposed=states["proposed"] + states["locked"],
            experts=len(self.accepted),
            invited=sum(expert.state == "invited" for expert in self.experts),
            capacity=sum(expert.capacity for expert in self.accepted),
            greatest=max(self.loads.values(), default=0),
        )

    def ids(self, chosen, refs=()):
        """The ids of all chosen applications, in order, or of those among them with these refs."""
        found, picked = list(self.refs), set(refs)
        if picked:
            found = [number for number in found if self.refs[number] in picked]
        if chosen.show == "gaps":
            found = [number for number in found if self._missing(number)]
        elif chosen.show == "proposed":
            found = [number for number in found if set(self._states(number).values()) - {"assigned"}]
        elif chosen.show == "assigned":
            found = [number for number in found if "assigned" in self._states(number).values()]
        if chosen.expert:
            found = [number for number in found if int(chosen.expert) in self._states(number)]
        if chosen.area:
            areas = db.select(ListedArea.application_id).where(ListedArea.area == chosen.area, ListedArea.call_id == self.call.id)
            among = set(db.session.scalars(areas))
            found = [number for number in found if number in among]
        return found

    def to_confirm(self, ids):
        """The ToConfirm of the applications with these ids."""
        states = {number: {expert for expert, state in self._states(number).items() if state != "assigned"} for number in ids}
        return ToConfirm(
            pairs=sum(map(len, states.values())),
            ids=[number for number, experts in states.items() if experts],
            experts=len(set().union(*states.values())),
            gaps=sum(bool(experts and self._missing(number)) for number, experts in states.items()),
            over=[expert for expert in self.experts if self.loads[expert.id] > expert.capacity],
        )

    def page(self, chosen, number):
        """The listing.Page of [Row] with this number, or the last."""
        found = page_of(self.ids(chosen), number)
        return replace(found, rows=self.rows(found.rows))

    def rows(self, ids):
        """The [Row] of the applications with these ids, in their order."""
        listed = {row.application_id: row for row in db.session.scalars(db.select(Listed).where(Listed.application_id.in_(ids)))}
        areas = {number: [] for number in ids}
        query = db.select(ListedArea.application_id, ListedArea.area).where(ListedArea.application_id.in_(ids))
        for number, area in db.session.execute(query.order_by(ListedArea.area)):
            areas[number].append(area)
        known = {expert.id: expert for expert in self.experts}
        found = {
            number: [self.pair(known[expert], areas[number], state) for expert, state in self._states(number).items() if expert in known]
            for number in ids
        }
        gaps = self._gaps([number for number in ids if self._missing(number)])
        for pairs in found.values():
            pairs.sort(key=lambda pair: (-len(pair.shared), pair.expert.id))
        return [Row(listed[number], areas[number], found[number], gaps.get(number)) for number in ids if number in listed]

    def pair(self, expert, areas, state=""):
        return Pair(expert, state, [area for area in areas if area in expert.areas], self.loads[expert.id])

    def _gaps(self, ids):
        if not ids:
            return {}
        accepted = {expert.id for expert in self.accepted}
        full = {expert.id for expert in self.accepted if self.loads[expert.id] >= expert.capacity}
        free = {number: {expert for expert in accepted if (number, expert) not in self.barred} for number in ids}
        return {number: matching.gap(self._missing(number), free[number], set(self._states(number)), full) for number in ids}
