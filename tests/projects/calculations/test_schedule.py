"""Earned schedule: the method page's worked example, and properties."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commitments.calculations.undefined import Undefined
from projects.calculations.schedule import (
    Plan,
    earned_schedule,
    ieac_days,
    ieac_on_plan_days,
    naive_linear,
    spi,
    spi_t,
    summed,
    tspi,
)

D = Decimal


def plan(*values: int) -> Plan:
    return Plan(tuple((D(day), D(value)) for day, value in enumerate(values)))


WORKED = plan(0, 4, 10, 20, 32, 40)


def test_the_worked_example():
    earned = earned_schedule(WORKED, D(14))
    index = spi_t(earned, D(4))
    assert earned == D("2.4")
    assert earned - 4 == D("-1.6")
    assert index == D("0.6")
    assert round(ieac_days(WORKED, index), 3) == D("8.333")
    assert tspi(WORKED, earned, elapsed_days=D(4)) == D("2.6")
    assert ieac_on_plan_days(WORKED, earned, D(4)) == D("6.6")


def test_a_published_project_of_ten_months_that_took_twelve():
    """MPUG, "Earned Schedule Management (ESM)", https://mpug.com/articles/earned-schedule-management-esm

    Ten modules of $100,000 in ten months, done in twelve: at the end SV is $0 and SPI 1.0, while
    the project is two months late.
    """
    modules = plan(*range(0, 1_000_001, 100_000))
    earned = earned_schedule(modules, D(1_000_000))
    assert D(1_000_000) - modules.value_at(D(12)) == 0
    assert spi(D(1_000_000), modules.value_at(D(12))) == 1
    assert earned - 12 == -2
    assert ieac_days(modules, spi_t(earned, D(12))) == 12


def test_a_plateau_counts_in_full():
    assert earned_schedule(plan(0, 10, 10, 10, 20), D(10)) == 3


def test_nothing_earned_is_day_zero_and_everything_the_planned_duration():
    assert earned_schedule(WORKED, D(0)) == earned_schedule(WORKED, D(-5)) == 0
    flat_tail = plan(0, 20, 40, 40, 40)
    assert earned_schedule(flat_tail, D(40)) == earned_schedule(flat_tail, D(99)) == 2


def test_indices_without_an_answer_say_why():
    with pytest.raises(Undefined, match="zero_plan"):
        spi(D(5), D(0))
    with pytest.raises(Undefined, match="before_start"):
        spi_t(D(0), D(0))
    with pytest.raises(Undefined, match="zero_progress"):
        ieac_days(WORKED, D(0))
    with pytest.raises(Undefined, match="deadline_passed"):
        tspi(WORKED, D(3), elapsed_days=D(5))


def test_a_finished_plan_needs_no_further_performance():
    assert tspi(WORKED, D(5), elapsed_days=D(9)) == 0


def test_another_finish_date_changes_what_is_needed():
    assert tspi(WORKED, D("2.4"), elapsed_days=D(4), by_day=D(8)) == D("0.65")


def test_naive_linear_is_a_straight_line():
    line = naive_linear(D(1233), D(1233))
    assert (line.value_at(D(444)), line.value_at(D(5000)), line.value_at(D(-3))) == (444, 1233, 0)
    assert (line.budget, line.duration) == (1233, 1233)


@pytest.mark.parametrize(
    "points", [(), ((1, 0),), ((0, 1),), ((0, 0), (0, 5)), ((0, 0), (2, 5), (3, 4))]
)
def test_a_plan_out_of_order_is_refused(points):
    with pytest.raises(ValueError, match="plan"):
        Plan(tuple((D(a), D(b)) for a, b in points))


steps = st.lists(st.integers(0, 50), min_size=1, max_size=8).filter(any)


@given(steps, st.integers(0, 400), st.integers(0, 400))
def test_earned_schedule_never_falls_when_more_is_earned(rises, one, other):
    values, running = [0], 0
    for rise in rises:
        running += rise
        values.append(running)
    less, more = sorted((one, other))
    assert earned_schedule(plan(*values), D(less)) <= earned_schedule(plan(*values), D(more))


@given(steps, st.integers(0, 8))
def test_what_was_planned_by_a_day_earns_at_least_that_day(rises, day):
    values, running = [0], 0
    for rise in rises:
        running += rise
        values.append(running)
    made = plan(*values)
    reached = earned_schedule(made, made.value_at(D(day)))
    assert reached >= min(D(day), made.duration) or made.value_at(D(day)) == 0


def test_plans_are_summed_point_by_point_from_the_begin_of_the_earliest():
    """4 over 4 days, and 6 over 3 days from day 2: 2 by day 2, 4 + 4 by day 4, 10 by day 5."""
    plan = summed([(D(0), naive_linear(D(4), D(4))), (D(2), naive_linear(D(6), D(3)))])
    assert plan.points == ((0, 0), (2, 2), (4, 8), (5, 10))
    assert [plan.value_at(D(day)) for day in (1, 3, 6)] == [1, 5, 10]
