"""What the scores of the experts amount to, per application; figures alone, nothing is read or written here.

Exact until it is shown: totals, means and ties are fractions; only a root makes a float. With w the weight of a criterion in
percent, s its score from 0 to the scale of the call, and sums over the criteria of the category or over n reviews:

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

SOURCE = "NIST/SEMATECH e-Handbook of Statistical Methods, https://www.itl.nist.gov/div898/handbook/"
DISAGREEMENT = Fraction(40, 100)
"""Of the scale, between the highest total and the lowest."""
SORTS = ("rank", "number", "mean", "spread", "count", "lowest", "highest", "standardized")


@dataclass(frozen=True)
class Scored:
    """A review that was handed in: `scores` are whole numbers by criterion id, None for one that cannot be read."""

    application_id: int
    expert_id: int
    scores: dict
    weights: dict
    """Percent, by the ids of the criteria of its category."""

    @property
    def total(self):
        """The weighted mean of its scores as a Fraction; None while a criterion of the category has no score."""
        if any(self.scores.get(criterion) is None for criterion in self.weights):
            return None
        return Fraction(sum(weight * self.scores[criterion] for criterion, weight in self.weights.items()), 100)


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


def mean(values):
    return Fraction(sum(values), len(values)) if values else None


def spread(values):
    """The standard deviation of a sample; None for fewer than two values."""
    if len(values) < 2:
        return None
    middle = mean(values)
    return math.sqrt(Fraction(sum((value - middle) ** 2 for value in values), len(values) - 1))


def standardized(reviews):
    """`{(application id, expert id): z}` of the [Scored] of a whole call."""
    of_expert = defaultdict(list)
    for review in reviews:
        if review.total is not None:
            of_expert[review.expert_id].append(review)
    found = {}
    for expert_id, theirs in of_expert.items():
        totals = [review.total for review in theirs]
        middle, deviation = mean(totals), spread(totals)
        for review in theirs:
            found[review.application_id, expert_id] = float(review.total - middle) / deviation if deviation else 0.0
    return found


def results(application_ids, reviews, scale, expected):
    """[Result] of the applications of one category, by rank; those without a review come last, in the order given.

    `reviews` are the [Scored] of the whole call; `expected` is how many reviews each application should have.
    """
    scores, totals, zs = standardized(reviews), defaultdict(list), defaultdict(list)
    for review in reviews:
        if review.total is not None:
            totals[review.application_id].append(review.total)
            zs[review.application_id].append(scores[review.application_id, review.expert_id])
    means = {one: mean(totals[one]) for one in application_ids if totals[one]}
    places = {}
    for place, value in enumerate(sorted(means.values(), reverse=True), 1):
        places.setdefault(value, place)
    rows = [
        Result(one, len(totals[one]), len(totals[one]) < expected)
        if one not in means
        else Result(
            application_id=one,
            count=len(totals[one]),
            few=len(totals[one]) < expected,
            mean=means[one],
            spread=spread(totals[one]),
            lowest=min(totals[one]),
            highest=max(totals[one]),
            disagreement=max(totals[one]) - min(totals[one]) >= DISAGREEMENT * scale,
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
