"""Figures that follow from the terms of the agreement alone."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from commitments.calculations.bounds import Bounds, exactly
from commitments.calculations.calendars import (
    Calendar,
    business_days_between,
    calendar_version,
)
from commitments.calculations.metric import (
    Figure,
    Row,
    Scope,
    amount,
)
from commitments.calculations.undefined import Reason, Undefined
from projects.selectors import CommitmentRecord
from projects.selectors.notices import stated_calendar

HOLIDAYS = {
    "JP": "Act on National Holidays (Japan, 1948); Banking Act Enforcement Order, art. 5",
    "US": "Federal Reserve K.8",
}


def stated_day(record: CommitmentRecord, key: str) -> date:
    day = record.terms.day(key)
    if day is None:
        raise Undefined(Reason.NOT_STATED)
    return day


def term_row(record: CommitmentRecord, key: str) -> Row:
    term = record.terms.term(key)
    assert term is not None  # noqa: S101  # callers have read its value
    value, day = record.terms.usd(key), record.terms.day(key)
    return Row(
        label=term.name,
        kind="term",
        ref=term.ref,
        bounds=Bounds() if value is None else exactly(value),
        documents=(term.document.slug,) if term.document else (),
        on=term.effective_on,
        note=term.note_at(record.point.seen_until),
        unit="usd" if value is not None else "date" if day is not None else "",
        text=day.isoformat() if value is None and day is not None else "",
        is_recalled=term.recalls("value"),
        is_derived=term.derives("value"),
    )


def stated_target(record: CommitmentRecord) -> Decimal:
    value = record.terms.usd("target")
    if value is None:
        raise Undefined(Reason.NOT_STATED)
    return value


def target_usd(record: CommitmentRecord, scope: Scope) -> Figure:
    only_whole(scope)
    target = stated_target(record)
    rivals = tuple(
        Row(
            label=term.name,
            kind="term",
            ref=term.ref,
            bounds=Bounds(None, target) if term.reading == "up_to" else exactly(target),
            documents=(term.document.slug,) if term.document else (),
            counts=False,
            note=term.note_at(record.point.seen_until),
            is_recalled=term.recalls("value"),
            is_derived=term.derives("value"),
            is_rival=True,
        )
        for term in record.terms.rivals("target")
    )
    return amount(exactly(target), rows=(term_row(record, "target"), *rivals))


def only_whole(scope: Scope) -> None:
    if not scope.is_whole:
        raise Undefined(Reason.SCOPE_NOT_DEFINED)


def context(record: CommitmentRecord, *keys: str) -> tuple[Row, ...]:
    rows = (term_row(record, key) for key in keys if record.terms.term(key))
    return tuple(replace(row, counts=False) for row in rows)


def days_total(record: CommitmentRecord, scope: Scope) -> Figure:
    days = (stated_day(record, "deadline") - stated_day(record, "start")).days
    return amount(exactly(Decimal(days)), rows=context(record, "start", "deadline"))


def days_elapsed(record: CommitmentRecord, scope: Scope) -> Figure:
    days = (record.point.as_of - stated_day(record, "start")).days
    if days < 0:
        raise Undefined(Reason.BEFORE_START)
    return amount(exactly(Decimal(days)), rows=context(record, "start"))


def days_left(record: CommitmentRecord, scope: Scope) -> Figure:
    days = (stated_day(record, "deadline") - record.point.as_of).days
    return amount(exactly(Decimal(days)), rows=context(record, "deadline"))


def time_used_share(record: CommitmentRecord, scope: Scope) -> Figure:
    start, deadline = stated_day(record, "start"), stated_day(record, "deadline")
    used, whole = (record.point.as_of - start).days, (deadline - start).days
    if used < 0:
        raise Undefined(Reason.BEFORE_START)
    return amount(exactly(Decimal(used) / whole), rows=context(record, "start", "deadline"))


def calendar_of(record: CommitmentRecord) -> Calendar:
    """The calendar of the commitment's business days. Raise Undefined where no term states one."""
    calendar = stated_calendar(record.terms)
    if calendar is None:
        raise Undefined(Reason.NOT_STATED)
    return calendar


def holiday_rows(calendar: Calendar) -> tuple[Row, ...]:
    """What decides the holidays of a calendar, as context: the law or schedule, by name."""
    countries: dict[Calendar, tuple[str, ...]] = {"joint": ("JP", "US"), "japan": ("JP",)}
    return tuple(
        Row(
            label=HOLIDAYS[country],
            kind="calendar",
            ref=country,
            bounds=Bounds(),
            unit="",
            counts=False,
            note=calendar_version(),
        )
        for country in countries.get(calendar, ("US",))
    )


def business_days_left(record: CommitmentRecord, scope: Scope) -> Figure:
    calendar = calendar_of(record)
    left = business_days_between(record.point.as_of, stated_day(record, "deadline"), calendar)
    rows = (*context(record, "deadline", "calendar"), *holiday_rows(calendar))
    return amount(exactly(Decimal(left)), rows=rows, text=f"{calendar}, {calendar_version()}")
