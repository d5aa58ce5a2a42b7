"""Rolling-origin tests of the forecast on operations whose later payments are known.

A task is a programme as it stood at an origin, with what it had paid by the
horizon. Operations are halved by a hash of their id: the donors of a task are
those of the other half, so none is tested on itself. Errors are shares of the
commitments. Definitions: scoring of the method page.
"""

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from projects.calculations.analogue import CHOSEN, Programme, Readings, draw
from projects.calculations.baselines import (
    earned_schedule,
    mean_curve_rest,
    paid_usd,
    run_rate,
)
from projects.calculations.donors import Floats, Library, Operation, mean_curve, month_number
from projects.calculations.scoring import covered, crps, pit

HORIZON = 26
YOUNGEST_MONTHS = 36  # operations approved in so many months before the origin
FIRST_ORIGIN = month_number(date(2003, 12, 31))
LAST_ORIGIN = month_number(date(2009, 10, 31))
DOMINATING_SHARE = 0.9
COVERED_80 = (0.70, 0.92)  # what the 80 % interval is to hold of the outcomes
NEAR_PUBLISHED = 0.15  # how far CRPS may lie from the published value, as a share of it
ENOUGH_TASKS = 500  # of a row; with fewer, chance alone moves coverage by 4 points and more
LEAST_SAMPLE, MOST_SAMPLE = 0.1, 0.4  # share of a half that makes a programme with a future


@dataclass(frozen=True)
class Task:
    """One test: a programme at its origin, its half, what it paid, what was committed."""

    programme: Programme
    half: int
    outcome: float
    committed: float


@dataclass(frozen=True)
class Portfolio:
    """One kind of programme that is tested, by name, and how a task of it is drawn.

    `published_crps` is that of the method's own table, as a share of the commitments.
    """

    name: str
    projects: int | None = None
    published_crps: float | None = None
    dominated: bool = False
    expects_more: bool = False
    known_then: bool = False
    readings: Readings = CHOSEN


PORTFOLIOS = (
    Portfolio("3 projects", 3, published_crps=0.083),
    Portfolio("12 projects", 12, published_crps=0.051),
    Portfolio("40 projects", 40, published_crps=0.030),
    Portfolio("8, the largest at 90 %", 8, published_crps=0.085, dominated=True),
    Portfolio("with future approvals", published_crps=0.076, expects_more=True),
    Portfolio("12, donors known then", 12, published_crps=0.049, known_then=True),
)


@dataclass(frozen=True)
class Alternative:
    """A reading of the model tried the other way, on the tasks of a portfolio."""

    reading: str
    portfolio: Portfolio
    otherwise: Readings


# The other way is what the model is usually given as, or what it had before.
ALTERNATIVES = (
    Alternative("last_twelve_months", PORTFOLIOS[0], Readings(recent_bandwidth=math.inf)),
    Alternative("last_twelve_months", PORTFOLIOS[3], Readings(recent_bandwidth=math.inf)),
    Alternative("common_spread", PORTFOLIOS[2], Readings(common_spread=0.25)),
    Alternative("largest_size", PORTFOLIOS[4], Readings(largest_times=1.5)),
    Alternative("approval_months", PORTFOLIOS[4], Readings(approval_months=24)),
    Alternative("pace_weight", PORTFOLIOS[4], Readings(pace_weight=1.0)),
)


@dataclass(frozen=True)
class Result:
    """One task's scores; errors and CRPS as shares of the commitments, None where undefined."""

    run_rate: float
    earned_schedule: float | None
    mean_curve: float | None
    analogue: float
    crps: float
    in_80: bool
    in_90: bool
    pit: float


@dataclass(frozen=True)
class Row:
    """A portfolio's mean scores over its tasks."""

    portfolio: Portfolio
    tasks: int
    run_rate: float
    earned_schedule: float | None
    mean_curve: float | None
    analogue: float
    crps: float
    in_80: float
    in_90: float
    pits: tuple[float, ...]

    @property
    def beats_baselines(self) -> bool:
        """Whether the analogue's mean absolute error is below that of each baseline it has."""
        baselines = (self.run_rate, self.earned_schedule, self.mean_curve)
        return all(self.analogue < one for one in baselines if one is not None)

    @property
    def covers(self) -> bool:
        """Whether the 80 % interval holds 70 to 92 % of the outcomes."""
        low, high = COVERED_80
        return low <= self.in_80 <= high

    @property
    def is_near_published(self) -> bool:
        """Whether CRPS lies within 15 % of the published value; true where none is published."""
        published = self.portfolio.published_crps
        return published is None or abs(self.crps - published) <= NEAR_PUBLISHED * published


def chance_points(tasks: int) -> float:
    """Return by how many points chance moves the coverage of an 80 % interval, twice its standard error."""
    return 200 * math.sqrt(0.8 * 0.2 / tasks)


def half_of(project_id: str) -> int:
    """Return 0 or 1 by a hash of the id."""
    return hashlib.blake2b(project_id.encode(), digest_size=1).digest()[0] % 2


def tasks(
    operations: Sequence[Operation], portfolio: Portfolio, *, count: int, seed: int
) -> Iterator[Task]:
    """Draw so many tasks; the same seed draws the same ones."""
    rng = np.random.Generator(np.random.PCG64(seed))
    halves = [[o for o in operations if half_of(o.id) == half] for half in (0, 1)]
    made = 0
    while made < count:
        half = int(rng.integers(2))
        origin = int(rng.integers(FIRST_ORIGIN, LAST_ORIGIN + 1))
        task = _task(rng, halves[half], portfolio, origin, half)
        if task is not None:
            made += 1
            yield task


def _task(
    rng: np.random.Generator,
    pool: Sequence[Operation],
    portfolio: Portfolio,
    origin: int,
    half: int,
) -> Task | None:
    """One task, None where too few operations were approved before the origin."""
    if portfolio.projects is None:
        share = rng.uniform(LEAST_SAMPLE, MOST_SAMPLE)
        pool = [o for o in pool if rng.random() < share]
    young = [o for o in pool if origin - YOUNGEST_MONTHS < o.approved <= origin]
    if len(young) < (portfolio.projects or 1):
        return None
    if portfolio.projects is not None:
        young = [young[n] for n in rng.choice(len(young), portfolio.projects, replace=False)]
    if portfolio.dominated:
        young = _dominated(young)
    to_come = (
        [o for o in pool if origin < o.approved <= origin + HORIZON]
        if portfolio.expects_more
        else []
    )
    return Task(
        programme=Programme(
            month=origin,
            horizon=HORIZON,
            operations=tuple(young),
            expects_more=portfolio.expects_more,
            readings=portfolio.readings,
        ),
        half=half,
        outcome=paid_usd([*young, *to_come], origin + HORIZON),
        committed=sum(o.commitment for o in [*young, *to_come]),
    )


def _dominated(operations: Sequence[Operation]) -> list[Operation]:
    """Return operations whose largest is scaled until it holds 90 % of the commitments."""
    largest = max(operations, key=lambda o: (o.commitment, o.id))
    others = sum(o.commitment for o in operations) - largest.commitment
    times = others * DOMINATING_SHARE / (1 - DOMINATING_SHARE) / largest.commitment
    paid = {month: amount * times for month, amount in largest.paid.items()}
    scaled = replace(largest, commitment=largest.commitment * times, paid=paid)
    return [scaled if o is largest else o for o in operations]


def judge(task: Task, donors: Library, curve: Floats, *, seed: int, paths: int) -> Result:
    """Forecast a task and score the forecast and its baselines against what came."""
    programme, committed = task.programme, task.committed
    at = {"month": programme.month, "horizon": programme.horizon}
    totals = draw(programme, donors, seed=seed, paths=paths).totals[:, 0]

    def error(forecast: float) -> float:
        return abs(forecast - task.outcome) / committed

    known = programme.operations
    has_plan = not programme.expects_more
    return Result(
        run_rate=error(run_rate(known, **at)),
        earned_schedule=error(earned_schedule(known, curve, **at)) if has_plan else None,
        mean_curve=error(mean_curve_rest(known, curve, **at)) if has_plan else None,
        analogue=error(float(np.median(totals))),
        crps=crps(totals, task.outcome) / committed,
        in_80=covered(totals, task.outcome, 0.80),
        in_90=covered(totals, task.outcome, 0.90),
        pit=pit(totals, task.outcome),
    )


def backtest(
    operations: Sequence[Operation],
    library: Library,
    portfolio: Portfolio,
    *,
    count: int,
    paths: int,
    seed: int = 1,
    report: Callable[[int], None] = lambda _done: None,
) -> Row:
    """Score so many tasks of a portfolio; `report` hears after each how many are done."""
    halves = np.array([half_of(name) for name in library.ids])
    donors = [library.chosen(halves != half) for half in (0, 1)]
    curves = [mean_curve(of_half) for of_half in donors]
    results = []
    for n, task in enumerate(tasks(operations, portfolio, count=count, seed=seed)):
        of_half = donors[task.half]
        if portfolio.known_then:
            of_half = of_half.known_by(task.programme.month)
        results.append(judge(task, of_half, curves[task.half], seed=n, paths=paths))
        report(n + 1)
    return _row(portfolio, results)


def _row(portfolio: Portfolio, results: Sequence[Result]) -> Row:
    def mean(name: str) -> float:
        return float(np.mean([getattr(result, name) for result in results]))

    has_plan = not portfolio.expects_more
    return Row(
        portfolio=portfolio,
        tasks=len(results),
        run_rate=mean("run_rate"),
        earned_schedule=mean("earned_schedule") if has_plan else None,
        mean_curve=mean("mean_curve") if has_plan else None,
        analogue=mean("analogue"),
        crps=mean("crps"),
        in_80=mean("in_80"),
        in_90=mean("in_90"),
        pits=tuple(result.pit for result in results),
    )
