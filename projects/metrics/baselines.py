"""What a part is held against: its plan in force, or the lines drawn where none is published.

Sums first: the plan of a sector without one of its own is that of its projects,
point by point. Definitions: earned value and disbursement curves of the method page.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from commitments.calculations.undefined import Reason, Undefined
from projects.calculations import pace
from projects.calculations import schedule as es
from projects.models import Plan
from projects.selectors import CommitmentRecord
from projects.selectors.pace import Part, part_of

PLANNED = "funded"  # the rung that plans are of
NAIVE = "naive_linear"
CURVE = "s_curve"
SUM = "sum_of_projects"
CURVE_SCALE, CURVE_SHAPE = 53.0, 1.48  # Weibull of slow operations: months, and its exponent
CURVE_STEPS = 24


@dataclass(frozen=True)
class Baseline:
    """A plan from the day it begins. `stored` is its record, `sums` those it adds up, by project."""

    plan: es.Plan
    begin: date
    label: str
    stored: Plan | None = None
    sums: Mapping[str, "Baseline"] = field(default_factory=dict)

    def planned_by(self, day: date) -> Decimal:
        return self.plan.value_at(Decimal((day - self.begin).days))

    def drawn_to(self, last: date) -> list[tuple[date, Decimal]]:
        """Its points as days and US dollars up to a day, flat where it ends before."""
        points = ((self.begin + timedelta(days=int(day)), usd) for day, usd in self.plan.points)
        return [*((day, usd) for day, usd in points if day < last), (last, self.planned_by(last))]


@dataclass(frozen=True)
class Baselines:
    """The plans in force of a commitment by part, and the projects of each sector."""

    plans: Mapping[tuple[str, str], Plan]
    projects: Mapping[str, Sequence[Part]]
    deadline: date | None

    def in_force(self, part: Part) -> Baseline:
        """The plan in force, else the sum over a sector's projects, else the straight line.

        Raise Undefined where neither a plan nor an amount and its dates are on record.
        """
        stored = self.plans.get((part.dimension, part.key))
        if stored is not None and part.begin is not None:
            return Baseline(plan_from(stored, part.begin), part.begin, stored.label, stored)
        return self._summed(part, self.in_force) or self._line(part, NAIVE)

    def straight(self, part: Part) -> Baseline:
        """The straight line, whatever is planned; a sector's is the sum of its projects'."""
        return self._summed(part, self.straight) or self._line(part, NAIVE)

    def curve(self, part: Part) -> Baseline:
        """The S-curve, whatever is planned; a sector's is the sum of its projects'."""
        return self._summed(part, self.curve) or self._line(part, CURVE)

    def _line(self, part: Part, label: str) -> Baseline:
        if not part.budget or part.begin is None or self.deadline is None:
            raise Undefined(Reason.NOT_STATED)
        days = Decimal((self.deadline - part.begin).days)
        if days <= 0:
            raise Undefined(Reason.ZERO_PLAN)
        return Baseline(LINES[label](part.budget, days), part.begin, label)

    def _summed(self, part: Part, of: Callable[[Part], Baseline]) -> Baseline | None:
        """The sum over the projects of a sector; None for any other part."""
        found = self.projects.get(part.key, ()) if part.dimension == "sector" else ()
        sums = {project.key: of(project) for project in found}
        if not sums:
            return None
        begin = min(one.begin for one in sums.values())
        plan = es.summed((Decimal((one.begin - begin).days), one.plan) for one in sums.values())
        return Baseline(plan, begin, SUM, sums=sums)


def published_plan(record: CommitmentRecord) -> Baseline | None:
    """The plan in force of the whole commitment; None where none is published, or none reads."""
    stored, start = record.plan, record.terms.day("start")
    if stored is None or start is None:
        return None
    try:
        return Baseline(plan_from(stored, start), start, stored.label, stored)
    except Undefined:
        return None


def baselines_of(record: CommitmentRecord, rung: str, listed: Iterable[Part]) -> Baselines:
    """The baselines of a rung: plans are of one rung, so the others have drawn lines only."""
    projects: dict[str, list[Part]] = {}
    for part in listed:
        if part.dimension == "project":
            projects.setdefault(record.by_slug[part.key].sector, []).append(part)
    plans = {part_of(plan): plan for plan in record.plans} if rung == PLANNED else {}
    return Baselines(plans, projects, record.terms.day("deadline"))


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
    return es.Plan(((Decimal(0), Decimal(0)), *ahead))


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


LINES: Mapping[str, Callable[[Decimal, Decimal], es.Plan]] = {
    NAIVE: es.naive_linear,
    CURVE: s_curve,
}
