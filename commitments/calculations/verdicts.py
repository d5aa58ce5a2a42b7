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

    An end that neither states is open: "up to 73" claims nothing of its low
    end. Zero when the claim lies inside.
    """
    if claim.high is not None and record.high is not None and claim.high > record.high:
        return claim.high - record.high
    if claim.low is not None and record.high is not None and claim.low > record.high:
        return claim.low - record.high
    if claim.low is not None and record.low is not None and claim.low < record.low:
        return claim.low - record.low
    if claim.high is not None and record.low is not None and claim.high < record.low:
        return claim.high - record.low
    return Decimal(0)


def verdict(claim: Bounds, record: Bounds) -> Verdict:
    """Return how a claim stands against the record; unsupported where either states nothing.

    Above the record it is overstated. Below it, it is contradicted, unless the
    two ranges meet.
    """
    if not claim.is_stated or not record.is_stated:
        return Verdict.UNSUPPORTED
    away = distance(claim, record)
    if away == 0:
        return Verdict.SUPPORTED
    end = claim.high if away > 0 and claim.high is not None else claim.low
    if abs(away) <= tolerance(end if end is not None else claim.high or Decimal(0)):
        return Verdict.ROUNDED
    if away > 0:
        return Verdict.OVERSTATED
    meets = claim.high is None or record.low is None or claim.high >= record.low
    return Verdict.SUPPORTED if meets else Verdict.CONTRADICTED
