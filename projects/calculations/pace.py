"""How fast money must move, and how fast it has moved.

Amounts are Decimal US dollars, unrounded; rates are US dollars a month of
30.4375 days unless the name says otherwise. These are baselines, not the
forecast. Definitions: run rates and simple projections of the method page.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from commitments.calculations.calendars import Calendar, business_days_between
from commitments.calculations.undefined import Undefined

DAYS_PER_MONTH = Decimal("30.4375")  # 365.25 / 12
WINDOWS = (30, 90, 180, 365)  # days that a trailing rate looks back
FEWEST_DAYS = 30
LAST_YEAR = 2100

Flow = tuple[date, Decimal]


def required_usd_per_month(
    target: Decimal, funded: Decimal, *, as_of: date, deadline: date
) -> Decimal:
    """Return the US dollars a month that still reach target by the deadline.

    The day as_of is over; the deadline itself counts. A target already reached
    needs 0, however late it is. Reversals may have taken funded below 0. Raise
    Undefined("deadline_passed") if money is missing and no day remains.
    """
    missing = target - funded
    if missing <= 0:
        return Decimal(0)
    days_left = (deadline - as_of).days
    if days_left <= 0:
        raise Undefined("deadline_passed")
    return missing / days_left * DAYS_PER_MONTH


def required_usd_by(
    day: date, target: Decimal, funded: Decimal, *, as_of: date, deadline: date
) -> Decimal:
    """Return the US dollars that the path needed from what is funded as_of holds on a day.

    It is straight and holds the target at the deadline, and all along where that is
    reached already. Raise Undefined("deadline_passed") if money is missing and no day remains.
    """
    if funded >= target:
        return target
    days_left = (deadline - as_of).days
    if days_left <= 0:
        raise Undefined("deadline_passed")
    return funded + (target - funded) * (day - as_of).days / days_left


def required_usd_per_business_day(
    target: Decimal,
    funded: Decimal,
    *,
    as_of: date,
    deadline: date,
    calendar: Calendar = "joint",
) -> Decimal:
    """Return the US dollars a business day in (as_of, deadline] that reach target.

    Raise Undefined("deadline_passed") if money is missing and no such day remains.
    """
    missing = target - funded
    if missing <= 0:
        return Decimal(0)
    days_left = business_days_between(as_of, deadline, calendar)
    if days_left <= 0:
        raise Undefined("deadline_passed")
    return missing / days_left


@dataclass(frozen=True)
class Window:
    """The flows of the last days, the days they are divided by, and their net amount a month."""

    flows: tuple[Flow, ...]
    days: int

    @property
    def moved_usd(self) -> Decimal:
        return sum((amount for _on, amount in self.flows), Decimal(0))

    @property
    def usd_per_month(self) -> Decimal:
        return self.moved_usd / self.days * DAYS_PER_MONTH


def trailing_window(flows: Sequence[Flow], *, as_of: date, window_days: int) -> Window:
    """Return the flows of the last window_days, in (as_of - window, as_of].

    They are divided by the window, or by the days since the first value date
    where that is shorter. A negative net sum is returned as it is. Raise
    Undefined ("no_observations") without a flow by as_of, ("too_short") when
    fewer than 30 days lie between the first value date and as_of, inclusive.
    """
    by_now = [(on, amount) for on, amount in flows if on <= as_of]
    if not by_now:
        raise Undefined("no_observations")
    observed = (as_of - min(on for on, _ in by_now)).days + 1
    if observed < FEWEST_DAYS:
        raise Undefined("too_short")
    begin = as_of - timedelta(days=window_days)
    recent = tuple((on, amount) for on, amount in by_now if on > begin)
    return Window(recent, min(window_days, observed))


def acceleration(required: Decimal, trailing: Decimal) -> Decimal:
    """Return how many times faster money must move than in the trailing year.

    Raise Undefined("rate_not_positive") if nothing has moved on balance.
    """
    if trailing <= 0:
        raise Undefined("rate_not_positive")
    return required / trailing


def projected_date(
    target: Decimal, funded: Decimal, *, as_of: date, usd_per_month: Decimal
) -> date:
    """Return the day the target is reached at a constant rate; as_of if it is already.

    Raise Undefined("rate_not_positive") if the rate is not, ("not_within_horizon")
    for a day after the year 2100.
    """
    missing = target - funded
    if missing <= 0:
        return as_of
    if usd_per_month <= 0:
        raise Undefined("rate_not_positive")
    days = missing / usd_per_month * DAYS_PER_MONTH
    return day_after(as_of, days)


def completed_on(flows: Iterable[Flow], target: Decimal) -> date | None:
    """Return the day the cumulative amount rose to the target and stayed there; None while short.

    Flows are net amounts by day, oldest first. A reversal that takes the sum
    below the target undoes an earlier completion.
    """
    day, reached = None, Decimal(0)
    for on, amount in flows:
        reached += amount
        if reached < target:
            day = None
        elif day is None:
            day = on
    return day


def projected_usd(
    funded: Decimal, *, as_of: date, deadline: date, usd_per_month: Decimal
) -> Decimal:
    """Return the cumulative US dollars at the deadline at a constant rate, not clipped.

    Raise Undefined("deadline_passed") after the deadline.
    """
    days_left = (deadline - as_of).days
    if days_left < 0:
        raise Undefined("deadline_passed")
    return funded + usd_per_month / DAYS_PER_MONTH * days_left


def day_after(start: date, days: Decimal) -> date:
    """Return the day that lies so many days after start, part days counting as whole.

    Raise Undefined("not_within_horizon") after the year 2100.
    """
    whole = int(days.to_integral_value(rounding="ROUND_CEILING"))
    if whole > (date(LAST_YEAR, 12, 31) - start).days:
        raise Undefined("not_within_horizon")
    return start + timedelta(days=whole)
