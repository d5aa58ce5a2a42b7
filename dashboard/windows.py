"""A window of business days as a request asks for it: for the page and the API alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from commitments.calculations.calendars import (
    CALENDARS,
    FIRST_YEAR,
    LAST_YEAR,
    Calendar,
    ExcludedDay,
    business_day_after,
    calendar_version,
    excluded_days,
)
from commitments.selectors import PointError, Terms, day_asked
from projects.selectors.notices import stated_calendar

WINDOW_PARAMETERS = ("notice", "days", "calendar")
MOST_DAYS = 1000


@dataclass(frozen=True)
class Window:
    """A window: from a notice, so many business days of a calendar, and the days left out.

    `calendar_stated` is the calendar of the terms, None where they state none.
    """

    notice: date
    days: int
    calendar: Calendar
    calendar_stated: Calendar | None
    earliest_funding_date: date
    excluded: tuple[ExcludedDay, ...]
    calendar_version: str


def window_of(asked: Mapping[str, str], terms: Terms) -> Window:
    """Compute the window that some parameters ask for; it may lie in the future.

    Without days or a calendar the terms of the commitment say them. Raise
    PointError naming the parameter that cannot be used.
    """
    notice = notice_in(asked.get("notice", ""))
    days = days_in(asked.get("days", ""), terms)
    calendar = calendar_in(asked.get("calendar", ""), terms)
    if calendar is None:
        words = _("is required: the terms of this commitment state no calendar")
        raise PointError("calendar", words)
    try:
        end = business_day_after(notice, days, calendar)
    except ValueError as error:
        words = _("leads beyond %(year)s, the last year of the calendars") % {"year": LAST_YEAR}
        raise PointError("days", words) from error
    return Window(
        notice=notice,
        days=days,
        calendar=calendar,
        calendar_stated=stated_calendar(terms),
        earliest_funding_date=end,
        excluded=tuple(excluded_days(notice, end, calendar)),
        calendar_version=calendar_version(),
    )


def notice_in(text: str) -> date:
    """Return the day of notice. Raise PointError unless it is a day the calendars cover."""
    if not text:
        raise PointError("notice", _("is required: the day of the notice, as in 2026-12-01"))
    return day_asked("notice", text, first=FIRST_YEAR, last=LAST_YEAR)


def days_in(text: str, terms: Terms) -> int:
    """Return the business days of a window: those asked for, else those of the terms."""
    stated = terms.value("funding_window", "business_days")
    if not text and isinstance(stated, int):
        return stated
    if not text:
        raise PointError("days", _("is required: the terms of this commitment state no window"))
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MOST_DAYS):
        words = _("must be a whole number from 1 to %(most)s") % {"most": MOST_DAYS}
        raise PointError("days", words)
    return int(text)


def calendar_in(text: str, terms: Terms) -> Calendar | None:
    """Return the calendar asked for, else that of the terms; None where they state none.

    Raise PointError for what is no calendar.
    """
    for calendar in CALENDARS:
        if calendar == text:
            return calendar
    if text:
        words = _("must be one of: %(names)s") % {"names": ", ".join(CALENDARS)}
        raise PointError("calendar", words)
    return stated_calendar(terms)
