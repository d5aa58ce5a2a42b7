"""Approvals to come: counts and sizes against their formulas."""

import math

import numpy as np
import pytest

from projects.calculations.approvals import (
    ApprovalPace,
    SizePrior,
    cut,
    draw_counts,
    draw_sizes,
    pace_of,
    shrunk,
)

PRIOR = SizePrior(mean=math.log(100.0), variance=1.0, largest=1_000.0)


def test_pace_counts_the_last_36_months_or_since_the_first_inclusive():
    assert pace_of([0, 64, 65, 90, 100], month=100) == ApprovalPace(approvals=3, months=36)
    assert pace_of([96, 100, 103], month=100) == ApprovalPace(approvals=2, months=5)
    assert pace_of([100], month=100) == ApprovalPace(approvals=1, months=1)
    assert pace_of([], month=100) == ApprovalPace(approvals=0, months=36)


def test_counts_are_the_negative_binomial_of_the_rate():
    """Mean (N + 1/2) h / E; variance mean (1 + h / (w E)) with the weight w = 0.3."""
    counts = draw_counts(np.random.default_rng(1), ApprovalPace(11, 23), 26, 200_000)
    mean = 11.5 * 26 / 23
    assert counts.mean() == pytest.approx(mean, rel=0.01)
    assert counts.var() == pytest.approx(mean * (1 + 26 / (0.3 * 23)), rel=0.02)


def test_sizes_shrink_to_the_prior_by_the_weight_of_three_projects():
    """Two of log 100 and log 400: μ = (3 log 100 + log 100 + log 400)/5, a = 3."""
    found = shrunk([100.0, 400.0], PRIOR)
    x = (math.log(100.0) + math.log(400.0)) / 2
    squares = (math.log(400.0) - x) ** 2 * 2
    assert found.mean == pytest.approx((4 * math.log(100.0) + math.log(400.0)) / 5)
    assert (found.weight, found.shape, found.most) == (5.0, 3.0, 1_200.0)
    assert found.scale == pytest.approx(1.0 + squares / 2 + 3 * 2 * (x - PRIOR.mean) ** 2 / 10)


def test_sizes_without_any_known_are_the_prior():
    found = shrunk([], PRIOR)
    assert (found.mean, found.weight, found.shape, found.scale) == (PRIOR.mean, 3.0, 2.0, 1.0)
    assert found.most == 3_000.0


def test_drawn_sizes_are_at_most_three_times_the_largest_known():
    counts = np.full(5_000, 3)
    drawn = draw_sizes(np.random.default_rng(1), shrunk([100.0, 400.0], PRIOR), counts)
    assert len(drawn) == 15_000
    assert drawn.max() == 1_200.0
    assert np.median(drawn) == pytest.approx(math.exp(shrunk([100.0, 400.0], PRIOR).mean), rel=0.05)


def test_cut_truncates_the_last_and_drops_what_follows_in_each_path():
    sizes = np.array([60.0, 60.0, 10.0, 30.0, 20.0])
    assert cut(sizes, np.array([3, 0, 2]), 100.0).tolist() == [60.0, 40.0, 0.0, 30.0, 20.0]
    assert cut(sizes, np.array([3, 0, 2]), 0.0).tolist() == [0.0] * 5
    assert cut(np.array([]), np.array([0, 0]), 100.0).tolist() == []
