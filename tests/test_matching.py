"""The matching against every possibility there is, and what must hold of it however large it is."""

import itertools
import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from app.review import matching, transport
from app.review.matching import Problem, Unsolved, gap, solve, weigh

AREAS = "abcdef"


def made_up(chance, applications, experts, reviews, conflict=0.2, least=0, most=5):
    """A Problem with chance areas, capacities and conflicts; its ids are in no order."""
    ids = chance.sample(range(1000), applications)
    names = chance.sample(range(1000), experts)
    return Problem(
        applications={number: chance.sample(AREAS, chance.randint(1, 2)) for number in ids},
        experts={number: chance.sample(AREAS, chance.randint(0, 3)) for number in names},
        capacities={number: chance.randint(least, most) for number in names},
        reviews=reviews,
        conflicts={(a, e) for a in ids for e in names if chance.random() < conflict},
    )


def locked(problem, chance, number):
    """The same with this many pairs locked, whatever they exceed."""
    free = [(a, e) for a in sorted(problem.applications) for e in sorted(problem.experts) if (a, e) not in problem.conflicts]
    return replace(problem, locked=set(chance.sample(free, min(number, len(free)))))


def best_of_all(problem):
    """What `weigh` says of the best of all ways in which the applications can be given to experts: every one is looked at."""
    experts = sorted(problem.experts)
    groups = [group for size in range(len(experts) + 1) for group in itertools.combinations(experts, size)]
    allowed = []
    for application in problem.applications:
        kept = {expert for number, expert in problem.locked if number == application}
        barred = {expert for number, expert in problem.conflicts if number == application}
        # More than is wanted stays only where it is locked.
        most = max(problem.reviews, len(kept))
        fit = [n for n, group in enumerate(groups) if kept <= set(group) and not barred & set(group) and len(group) <= most]
        allowed.append(fit)
    ways = np.stack([chosen.ravel() for chosen in np.meshgrid(*allowed, indexing="ij")])
    sizes = np.array([min(len(group), problem.reviews) for group in groups])
    served = sum(sizes[way] for way in ways)
    shared = 0
    for application, way in zip(problem.applications, ways, strict=True):
        shared = shared + np.array([sum(problem.shared(application, expert) for expert in group) for group in groups])[way]
    loads = np.stack([sum(np.array([expert in group for group in groups], int)[way] for way in ways) for expert in experts])
    held = Counter(expert for _application, expert in problem.locked)
    most = np.array([max(problem.capacities[expert], held[expert]) for expert in experts])
    sound = (loads <= most[:, None]).all(0)
    # In the order in which they count; none of them reaches a hundred.
    best = (served * 10_000 + shared * 100 + 99 - loads.max(0))[sound].max()
    return int(best // 10_000), int(best // 100 % 100), int(99 - best % 100)


def test_matching_equals_the_best_of_all_possibilities_in_200_random_cases():
    chance = random.Random(5)
    for number in range(200):
        problem = locked(made_up(chance, 5, 4, chance.choice((1, 2, 2))), chance, number % 4)
        assert weigh(problem, solve(problem, transport.flow)) == best_of_all(problem), problem


@pytest.mark.parametrize("seed", range(6))
def test_matching_keeps_to_every_bound(seed):
    chance = random.Random(seed)
    problem = locked(made_up(chance, 60, 14, 3, most=18), chance, seed * 4)
    pairs = solve(problem, transport.flow)
    held = Counter(expert for _application, expert in problem.locked)
    loads, served = (Counter(pair[place] for pair in pairs) for place in (1, 0))
    assert pairs == sorted(set(pairs))
    assert problem.locked <= set(pairs)
    assert not problem.conflicts & set(pairs)
    assert all(loads[expert] <= max(capacity, held[expert]) for expert, capacity in problem.capacities.items())
    kept = Counter(application for application, _expert in problem.locked)
    assert all(count <= max(3, kept[application]) for application, count in served.items())


def test_matching_is_the_same_whatever_the_order_of_what_it_is_given():
    chance = random.Random(1)
    problem = locked(made_up(chance, 40, 10, 3, most=14), chance, 5)
    first = solve(problem, transport.flow)
    for _ in range(3):
        shuffled = {
            name: dict(chance.sample(list(getattr(problem, name).items()), len(getattr(problem, name))))
            for name in ("applications", "experts", "capacities")
        }
        shuffled["applications"] = {number: areas[::-1] for number, areas in shuffled["applications"].items()}
        again = replace(problem, **shuffled, conflicts=set(chance.sample(sorted(problem.conflicts), len(problem.conflicts))))
        assert solve(again, transport.flow) == first


def test_matching_in_a_process_of_its_own_answers_the_same():
    problem = made_up(random.Random(2), 30, 8, 3, most=12)
    assert solve(problem) == solve(problem, transport.flow)


def test_matching_spreads_what_is_equally_good():
    problem = Problem(
        applications={n: ["a"] for n in range(10)} | {n: ["b"] for n in range(10, 16)},
        experts={1: ["a"], 2: ["b"], 3: ["b"], 4: ["b"]},
        capacities=dict.fromkeys((1, 2, 3, 4), 20),
        reviews=1,
    )
    loads = Counter(expert for _application, expert in solve(problem, transport.flow))
    # The first has to take ten, which would let one of the others take all six.
    assert loads == {1: 10, 2: 2, 3: 2, 4: 2}


@pytest.mark.parametrize(
    ("changed", "served"),
    [
        ({"applications": {}}, 0),
        ({"experts": {}, "capacities": {}}, 0),
        ({"capacities": {7: 0, 8: 0}}, 0),
        ({"capacities": {7: 1, 8: 0}}, 1),
        ({"conflicts": {(1, 7), (1, 8), (2, 7), (2, 8)}}, 0),
        ({"reviews": 5}, 4),
        ({"applications": {1: [], 2: []}}, 4),
    ],
)
def test_matching_of_what_cannot_be_served_serves_the_rest(changed, served):
    problem = Problem(applications={1: ["a"], 2: ["b"]}, experts={7: ["a"], 8: []}, capacities={7: 5, 8: 5}, reviews=2)
    problem = replace(problem, **changed)
    assert len(solve(problem, transport.flow)) == served


def test_solver_that_answers_nonsense_is_not_believed():
    problem = Problem(applications={1: ["a"], 2: ["a"]}, experts={7: ["a"]}, capacities={7: 1}, reviews=1)
    with pytest.raises(Unsolved):
        solve(problem, lambda **said: [[(0, 2)]])
    with pytest.raises(Unsolved):
        solve(replace(problem, conflicts={(1, 7)}, capacities={7: 5}), lambda **said: [[(0, 1)], [(0, 1)]])


def test_solver_that_dies_or_hangs_is_told_in_words(monkeypatch, tmp_path):
    program = tmp_path / "transport.py"
    monkeypatch.setattr(matching, "_PROGRAM", program)
    monkeypatch.setattr(matching, "PATIENCE_SECONDS", 0.2)
    problem = Problem(applications={1: ["a"]}, experts={7: ["a"]}, capacities={7: 1}, reviews=1)
    for source, words in (("raise SystemError('gone')", "gone"), ("import time; time.sleep(9)", "0.2 seconds"), ("", "no answer")):
        program.write_text(source)
        with pytest.raises(Unsolved, match=words):
            solve(problem)


def test_gap_says_why_reviews_are_missing():
    assert gap(0, {1, 2}, {1, 2}, set()) is None
    assert vars(gap(2, {1, 2, 3}, {1}, {1, 2})) == {"missing": 2, "free": 3, "full": 1, "open": 1}
    assert vars(gap(3, set(), set(), {1})) == {"missing": 3, "free": 0, "full": 0, "open": 0}
