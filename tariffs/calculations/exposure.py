"""What a duty comes to in a year, with and without the agreement.

Amounts are Decimal US dollars a year, rates Decimal percent of the customs
value. Static: imports are those of the baseline year whatever the rate, so changes
of volume, exemptions and product mix are left out. Where the parts of a line pay
different rates and no split of its imports is on record, a figure stays a range.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from commitments.calculations.bounds import Bounds
from commitments.calculations.undefined import Undefined

PERCENT = Decimal(100)


@dataclass(frozen=True)
class Case:
    """What a part of a line pays in percent, and would pay without the agreement.

    None where no rate is on record.
    """

    rate: Decimal | None
    without: Decimal | None


def duty_usd(imports: Decimal, rate: Decimal) -> Decimal:
    """Return imports times rate, to the cent: lines so rounded add to their total exactly."""
    return round(imports * rate / PERCENT, 2)


def range_of(amounts: Iterable[Decimal | None]) -> Bounds:
    """Return the lowest to the highest of the parts; not stated where one of them is not."""
    given = list(amounts)
    stated = [amount for amount in given if amount is not None]
    if not stated or len(stated) < len(given):
        return Bounds()
    return Bounds(min(stated), max(stated))


def duty(imports: Decimal, rates: Iterable[Decimal | None]) -> Bounds:
    """Return the duty of a line: what it is if all of it pays as one part does."""
    return range_of(None if rate is None else duty_usd(imports, rate) for rate in rates)


def extra_duty(imports: Decimal, cases: Iterable[Case]) -> Bounds:
    """Return what the same imports would pay more without the agreement, part by part."""
    return range_of(
        None
        if case.rate is None or case.without is None
        else duty_usd(imports, case.without) - duty_usd(imports, case.rate)
        for case in cases
    )


def average_percent(paid: Bounds, imports: Decimal) -> Bounds:
    """Return duty over imports in percent. Raise Undefined("zero_total") without imports."""
    if imports == 0:
        raise Undefined("zero_total")
    low = None if paid.low is None else paid.low / imports * PERCENT
    high = None if paid.high is None else paid.high / imports * PERCENT
    return Bounds(low, high)


def imports_after(
    imports: Decimal, before: Decimal, after: Decimal, *, elasticity: Decimal
) -> Decimal:
    """Return the imports left, to the cent, when a rate changes from before to after, in percent.

    Constant elasticity of import demand to the price with duty, passed on in full:
    imports x ((1 + after) / (1 + before)) ** elasticity. The elasticity is an assumption of
    the reader's, at most 0; with 0 nothing changes.
    """
    return round(imports * ((PERCENT + after) / (PERCENT + before)) ** elasticity, 2)


def extra_with_volume(imports: Decimal, cases: Iterable[Case], *, elasticity: Decimal) -> Bounds:
    """Return the duty on the imports left at the rate without the agreement, less that paid now."""
    return range_of(
        None
        if case.rate is None or case.without is None
        else duty_usd(
            imports_after(imports, case.rate, case.without, elasticity=elasticity), case.without
        )
        - duty_usd(imports, case.rate)
        for case in cases
    )


def imports_lost(imports: Decimal, cases: Iterable[Case], *, elasticity: Decimal) -> Bounds:
    """Return by how much imports would fall without the agreement, in US dollars a year."""
    return range_of(
        None
        if case.rate is None or case.without is None
        else imports - imports_after(imports, case.rate, case.without, elasticity=elasticity)
        for case in cases
    )
