"""Days as the register counts them."""

import calendar
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")


def business_day(now: datetime) -> date:
    """Return the date in Asia/Tokyo at an aware instant.

    Tokyo is the first of the two capitals, so no fact of either side lies in
    the future of this day.
    """
    return now.astimezone(TOKYO).date()


def last_possible_day(day: date | None, precision: str) -> date | None:
    """Return the last day a coarse date can stand for; None when undated.

    A week runs six days on from its date; a month, or an approximate or
    unverified day, to the month's end; a year to 31 December. The date of a
    report is a day: by then the act was public.
    """
    if day is None or precision == "undated":
        return None
    if precision == "week":
        return day + timedelta(days=6)
    if precision in ("month", "month_unverified", "approximate"):
        return last_day_of_month(day)
    if precision == "year":
        return date(day.year, 12, 31)
    return day


def last_day_of_month(day: date) -> date:
    """Return the last day of a day's calendar month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def months_after(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last day where it is shorter."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(years, month + 1)[1]
    return date(years, month + 1, min(day.day, last))
