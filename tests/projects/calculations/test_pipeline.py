"""Candidates and projects in consultation: waits, odds, draws."""

import numpy as np
import pytest

from projects.calculations.analogue import Programme, draw
from projects.calculations.approvals import SizePrior
from projects.calculations.donors import Operation
from projects.calculations.pipeline import (
    Candidate,
    Outcome,
    StageOdds,
    Wait,
    draw_amounts,
    draw_selections,
    updated,
)
from projects.selectors.donors import donor_library

PRIOR = StageOdds("candidate", moves=2.0, days=730.0, successes=1.5, failures=1.5)
SECOND = StageOdds("in_consultation", moves=2.0, days=360.0, successes=2.25, failures=0.75)
SURE = StageOdds("candidate", moves=1e6, days=1e6 * 100, successes=1e6, failures=1e-3)
NEXT = StageOdds("in_consultation", moves=1e6, days=1e6 * 50, successes=1e6, failures=1e-3)


def test_updated_counts_waits_that_are_not_over_as_exposure_only():
    waits = [
        Wait("candidate", 100, Outcome.MOVED),
        Wait("candidate", 300, Outcome.WAITING),
        Wait("candidate", 50, Outcome.FAILED),
        Wait("in_consultation", 999, Outcome.MOVED),
    ]
    assert updated(PRIOR, waits) == StageOdds("candidate", 4.0, 1180.0, 2.5, 2.5)
    assert updated(PRIOR, []) == PRIOR


def test_selections_wait_for_every_stage_still_to_pass():
    """Certain success at one move in 100 days, then one in 50: 150 days on average, or 50."""
    both = [Candidate("a", "candidate", 1.0, 1.0), Candidate("b", "in_consultation", 1.0, 1.0)]
    months = draw_selections(np.random.default_rng(1), both, (SURE, NEXT), 50_000)
    assert months.mean(axis=0) * 30.4375 == pytest.approx([150.0, 50.0], rel=0.02)
    faster = draw_selections(np.random.default_rng(1), both, (SURE, NEXT), 50_000, pace=2.0)
    assert faster == pytest.approx(months / 2)


def test_selections_fail_as_often_as_the_odds_say():
    one = [Candidate("b", "in_consultation", 1.0, 1.0)]
    months = draw_selections(np.random.default_rng(1), one, (PRIOR, SECOND), 50_000)
    assert np.isinf(months).mean() == pytest.approx(0.25, abs=0.01)


def test_amounts_lie_in_their_range_and_a_ceiling_alone_starts_at_0():
    candidates = [
        Candidate("range", "candidate", 10.0, 20.0),
        Candidate("ceiling", "candidate", None, 8.0),
        Candidate("floor", "candidate", 5.0, None),
        Candidate("nothing", "candidate", None, None),
    ]
    amounts, unstated = draw_amounts(np.random.default_rng(1), candidates, 20_000)
    assert amounts.mean(axis=0) == pytest.approx([15.0, 4.0, 5.0, 0.0], rel=0.02)
    assert amounts.min(axis=0)[0] >= 10.0
    assert unstated.tolist() == [False, False, False, True]


def programme(**overrides) -> Programme:
    given = {
        "month": 24_000,
        "horizon": 24,
        "operations": (Operation("own", 1_000.0, 24_000, {}),),
        "candidates": (Candidate("a", "candidate", 500.0, 500.0),),
        "stages": (SURE, NEXT),
        "size_prior": SizePrior(mean=6.0, variance=1.0, largest=1_000.0),
    }
    return Programme(**{**given, **overrides})


def test_a_candidate_that_is_selected_adds_its_amount_and_is_paid_like_a_donor():
    found = draw(programme(), donor_library(), seed=1, months=[1, 24])
    assert found.selected.max() == 1_500.0
    assert found.selected[:, -1].mean() == pytest.approx(1_500.0, rel=0.02)
    assert 0 < found.future[:, -1].mean() < 500.0


def test_candidates_are_cut_at_the_target_with_everything_else():
    found = draw(programme(expects_more=True, target=1_200.0), donor_library(), seed=1)
    assert found.selected.max() == pytest.approx(1_200.0)


def test_nothing_is_paid_before_the_window_of_a_notice_has_passed():
    fan = draw(programme(window=6), donor_library(), seed=1, months=range(1, 25))
    assert (fan.existing[:, :5] == 0).all()
    assert (fan.future[:, :6] == 0).all()
    assert fan.existing[:, 5].mean() > 0
    assert fan.existing[:, -1].mean() > fan.existing[:, 5].mean()


def test_slippage_puts_every_payment_off():
    on_time = draw(programme(), donor_library(), seed=1, months=[6, 12])
    late = draw(programme(slip=6), donor_library(), seed=1, months=[6, 12])
    assert (late.existing[:, 0] == 0).all()
    assert late.totals[:, 1].mean() < on_time.totals[:, 1].mean()


def test_the_order_of_candidates_does_not_matter():
    two = (Candidate("a", "candidate", 1.0, 9.0), Candidate("b", "in_consultation", None, None))
    first, second = (
        draw(programme(candidates=order), donor_library(), seed=1, paths=500).totals
        for order in (two, two[::-1])
    )
    assert first.tobytes() == second.tobytes()
