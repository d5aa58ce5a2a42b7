"""The pace of a part as figures: each index of its line, with what it is made from."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from commitments.calculations.bounds import Bounds, exactly
from commitments.calculations.metric import Division, Figure, Row, Scope, amount
from commitments.calculations.undefined import Reason, Undefined
from projects.calculations import pace
from projects.calculations import schedule as es
from projects.metrics.baselines import Baseline
from projects.metrics.pace_lines import PaceLine, Track, line_in
from projects.metrics.rungs import Compute, rung_members
from projects.metrics.terms import context, holiday_rows, term_row
from projects.models import Plan
from projects.selectors import CashDay, CommitmentRecord

OWN, STRAIGHT, CURVE = "own", "straight", "curve"


def budget_usd(record: CommitmentRecord, scope: Scope) -> Figure:
    """The amount a part is to reach: the target, or what is selected or signed of it, as stated."""
    part = line_in(record, scope, "funded").part
    if part.budget is None:
        raise Undefined(Reason.NOT_STATED)
    rows = part.rows or (term_row(record, "target"),)
    return amount(part.bounds, rows=rows, note=part.basis)


def against(track: str, name: str, rung: str) -> Compute:
    """Return an index against one of a part's baselines, which stands with its points as context."""

    def compute(record: CommitmentRecord, scope: Scope) -> Figure:
        line = line_in(record, scope, rung)
        value = line.answer(name)
        held: Track = getattr(line, track)
        rows = (
            *_budget_rows(line, record),
            *_baseline_rows(held, record),
            *_done_rows(line, record, scope),
            *(holiday_rows(line.calendar) if line.calendar and "business_days" in name else ()),
        )
        return _figure(value, rows, note=held.baseline.label)

    return compute


def rate(name: str, rung: str, *terms: str) -> Compute:
    """Return a rate or a projection from it, with the terms it needs as context."""

    def compute(record: CommitmentRecord, scope: Scope) -> Figure:
        line = line_in(record, scope, rung)
        value = line.answer(name)
        rows = (
            *_budget_rows(line, record),
            *context(record, *terms),
            *_done_rows(line, record, scope),
            *(holiday_rows(line.calendar) if line.calendar and "calendar" in terms else ()),
        )
        return _figure(value, rows)

    return compute


def trailing(days: int, rung: str) -> Compute:
    """Return the rate over the last days: the amounts of each day in them, divided by the days."""

    def compute(record: CommitmentRecord, scope: Scope) -> Figure:
        line = line_in(record, scope, rung)
        line.answer(f"trailing_{days}d_usd_per_month")
        found = line.window(days)
        moved, over = exactly(found.moved_usd), exactly(Decimal(found.days))
        counted = {on for on, _amount in found.flows}
        rows = (_day_row(day) for day in line.days if day.on in counted)
        divisor = Row("days", "days", "days", over, unit="days", part="denominator")
        return amount(
            exactly(found.usd_per_month),
            rows=(*rows, divisor),
            division=Division(moved, over, below="days", factor=pace.DAYS_PER_MONTH),
        )

    return compute


def _figure(value: Decimal | date, rows: Iterable[Row], note: str | None = None) -> Figure:
    if isinstance(value, date):
        return Figure(text=value.isoformat(), rows=tuple(rows), note=note)
    return amount(exactly(value), rows=tuple(rows), note=note)


def _day_row(day: CashDay) -> Row:
    amount_usd = exactly(day.amount_usd)
    ref = day.on.isoformat()
    return Row(ref, "day", ref, amount_usd, day.documents, on=day.on, part="numerator")


def _budget_rows(line: PaceLine, record: CommitmentRecord) -> Iterable[Row]:
    """What makes the amount to be reached, as context."""
    if line.part.dimension == "programme":
        return context(record, "target")
    return (replace(row, counts=False) for row in line.part.rows)


def _done_rows(line: PaceLine, record: CommitmentRecord, scope: Scope) -> Iterable[Row]:
    """What came on the rung, as context."""
    return (replace(m.row, counts=False) for m in rung_members(record, line.rung, scope))


def _baseline_rows(held: Track, record: CommitmentRecord) -> Iterable[Row]:
    """A baseline as context: its points or the plans it sums, how long it runs, days used of it."""
    baseline = held.baseline
    yield from context(record, "start", "deadline")
    if baseline.stored is not None:
        yield from _plan_rows(baseline.stored)
    for project, summed in baseline.sums.items():
        yield _sum_row(project, summed, held.as_of)
    yield _days_row("planned_days", held.plan.duration, baseline.begin)
    yield _days_row("used_days", held.elapsed, held.as_of)


def _plan_rows(stored: Plan) -> Iterable[Row]:
    documents = (stored.document.slug,) if stored.document else ()
    yield Row(stored.label, "plan", stored.ref, Bounds(), documents, counts=False)
    for day, amount_usd in es.written_points(stored.points):
        ref = f"{stored.ref}:{day}"
        value = exactly(amount_usd)
        yield Row(day.isoformat(), "point", ref, value, documents, on=day, counts=False)


def _sum_row(project: str, summed: Baseline, as_of: date) -> Row:
    """One plan of a sum: what it plans by the day described, since when, and what it is."""
    stored = summed.stored
    documents = (stored.document.slug,) if stored and stored.document else ()
    planned = exactly(summed.planned_by(as_of))
    label = summed.label
    return Row(
        project, "project_plan", project, planned, documents, summed.begin, counts=False, note=label
    )


def _days_row(kind: str, days: Decimal, on: date) -> Row:
    return Row(kind, kind, kind, exactly(days), on=on, unit="days", counts=False)
