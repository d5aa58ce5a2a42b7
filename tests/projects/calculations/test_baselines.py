"""Baselines on plans worked by hand."""

import numpy as np
import pytest

from projects.calculations.baselines import (
    along,
    earned_schedule,
    mean_curve_rest,
    paid_usd,
    run_rate,
)
from projects.calculations.donors import Operation

CURVE = np.array([0.1, 0.3, 0.6, 0.9, 1.0])


def operation(approved: int = 100, **paid: float) -> Operation:
    return Operation("P", 100.0, approved, {int(m[1:]): amount for m, amount in paid.items()})


def test_paid_usd_sums_by_the_end_of_a_month():
    both = [operation(m100=10.0, m101=5.0), operation(m101=7.0, m102=-2.0)]
    assert [paid_usd(both, month) for month in (99, 100, 101, 102)] == [0.0, 10.0, 22.0, 20.0]


def test_run_rate_goes_on_as_in_the_last_twelve_months_up_to_what_is_committed():
    known = [operation(80, m85=20.0, m95=6.0)]
    assert run_rate(known, month=100, horizon=8) == 26.0 + 6.0 / 12 * 8
    assert run_rate(known, month=100, horizon=1_000) == 100.0
    assert run_rate([], month=100, horizon=8) == 0.0


def test_earned_schedule_reads_the_plan_at_the_pace_so_far():
    """Plan by month 10, 30, 60, 90, 100; after 3 months 30 is paid: ES = 2, SPI(t) = 2/3.

    Three months on the schedule stands at 6 · 2/3 = 4 months: 90.
    """
    known = [operation(100, m101=30.0)]
    assert earned_schedule(known, CURVE, month=102, horizon=3) == pytest.approx(90.0)


def test_earned_schedule_of_nothing_paid_stays_at_nothing():
    assert earned_schedule([operation()], CURVE, month=102, horizon=3) == 0.0


def test_mean_curve_rest_spreads_what_is_not_paid():
    """Age 1 on a curve of 0.3, then 0.9: (1 - 0.5) · 0.6 / 0.7 of the commitment to come."""
    known = [operation(100, m100=50.0)]
    found = mean_curve_rest(known, CURVE, month=101, horizon=2)
    assert found == pytest.approx(50.0 + 50.0 * 0.6 / 0.7)
    assert mean_curve_rest(known, CURVE, month=110, horizon=2) == 50.0


def test_along_is_0_before_the_approval_and_flat_after_the_last_age():
    assert along(CURVE, np.array([-1, 0, 4, 9])).tolist() == [0.0, 0.1, 1.0, 1.0]
