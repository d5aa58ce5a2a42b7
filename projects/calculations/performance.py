"""Performance of an investment: the rate of return of dated flows, and multiples of what was paid in.

A flow is negative when it is paid in and positive when it is received. Rates
are fractions a year of 365 days, as spreadsheets define XIRR and XNPV.
Floating point is used inside, once. Sources: GIPS Standards (2020) and the ILPA
Reporting Template for the multiples; the documentation of XIRR for the rate.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pyxirr

from commitments.calculations.undefined import Reason, Undefined

Flow = tuple[date, Decimal]

LOWEST, HIGHEST = -0.999999, 100.0
GUESS = 0.1  # of several rates the one nearest to it is taken
NEAR = 1e-12
DAYS_OF_YEAR = 365
PLACES = 10
STEPS = 400


@dataclass(frozen=True)
class Return:
    """A rate of return a year, the days it spans, and whether other rates fit the flows as well."""

    rate: Decimal
    days: int
    multiple: bool

    @property
    def over_the_whole(self) -> Decimal:
        """The return over the whole span, not put on a year: what is shown beside a short one."""
        years = self.days / DAYS_OF_YEAR
        return _decimal(float(1 + self.rate) ** years - 1)


def netted(flows: Iterable[Flow]) -> list[Flow]:
    """Return flows by day, oldest first, those of one day added up and empty days left out."""
    by_day: dict[date, Decimal] = {}
    for on, amount in flows:
        by_day[on] = by_day.get(on, Decimal(0)) + amount
    return [(on, amount) for on, amount in sorted(by_day.items()) if amount]


def xnpv(rate: Decimal, flows: Iterable[Flow], *, on: date | None = None) -> Decimal:
    """Return the net present value of flows at a rate a year above -1, in US dollars.

    It is that of their first day, or of the day `on` where that is earlier.
    """
    days, amounts = _columns(netted(flows))
    if on is not None and days and on < days[0]:
        days, amounts = [on, *days], [0.0, *amounts]
    value = pyxirr.xnpv(float(rate), days, amounts) if days else 0.0
    return _decimal(0.0 if value is None else value)


def xirr(flows: Iterable[Flow]) -> Return:
    """Return the rate a year at which the flows have no present value.

    Where several rates do, the one nearest to 10 % is returned and marked.
    Raise Undefined("no_sign_change") unless money goes both ways, ("no_root")
    where no rate between -99.9999 % and 10,000 % does.
    """
    net = netted(flows)
    signs = {amount > 0 for _on, amount in net}
    if len(signs) < 2:
        raise Undefined(Reason.NO_SIGN_CHANGE)
    days, amounts = _columns(net)
    found = _roots(days, amounts)
    if not found:
        raise Undefined(Reason.NO_ROOT)
    nearest = min(found, key=lambda root: abs(root - GUESS))
    return Return(_decimal(nearest), (days[-1] - days[0]).days, multiple=len(found) > 1)


def _columns(net: Sequence[Flow]) -> tuple[list[date], list[float]]:
    return [on for on, _amount in net], [float(amount) for _on, amount in net]


def _roots(days: list[date], amounts: list[float]) -> list[float]:
    """The rates without present value: one by the library, several by scanning its profile."""
    changes = sum((a > 0) != (b > 0) for a, b in pairwise(amounts))
    if changes == 1:
        only = pyxirr.xirr(days, amounts, guess=GUESS, silent=True)
        return [] if only is None or not LOWEST < only < HIGHEST else [only]

    def value(rate: float) -> float:
        return pyxirr.xnpv(rate, days, amounts) or 0.0

    ratio = (1 + HIGHEST) / (1 + LOWEST)
    grid = [(1 + LOWEST) * ratio ** (step / STEPS) - 1 for step in range(STEPS + 1)]
    return [
        _between(value, low, high)
        for low, high in pairwise(grid)
        if (value(low) > 0) != (value(high) > 0)
    ]


def _between(value: Callable[[float], float], low: float, high: float) -> float:
    """Halve an interval in which the value changes its sign until it is narrow enough."""
    above = value(low) > 0
    while high - low > NEAR:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if (value(middle) > 0) == above:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _decimal(number: float) -> Decimal:
    return round(Decimal(number), PLACES)
