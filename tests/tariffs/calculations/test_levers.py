"""A trigger's state from signs: the firmest decides."""

from datetime import date
from typing import Any

import pytest

from tariffs.calculations.levers import Rule, Sign, State, Window, softened, state_of, window_sign

DAY = date(2026, 5, 15)


def window(**overrides: Any) -> Window:
    given: dict[str, Any] = {
        "ref": "n",
        "is_open": True,
        "is_late": False,
        "declined_on": None,
        "due_on": DAY,
        "watched_on": DAY,
        "days_left": 30,
        "is_past": False,
        "days_off": 0,
    }
    return Window(**{**given, **overrides})


def sign(state: State) -> Sign:
    return Sign("late", state, "notice", "n")


def test_a_window_with_time_left_says_nothing():
    assert window_sign(window(days_left=16)) is None


def test_a_window_of_fifteen_business_days_or_fewer_is_to_be_watched():
    found = window_sign(window(days_left=15))
    assert found == Sign("window_ends", State.WATCH, "notice", "n", DAY, 15)


def test_a_window_that_is_over_without_a_due_date_is_watched_not_met():
    """Read as the earliest date, a window has no due date and nothing is late."""
    found = window_sign(window(due_on=None, days_left=-3, is_past=True))
    assert found == Sign("window_over", State.WATCH, "notice", "n", DAY, 3)
    weekend = window_sign(window(due_on=None, days_left=0, is_past=True))
    assert weekend == Sign("window_over", State.WATCH, "notice", "n", DAY, 0)


def test_a_late_or_declined_notice_meets_the_trigger():
    late = window_sign(window(is_late=True, days_left=-2, days_off=2))
    assert late == Sign("late", State.MET, "notice", "n", DAY, 2)
    declined = window_sign(window(is_open=False, declined_on=DAY))
    assert declined == Sign("declined_notice", State.MET, "notice", "n", DAY)


def test_a_notice_paid_late_says_nothing_any_more():
    assert window_sign(window(is_open=False, is_late=True, days_off=2)) is None


@pytest.mark.parametrize(
    ("rule", "states", "expected"),
    [
        (Rule.NON_FUNDING, (), State.NOT_MET),
        (Rule.LEGAL_BASIS, (), State.NOT_MET),
        (Rule.CONDUCT, (), State.CANNOT_TELL),
        (Rule.STATEMENT, (), State.CANNOT_TELL),
        (Rule.STATEMENT, (State.WATCH,), State.WATCH),
        (Rule.NON_FUNDING, (State.WATCH, State.MET), State.MET),
    ],
)
def test_the_firmest_sign_decides(rule, states, expected):
    assert state_of(rule, [sign(state) for state in states]) is expected


def test_signs_that_are_no_test_only_make_one_watch():
    assert [s.state for s in softened([sign(State.MET), sign(State.WATCH)])] == [State.WATCH] * 2
