"""How well a forecast did: proper scores of samples, quantiles, intervals and odds.

Lower is better for every loss. Sources: Gneiting & Raftery (2007), Hersbach
(2000), Ferro (2014) for the fair version, Brier (1950).
"""

import math
from collections.abc import Sequence

import numpy as np

from projects.calculations.donors import Floats, Integers

PIT_BINS = 10


def crps(sample: Floats, outcome: float) -> float:
    """Return the continuous ranked probability score of a sample, in the sample's unit.

    mean |x - y| - sum_ij |x_i - x_j| / (2 m²); of one value the absolute error.
    """
    return _crps(sample, outcome, len(sample) ** 2)


def fair_crps(sample: Floats, outcome: float) -> float:
    """Return the score without its bias for small samples: divided by 2 m (m - 1).

    Raise ValueError for fewer than two values.
    """
    if len(sample) < 2:
        raise ValueError("the fair score needs two values")
    return _crps(sample, outcome, len(sample) * (len(sample) - 1))


def _crps(sample: Floats, outcome: float, pairs: int) -> float:
    ordered = np.sort(sample)
    m = len(ordered)
    half_spread = float(((2 * np.arange(1, m + 1) - m - 1) * ordered).sum())
    return float(np.abs(ordered - outcome).mean()) - half_spread / pairs


def normal_crps(mean: float, deviation: float, outcome: float) -> float:
    """Return the score of a normal forecast in closed form.

    s (z (2 Φ(z) - 1) + 2 φ(z) - 1/√π) with z = (y - mean) / s.
    """
    z = (outcome - mean) / deviation
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return deviation * (z * math.erf(z / math.sqrt(2)) + 2 * density - 1 / math.sqrt(math.pi))


def skill(score: float, baseline: float) -> float:
    """Return 1 - score/baseline: 0 is as good as the baseline, 1 perfect.

    Raise ZeroDivisionError for a perfect baseline.
    """
    return 1 - score / baseline


def pinball(quantile: float, level: float, outcome: float) -> float:
    """Return the loss of a quantile forecast: max(τ (y - q), (τ - 1)(y - q))."""
    return max(level * (outcome - quantile), (level - 1) * (outcome - quantile))


def interval_score(low: float, high: float, *, coverage: float, outcome: float) -> float:
    """Return the width of a central interval plus 2/α for each unit the outcome lies outside."""
    alpha = 1 - coverage
    outside = max(low - outcome, 0.0) + max(outcome - high, 0.0)
    return high - low + 2 / alpha * outside


def brier(odds: Sequence[float], happened: Sequence[bool]) -> float:
    """Return the mean squared difference of odds and outcomes. Raise ValueError without any."""
    if not odds or len(odds) != len(happened):
        raise ValueError("as many outcomes as odds are needed, and one at least")
    return float(np.mean((np.array(odds) - np.array(happened, dtype=np.float64)) ** 2))


def base_rate_brier(happened: Sequence[bool]) -> float:
    """Return the score of always forecasting how often it happened."""
    rate = float(np.mean(np.array(happened, dtype=np.float64)))
    return brier([rate] * len(happened), happened)


def covered(sample: Floats, outcome: float, coverage: float) -> bool:
    """Tell whether the central interval of a sample holds the outcome, ends included."""
    low, high = np.quantile(sample, [(1 - coverage) / 2, (1 + coverage) / 2])
    return bool(low <= outcome <= high)


def pit(sample: Floats, outcome: float) -> float:
    """Return where the outcome lies in the sample: the share below it, ties by half."""
    below = np.count_nonzero(sample < outcome)
    ties = np.count_nonzero(sample == outcome)
    return float((below + ties / 2) / len(sample))


def pit_histogram(values: Sequence[float]) -> Integers:
    """Return how many values fall in each of ten equal bins of [0, 1]; flat is calibrated."""
    counts, _edges = np.histogram(np.array(values), bins=PIT_BINS, range=(0.0, 1.0))
    return counts
