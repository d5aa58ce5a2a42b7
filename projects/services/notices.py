"""What a funding notice sets going: its window and reading, from the terms of its commitment."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from commitments.calculations.calendars import (
    FIRST_YEAR,
    LAST_YEAR,
    business_day_after,
    calendar_version,
)
from commitments.calculations.dates import business_day
from commitments.calculations.point import PointInTime
from commitments.models import Commitment, Revision
from commitments.selectors import Terms, terms_of
from commitments.services.register import Keys
from projects.models import FundingNotice
from projects.selectors.notices import nature_of, stated_calendar


def day_of_receipt(record: Mapping[str, Any]) -> date | None:
    """The day on which the record of a notice has it received: its own, else that of its instant.

    None where neither can be read.
    """
    try:
        stated = parse_date(str(record.get("received_on") or ""))
        instant = parse_datetime(str(record.get("received_at") or ""))
    except ValueError:
        return None
    if stated is not None or instant is None or instant.tzinfo is None:
        return stated
    return business_day(instant)


def complete_notice(notice: FundingNotice, keys: Keys) -> None:
    """Compute a notice's window from the terms in force on its day, and the reading it has.

    That is its own where it states one, else that of the terms. Where only the
    instant is given the day is the one in Asia/Tokyo. Raise ValidationError by
    field where the terms state no window or no calendar, or a date cannot be.
    """
    if notice.received_at is not None:
        day = business_day(notice.received_at)
        if notice.received_on is None:
            notice.received_on = day
        if notice.received_on != day:
            raise ValidationError(
                {"received_on": _("The instant falls on %(day)s in Tokyo.") % {"day": day}}
            )
    if notice.received_on is None:
        raise ValidationError({"received_on": _("is required")})
    terms = _terms(notice, keys)
    days = terms.value("funding_window", "business_days")
    if not isinstance(days, int):
        raise ValidationError(
            {"commitment": _("The terms of this commitment state no funding window.")}
        )
    calendar = stated_calendar(terms)
    if calendar is None:
        raise ValidationError({"commitment": _("The terms of this commitment state no calendar.")})
    notice.window_days, notice.calendar = days, calendar
    notice.default_reading = notice.reading or nature_of(terms)
    try:
        notice.earliest_on = business_day_after(notice.received_on, days, calendar)
    except ValueError as error:
        words = _("The window would leave the years of the calendars, %(first)s to %(last)s.")
        given = {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise ValidationError({"received_on": words % given}) from error
    notice.calendar_version = calendar_version()


def _terms(notice: FundingNotice, keys: Keys) -> Terms:
    key = ("terms", notice.commitment_id, notice.received_on)
    if key not in keys.memo:
        newest = Revision.objects.order_by("-number").values_list("number", flat=True).first() or 0
        point = PointInTime(as_of=notice.received_on, revision=newest, today=notice.received_on)
        commitment = Commitment.objects.get(pk=notice.commitment_id)
        keys.memo[key] = terms_of(commitment, point)
    found: Terms = keys.memo[key]
    return found
