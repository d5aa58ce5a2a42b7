"""What funding notices leave open, and until when one can still be issued in time."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from commitments.calculations.bounds import Bounds, exactly
from commitments.calculations.calendars import Calendar, last_day_before
from commitments.calculations.metric import Figure, Row, Scope, amount, none_published
from commitments.calculations.undefined import Reason, Undefined
from projects.calculations.notices import Status
from projects.metrics.rungs import ZERO, rung_members
from projects.metrics.terms import (
    calendar_of,
    context,
    only_whole,
    stated_day,
    stated_target,
    term_row,
)
from projects.selectors import CommitmentRecord
from projects.selectors.notices import NoticeRecord

Amount = Callable[[NoticeRecord], Decimal]


def window_days(record: CommitmentRecord) -> int:
    """The business days of the window. Raise Undefined where the terms state none."""
    days = record.terms.value("funding_window", "business_days")
    if not isinstance(days, int):
        raise Undefined(Reason.NOT_STATED)
    return days


def _rows(record: CommitmentRecord, scope: Scope, of: Amount, unit: str = "usd") -> list[Row]:
    """A row for each open notice of a scope, with an amount of it."""
    members = {member.row.ref: member.row for member in rung_members(record, "noticed", scope)}
    return [
        replace(members[found.notice.ref], bounds=exactly(of(found)), unit=unit)
        for found in record.notice_records
        if found.standing.is_open and found.notice.ref in members
    ]


def _one(_found: NoticeRecord) -> Decimal:
    return Decimal(1)


def _sum(record: CommitmentRecord, rows: Iterable[Row]) -> Figure:
    kept = tuple(rows)
    total = sum((row.bounds.value or ZERO for row in kept), ZERO)
    note = None if record.notices else "none_published"
    return amount(exactly(total), rows=kept, note=note)


def open_notices_count(record: CommitmentRecord, scope: Scope) -> Figure:
    return _sum(record, _rows(record, scope, _one, "count"))


def late_notices_count(record: CommitmentRecord, scope: Scope) -> Figure:
    late = {
        found.notice.ref for found in record.notice_records if found.standing.status == Status.LATE
    }
    rows = _rows(record, scope, _one, "count")
    return _sum(record, (row for row in rows if row.ref in late))


def unfunded_noticed_usd(record: CommitmentRecord, scope: Scope) -> Figure:
    if not rung_members(record, "noticed", scope):
        return none_published()
    return _sum(record, _rows(record, scope, lambda found: found.clock.unfunded_usd))


def still_to_be_noticed_usd(record: CommitmentRecord, scope: Scope) -> Figure:
    only_whole(scope)
    target = stated_target(record)
    members = rung_members(record, "noticed")
    noticed = sum((m.row.bounds.value or ZERO for m in members), ZERO)
    rows = (term_row(record, "target"), *(replace(m.row, sign=-1) for m in members))
    return Figure(bounds=Bounds(target - noticed, target - noticed), rows=rows)


def last_safe_day(record: CommitmentRecord, calendar: Calendar | None = None) -> date:
    """The last day of notice whose window ends by the deadline, by a calendar or that of the terms.

    Raise Undefined where the terms state no deadline, no window or, with none given, no calendar.
    """
    deadline, days = stated_day(record, "deadline"), window_days(record)
    return last_day_before(deadline, days, calendar or calendar_of(record))


def last_safe_notice_date(record: CommitmentRecord, scope: Scope) -> Figure:
    only_whole(scope)
    day = last_safe_day(record)
    rows = context(record, "deadline", "funding_window", "calendar")
    return Figure(text=day.isoformat(), rows=rows)
