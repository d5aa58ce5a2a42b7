"""Progress in time against the plan in force."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from commitments.calculations.bounds import Bounds, exactly
from commitments.calculations.metric import (
    Figure,
    Row,
    Scope,
    amount,
)
from commitments.calculations.undefined import Reason, Undefined
from projects.calculations import pace
from projects.calculations import schedule as es
from projects.metrics.rates import cash_on, cash_rows
from projects.metrics.rungs import WHOLE, ZERO, Compute
from projects.metrics.terms import context, only_whole, stated_day, stated_target
from projects.models import Plan
from projects.selectors import CommitmentRecord


@dataclass(frozen=True)
class Schedule:
    """A plan in use, where the commitment stands on it, and whether it is naive."""

    plan: es.Plan
    label: str
    earned: Decimal
    elapsed: Decimal
    rows: tuple[Row, ...]

    @property
    def earned_days(self) -> Decimal:
        return es.earned_schedule(self.plan, self.earned)

    @property
    def index(self) -> Decimal:
        return es.spi_t(self.earned_days, self.elapsed)


def schedule_of(record: CommitmentRecord, scope: Scope = WHOLE) -> Schedule:
    """The plan in force at the point, or the naive line, and progress against it.

    Raise Undefined where the commitment states no target, start or deadline.
    """
    only_whole(scope)
    start, deadline = stated_day(record, "start"), stated_day(record, "deadline")
    stored = record.plan
    if stored is None:
        plan = es.naive_linear(stated_target(record), Decimal((deadline - start).days))
        label, rows = "naive_linear", context(record, "target", "start", "deadline")
    else:
        plan, label = plan_from(stored, start), stored.label
        rows = _plan_rows(stored)
    return Schedule(
        plan=plan,
        label=label,
        earned=cash_on(record, scope),
        elapsed=Decimal((record.point.as_of - start).days),
        rows=(*rows, *cash_rows(record, scope)),
    )


def _plan_rows(stored: Plan) -> tuple[Row, ...]:
    """The plan and each of its points, as context of what is reckoned from them."""
    documents = (stored.document.slug,) if stored.document else ()
    points = (
        Row(
            day.isoformat(),
            "point",
            f"{stored.ref}:{day}",
            exactly(amount_usd),
            documents,
            on=day,
            counts=False,
        )
        for day, amount_usd in es.written_points(stored.points)
    )
    plan = Row(stored.label, "plan", stored.ref, Bounds(), documents, counts=False)
    return (plan, *points)


def plan_from(stored: Plan, start: date) -> es.Plan:
    """Return the stored baseline as days from start and dollars.

    Raise Undefined where it cannot be read, or plans nothing after the start.
    """
    try:
        written = es.written_points(stored.points)
    except ValueError as error:
        raise Undefined(Reason.NOT_STATED) from error
    ahead = [(Decimal((day - start).days), amount) for day, amount in written if day > start]
    if not ahead:
        raise Undefined(Reason.ZERO_PLAN)
    return es.Plan(((Decimal(0), ZERO), *ahead))


def scheduled(formula: Callable[[Schedule], Decimal]) -> Compute:
    def compute(record: CommitmentRecord, scope: Scope) -> Figure:
        found = schedule_of(record, scope)
        return amount(exactly(formula(found)), rows=found.rows, note=found.label)

    return compute


def finish(days_of: Callable[[Schedule], Decimal]) -> Compute:
    """Return a metric of the day of completion: the actual one once the target is funded."""

    def compute(record: CommitmentRecord, scope: Scope) -> Figure:
        found = schedule_of(record, scope)
        day = pace.completed_on(record.daily("funded"), stated_target(record))
        if day is None:
            day = pace.day_after(stated_day(record, "start"), days_of(found))
        return Figure(text=day.isoformat(), rows=found.rows, note=found.label)

    return compute
