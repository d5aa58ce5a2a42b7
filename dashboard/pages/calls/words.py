"""Calendars, readings and states of notices in words."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.calculations.calendars import ExcludedDay
from dashboard import formats


def calendar_words(calendar: str) -> str:
    """Return whose business days a calendar counts."""
    return {
        "joint": _("business days of both countries"),
        "japan": _("business days of Japan’s banks"),
        "fed": _("business days of the Federal Reserve"),
    }[calendar]


def country_words(country: str) -> str:
    return {"JP": _("Japan"), "US": _("United States")}[country]


def business_days(n: int) -> str:
    return ngettext("%(n)s business day", "%(n)s business days", n) % {"n": n}


def excluded_row(row: ExcludedDay) -> tuple[str, str, str]:
    """Return a weekday holiday for a table: its day, its name, who closes."""
    return formats.day(row.on), row.name, country_words(row.country)
