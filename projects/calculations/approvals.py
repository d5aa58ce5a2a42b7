"""Approvals to come: how many, when, and how large.

Counts are Poisson at a rate known only from the approvals so far: a negative
binomial, defined for none too. Sizes are log-normal US dollars, shrunk to a
prior by a normal-inverse-gamma and drawn with the uncertainty of its parameters.
Definitions: forecast of the method page, step 3.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from projects.calculations.donors import Floats, Integers

WINDOW_MONTHS = 36
PRIOR_PROJECTS = 3.0
PRIOR_SHAPE = 2.0
LARGEST_TIMES = 3.0
PACE_WEIGHT = 0.3  # of the approvals so far, for a programme's pace is not constant


@dataclass(frozen=True)
class SizePrior:
    """What sizes are expected before any is known: mean and variance of log dollars, the largest."""

    mean: float
    variance: float
    largest: float


@dataclass(frozen=True)
class Sizes:
    """The size distribution after what is known, and the most a drawn size may be."""

    mean: float
    weight: float
    shape: float
    scale: float
    most: float


@dataclass(frozen=True)
class ApprovalPace:
    """Approvals in a window of months up to now."""

    approvals: int
    months: int


def prior_of(commitments: Floats) -> SizePrior:
    """Return the prior that a library's commitments make."""
    logs = np.log(commitments)
    return SizePrior(float(logs.mean()), float(logs.var()), float(commitments.max()))


def pace_of(
    approved: Sequence[int], *, month: int, since: int | None = None, window: int = WINDOW_MONTHS
) -> ApprovalPace:
    """Return the approvals of the last months of a window, or since the first where that is shorter.

    `since` is the month of the first approval where that is not among those counted.
    """
    past = [m for m in approved if m <= month]
    first = min([*past, *([] if since is None else [since])], default=None)
    if first is None:
        return ApprovalPace(approvals=0, months=window)
    months = min(window, month - first + 1)
    return ApprovalPace(approvals=sum(m > month - months for m in past), months=months)


def shrunk(
    commitments: Sequence[float], prior: SizePrior, *, largest_times: float = LARGEST_TIMES
) -> Sizes:
    """Return the sizes that known commitments and the prior make together.

    The prior weighs three projects: mean (3 m0 + sum log x) / (3 + n), shape
    2 + n/2, scale s0² + SS/2 + 3 n (x̄ - m0)² / (2 (3 + n)). A drawn size is at
    most `largest_times` the largest known.
    """
    n = len(commitments)
    logs = np.log(np.array(commitments, dtype=np.float64))
    total = PRIOR_PROJECTS + n
    scale = prior.variance
    if n:
        apart = float(logs.mean()) - prior.mean
        scale += float(logs.var()) * n / 2 + PRIOR_PROJECTS * n * apart**2 / (2 * total)
    return Sizes(
        mean=(PRIOR_PROJECTS * prior.mean + float(logs.sum())) / total,
        weight=total,
        shape=PRIOR_SHAPE + n / 2,
        scale=scale,
        most=largest_times * (max(commitments) if n else prior.largest),
    )


def draw_counts(
    rng: np.random.Generator,
    pace: ApprovalPace,
    horizon: float,
    paths: int,
    *,
    weight: float = PACE_WEIGHT,
) -> Integers:
    """Draw how many approvals each path sees in so many months.

    The rate is Gamma(w (N + 1/2), w E): its mean is that of N approvals in E
    months, its spread that of a weight w of them.
    """
    shape, exposure = weight * (pace.approvals + 0.5), weight * pace.months
    rates = rng.gamma(shape, 1 / exposure, paths)
    return rng.poisson(rates * horizon)


def draw_sizes(rng: np.random.Generator, sizes: Sizes, counts: Integers) -> Floats:
    """Draw every approval's size, path after path; each path has its own parameters."""
    variance = sizes.scale / rng.gamma(sizes.shape, 1.0, len(counts))
    mean = rng.normal(sizes.mean, np.sqrt(variance / sizes.weight))
    logs = rng.normal(np.repeat(mean, counts), np.repeat(np.sqrt(variance), counts))
    return np.minimum(np.exp(np.minimum(logs, np.log(sizes.most))), sizes.most)


def cut(sizes: Floats, counts: Integers, room: float) -> Floats:
    """Return sizes cut so that no path's sum exceeds the room; the last one is truncated."""
    if not len(sizes):
        return sizes
    sums = np.cumsum(sizes)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    before_path = np.where(starts > 0, sums[starts - 1], 0.0)
    before = np.maximum(sums - sizes - np.repeat(before_path, counts), 0.0)
    kept: Floats = np.clip(room - before, 0.0, sizes)
    return kept
