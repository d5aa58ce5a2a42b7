"""The donor library: how real operations were paid out, by months since their approval.

A share is cumulative US dollars to the end of the calendar month (approval month
+ age) divided by the original commitment; refunds are in it, so it may fall.
Months are counted from the year 0. Definitions: forecast of the method page.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Pace = Literal["all", "fast", "slow"]

FAST_SHARE = 0.90  # paid within a year: a fast operation
FAST_AGE = 12
FEWEST_DONORS = 20
LAST_DAY_OF_MONTH_BEFORE = 15  # an as_of day up to this one counts as the month end before it


@dataclass(frozen=True)
class Library:
    """Operations with their shares by age.

    `shares` has a row for each donor and a column for each age in months, and
    holds only up to age `seen`; what lies beyond is unknown, not zero.
    """

    ids: tuple[str, ...]
    commitments: Floats
    approved: Integers
    shares: Floats
    seen: Integers
    weights: Floats

    def __len__(self) -> int:
        return len(self.ids)

    def chosen(self, mask: NDArray[np.bool_]) -> "Library":
        """Return the donors that a mask names."""
        rows = np.flatnonzero(mask)
        return Library(
            ids=tuple(self.ids[row] for row in rows),
            commitments=self.commitments[rows],
            approved=self.approved[rows],
            shares=self.shares[rows],
            seen=self.seen[rows],
            weights=self.weights[rows],
        )

    def known_by(self, month: int) -> "Library":
        """Return what was observed by the end of a month: no donor approved later, no age after it."""
        seen = np.minimum(self.seen, month - self.approved)
        return replace(self, seen=seen).chosen(seen >= 0)

    def of_pace(self, pace: Pace) -> "Library":
        """Return the donors of one pace; those too young to tell belong to none but "all"."""
        if pace == "all":
            return self
        fast = self.shares[:, FAST_AGE] > FAST_SHARE
        return self.chosen((self.seen >= FAST_AGE) & (fast if pace == "fast" else ~fast))

    def joined(self, other: "Library", *, weight: float) -> "Library":
        """Return this library with another's donors, each of which weighs so much."""
        width = max(self.shares.shape[1], other.shares.shape[1])
        return Library(
            ids=self.ids + other.ids,
            commitments=np.concatenate([self.commitments, other.commitments]),
            approved=np.concatenate([self.approved, other.approved]),
            shares=np.vstack([_widened(self.shares, width), _widened(other.shares, width)]),
            seen=np.concatenate([self.seen, other.seen]),
            weights=np.concatenate([self.weights, np.full(len(other), weight)]),
        )


@dataclass(frozen=True)
class Operation:
    """One operation: dollars committed, month of approval, dollars paid by month (refunds negative).

    `listed` is one that was a known candidate first: its approval says nothing of
    how often unknown ones are approved. `ended` is one declined or cancelled since:
    what it was paid stays paid and its approval was made, but nothing comes of it.
    """

    id: str
    commitment: float
    approved: int
    paid: Mapping[int, float]
    listed: bool = False
    ended: bool = False


def month_number(day: date) -> int:
    """Return the calendar month of a day, counted from the year 0."""
    return day.year * 12 + day.month - 1


def month_of(as_of: date) -> int:
    """Return the month whose end an as_of stands for: its own, or up to the 15th the one before."""
    return month_number(as_of) - (as_of.day <= LAST_DAY_OF_MONTH_BEFORE)


def share_paid(operation: Operation, month: int) -> float:
    """Return the share of the commitment paid by the end of a month."""
    paid = sum(operation.paid[m] for m in sorted(operation.paid) if m <= month)
    return paid / operation.commitment


def build_library(operations: Iterable[Operation], *, end: int) -> Library:
    """Return the share-by-age table of operations observed to the end of a month.

    What was paid before the month of approval counts from age 0 on. Operations
    approved after `end` have no age and are left out.
    """
    chosen = sorted((o for o in operations if o.approved <= end), key=lambda o: o.id)
    approved = np.array([o.approved for o in chosen], dtype=np.int64)
    seen = end - approved
    paid = np.zeros((len(chosen), int(seen.max(initial=0)) + 1))
    for row, operation in enumerate(chosen):
        for month, amount in operation.paid.items():
            if month <= end:
                paid[row, max(month - operation.approved, 0)] += amount
    commitments = np.array([o.commitment for o in chosen], dtype=np.float64)
    return Library(
        ids=tuple(o.id for o in chosen),
        commitments=commitments,
        approved=approved,
        shares=np.cumsum(paid, axis=1) / commitments[:, None],
        seen=seen,
        weights=np.ones(len(chosen)),
    )


def reach(seen: Integers) -> int:
    """Return the greatest age at which 20 donors are observed; of fewer, all of them.

    Raise ValueError without a donor.
    """
    if not len(seen):
        raise ValueError("the library holds no donor")
    place = min(FEWEST_DONORS, len(seen))
    return int(np.partition(seen, len(seen) - place)[len(seen) - place])


def mean_curve(library: Library) -> Floats:
    """Return the mean share by age, its cumulative maximum, as far as 20 donors are observed."""
    curve = [
        library.shares[library.seen >= age, age].mean() for age in range(reach(library.seen) + 1)
    ]
    return np.maximum.accumulate(np.array(curve))


def _widened(shares: Floats, width: int) -> Floats:
    return np.pad(shares, ((0, 0), (0, width - shares.shape[1])))
