"""How what somebody said stands against the best evidence other than themselves.

The rule of tolerance: a number is rounded when it lies no further from the
record than half a unit of its own last digit that is not zero, and no further
than a twentieth of itself. 36 billion speaks in billions, so 35.7 is the same
number rounded; 550 billion speaks in tens of billions.
"""

from decimal import Decimal
from enum import StrEnum

from commitments.calculations.bounds import Bounds

HALF, TWENTIETH = Decimal("0.5"), Decimal("0.05")


class Verdict(StrEnum):
    """What comparing a claim with the record says of it, the furthest off first."""

    CONTRADICTED = "contradicted"
    OVERSTATED = "overstated"
    ROUNDED = "rounded"
    SUPPORTED = "supported"
    UNSUPPORTED = "unsupported"


def tolerance(amount: Decimal) -> Decimal:
    """Return how far a number may be from the record and still be the same number rounded."""
    if amount == 0:
        return Decimal(0)
    last_digit = int(amount.normalize().as_tuple().exponent)
    return min(HALF.scaleb(last_digit), abs(amount) * TWENTIETH)


def distance(claim: Bounds, record: Bounds) -> Decimal:
    """Return how far a claim lies outside the record: above it positive, below it negative.

    Above is any part of the claim above the record; below is the whole of it. An
    end that neither states is open: "up to 73" claims nothing of its low end, and
    "more than half" holds of 99. Zero when the claim lies inside or reaches it.
    """
    if record.high is not None:
        for end in (claim.high, claim.low):
            if end is not None and end > record.high:
                return end - record.high
    if record.low is not None and claim.high is not None and claim.high < record.low:
        return claim.high - record.low
    return Decimal(0)


def verdict(claim: Bounds, record: Bounds) -> Verdict:
    """Return how a claim stands against the record; unsupported where nothing can be compared.

    Above the record it is overstated, below it contradicted, unless it is the
    same number rounded. A record open at one end ("up to", "more than") tells
    nothing of what lies on that side: it supports only a claim of the same end.
    """
    if not claim.is_stated or not record.is_stated:
        return Verdict.UNSUPPORTED
    away = distance(claim, record)
    if away:
        if abs(away) <= tolerance(_outer(claim)):
            return Verdict.ROUNDED
        return Verdict.OVERSTATED if away > 0 else Verdict.CONTRADICTED
    if record.low is not None and record.high is not None:
        return Verdict.SUPPORTED
    own, end = (claim.high, record.high) if record.low is None else (claim.low, record.low)
    if own is None or end is None or abs(own - end) > tolerance(own):
        return Verdict.UNSUPPORTED
    return Verdict.SUPPORTED if own == end else Verdict.ROUNDED


def _outer(claim: Bounds) -> Decimal:
    """The end of a claim that lies outside the record: its high end, where it states one."""
    end = claim.high if claim.high is not None else claim.low
    return end if end is not None else Decimal(0)
