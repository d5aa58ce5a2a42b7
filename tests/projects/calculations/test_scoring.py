"""Scores against values of the literature and of their closed forms."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.calculations.scoring import (
    base_rate_brier,
    brier,
    covered,
    crps,
    fair_crps,
    interval_score,
    normal_crps,
    pinball,
    pit,
    pit_histogram,
    skill,
)

values = st.floats(-1e6, 1e6)
samples = st.lists(values, min_size=2, max_size=40).map(np.array)


def test_crps_of_one_value_is_the_absolute_error():
    assert crps(np.array([3.0]), 5.0) == 2.0


def test_crps_of_three_values_worked_by_hand():
    """mean |x - 2| = 1; the six ordered pairs differ by 2+4+2+2+4+2 = 16: 1 - ... / (2 · 9)."""
    sample = np.array([5.0, 1.0, 3.0])
    assert crps(sample, 2.0) == pytest.approx(5 / 3 - 16 / 18)
    assert fair_crps(sample, 2.0) == pytest.approx(5 / 3 - 16 / 12)


def test_normal_crps_of_its_own_mean_is_known():
    """Gneiting & Raftery (2007), eq. 5: at the mean s (2 φ(0) - 1/√π) = 0.233695 s."""
    assert normal_crps(10.0, 2.0, 10.0) == pytest.approx(
        2 * (math.sqrt(2) - 1) / math.sqrt(math.pi)
    )
    assert normal_crps(0.0, 1.0, 0.0) == pytest.approx(0.2336949772551092)


def test_crps_of_a_large_normal_sample_is_the_closed_form():
    levels = (np.arange(200_000) + 0.5) / 200_000
    sample = np.array([NormalDist(1.0, 3.0).inv_cdf(p) for p in levels[::20]])
    for outcome in (-6.0, 1.0, 4.5):
        assert crps(sample, outcome) == pytest.approx(normal_crps(1.0, 3.0, outcome), abs=2e-3)


@given(samples, values)
def test_crps_equals_its_definition_and_is_never_negative(sample, outcome):
    m = len(sample)
    pairs = np.abs(sample[:, None] - sample[None, :]).sum()
    defined = np.abs(sample - outcome).mean() - pairs / (2 * m * m)
    assert crps(sample, outcome) == pytest.approx(defined, rel=1e-9, abs=1e-6)
    assert crps(sample, outcome) >= -1e-6


@given(samples, values)
def test_scores_do_not_ask_in_what_order_a_sample_comes(sample, outcome):
    assert crps(sample[::-1], outcome) == crps(sample, outcome)
    assert pit(sample[::-1], outcome) == pit(sample, outcome)


def test_fair_crps_needs_two_values():
    with pytest.raises(ValueError, match="two values"):
        fair_crps(np.array([1.0]), 1.0)


def test_twice_the_mean_pinball_loss_over_all_levels_is_the_crps():
    """Gneiting & Ranjan (2011): CRPS is the integral of twice the pinball loss."""
    sample = np.arange(1.0, 1001.0)
    levels = (np.arange(1000) + 0.5) / 1000
    loss = np.mean([pinball(q, t, 700.0) for q, t in zip(sample, levels, strict=True)])
    assert 2 * loss == pytest.approx(crps(sample, 700.0), rel=1e-3)


def test_pinball_weighs_the_two_sides_by_level():
    assert pinball(10.0, 0.9, 12.0) == pytest.approx(1.8)
    assert pinball(10.0, 0.9, 8.0) == pytest.approx(0.2)


def test_interval_score_adds_a_penalty_outside_only():
    """Gneiting & Raftery (2007), eq. 43, α = 0.2: ten dollars a dollar outside."""
    assert interval_score(2.0, 6.0, coverage=0.8, outcome=5.0) == 4.0
    assert interval_score(2.0, 6.0, coverage=0.8, outcome=1.0) == pytest.approx(14.0)
    assert interval_score(2.0, 6.0, coverage=0.8, outcome=7.5) == pytest.approx(19.0)


def test_brier_of_certainties_and_of_the_base_rate():
    assert brier([1.0, 0.0], [True, False]) == 0.0
    assert brier([0.8, 0.4], [True, False]) == pytest.approx((0.04 + 0.16) / 2)
    assert base_rate_brier([True, False, False, False]) == pytest.approx(0.25 * 0.75)
    with pytest.raises(ValueError, match="one at least"):
        brier([], [])


def test_covered_and_pit_place_an_outcome_in_its_sample():
    sample = np.arange(0.0, 11.0)
    assert covered(sample, 1.0, 0.8)
    assert not covered(sample, 0.9, 0.8)
    assert pit(sample, 2.5) == 3 / 11
    assert pit(sample, 2.0) == 2.5 / 11


def test_pit_histogram_has_ten_bins_and_keeps_the_ends():
    assert pit_histogram([0.0, 0.05, 0.95, 1.0]).tolist() == [2, 0, 0, 0, 0, 0, 0, 0, 0, 2]


def test_skill_is_0_at_the_baseline():
    assert skill(0.03, 0.03) == 0.0
    assert skill(0.03, 0.06) == 0.5
