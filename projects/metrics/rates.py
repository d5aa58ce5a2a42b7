"""How fast money must move and has moved."""

from dataclasses import replace
from decimal import Decimal

from commitments.calculations.bounds import exactly
from commitments.calculations.metric import (
    Division,
    Figure,
    Row,
    Scope,
    amount,
)
from projects.calculations import pace
from projects.metrics.rungs import ZERO, Compute, rung_figure, rung_members
from projects.metrics.terms import (
    calendar_of,
    context,
    holiday_rows,
    only_whole,
    stated_day,
    stated_target,
)
from projects.selectors import CashDay, CommitmentRecord


def cash_on(record: CommitmentRecord, scope: Scope, rung: str = "funded") -> Decimal:
    value = rung_figure(rung_members(record, rung, scope)).bounds.value
    return ZERO if value is None else value


def cash_rows(record: CommitmentRecord, scope: Scope, *keys: str) -> tuple[Row, ...]:
    rows = (replace(m.row, counts=False) for m in rung_members(record, "funded", scope))
    return (*context(record, *keys), *rows)


def required_usd_per_month(record: CommitmentRecord, scope: Scope) -> Figure:
    only_whole(scope)
    rate = pace.required_usd_per_month(
        stated_target(record),
        cash_on(record, scope),
        as_of=record.point.as_of,
        deadline=stated_day(record, "deadline"),
    )
    return amount(exactly(rate), rows=cash_rows(record, scope, "target", "deadline"))


def required_usd_per_business_day(record: CommitmentRecord, scope: Scope) -> Figure:
    only_whole(scope)
    calendar = calendar_of(record)
    rate = pace.required_usd_per_business_day(
        stated_target(record),
        cash_on(record, scope),
        as_of=record.point.as_of,
        deadline=stated_day(record, "deadline"),
        calendar=calendar,
    )
    rows = cash_rows(record, scope, "target", "deadline", "calendar")
    rows = (*rows, *holiday_rows(calendar))
    return amount(exactly(rate), rows=rows)


def trailing(record: CommitmentRecord, window_days: int) -> Decimal:
    return pace.trailing_usd_per_month(
        record.daily("funded"), as_of=record.point.as_of, window_days=window_days
    )


def trailing_metric(window_days: int) -> Compute:
    """Return the rate over the last days: the cash of each day in them, divided by the days."""

    def compute(record: CommitmentRecord, scope: Scope) -> Figure:
        only_whole(scope)
        found = pace.trailing_window(
            record.daily("funded"), as_of=record.point.as_of, window_days=window_days
        )
        moved, days = exactly(found.moved_usd), exactly(Decimal(found.days))
        counted = {on for on, _amount in found.flows}
        rows = (_day_row(day) for day in record.cash_days("funded") if day.on in counted)
        divisor = Row("days", "days", "days", days, unit="days", part="denominator")
        return amount(
            exactly(found.usd_per_month),
            rows=(*rows, divisor),
            division=Division(moved, days, below="days", factor=pace.DAYS_PER_MONTH),
        )

    return compute


def _day_row(day: CashDay) -> Row:
    amount_usd = exactly(day.amount_usd)
    ref = day.on.isoformat()
    return Row(ref, "day", ref, amount_usd, day.documents, on=day.on, part="numerator")


def acceleration(record: CommitmentRecord, scope: Scope) -> Figure:
    required = required_usd_per_month(record, scope)
    factor = pace.acceleration(required.bounds.low or ZERO, trailing(record, 365))
    return amount(exactly(factor), rows=required.rows)


def projected_date(record: CommitmentRecord, scope: Scope) -> Figure:
    only_whole(scope)
    target = stated_target(record)
    day = pace.completed_on(record.daily("funded"), target) or pace.projected_date(
        target,
        cash_on(record, scope),
        as_of=record.point.as_of,
        usd_per_month=trailing(record, 365),
    )
    return Figure(text=day.isoformat(), rows=cash_rows(record, scope, "target"))


def projected_usd(record: CommitmentRecord, scope: Scope) -> Figure:
    only_whole(scope)
    at_deadline = pace.projected_usd(
        cash_on(record, scope),
        as_of=record.point.as_of,
        deadline=stated_day(record, "deadline"),
        usd_per_month=trailing(record, 365),
    )
    return amount(exactly(at_deadline), rows=cash_rows(record, scope, "deadline"))
