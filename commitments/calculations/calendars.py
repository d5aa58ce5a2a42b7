"""Business days of Japan's banks, of the Federal Reserve, and of both together.

The joint calendar counts a weekday that neither closes on. The Federal
Reserve moves a Sunday holiday to Monday and does not move one that falls on a
Saturday. Japan's banks close on national holidays with their substitutes, and
from 31 December to 3 January (Banking Act Enforcement Order, art. 5).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Literal

import holidays
import numpy as np
from numpy.typing import NDArray

Calendar = Literal["joint", "japan", "fed"]
CALENDARS: tuple[Calendar, ...] = ("joint", "japan", "fed")
FIRST_YEAR, LAST_YEAR = 2020, 2050
SUNDAY = 6


@dataclass(frozen=True)
class ExcludedDay:
    """A weekday that is no business day, once for each country that closes."""

    on: date
    name: str
    country: str


@lru_cache(maxsize=1)
def calendar_version() -> str:
    """Return what the calendars rest on, to be stored with every computed date."""
    return f"holidays {version('holidays')}"


@lru_cache(maxsize=1)
def _japan() -> dict[date, str]:
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    found = holidays.country_holidays(
        "JP", years=years, categories=("public", "bank"), language="en_US"
    )
    # a national holiday inside the banks' closing is called by its own name
    return {
        day: name.removeprefix("Bank Holiday; ") for day, name in found.items() if day.weekday() < 5
    }


@lru_cache(maxsize=1)
def _fed() -> dict[date, str]:
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    kept = {}
    for day, name in holidays.country_holidays("US", years=years, observed=False).items():
        moved = day + timedelta(days=1) if day.weekday() == SUNDAY else day
        if moved.weekday() < 5:
            kept[moved] = name
    return kept


@lru_cache(maxsize=len(CALENDARS))
def _closed(calendar: Calendar) -> NDArray[np.datetime64]:
    days: set[date] = set()
    if calendar in ("joint", "japan"):
        days |= _japan().keys()
    if calendar in ("joint", "fed"):
        days |= _fed().keys()
    return np.array(sorted(days), dtype="datetime64[D]")


def is_business_day(day: date, calendar: Calendar = "joint") -> bool:
    """Return whether money can move on a day under a calendar."""
    return bool(np.is_busday(np.datetime64(day, "D"), holidays=_closed(calendar)))


def business_days_between(after: date, until: date, calendar: Calendar = "joint") -> int:
    """Return the number of business days in (after, until]; 0 when until is not later."""
    if until <= after:
        return 0
    begin, end = (np.datetime64(day + timedelta(days=1), "D") for day in (after, until))
    return int(np.busday_count(begin, end, holidays=_closed(calendar)))


def business_day_after(day: date, count: int, calendar: Calendar = "joint") -> date:
    """Return the count-th business day after a day, which itself is day 0.

    Day 0 need not be a business day; day 1 is the next one. Raise ValueError
    for a negative count or a result outside the years the calendars cover.
    """
    if count < 0:
        raise ValueError("count is negative")
    found: Any = np.busday_offset(
        np.datetime64(day, "D"), count, roll="backward", holidays=_closed(calendar)
    )
    result: date = found.item()
    if not (day.year >= FIRST_YEAR and result.year <= LAST_YEAR):
        raise ValueError(f"calendars cover {FIRST_YEAR} to {LAST_YEAR}")
    return result


def last_day_before(until: date, count: int, calendar: Calendar = "joint") -> date:
    """Return the last day from which count business days still fit in, up to and including until.

    Day 0 need not be a business day, so this is the eve of the count-th
    business day from the end. Raise ValueError for a count under 1 or outside
    the years the calendars cover.
    """
    if count < 1:
        raise ValueError("count is under 1")
    closed = _closed(calendar)
    first: Any = np.busday_offset(
        np.datetime64(until, "D"), 1 - count, roll="backward", holidays=closed
    )
    result: date = first.item() - timedelta(days=1)
    if not (result.year >= FIRST_YEAR and until.year <= LAST_YEAR):
        raise ValueError(f"calendars cover {FIRST_YEAR} to {LAST_YEAR}")
    return result


def excluded_days(after: date, until: date, calendar: Calendar = "joint") -> list[ExcludedDay]:
    """Return the weekday holidays in (after, until], by date, one row a country."""
    rows = []
    if calendar in ("joint", "japan"):
        rows += [ExcludedDay(day, name, "JP") for day, name in _japan().items()]
    if calendar in ("joint", "fed"):
        rows += [ExcludedDay(day, name, "US") for day, name in _fed().items()]
    inside = [row for row in rows if after < row.on <= until]
    return sorted(inside, key=lambda row: (row.on, row.country))
