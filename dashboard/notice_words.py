"""Calendars, readings and states of notices in words."""

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.calculations.calendars import ExcludedDay
from dashboard import formats
from dashboard.holidays_ja import NAMES_JA
from projects.calculations.notices import Standing, Status


def calendar_words(calendar: str) -> str:
    """Return whose business days a calendar counts."""
    return {
        "joint": _("business days of Japan’s banks and the Federal Reserve"),
        "japan": _("business days of Japan’s banks"),
        "fed": _("business days of the Federal Reserve"),
    }[calendar]


def country_words(country: str) -> str:
    return {"JP": _("Japan"), "US": _("United States")}[country]


def business_days(n: int) -> str:
    return ngettext("%(n)s business day", "%(n)s business days", n) % {"n": n}


def passed_words(n: int) -> str:
    """Return how many business days are over since a day; on a weekend after it none is yet."""
    return business_days(n) if n else _("no business day yet")


def late_words(n: int) -> str:
    """Return by how many business days what is unpaid is late."""
    return _("%(days)s late") % {"days": business_days(n)} if n else _("late, no business day yet")


def excluded_row(row: ExcludedDay) -> tuple[str, str, str]:
    """Return a weekday holiday for a table: its day, its name, who closes."""
    return formats.day(row.on), holiday_name(row), country_words(row.country)


def holiday_name(row: ExcludedDay) -> str:
    """Return a holiday in the reader's language; one the table does not know stays English."""
    if not formats.is_japanese():
        return row.name
    return NAMES_JA[row.country].get(row.name) or format_html('<span lang="en">{}</span>', row.name)


def nature_words(nature: str) -> str:
    """Return how a reading takes the window."""
    return {
        "earliest": _("earliest date: funds are due not before the window ends"),
        "latest": _("deadline: funds are due within the window"),
    }[nature]


def short_nature(nature: str) -> str:
    return {"earliest": _("read as earliest date"), "latest": _("read as deadline")}[nature]


SOON = 10  # business days
SHAPES = {"a": "▲", "w": "◆", "k": "●", "": ""}


def state_words(standing: Standing) -> tuple[str, str]:
    """Return how a notice stands, in words, and the class of its tag: late, soon, fine or none."""
    off, days = standing.days_off, {"days": business_days(standing.days_off)}
    if standing.status == Status.LATE and standing.is_open:
        return late_words(off), "a"
    if standing.status == Status.LATE:
        words = _("funded %(days)s late")
        return words % days if off else _("funded late, before the next business day"), "a"
    if standing.status == Status.FUNDED_EARLY:
        words = _("funded %(days)s early")
        return words % days if off else _("funded early, by less than a business day"), "k"
    if standing.status == Status.FUNDED_ON_TIME:
        return _("funded on time"), "k"
    if standing.status == Status.DECLINED:
        return _("declined"), ""
    left = business_days(max(standing.days_left, 0))
    if standing.due_on is not None:
        return _("%(days)s left") % {"days": left}, "w" if standing.days_left <= SOON else "k"
    if standing.days_left > 0:
        return _("%(days)s to the first day of funding") % {"days": left}, "k"
    return _("window over, no due date"), ""
