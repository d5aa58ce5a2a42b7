"""Business days against worked windows and two independent calendars."""

from datetime import date, timedelta

import exchange_calendars
import pytest
import QuantLib
from hypothesis import given
from hypothesis import strategies as st

from commitments.calculations.calendars import (
    ExcludedDay,
    business_day_after,
    business_days_between,
    excluded_days,
    is_business_day,
    last_day_before,
)

FIRST, LAST = date(2025, 1, 1), date(2030, 12, 31)


@pytest.mark.parametrize(
    ("notice", "day_45"),
    [
        (date(2026, 12, 1), date(2027, 2, 9)),
        (date(2027, 4, 5), date(2027, 6, 14)),
        (date(2027, 6, 15), date(2027, 8, 20)),
        (date(2028, 11, 8), date(2029, 1, 19)),
    ],
)
def test_business_day_after_counts_45_joint_days_from_a_notice(notice, day_45):
    assert business_day_after(notice, 45) == day_45


def test_business_days_between_counts_to_the_deadline():
    assert business_days_between(date(2026, 11, 22), date(2029, 1, 19)) == 510


def test_business_days_between_is_zero_when_nothing_is_left():
    assert business_days_between(date(2029, 1, 19), date(2029, 1, 19)) == 0
    assert business_days_between(date(2029, 2, 1), date(2029, 1, 19)) == 0


@pytest.mark.parametrize(
    "saturday_holiday_eve",
    [
        date(2026, 7, 3),
        date(2027, 6, 18),
        date(2027, 12, 24),
        date(2027, 12, 31),
        date(2028, 11, 10),
    ],
)
def test_the_fed_does_not_move_a_saturday_holiday(saturday_holiday_eve):
    assert is_business_day(saturday_holiday_eve, "fed")


def test_japans_banks_close_over_the_new_year():
    closed = [date(2027, 12, 31), date(2029, 1, 2), date(2029, 1, 3)]
    assert not any(is_business_day(day, "japan") for day in closed)
    assert not is_business_day(date(2027, 12, 31))


def test_excluded_days_gives_a_row_for_each_country_that_closes():
    found = excluded_days(date(2026, 12, 1), date(2027, 2, 9))
    assert [(row.on, row.country) for row in found] == [
        (date(2026, 12, 25), "US"),
        (date(2026, 12, 31), "JP"),
        (date(2027, 1, 1), "JP"),
        (date(2027, 1, 1), "US"),
        (date(2027, 1, 11), "JP"),
        (date(2027, 1, 18), "US"),
    ]
    assert found[0] == ExcludedDay(date(2026, 12, 25), "Christmas Day", "US")


def days(first: date = FIRST, last: date = LAST) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def test_japan_agrees_with_the_tokyo_stock_exchange():
    exchange = exchange_calendars.get_calendar("XTKS", start=str(FIRST), end=str(LAST))
    sessions = {day.date() for day in exchange.sessions}
    assert max(sessions) == date(2030, 12, 30)  # its last day of trading that year
    differing = [d for d in days() if is_business_day(d, "japan") != (d in sessions)]
    assert differing == []


def test_japan_agrees_with_quantlib():
    calendar = QuantLib.Japan()
    differing = [d for d in days() if is_business_day(d, "japan") != calendar.isBusinessDay(_ql(d))]
    assert differing == []


def test_the_fed_agrees_with_quantlib():
    calendar = QuantLib.UnitedStates(QuantLib.UnitedStates.FederalReserve)
    differing = [d for d in days() if is_business_day(d, "fed") != calendar.isBusinessDay(_ql(d))]
    assert differing == []


def test_every_joint_window_agrees_with_quantlib():
    both = QuantLib.JointCalendar(
        QuantLib.Japan(), QuantLib.UnitedStates(QuantLib.UnitedStates.FederalReserve)
    )
    for start in days(last=LAST - timedelta(days=120)):
        end = both.advance(both.adjust(_ql(start), QuantLib.Preceding), 45, QuantLib.Days)
        assert _ql(business_day_after(start, 45)) == end, start


def _ql(day: date) -> QuantLib.Date:
    return QuantLib.Date(day.day, day.month, day.year)


@given(st.dates(FIRST, LAST), st.integers(0, 120))
def test_counting_forward_and_counting_between_agree(start, count):
    end = business_day_after(start, count)
    assert business_days_between(start, end) == count


def test_business_day_after_refuses_what_the_calendars_do_not_cover():
    with pytest.raises(ValueError, match="cover 2020 to 2050"):
        business_day_after(date(2019, 1, 1), 5)
    with pytest.raises(ValueError, match="negative"):
        business_day_after(date(2026, 1, 5), -1)


@pytest.mark.parametrize(
    ("calendar", "day"),
    [
        ("joint", date(2028, 11, 8)),
        ("japan", date(2028, 11, 12)),
        ("fed", date(2028, 11, 13)),
    ],
)
def test_last_day_before_leaves_45_business_days_to_the_deadline(calendar, day):
    deadline = date(2029, 1, 19)
    assert last_day_before(deadline, 45, calendar) == day
    assert business_day_after(day, 45, calendar) == deadline
    assert business_day_after(day + timedelta(days=1), 45, calendar) > deadline


@given(st.dates(FIRST, LAST), st.integers(1, 120), st.sampled_from(["joint", "japan", "fed"]))
def test_last_day_before_is_the_last_from_which_the_window_fits(until, count, calendar):
    day = last_day_before(until, count, calendar)
    assert business_day_after(day, count, calendar) <= until
    assert business_day_after(day + timedelta(days=1), count, calendar) > until


def test_last_day_before_refuses_what_the_calendars_do_not_cover():
    with pytest.raises(ValueError, match="cover 2020 to 2050"):
        last_day_before(date(2020, 2, 1), 45)
    with pytest.raises(ValueError, match="under 1"):
        last_day_before(date(2026, 1, 5), 0)
