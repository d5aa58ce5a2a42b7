"""Earned schedule: progress in time against a dated plan.

Amounts are Decimal US dollars, times are days from the plan's start, unrounded.
Sources: ANSI/EIA-748-D (2019) for planned and earned value; Lipke, Schedule is
Different (2003) and Earned Schedule (2009). Sum planned and earned values of
parts first, then compute an index; never average indices.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from commitments.calculations.undefined import Undefined
from commitments.calculations.written import read_amount, read_day


@dataclass(frozen=True)
class Plan:
    """A baseline: (day, cumulative US dollars) points joined by straight lines.

    Days count from the start, which is day 0 with nothing planned; amounts never
    fall. Raise ValueError for points that are out of order or falling.
    """

    points: tuple[tuple[Decimal, Decimal], ...]

    def __post_init__(self) -> None:
        if not self.points or any(self.points[0]):
            raise ValueError("a plan begins with nothing on day 0")
        for (d0, v0), (d1, v1) in pairwise(self.points):
            if d1 <= d0 or v1 < v0:
                raise ValueError("plan points must rise in time and never fall in amount")

    @property
    def budget(self) -> Decimal:
        """Budget at completion, US dollars."""
        return self.points[-1][1]

    @property
    def duration(self) -> Decimal:
        """Planned duration: the first day the plan reaches its budget."""
        return next(day for day, value in self.points if value == self.budget)

    def value_at(self, day: Decimal) -> Decimal:
        """Return the planned value on a day; flat after the last point, 0 before the first."""
        if day <= 0:
            return Decimal(0)
        after = bisect_right(self.points, day, key=lambda point: point[0])
        if after == len(self.points):
            return self.budget
        (d0, v0), (d1, v1) = self.points[after - 1], self.points[after]
        return v0 + (v1 - v0) * (day - d0) / (d1 - d0)


class PointsFault(ValueError):
    """Points that are no baseline: a code, and the number of the first wrong point."""

    def __init__(self, code: str, number: int = 0) -> None:
        self.code, self.number = code, number
        super().__init__(f"{code}: point {number}" if number else code)


def written_points(written: Any) -> list[tuple[date, Decimal]]:
    """Return a baseline as a record writes it: days that rise, US dollars that never fall.

    Raise PointsFault naming the first point that is wrong, and for a baseline
    that plans nothing.
    """
    points: list[tuple[date, Decimal]] = []
    for number, point in enumerate(written if isinstance(written, list) else [], start=1):
        given = point if isinstance(point, dict) and len(point) == 2 else {}
        day, amount = read_day(given.get("on")), read_amount(given.get("amount_usd"))
        if day is None or amount is None:
            raise PointsFault("unlike", number)
        if points and day <= points[-1][0]:
            raise PointsFault("not_later", number)
        if points and amount < points[-1][1]:
            raise PointsFault("less", number)
        points.append((day, amount))
    if not points or not points[-1][1]:
        raise PointsFault("no_plan")
    return points


def naive_linear(budget: Decimal, duration: Decimal) -> Plan:
    """Return the straight line that stands in where no plan is published."""
    return Plan(((Decimal(0), Decimal(0)), (duration, budget)))


def summed(parts: Iterable[tuple[Decimal, Plan]]) -> Plan:
    """Return the sum of plans point by point, each given the day it begins on.

    Day 0 is the begin of the earliest, from which all days count.
    """
    begun = list(parts)
    days = sorted({begin + day for begin, plan in begun for day, _value in plan.points})
    return Plan(
        tuple((day, sum((p.value_at(day - b) for b, p in begun), Decimal(0))) for day in days)
    )


def earned_schedule(plan: Plan, earned: Decimal) -> Decimal:
    """Return the day on which the plan had earned what has been earned now.

    A plateau counts in full (the latest point not above earned). Nothing earned
    is day 0; the whole budget is the planned duration, never more.
    """
    if earned <= 0:
        return Decimal(0)
    if earned >= plan.budget:
        return plan.duration
    reached = max(i for i, (_, value) in enumerate(plan.points) if value <= earned)
    (d0, v0), (d1, v1) = plan.points[reached], plan.points[reached + 1]
    return d0 + (earned - v0) / (v1 - v0) * (d1 - d0)


def spi(earned: Decimal, planned: Decimal) -> Decimal:
    """Return earned over planned value. Raise Undefined("zero_plan") if nothing was planned.

    It tends to 1 at the end however late the work is: secondary to spi_t.
    """
    if planned == 0:
        raise Undefined("zero_plan")
    return earned / planned


def spi_t(earned_days: Decimal, elapsed_days: Decimal) -> Decimal:
    """Return earned schedule over elapsed time. Raise Undefined("before_start") at or before day 0."""
    if elapsed_days <= 0:
        raise Undefined("before_start")
    return earned_days / elapsed_days


def ieac_days(plan: Plan, index: Decimal) -> Decimal:
    """Return the estimated duration if the pace so far holds: PD / SPI(t), in days.

    Raise Undefined("zero_progress") if the index is not positive.
    """
    if index <= 0:
        raise Undefined("zero_progress")
    return plan.duration / index


def ieac_on_plan_days(plan: Plan, earned_days: Decimal, elapsed_days: Decimal) -> Decimal:
    """Return the estimated duration if the rest goes as planned: AT + (PD - ES), in days."""
    return elapsed_days + plan.duration - earned_days


def tspi(
    plan: Plan, earned_days: Decimal, *, elapsed_days: Decimal, by_day: Decimal | None = None
) -> Decimal:
    """Return the schedule performance needed from now on to finish by a day.

    `by_day` is the planned finish unless given. A finished plan needs 0. Raise
    Undefined("deadline_passed") when that day is not ahead.
    """
    if earned_days >= plan.duration:
        return Decimal(0)
    left = (plan.duration if by_day is None else by_day) - elapsed_days
    if left <= 0:
        raise Undefined("deadline_passed")
    return (plan.duration - earned_days) / left
