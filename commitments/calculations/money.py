"""Splitting amounts and shares so that the parts add up. Half-even everywhere."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """Return an amount rounded to the cent, half-even."""
    return amount.quantize(CENT, ROUND_HALF_EVEN)


def allocate(total: Decimal, weights: Sequence[Decimal], *, unit: Decimal = CENT) -> list[Decimal]:
    """Split a total by weights so that the parts sum to it exactly.

    Largest remainder (Hamilton): each share is floored to `unit`, the units
    left over go to the largest remainders, ties to the first. A negative total
    is allocated by its absolute value and negated; a weight of 0 gets 0. Raise
    ValueError for a negative weight, for weights that are all zero, or for a
    total that is no multiple of `unit`.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("a weight is negative")
    whole = sum(weights, Decimal(0))
    if not whole:
        raise ValueError("all weights are zero")
    if total % unit:
        raise ValueError(f"{total} is no multiple of {unit}")
    if total < 0:
        return [-part for part in allocate(-total, weights, unit=unit)]
    exact = [total * weight / whole for weight in weights]
    parts = [(share / unit).to_integral_value(ROUND_FLOOR) * unit for share in exact]
    left = int((total - sum(parts, Decimal(0))) / unit)
    by_remainder = sorted(
        (i for i, weight in enumerate(weights) if weight),
        key=lambda i: (parts[i] - exact[i], i),
    )
    for i in by_remainder[:left]:
        parts[i] += unit
    return parts


def shown_shares(amounts: Sequence[Decimal], *, places: int = 1) -> list[Decimal]:
    """Return percentages at the shown precision that add to exactly 100.

    Amounts are not negative. Raise ValueError when all are zero.
    """
    return allocate(Decimal(100), amounts, unit=Decimal(1).scaleb(-places))


def can_add_to_whole(lows: Sequence[Decimal], highs: Sequence[Decimal]) -> bool:
    """Return whether a split inside these percentage ranges can add to 100."""
    return sum(lows, Decimal(0)) <= 100 <= sum(highs, Decimal(0))
