"""Pace of every part of a commitment on one rung: sums first, indices after.

Amounts are Decimal US dollars, unrounded; what has no answer carries its reason.
Definitions: earned value, run rates and curves of the method page.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property, partial

from commitments.calculations.bounds import Bounds, exactly, total
from commitments.calculations.calendars import Calendar, business_days_between
from commitments.calculations.metric import Row, Scope
from commitments.calculations.undefined import Reason, Undefined
from projects.calculations import pace
from projects.calculations import schedule as es
from projects.metrics.baselines import Baseline, Baselines, baselines_of
from projects.metrics.terms import stated_day
from projects.selectors import CASH_RUNGS, NOT_STATED, CashDay, CommitmentRecord
from projects.selectors.moves import Move, by_day
from projects.selectors.notices import stated_calendar
from projects.selectors.pace import PARTS, Part, parts, parts_without_target, whole

YEAR = 365
NO_PLAN = "none"

Value = Decimal | date | Reason


@dataclass(frozen=True)
class Track:
    """A part against one baseline: days from its begin, and the calendar of its business days."""

    baseline: Baseline
    done: Decimal
    as_of: date
    deadline: date
    calendar: Calendar | None

    @property
    def plan(self) -> es.Plan:
        return self.baseline.plan

    @property
    def elapsed(self) -> Decimal:
        return Decimal((self.as_of - self.baseline.begin).days)

    @cached_property
    def planned(self) -> Decimal:
        return self.baseline.planned_by(self.as_of)

    @cached_property
    def earned(self) -> Decimal:
        return es.earned_schedule(self.plan, self.done)

    @property
    def index(self) -> Decimal:
        return es.spi_t(self.earned, self.elapsed)

    @property
    def needed(self) -> Decimal:
        return es.tspi(self.plan, self.earned, elapsed_days=self.elapsed)

    @property
    def needed_by_deadline(self) -> Decimal:
        """TSPI for the deadline of the commitment, which need not be the plan's own finish."""
        by = Decimal((self.deadline - self.baseline.begin).days)
        return es.tspi(self.plan, self.earned, elapsed_days=self.elapsed, by_day=by)

    @property
    def days_at_this_pace(self) -> Decimal:
        return es.ieac_days(self.plan, self.index)

    @property
    def days_on_plan(self) -> Decimal:
        return es.ieac_on_plan_days(self.plan, self.earned, self.elapsed)

    @property
    def debt_usd(self) -> Decimal:
        return max(self.planned - self.done, Decimal(0))

    @property
    def debt_business_days(self) -> Decimal:
        """Business days since the plan held what is done now; none while it is not behind."""
        if not self.debt_usd:
            return Decimal(0)
        if self.calendar is None:
            raise Undefined(Reason.NOT_STATED)
        since = self.baseline.begin + timedelta(days=math.floor(self.earned))
        return Decimal(business_days_between(since, self.as_of, self.calendar))


@dataclass(frozen=True)
class PaceLine:
    """One part on one rung: what came by day, what it is held against, and every index.

    `rows` are the decisions or notices as they are stated, none of cash; an index
    counts of each its low end, or its ceiling where only that is stated.
    `is_silent` where amounts of its dimension stand as not stated: what the part
    holds of them is not known, so it has no index.
    """

    part: Part
    rung: str
    days: tuple[CashDay, ...]
    is_silent: bool
    baselines: Baselines
    as_of: date
    calendar: Calendar | None
    rows: tuple[Row, ...] = ()

    @cached_property
    def done(self) -> Decimal:
        return sum((day.amount_usd for day in self.days), Decimal(0))

    @property
    def known(self) -> Decimal | None:
        """What came; None where no document splits the rung's amounts so far."""
        return None if self.is_silent and not self.done else self.done

    @property
    def bounds(self) -> Bounds:
        """What came as it is stated: a range stays one. Nothing where it is not known."""
        if self.known is None or self.rows:
            return total(row.bounds for row in self.rows)
        return exactly(self.known)

    @property
    def is_own_target(self) -> bool:
        """True of what is selected of a sector or a project: its target is that amount itself."""
        own = self.rung == "selected" and self.part.dimension in ("sector", "project")
        return own and self.part.budget is not None

    @property
    def plan_label(self) -> str:
        if self.is_silent or self.is_own_target:
            return NO_PLAN
        try:
            return self.own.baseline.label
        except Undefined:
            return NO_PLAN

    @property
    def sums(self) -> Mapping[str, Baseline]:
        """The plans of its projects that the plan of a sector sums, by project."""
        return {} if self.plan_label == NO_PLAN else self.own.baseline.sums

    @cached_property
    def own(self) -> Track:
        """Against the plan in force, or what stands in for one."""
        return self._track(self.baselines.in_force(self.part))

    @cached_property
    def straight(self) -> Track:
        return self._track(self.baselines.straight(self.part))

    @cached_property
    def curve(self) -> Track:
        return self._track(self.baselines.curve(self.part))

    def _track(self, baseline: Baseline) -> Track:
        return Track(baseline, self.done, self.as_of, self.deadline, self.calendar)

    @property
    def deadline(self) -> date:
        if self.baselines.deadline is None:
            raise Undefined(Reason.NOT_STATED)
        return self.baselines.deadline

    @property
    def budget(self) -> Decimal:
        if self.part.budget is None:
            raise Undefined(Reason.NOT_STATED)
        return self.part.budget

    @property
    def flows(self) -> list[pace.Flow]:
        return [(day.on, day.amount_usd) for day in self.days]

    def window(self, days: int) -> pace.Window:
        return pace.trailing_window(self.flows, as_of=self.as_of, window_days=days)

    def trailing(self, days: int) -> Decimal:
        return self.window(days).usd_per_month

    @property
    def required(self) -> Decimal:
        return pace.required_usd_per_month(
            self.budget, self.done, as_of=self.as_of, deadline=self.deadline
        )

    @property
    def required_per_business_day(self) -> Decimal:
        if self.calendar is None:
            raise Undefined(Reason.NOT_STATED)
        return pace.required_usd_per_business_day(
            self.budget,
            self.done,
            as_of=self.as_of,
            deadline=self.deadline,
            calendar=self.calendar,
        )

    @property
    def reached_on(self) -> date:
        ended = pace.completed_on(self.flows, self.budget)
        return ended or pace.projected_date(
            self.budget, self.done, as_of=self.as_of, usd_per_month=self.trailing(YEAR)
        )

    @property
    def by_deadline(self) -> Decimal:
        return pace.projected_usd(
            self.done, as_of=self.as_of, deadline=self.deadline, usd_per_month=self.trailing(YEAR)
        )

    def finish(self, days: Callable[[Track], Decimal]) -> date:
        """The day its amount was reached, else so many days after the begin of its plan."""
        ended = pace.completed_on(self.flows, self.budget)
        return ended or pace.day_after(self.own.baseline.begin, days(self.own))

    def answer(self, name: str) -> Decimal | date:
        """Return an index by its name. Raise Undefined with the reason for none."""
        if self.is_silent:
            raise Undefined(Reason.NOT_STATED)
        if self.is_own_target and not name.startswith("trailing"):
            raise Undefined(Reason.OWN_TARGET)
        return INDICES[name](self)

    @cached_property
    def values(self) -> dict[str, Value]:
        """Every index, or the reason for none."""
        return {name: self._answer_or_reason(name) for name in INDICES}

    def _answer_or_reason(self, name: str) -> Value:
        try:
            return self.answer(name)
        except Undefined as undefined:
            return undefined.reason


INDICES: dict[str, Callable[[PaceLine], Decimal | date]] = {
    "planned_usd": lambda line: line.own.planned,
    "schedule_variance_usd": lambda line: line.done - line.own.planned,
    "spi": lambda line: es.spi(line.done, line.own.planned),
    "earned_schedule_days": lambda line: line.own.earned,
    "schedule_variance_days": lambda line: line.own.earned - line.own.elapsed,
    "spi_t": lambda line: line.own.index,
    "ieac_date": lambda line: line.finish(lambda track: track.days_at_this_pace),
    "ieac_on_plan_date": lambda line: line.finish(lambda track: track.days_on_plan),
    "tspi": lambda line: line.own.needed,
    "tspi_deadline": lambda line: line.own.needed_by_deadline,
    "required_usd_per_month": lambda line: line.required,
    "required_usd_per_business_day": lambda line: line.required_per_business_day,
    **{
        f"trailing_{days}d_usd_per_month": partial(PaceLine.trailing, days=days)
        for days in pace.WINDOWS
    },
    "acceleration": lambda line: pace.acceleration(line.required, line.trailing(YEAR)),
    "projected_date": lambda line: line.reached_on,
    "projected_usd": lambda line: line.by_deadline,
    "debt_linear_usd": lambda line: line.straight.debt_usd,
    "debt_linear_business_days": lambda line: line.straight.debt_business_days,
    "debt_curve_usd": lambda line: line.curve.debt_usd,
    "debt_curve_business_days": lambda line: line.curve.debt_business_days,
}


def pace_lines(record: CommitmentRecord, rung: str) -> list[PaceLine]:
    """Return the whole, then each sector, instrument and project, on one rung.

    Amounts that no document splits between the parts of a dimension have a line
    of their own, `not-stated`; what the other parts hold of them is not known,
    so none has an index. A sector has what its projects have: every amount names
    a project, and one whose sector nobody states is in none. Selections have no
    target for a sector or a project: it would be the selected amount itself.
    Raise Undefined where nothing is recorded yet, before the agreement, of a
    commitment that is not followed, and without a start or deadline.
    """
    if record.why_unanswered is not None:
        raise Undefined(record.why_unanswered)
    if not record.is_followed:
        raise Undefined(Reason.NOT_STATED)
    for key in ("start", "deadline"):
        stated_day(record, key)
    lines = _Lines(record, rung)
    listed = [*lines.listed, *parts_without_target(record.moves(rung), lines.listed)]
    by_dimension = sorted(listed, key=lambda part: ("programme", *PARTS).index(part.dimension))
    return [lines.of(part) for part in by_dimension]


def line_in(record: CommitmentRecord, scope: Scope, rung: str) -> PaceLine:
    """Return the line of the part a scope names.

    Raise Undefined for a scope that is no part: a state, or two dimensions at once.
    """
    named = {name: key for name in PARTS if (key := getattr(scope, name)) is not None}
    if scope.state is not None or len(named) > 1:
        raise Undefined(Reason.SCOPE_NOT_DEFINED)
    lines = _Lines(record, rung)
    if not named:
        return lines.of(whole(record))
    [(dimension, key)] = named.items()
    found = (p for p in lines.listed if (p.dimension, p.key) == (dimension, key))
    return lines.of(next(found, Part(dimension, key)))


class _Lines:
    """What the lines of a rung share, read once."""

    def __init__(self, record: CommitmentRecord, rung: str) -> None:
        self.record, self.rung = record, rung

    @cached_property
    def listed(self) -> list[Part]:
        return parts(self.record)

    @cached_property
    def unsplit(self) -> set[str]:
        """The dimensions in which amounts stand as not stated, with no target for them."""
        targets = {part.dimension for part in self.listed if part.key == NOT_STATED}
        moved = self.record.moves(self.rung)
        open_ones = (name for name in PARTS if name not in targets)
        return {n for n in open_ones if any(getattr(move, n) == NOT_STATED for move in moved)}

    def of(self, part: Part) -> PaceLine:
        is_whole, is_cash = part.dimension == "programme", self.rung in CASH_RUNGS
        listed = self.listed if part.dimension == "sector" else ()
        return PaceLine(
            part=part,
            rung=self.rung,
            days=tuple(self._days(part)),
            is_silent=not is_whole and part.key != NOT_STATED and part.dimension in self.unsplit,
            baselines=baselines_of(self.record, self.rung, listed),
            as_of=self.record.point.as_of,
            calendar=stated_calendar(self.record.terms),
            rows=() if is_cash else tuple(move.row for move in self._moves(part) if move.row),
        )

    def _days(self, part: Part) -> list[CashDay]:
        if part.dimension == "programme" and self.rung in CASH_RUNGS:
            return self.record.cash_days(self.rung)
        return by_day(self._moves(part))

    def _moves(self, part: Part) -> list[Move]:
        moved = self.record.moves(self.rung)
        if part.dimension == "programme":
            return moved
        return [move for move in moved if getattr(move, part.dimension) == part.key]
