"""What the scores of the experts amount to, per application; figures alone, nothing is read or written here.

Exact until it is shown: totals, means and ties are whole numbers and fractions; only a root makes a float. With w the weight of
a criterion in percent, s its score from 0 to the scale of the call, sums over the criteria of the category or over n reviews:

    total of a review       x = Σ w·s / 100
    weighted mean           x̄ = Σ x / n
    spread                  s = √( Σ (x − x̄)² / (n − 1) ), none for n < 2
    standardized review     z = (x − x̄ₑ) / sₑ, with mean and spread of all reviews of this call that the same expert e handed
                            in; 0 where these do not vary, or there is but one
    standardized score      the mean of the z of its reviews
    rank                    one more than the applications of its category with a greater mean ("1224")
    disagreement            highest total − lowest total ≥ 40 % of the scale

The spread is the standard deviation of a sample (divided by n − 1), because whoever reviews stands for all the experts who
might have: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.5.1 (mean), 1.3.5.6 (standard deviation) and 1.3.5.17
(standardized scores), https://www.itl.nist.gov/div898/handbook/. The 40 % are our own choice.
"""

import math
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

SOURCE = "NIST/SEMATECH e-Handbook of Statistical Methods, https://www.itl.nist.gov/div898/handbook/"
DISAGREEMENT = Fraction(40, 100)
"""Of the scale, between the highest total and the lowest."""


@dataclass(frozen=True)
class Scored:
    """A review that was handed in: `scores` are whole numbers by criterion id, None for one that cannot be read."""

    application_id: int
    expert_id: int
    scores: dict
    weights: dict
    """Percent, by the ids of the criteria of its category."""

    @cached_property
    def points(self):
        """The sum of weight (percent) times score, a whole number; None while a criterion of the category has no score,
        and where the call has no such category any more.
        """
        if not self.weights or any(self.scores.get(criterion) is None for criterion in self.weights):
            return None
        return sum(weight * self.scores[criterion] for criterion, weight in self.weights.items())

    @property
    def total(self):
        """The weighted mean of its scores, a Fraction, or None."""
        return None if self.points is None else Fraction(self.points, 100)


@dataclass(frozen=True)
class Result:
    """What the reviews of one application amount to. Without reviews all but `count` and `few` is None."""

    application_id: int
    count: int
    few: bool
    """Fewer reviews than there should be."""
    mean: Fraction | None = None
    spread: float | None = None
    lowest: Fraction | None = None
    highest: Fraction | None = None
    disagreement: bool = False
    standardized: float | None = None
    rank: int | None = None


def spread(points):
    """The standard deviation of a sample of whole numbers; None for fewer than two."""
    n, total = len(points), sum(points)
    if n < 2:
        return None
    return math.sqrt(sum((n * value - total) ** 2 for value in points) / (n - 1)) / n


def standardized(reviews):
    """`{(application id, expert id): z}` of the [Scored] of a whole call."""
    of_expert = defaultdict(list)
    for review in reviews:
        if review.points is not None:
            of_expert[review.expert_id].append(review)
    found = {}
    for expert_id, theirs in of_expert.items():
        points = [review.points for review in theirs]
        n, total, deviation = len(points), sum(points), spread(points)
        for review in theirs:
            found[review.application_id, expert_id] = (n * review.points - total) / n / deviation if deviation else 0.0
    return found


def results(application_ids, reviews, scale, expected):
    """[Result] of the applications of one category, by rank; those without a review come last, in the order given.

    `reviews` are the [Scored] of the whole call; `expected` is how many reviews each application should have.
    """
    scores, points, zs = standardized(reviews), defaultdict(list), defaultdict(list)
    for review in reviews:
        if review.points is not None:
            points[review.application_id].append(review.points)
            zs[review.application_id].append(scores[review.application_id, review.expert_id])
    means = {one: Fraction(sum(points[one]), 100 * len(points[one])) for one in application_ids if points[one]}
    places = {}
    for place, value in enumerate(sorted(means.values(), reverse=True), 1):
        places.setdefault(value, place)
    rows = [
        Result(one, len(points[one]), len(points[one]) < expected)
        if one not in means
        else Result(
            application_id=one,
            count=len(points[one]),
            few=len(points[one]) < expected,
            mean=means[one],
            spread=None if len(points[one]) < 2 else spread(points[one]) / 100,
            lowest=Fraction(min(points[one]), 100),
            highest=Fraction(max(points[one]), 100),
            disagreement=max(points[one]) - min(points[one]) >= 100 * DISAGREEMENT * scale,
            standardized=math.fsum(zs[one]) / len(zs[one]),
            rank=places[means[one]],
        )
        for one in application_ids
    ]
    return sorted(rows, key=lambda row: (row.rank is None, row.rank or 0))


def rounded(value, places=2):
    """A figure as it is shown, halves rounded up; "" for None."""
    if value is None:
        return ""
    whole = math.floor(abs(Fraction(value)) * 10**places + Fraction(1, 2))
    sign = "−" if value < 0 and whole else ""
    return f"{sign}{whole // 10**places}.{whole % 10**places:0{places}d}"
