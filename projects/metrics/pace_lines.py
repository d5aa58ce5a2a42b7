"""Pace of every part of a commitment on one rung: sums first, indices after.

Amounts are Decimal US dollars, unrounded; what has no answer carries its reason.
Definitions: earned value, run rates and curves of the method page.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from commitments.calculations.calendars import Calendar, business_days_between
from commitments.calculations.undefined import Reason, Undefined
from projects.calculations import pace
from projects.calculations import schedule as es
from projects.metrics.earned_schedule import plan_from
from projects.metrics.terms import calendar_of, stated_day
from projects.models import Plan
from projects.selectors import NOT_STATED, CommitmentRecord
from projects.selectors.pace import (
    PARTS,
    Move,
    Part,
    moves,
    parts,
    parts_without_target,
    plans_in_force,
)

WINDOWS = (30, 90, 180, 365)
YEAR = 365
NAIVE = "naive_linear"
NO_PLAN = "none"
CURVE_SCALE, CURVE_SHAPE = 53.0, 1.48  # Weibull of slow operations: months, and its exponent
CURVE_STEPS = 24

Value = Decimal | date | Reason


@dataclass(frozen=True)
class PaceLine:
    """One part on one rung: where it stands, its plan, and each index or the reason for none.

    `done` is None where no document splits the rung's amounts so far.
    """

    part: Part
    rung: str
    done: Decimal | None
    plan_label: str
    values: dict[str, Value]


INDICES = (
    *("planned_usd", "schedule_variance_usd", "spi", "earned_schedule_days"),
    *("schedule_variance_days", "spi_t", "ieac_date", "ieac_on_plan_date", "tspi", "tspi_deadline"),
    *("required_usd_per_month", "required_usd_per_business_day"),
    *(f"trailing_{days}d_usd_per_month" for days in WINDOWS),
    *("acceleration", "projected_date", "projected_usd"),
    *("debt_linear_usd", "debt_linear_business_days"),
    *("debt_curve_usd", "debt_curve_business_days"),
)


def pace_lines(record: CommitmentRecord, rung: str) -> list[PaceLine]:
    """Return the whole, then each sector, instrument and project, on one rung.

    Amounts that no document splits between the parts of a dimension have a line
    of their own, `not-stated`; what the other parts hold of them is not known,
    so none has an index. Selections have no target for a sector or a project:
    it would be the selected amount itself. Raise Undefined where nothing is
    recorded yet, before the agreement, of a commitment that is not followed, and
    without a start or deadline.
    """
    if record.why_unanswered is not None:
        raise Undefined(record.why_unanswered)
    if not record.is_followed:
        raise Undefined(Reason.NOT_STATED)
    deadline, calendar = stated_day(record, "deadline"), calendar_of(record)
    stated_day(record, "start")
    moved, plans = moves(record, rung), plans_in_force(record)
    listed = list(parts(record))
    extra = parts_without_target(moved, listed)
    unsplit = {part.dimension for part in extra if part.key == NOT_STATED}
    by_dimension = sorted(
        (*listed, *extra), key=lambda part: ("programme", *PARTS).index(part.dimension)
    )
    return [
        _line(
            part,
            rung,
            [move for move in moved if _belongs(move, part)],
            plans.get((part.dimension, part.key)) if rung == "funded" else None,
            silent=part.dimension in unsplit and part.key != NOT_STATED,
            as_of=record.point.as_of,
            deadline=deadline,
            calendar=calendar,
        )
        for part in by_dimension
    ]


def _belongs(move: Move, part: Part) -> bool:
    return part.dimension == "programme" or getattr(move, part.dimension) == part.key


@dataclass(frozen=True)
class _Track:
    """A part against one plan: days from its begin, and the joint calendar."""

    plan: es.Plan
    begin: date
    done: Decimal
    as_of: date
    deadline: date
    calendar: Calendar

    @property
    def elapsed(self) -> Decimal:
        return Decimal((self.as_of - self.begin).days)

    @property
    def planned(self) -> Decimal:
        return self.plan.value_at(self.elapsed)

    @property
    def earned(self) -> Decimal:
        return es.earned_schedule(self.plan, self.done)

    @property
    def index(self) -> Decimal:
        return es.spi_t(self.earned, self.elapsed)

    @property
    def needed_by_deadline(self) -> Decimal:
        """TSPI for the deadline of the commitment, which need not be the plan's own finish."""
        by = Decimal((self.deadline - self.begin).days)
        return es.tspi(self.plan, self.earned, elapsed_days=self.elapsed, by_day=by)

    def day(self, days: Decimal) -> date:
        return pace.day_after(self.begin, days)

    @property
    def debt_usd(self) -> Decimal:
        return max(self.planned - self.done, Decimal(0))

    @property
    def debt_business_days(self) -> Decimal:
        """Business days since the plan held what is done now; none while it is not behind."""
        if not self.debt_usd:
            return Decimal(0)
        since = self.begin + timedelta(days=math.floor(self.earned))
        return Decimal(business_days_between(since, self.as_of, self.calendar))


def _line(
    part: Part,
    rung: str,
    moved: Sequence[Move],
    stored: Plan | None,
    *,
    silent: bool,
    as_of: date,
    deadline: date,
    calendar: Calendar,
) -> PaceLine:
    done = sum((move.amount for move in moved), Decimal(0))
    flows = [(move.on, move.amount) for move in moved]

    def track(plan_of: Callable[[Decimal, Decimal], es.Plan], kept: Plan | None = None) -> _Track:
        budget, begin = part.budget, part.begin
        if budget is None or begin is None or not budget:
            raise Undefined(Reason.NOT_STATED)
        days = Decimal((deadline - begin).days)
        if days <= 0:
            raise Undefined(Reason.ZERO_PLAN)
        plan = plan_of(budget, days) if kept is None else plan_from(kept, begin)
        return _Track(plan, begin, done, as_of, deadline, calendar)

    def own() -> _Track:
        return track(es.naive_linear, stored)

    def budget() -> Decimal:
        if part.budget is None:
            raise Undefined(Reason.NOT_STATED)
        return part.budget

    def trailing(days: int) -> Decimal:
        return pace.trailing_usd_per_month(flows, as_of=as_of, window_days=days)

    def required() -> Decimal:
        return pace.required_usd_per_month(budget(), done, as_of=as_of, deadline=deadline)

    def projected() -> Decimal:
        return pace.projected_usd(
            done, as_of=as_of, deadline=deadline, usd_per_month=trailing(YEAR)
        )

    def reached() -> date:
        ended = pace.completed_on(flows, budget())
        return ended or pace.projected_date(
            budget(), done, as_of=as_of, usd_per_month=trailing(YEAR)
        )

    def finished_or(days: Callable[[_Track], Decimal]) -> date:
        found = own()
        ended = pace.completed_on(flows, found.plan.budget)
        return ended if ended is not None else found.day(days(found))

    formulas: dict[str, Callable[[], Decimal | date]] = {
        "planned_usd": lambda: own().planned,
        "schedule_variance_usd": lambda: done - own().planned,
        "spi": lambda: es.spi(done, own().planned),
        "earned_schedule_days": lambda: own().earned,
        "schedule_variance_days": lambda: own().earned - own().elapsed,
        "spi_t": lambda: own().index,
        "ieac_date": lambda: finished_or(lambda t: es.ieac_days(t.plan, t.index)),
        "ieac_on_plan_date": lambda: finished_or(
            lambda t: es.ieac_on_plan_days(t.plan, t.earned, t.elapsed)
        ),
        "tspi": lambda: es.tspi(own().plan, own().earned, elapsed_days=own().elapsed),
        "tspi_deadline": lambda: own().needed_by_deadline,
        "required_usd_per_month": required,
        "required_usd_per_business_day": lambda: pace.required_usd_per_business_day(
            budget(), done, as_of=as_of, deadline=deadline, calendar=calendar
        ),
        **{f"trailing_{days}d_usd_per_month": partial(trailing, days) for days in WINDOWS},
        "acceleration": lambda: pace.acceleration(required(), trailing(YEAR)),
        "projected_date": reached,
        "projected_usd": projected,
        "debt_linear_usd": lambda: track(es.naive_linear).debt_usd,
        "debt_linear_business_days": lambda: track(es.naive_linear).debt_business_days,
        "debt_curve_usd": lambda: track(s_curve).debt_usd,
        "debt_curve_business_days": lambda: track(s_curve).debt_business_days,
    }
    own_target = rung == "selected" and part.dimension in ("sector", "project")

    def why_not(name: str) -> Reason | None:
        if silent:
            return Reason.NOT_STATED
        is_bound = own_target and part.budget is not None and not name.startswith("trailing")
        return Reason.OWN_TARGET if is_bound else None

    planned = NAIVE if stored is None else stored.label
    return PaceLine(
        part=part,
        rung=rung,
        done=None if silent and not done else done,
        plan_label=NO_PLAN if silent or own_target or part.budget is None else planned,
        values={name: why_not(name) or _answer(formulas[name]) for name in INDICES},
    )


def _answer(formula: Callable[[], Decimal | date]) -> Value:
    try:
        return formula()
    except Undefined as undefined:
        return undefined.reason


def s_curve(budget: Decimal, duration: Decimal) -> es.Plan:
    """Return a plan along the Weibull curve of slow operations that ends with the budget.

    F(a) = 1 - exp(-(a/s)^k), scaled so that the last day is the whole; joined
    by straight lines, in whole cents.
    """
    months = float(duration / pace.DAYS_PER_MONTH)
    whole = _weibull(months)
    points = [(Decimal(0), Decimal(0))]
    for step in range(1, CURVE_STEPS):
        share = Decimal(_weibull(months * step / CURVE_STEPS) / whole)
        points.append((duration * step / CURVE_STEPS, round(budget * share, 2)))
    return es.Plan((*points, (duration, budget)))


def _weibull(months: float) -> float:
    return 1 - math.exp(-((months / CURVE_SCALE) ** CURVE_SHAPE))
