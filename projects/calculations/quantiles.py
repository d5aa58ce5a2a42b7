"""What a drawn sample says: mean, median, quantiles, odds.

Quantiles are interpolated linearly between the ordered values.
"""

from collections.abc import Sequence

import numpy as np

from projects.calculations.donors import Floats

LEVELS = tuple(sorted({0.025, 0.975, *(n / 100 for n in range(1, 100))}))


def quantiles(sample: Floats, levels: Sequence[float] = LEVELS) -> dict[str, float]:
    """Return the quantiles of a sample by level, as "0.05"; they never cross."""
    found = np.quantile(sample, levels)
    return {f"{level:g}": float(value) for level, value in zip(levels, found, strict=True)}


def odds_told(passed: int, paths: int) -> float:
    """Return the one number that stands for odds: the share that passed, never 0 or 1.

    Where none or all of the paths passed it is the bound that they show.
    """
    low, high = odds_bounds(passed, paths)
    return low if low > 0 else high


def odds_bounds(passed: int, paths: int) -> tuple[float, float]:
    """Return between which odds the share of paths that passed is to be told.

    Draws cannot show certainty: with none of m paths the odds lie below 1/m,
    with all of them above 1 - 1/m. Otherwise both bounds are the share.
    """
    if passed == 0:
        return 0.0, 1 / paths
    if passed == paths:
        return 1 - 1 / paths, 1.0
    return passed / paths, passed / paths
