"""Ranges of amounts that stay ranges."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Bounds:
    """A low and a high bound in one unit; None where the bound is not stated.

    "Up to" has no low, "more than" has no high, an amount nobody stated has
    neither.
    """

    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def value(self) -> Decimal | None:
        """The amount, only when both bounds are stated and equal."""
        return self.low if self.low == self.high else None

    @property
    def is_stated(self) -> bool:
        return self.low is not None or self.high is not None


def exactly(amount: Decimal) -> Bounds:
    """Return the range that is one amount."""
    return Bounds(amount, amount)


def envelope(ranges: Iterable[Bounds]) -> Bounds:
    """Return the lowest low to the highest high of rival ranges for one figure.

    A rival without a bound leaves that bound to the others.
    """
    stated = list(ranges)
    lows = [r.low for r in stated if r.low is not None]
    highs = [r.high for r in stated if r.high is not None]
    return Bounds(min(lows, default=None), max(highs, default=None))


def total(ranges: Iterable[Bounds]) -> Bounds:
    """Return the sum of ranges of different things, low and high apart.

    A member without a low can be as small as zero, so it adds nothing to the
    low; a member without a high ("more than") leaves the total without one.
    Members without any amount add nothing: count them beside the total.
    """
    members = [r for r in ranges if r.is_stated]
    if not members:
        return Bounds()
    lows = [r.low for r in members if r.low is not None]
    highs = [r.high for r in members if r.high is not None]
    return Bounds(
        sum(lows, Decimal(0)) if lows else None,
        sum(highs, Decimal(0)) if len(highs) == len(members) else None,
    )


def told_total(ranges: Iterable[Bounds]) -> Bounds:
    """Return the sum of ranges as people are told it: a ceiling where most members are ceilings.

    Where more than half of the members with an amount are only "up to", the few
    lows that are stated say next to nothing of the whole: it is "up to" its high.
    """
    members = [r for r in ranges if r.is_stated]
    whole = total(members)
    ceilings = sum(r.low is None for r in members)
    is_ceiling = whole.high is not None and 2 * ceilings > len(members)
    return Bounds(None, whole.high) if is_ceiling else whole
