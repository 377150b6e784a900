"""Which experts review which application: the best there is, as a transport problem that HiGHS solves. Knows no database.

Best is, in this order: most reviews served, most areas shared, smallest greatest load. Applications with the same areas, the
same experts that are out of the question and the same need are one class; what flows from each class to each expert, within
both's bounds, makes a matrix that is totally unimodular, so that the linear program has whole numbers for its solution. Its
columns come in as their reduced costs ask for them (`transport.py`).
"""

import json
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE_SECONDS = 600
"""4,000 applications and 400 experts take a twentieth of this."""
_PROGRAM = Path(__file__).with_name("transport.py")


class Unsolved(RuntimeError):
    """The solver did not answer, or not with what was asked for."""


@dataclass(frozen=True)
class Problem:
    """Ids are whole numbers; the same problem in any order has the same solution."""

    applications: dict
    """`{id: areas}`, of each a set or list."""
    experts: dict
    """`{id: areas}`"""
    capacities: dict
    """`{id of an expert: the most applications}`, those locked included."""
    reviews: int
    """Experts per application."""
    conflicts: set = field(default_factory=set)
    """{(application, expert)} that must not be."""
    locked: set = field(default_factory=set)
    """{(application, expert)} that stay, whatever they exceed; none of them is among the conflicts."""

    def shared(self, application, expert):
        """How many areas they have in common."""
        return len(set(self.applications[application]) & set(self.experts[expert]))


def weigh(problem, pairs):
    """(reviews served, areas shared, greatest load) of these pairs."""
    served = Counter(application for application, _expert in pairs)
    loads = Counter(expert for _application, expert in pairs)
    shared = sum(problem.shared(*pair) for pair in pairs)
    return sum(min(count, problem.reviews) for count in served.values()), shared, max(loads.values(), default=0)


def solve(problem, flow=None):
    """The pairs (application, expert), in order, those locked among them. Raises Unsolved.

    `flow` takes what `transport.flow` takes, and answers the same; None: a process of its own does, so that pages wait for
    neither interpreter nor memory.
    """
    classes, experts = _classes(problem), sorted(problem.experts)
    held = Counter(expert for _application, expert in problem.locked)
    room = [max(0, problem.capacities[expert] - held[expert]) for expert in experts]
    dealt = []
    if classes and any(room):
        places = {expert: place for place, expert in enumerate(experts)}
        said = {
            "classes": [
                [sorted(areas), sorted(places[expert] for expert in barred if expert in places), need, len(members)]
                for (areas, barred, need), members in classes.items()
            ],
            "experts": [sorted(problem.experts[expert]) for expert in experts],
            "room": room,
            "held": [held[expert] for expert in experts],
        }
        counts = (flow or _in_own_process)(**said)
        for members, row in zip(classes.values(), counts, strict=True):
            dealt += _deal(members, [(experts[place], count) for place, count in row])
    pairs = sorted([*problem.locked, *dealt])
    _verify(problem, pairs, dealt, held)
    return pairs


def _in_own_process(**said):
    # `-P`: the modules beside it are not what it imports.
    command = [sys.executable, "-P", str(_PROGRAM)]
    try:
        done = subprocess.run(command, input=json.dumps(said).encode(), capture_output=True, timeout=PATIENCE_SECONDS)  # noqa: S603 - ours
    except subprocess.TimeoutExpired as error:
        raise Unsolved(f"no answer within {PATIENCE_SECONDS} seconds") from error
    if done.returncode or not done.stdout:
        raise Unsolved(done.stderr.decode("utf-8", "replace")[-2000:] or "no answer")
    # HiGHS introduces itself before it answers.
    return json.loads(done.stdout.splitlines()[-1])


def _classes(problem):
    """`{(areas, experts out of the question, reviews needed): [applications]}`, of those that need any, in order."""
    barred, locked, classes = defaultdict(set), Counter(application for application, _expert in problem.locked), defaultdict(list)
    for application, expert in [*problem.conflicts, *problem.locked]:
        barred[application].add(expert)
    for application in sorted(problem.applications):
        need = problem.reviews - locked[application]
        if need > 0:
            key = (frozenset(problem.applications[application]), frozenset(barred[application]), need)
            classes[key].append(application)
    return classes


def _deal(members, counts):
    """The pairs of one class. Each expert's come in a row, no more than there are members: nobody gets one twice."""
    row = [expert for expert, count in counts for _ in range(count)]
    return [(members[place % len(members)], expert) for place, expert in enumerate(row)]


def _verify(problem, pairs, dealt, held):
    """Raises Unsolved unless the pairs are what was asked for: cheaper than to trust."""
    loads, served = Counter(expert for _application, expert in pairs), Counter(application for application, _expert in pairs)
    given = {application for application, _expert in dealt}
    sound = (
        len(set(pairs)) == len(pairs)
        and not problem.conflicts.intersection(pairs)
        and all(loads[expert] <= max(problem.capacities[expert], held[expert]) for expert in problem.experts)
        and all(served[application] <= problem.reviews for application in given)
    )
    if not sound:
        raise Unsolved("the solver’s answer breaks what was asked of it")


@dataclass(frozen=True)
class Gap:
    """Why an application has fewer experts than it should: `missing` reviews are not served."""

    missing: int
    free: int
    """Experts without a conflict."""
    full: int
    """Those of them who do not review it and have no capacity left."""
    open: int
    """Those who do not review it and could: a change by hand, or another run, would serve it."""


def gap(missing, free, given, full):
    """The Gap of an application, None where nothing is missing: `free` are the experts without a conflict, `given` those who review
    it, `full` all who have no capacity left; each a set.
    """
    others = free - given
    return Gap(missing, len(free), len(others & full), len(others - full)) if missing > 0 else None
