"""A program of its own: what flows from each class of applications to each expert, a transport problem solved by HiGHS.

Reads one JSON object, what `flow` takes, and writes what it answers; see `matching.py`. It imports nothing of ours.
"""

import json
import sys

import highspy
import numpy as np

EPSILON = 1e-6
_NONE = np.array([], np.int32), np.array([], float)


def flow(*, classes, experts, room, held):
    """For each class [(place of an expert, how many of its applications this one reviews)].

    `classes` are (areas, places of the experts who are out of the question, reviews that each application needs, how many
    applications); `experts` the areas of each, `room` how many applications each may still be given, `held` how many each
    has. Raises RuntimeError where the solver answers anything but an optimum in whole numbers.
    """
    found = _Transport(classes, experts, room, held).solve()
    return [[(int(place), int(row[place])) for place in np.flatnonzero(row)] for row in found]


class _Transport:
    def __init__(self, classes, experts, room, held):
        self.shares = _belongs([areas for areas, *_rest in classes], experts)
        self.allowed = np.ones(self.shares.shape, bool)
        for place, (_areas, barred, _need, _size) in enumerate(classes):
            self.allowed[place, barred] = False
        needs = [need for _areas, _barred, need, _size in classes]
        self.sizes = np.array([size for *_rest, size in classes], float)
        self.supply = self.sizes * needs
        self.room, self.held = np.array(room), np.array(held)
        classes, experts = self.shape = self.shares.shape
        # To serve one more review, others move from expert to expert, each expert once: no more shared areas than these are lost.
        served = self.shares.max() * (experts + 1) + 1
        self.worth = np.where(self.allowed, self.shares + served, -1.0)
        self.known = ~self.allowed
        self.columns = np.empty((0, 2), int)
        # Which of equally good columns come in first: another order for each class, so that the experts are spread.
        self.order = (np.arange(classes)[:, None] * 40503 + np.arange(experts) * 60493) % 65521 / 65521
        self.least = min(experts, 3 * max(needs))
        self.highs = self._begun()

    def _begun(self):
        highs = highspy.Highs()
        highs.silent()
        highs.setOptionValue("threads", 1)
        highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
        for most in [*self.supply, *self.room]:
            highs.addRow(-highspy.kHighsInf, float(most), 0, *_NONE)
        return highs

    def solve(self):
        """A matrix of whole numbers."""
        if not self.allowed.any():
            return np.zeros(self.shape, int)
        self._add(self._first(self.worth, self.allowed, self.least))
        best = self._optimum()
        loads = self.held + np.bincount(self.columns[:, 1], self._values(), self.shape[1]).round().astype(int)
        total = loads.sum()
        low, high = max(self.held.max(), -(-total // self.shape[1])), loads.max()
        while low < high:
            middle = (low + high) // 2
            self._bound(middle)
            if self._optimum() == best:
                high = middle
            else:
                low = middle + 1
        self._bound(high)
        if self._optimum() != best:
            raise RuntimeError("the solver does not agree with itself")
        return self._spread(self._whole())

    def _bound(self, greatest):
        """Nobody's load is to be greater, but by what is held already."""
        for expert, most in enumerate(np.minimum(self.room, np.maximum(0, greatest - self.held))):
            self.highs.changeRowBounds(self.shape[0] + expert, -highspy.kHighsInf, float(most))

    def _optimum(self):
        """The value of the best flow: columns come in until none of the others would make it better."""
        while True:
            self.highs.run()
            if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                raise RuntimeError(f"the solver ended with {self.highs.getModelStatus()}")
            prices = np.array(self.highs.getSolution().row_dual)
            gain = self.worth - prices[: self.shape[0], None] - prices[None, self.shape[0] :]
            better = ~self.known & (gain > EPSILON)
            if not better.any():
                return round(self.highs.getInfo().objective_function_value)
            if better.sum() > self.least * self.shape[0]:
                better = self._first(gain, better, self.least)
            self._add(better)

    def _first(self, value, among, count):
        """Of each row, where the `count` greatest of those `among` are."""
        ranked = np.argsort(-(np.where(among, value, -np.inf) + self.order / 2), axis=1, kind="stable")[:, :count]
        chosen = np.zeros(self.shape, bool)
        np.put_along_axis(chosen, ranked, True, 1)
        return chosen & among

    def _add(self, chosen):
        added = np.argwhere(chosen)
        count = len(added)
        rows = (added + [0, self.shape[0]]).astype(np.int32).ravel()
        starts = np.arange(0, 2 * count, 2, dtype=np.int32)
        most = self.sizes[added[:, 0]]
        self.highs.addCols(count, self.worth[chosen], np.zeros(count), most, 2 * count, starts, rows, np.ones(2 * count))
        self.known |= chosen
        self.columns = np.concatenate([self.columns, added])

    def _values(self):
        return np.array(self.highs.getSolution().col_value)

    def _whole(self):
        values = self._values()
        if values.size and abs(values - values.round()).max() > EPSILON:
            raise RuntimeError("the solver answered fractions")
        flow = np.zeros(self.shape, int)
        flow[self.columns[:, 0], self.columns[:, 1]] = values.round()
        return flow

    def _spread(self, flow):
        """The same, with reviews moved from who has many to who has few and shares as many areas."""
        loads, sizes = self.held + flow.sum(0), self.sizes.astype(int)
        for expert in np.argsort(-loads, kind="stable"):
            for row in np.flatnonzero(flow[:, expert]):
                others = self.allowed[row] & (self.shares[row] == self.shares[row, expert])
                for other in sorted(np.flatnonzero(others), key=lambda one: loads[one]):
                    fair = (loads[expert] - loads[other]) // 2
                    if fair <= 0:
                        break
                    room = self.room[other] - (loads[other] - self.held[other])
                    moved = max(0, min(fair, flow[row, expert], sizes[row] - flow[row, other], room))
                    flow[row, [expert, other]] += [-moved, moved]
                    loads[[expert, other]] += [-moved, moved]
        return flow


def _belongs(some, others):
    """How many areas each of `some` has in common with each of `others`."""
    known = {area: place for place, area in enumerate(sorted({area for areas in [*some, *others] for area in areas}))}
    sides = []
    for listed in (some, others):
        side = np.zeros((len(listed), len(known)))
        for row, areas in enumerate(listed):
            side[row, [known[area] for area in areas]] = 1
        sides.append(side)
    return sides[0] @ sides[1].T


if __name__ == "__main__":
    json.dump(flow(**json.load(sys.stdin)), sys.stdout)
