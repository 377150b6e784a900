"""How long the matching of experts takes, and what it is worth beside a greedy one.

    python -m tests.measure.matching [--sizes 400x40 4000x400]

Makes applications of one or two areas out of 16, experts of one to four, capacities that differ by a factor of two, and
conflicts by chance, of 0.2 and of 2 percent of all pairs: the more there are, the fewer applications are alike. "Tight": the
experts can take just as many reviews as are needed, and a fifth of all pairs is in conflict. Prints seconds, memory of the
solver's process, and of both what counts: reviews served, areas shared, the greatest load.
"""

import argparse
import random
import resource
import time
from collections import Counter

from app.review.matching import Problem, solve, weigh
from tests.measure.costs import machine

REVIEWS, AREAS = 3, 16


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", default=["400x40", "4000x400"])
    options = parser.parse_args()
    print(f"{machine()}; {REVIEWS} experts per application")
    print(f"{'applications x experts, conflicts':36}{'seconds':>9}{'MB':>6}{'served':>9}{'shared':>9}{'greatest':>9}")
    for size in options.sizes:
        for conflicts, room in ((0.002, 1.2), (0.02, 1.2), (0.2, 1.0)):
            problem = made_up(*map(int, size.split("x")), conflicts, room)
            kind = f"{size}, {conflicts:.1%}{', tight' if room == 1 else ''}"
            for name, method in (("", solve), (", greedy", greedy)):
                began = time.perf_counter()
                pairs = method(problem)
                seconds = time.perf_counter() - began
                # Of the largest child so far: sizes only grow.
                memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024 if method is solve else 0
                figures = "".join(f"{figure:9,}" for figure in weigh(problem, pairs))
                print(f"{kind + name:36}{seconds:9.2f}{memory or '':>6}{figures}", flush=True)


def made_up(applications, experts, conflicts, room, seed=1):
    """A Problem in which experts can take `room` times the reviews that are needed; the same numbers make the same."""
    chance, areas = random.Random(seed), range(AREAS)
    wishes = [chance.uniform(2, 4) for _ in range(experts)]
    wanted = applications * REVIEWS * room
    # Rounded so that they make that sum.
    bounds = [round(wanted * sum(wishes[:place]) / sum(wishes)) for place in range(experts + 1)]
    return Problem(
        applications={number: chance.sample(areas, chance.choice((1, 2, 2))) for number in range(applications)},
        experts={number: chance.sample(areas, chance.randint(1, 4)) for number in range(experts)},
        capacities={number: bounds[number + 1] - bounds[number] for number in range(experts)},
        reviews=REVIEWS,
        conflicts={(a, e) for a in range(applications) for e in range(experts) if chance.random() < conflicts},
    )


def greedy(problem):
    """One application after the other takes whoever shares most areas, of these the one with the smallest load."""
    pairs, loads = [], Counter()
    for application in sorted(problem.applications):
        free = [
            expert
            for expert, capacity in problem.capacities.items()
            if loads[expert] < capacity and (application, expert) not in problem.conflicts
        ]
        free.sort(key=lambda expert: (-problem.shared(application, expert), loads[expert], expert))
        for expert in free[: problem.reviews]:
            pairs.append((application, expert))
            loads[expert] += 1
    return pairs


if __name__ == "__main__":
    main()
