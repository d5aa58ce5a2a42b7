"""The forecast: conditional analogue draws from the donor library, approvals to come on top.

Each project draws a donor whose share at the same age was like its own, and
follows what that donor was paid next. Amounts are US dollars as floats, shares
fractions of a commitment, months counted from the year 0. Same seed, same
bytes. Definitions: forecast of the method page.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from projects.calculations.approvals import (
    LARGEST_TIMES,
    PACE_WEIGHT,
    WINDOW_MONTHS,
    SizePrior,
    cut,
    draw_counts,
    draw_sizes,
    pace_of,
    prior_of,
    shrunk,
)
from projects.calculations.donors import Floats, Integers, Library, Operation, reach, share_paid
from projects.calculations.pipeline import Candidate, StageOdds, draw_amounts, draw_selections

VERSION = "analogue-4"
PATHS = 10_000
BANDWIDTH = 0.10  # of the kernel on the share paid
RECENT_BANDWIDTH = 0.05  # of the kernel on the share paid in the last months
RECENT_MONTHS = 12
FLOOR_WEIGHT = 1e-4  # so that every donor stays possible
RECENT_FLOOR_WEIGHT = 1e-3
COMMON_SPREAD = 0.20
DOMINATED_SPREAD = 0.35  # when one project holds more than 40 % of what is selected
DOMINATING_SHARE = 0.40
LEAST_STEP = -0.2
MOST_SHARE = 1.05
GUIDE = 4_096  # parts of the guide by which donors are found
BLOCK = 1_000  # paths at a time: what is worked on stays in the processor's cache


@dataclass(frozen=True)
class Readings:
    """What could be read otherwise; the backtest tries each both ways and keeps both figures.

    An infinite `recent_bandwidth` leaves the payments of the last months out of account.
    """

    recent_bandwidth: float = RECENT_BANDWIDTH
    common_spread: float = COMMON_SPREAD
    largest_times: float = LARGEST_TIMES
    approval_months: int = WINDOW_MONTHS
    pace_weight: float = PACE_WEIGHT


CHOSEN = Readings()


@dataclass(frozen=True)
class Programme:
    """What a forecast starts from, at the end of a month.

    `operations` are what was approved; one approved later is a known approval to
    come. Of one that has ended only what it was paid is left: it is selected no
    more, but the pace and sizes of approvals to come count it with the others.
    `expects_more` draws approvals of projects nobody has named, `candidates`
    those named, with the odds of their `stages`; `target` caps what is selected.
    Nothing is paid of an approval in its first `window` months, nor of one that
    was not paid yet in the next so many; `slip` puts every payment off by months,
    `pace` multiplies how fast approvals come.
    """

    month: int
    horizon: int
    operations: tuple[Operation, ...]
    expects_more: bool = False
    target: float | None = None
    size_prior: SizePrior | None = None
    candidates: tuple[Candidate, ...] = ()
    stages: tuple[StageOdds, ...] = ()
    window: int = 0
    slip: int = 0
    pace: float = 1.0
    readings: Readings = CHOSEN


@dataclass(frozen=True)
class Paths:
    """Drawn futures: a row for each path, a column for each month asked for.

    `existing` and `future` are dollars paid after today out of what is approved
    and out of approvals to come; `selected` is everything approved by then and
    not ended.
    """

    paid: float
    existing: Floats
    future: Floats
    selected: Floats

    @property
    def totals(self) -> Floats:
        """Cumulative dollars paid, what is paid already included."""
        return self.paid + self.existing + self.future


def seed_of(as_of: str, revision: str) -> int:
    """Return the seed of a run: a stable hash of its day, its inputs' revision and the model."""
    key = f"{as_of}|{revision}|{VERSION}".encode()
    return int.from_bytes(hashlib.blake2b(key).digest()[:8], "big")


def draw(
    programme: Programme,
    library: Library,
    *,
    seed: int,
    months: Sequence[int] | None = None,
    paths: int = PATHS,
) -> Paths:
    """Draw the futures of a programme for some months ahead; by default for its horizon alone.

    The order in which projects are listed does not matter. A project is never
    its own donor. One that has ended, approved or candidate, leaves the draws of
    the others as they were. Raise ValueError for a library without donors.
    """
    ahead = np.array([programme.horizon] if months is None else months, dtype=np.int64)
    rng = np.random.Generator(np.random.PCG64(seed))
    operations = tuple(sorted(programme.operations, key=lambda o: o.id))
    candidates = tuple(sorted(programme.candidates, key=lambda one: one.id))
    programme = replace(programme, operations=operations, candidates=candidates)
    committed = [o.commitment for o in operations if not o.ended]
    spread = spread_of(committed, common=programme.readings.common_spread)
    factor = rng.lognormal(-(spread**2) / 2, spread, paths)
    existing = np.zeros((paths, len(ahead)))
    paid = 0.0
    for operation in operations:
        paid += share_paid(operation, programme.month) * operation.commitment
        if operation.ended:
            rng.random(paths)  # its donors', which nobody follows
        else:
            _add_operation(existing, rng, operation, programme, library, factor=factor, ahead=ahead)
    selected = np.full_like(existing, sum(committed))
    future = np.zeros_like(existing)
    if programme.expects_more or programme.candidates:
        _add_approvals(future, selected, rng, programme, library, factor=factor, ahead=ahead)
    return Paths(paid=paid, existing=existing, future=future, selected=selected)


def spread_of(committed: Sequence[float], *, common: float = COMMON_SPREAD) -> float:
    """Return the spread of the common factor: wider when one project dominates."""
    if committed and max(committed) > DOMINATING_SHARE * sum(committed):
        return DOMINATED_SPREAD
    return common


def steps(
    library: Library,
    operation: Operation,
    month: int,
    ahead: Integers,
    *,
    recent_bandwidth: float = RECENT_BANDWIDTH,
) -> tuple[Floats, Floats]:
    """Return the donors' weights, and what each was paid next as shares by month ahead.

    Donors are those observed at the operation's age and the last month ahead.
    With fewer than 20 the age is lowered; with fewer even at age 0 the steps
    go on flat after the longest horizon that 20 donors show. A donor weighs
    more the nearer its share paid and its share of the last twelve months are to
    the operation's.
    """
    last = int(ahead.max())
    within = reach(library.seen)
    age = min(month - operation.approved, max(within - last, 0))
    rows = np.flatnonzero(library.seen >= min(age + last, within))
    before = max(age - RECENT_MONTHS, -1)
    now = _shares(library, rows, np.array([age, before]))
    share = share_paid(operation, month)
    recent = share - share_paid(operation, month - (age - before))
    alike = _near(now[:, 0], share, BANDWIDTH) + FLOOR_WEIGHT
    alike *= _near(now[:, 0] - now[:, 1], recent, recent_bandwidth) + RECENT_FLOOR_WEIGHT
    weights = alike * library.weights[rows]
    if operation.id in library.ids:
        weights[rows == library.ids.index(operation.id)] = 0.0
    table = _shares(library, rows, np.minimum(age + ahead, within)) - now[:, :1]
    return weights, table


def _near(values: Floats, value: float, bandwidth: float) -> Floats:
    return np.exp(-(((values - value) / bandwidth) ** 2) / 2)


def _shares(library: Library, rows: Integers, ages: Integers) -> Floats:
    """Shares at some ages, a column for each; nothing is paid before age 0."""
    found: Floats = library.shares[np.ix_(rows, np.maximum(ages, 0))]
    return found * (ages >= 0)


def _add_operation(
    total: Floats,
    rng: np.random.Generator,
    operation: Operation,
    programme: Programme,
    library: Library,
    *,
    factor: Floats,
    ahead: Integers,
) -> None:
    """Add one project's draws to the paths: one donor a path, followed through all months."""
    due = np.maximum(ahead - programme.slip, 0)
    bandwidth = programme.readings.recent_bandwidth
    weights, table = steps(library, operation, programme.month, due, recent_bandwidth=bandwidth)
    donors = _picked(rng, weights, len(factor))
    share = share_paid(operation, programme.month)
    table *= operation.commitment
    if not operation.paid:
        table[:, due < programme.window] = 0.0
    least = LEAST_STEP * operation.commitment
    most = max(MOST_SHARE - share, 0.0) * operation.commitment
    can_be_less = table.min() * factor.max() < least
    for block in _blocks(len(factor)):
        step = table.take(donors[block], axis=0)
        step *= factor[block, None]
        np.minimum(step, most, out=step)
        if can_be_less:
            np.maximum(step, least, out=step)
        total[block] += step


def _picked(rng: np.random.Generator, weights: Floats, count: int) -> Integers:
    """Draw rows with probabilities proportional to their weights.

    A guide of equal parts of [0, 1] names the row where a part holds only one;
    the others are searched.
    """
    sums = np.cumsum(weights)
    sums /= sums[-1]
    draws = rng.random(count)
    guide = np.searchsorted(sums, np.arange(GUIDE + 1) / GUIDE, side="right")
    part = (draws * GUIDE).astype(np.int64)
    found = guide[part]
    open_ = np.flatnonzero(found != guide[part + 1])
    found[open_] = np.searchsorted(sums, draws[open_], side="right")
    return np.minimum(found, len(weights) - 1)


def _add_approvals(
    total: Floats,
    selected: Floats,
    rng: np.random.Generator,
    programme: Programme,
    library: Library,
    *,
    factor: Floats,
    ahead: Integers,
) -> None:
    """Add approvals to come: their payments to `total`, their sizes to `selected`."""
    draws = _arrivals_of(programme, library)
    room = None if programme.target is None else max(programme.target - selected[0, 0], 0.0)
    for block in _blocks(len(total)):
        count = len(factor[block])
        path, when, amounts = draws(rng, count)
        if room is not None:  # in order within each path: the last are cut
            order = np.lexsort((when, path))
            path, when, amounts = path[order], when[order], amounts[order]
            amounts = cut(amounts, np.bincount(path, minlength=count), room)
        donors = _donors_observed(rng, library, programme.horizon - when)
        for column, month in enumerate(ahead):
            ages = month - when - programme.slip
            shares = _shares_so_far(library, donors, ages) * (ages >= programme.window)
            paid = amounts * np.clip(shares * factor[block][path], LEAST_STEP, MOST_SHARE)
            total[block, column] += np.bincount(path, paid, count)
            selected[block, column] += np.bincount(path, amounts * (when <= month), count)


Arrivals = tuple[Integers, Integers, Floats]  # for each approval its path, month ahead and size


def _arrivals_of(
    programme: Programme, library: Library
) -> Callable[[np.random.Generator, int], Arrivals]:
    """Return what draws the approvals of some paths: those of unknown projects, then candidates."""
    known = [o for o in programme.operations if o.approved <= programme.month]
    unlisted = [o.approved for o in known if not o.listed]
    readings = programme.readings
    sizes = shrunk(
        [o.commitment for o in programme.operations],
        programme.size_prior or prior_of(library.commitments),
        largest_times=readings.largest_times,
    )
    approvals = pace_of(
        unlisted,
        month=programme.month,
        since=min((o.approved for o in known), default=None),
        window=readings.approval_months,
    )

    def unknown(rng: np.random.Generator, paths: int) -> Arrivals:
        horizon, weight = programme.horizon, readings.pace_weight
        counts = draw_counts(rng, approvals, horizon * programme.pace, paths, weight=weight)
        amounts = draw_sizes(rng, sizes, counts)
        path = np.repeat(np.arange(paths), counts)
        return path, rng.integers(1, horizon + 1, len(path)), amounts

    def named(rng: np.random.Generator, paths: int) -> Arrivals:
        candidates = programme.candidates
        months = draw_selections(rng, candidates, programme.stages, paths, pace=programme.pace)
        amounts, unstated = draw_amounts(rng, candidates, paths)
        drawn = draw_sizes(rng, sizes, np.full(paths, np.count_nonzero(unstated)))
        amounts[:, unstated] = drawn.reshape(paths, -1)
        amounts[:, [one.ended for one in candidates]] = 0.0  # drawn: the others' draws stand
        path, which = np.nonzero(months <= programme.horizon)
        when = np.maximum(np.ceil(months[path, which]).astype(np.int64), 1)
        return path, when, amounts[path, which]

    def draws(rng: np.random.Generator, paths: int) -> Arrivals:
        parts = [unknown(rng, paths)] if programme.expects_more else []
        parts += [named(rng, paths)] if programme.candidates else []
        path, when, amounts = (np.concatenate(found) for found in zip(*parts, strict=True))
        return path, when, amounts

    return draws


def _donors_observed(rng: np.random.Generator, library: Library, ages: Integers) -> Integers:
    """Draw a donor for each age, in proportion to commitment among those observed as long.

    Large operations pay out faster: with equal chances the forecast is too low.
    With the longest observed first, those observed to an age are the first so many.
    """
    order = np.argsort(-library.seen, kind="stable")
    sums = np.cumsum((library.commitments * library.weights)[order])
    needed = np.minimum(ages, reach(library.seen))
    count = np.searchsorted(-library.seen[order], -needed, side="right")
    found = np.searchsorted(sums, rng.random(len(ages)) * sums[count - 1], side="right")
    return order[np.minimum(found, count - 1)]


def _shares_so_far(library: Library, donors: Integers, ages: Integers) -> Floats:
    within = reach(library.seen)
    found: Floats = library.shares[donors, np.clip(ages, 0, within)]
    return found * (ages >= 0)


def _blocks(paths: int) -> Iterator[slice]:
    for start in range(0, paths, BLOCK):
        yield slice(start, min(start + BLOCK, paths))
