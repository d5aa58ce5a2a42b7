"""The clock of a notice: due dates, both readings, partial receipts, reversals, last safe days.

Windows are the worked examples of the method: 2026-12-01 -> 2027-02-09.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commitments.calculations.bounds import Bounds
from projects.calculations.notices import (
    Clock,
    Receipt,
    Standing,
    Status,
    UnfundedEffect,
    candidates,
    completed_on,
    due_date,
    reminder_due,
    standing,
    windows,
)

NOTICE, DAY_45 = date(2026, 12, 1), date(2027, 2, 9)
CALLED = Decimal(100)


def make_clock(*paid: tuple[date, int], **overrides: Any) -> Clock:
    given = {
        "received_on": NOTICE,
        "earliest_on": DAY_45,
        "amount_usd": CALLED,
        "receipts": tuple(Receipt(on, Decimal(amount)) for on, amount in paid),
        **overrides,
    }
    return Clock(**given)


def status(clock: Clock, nature: Any, as_of: date) -> tuple[Status, int]:
    found = standing(clock, nature, as_of=as_of)
    return found.status, found.days_off


def test_windows_across_new_year_under_each_calendar():
    assert windows(NOTICE, 45) == {
        "joint": date(2027, 2, 9),
        "japan": date(2027, 2, 5),
        "fed": date(2027, 2, 5),
    }


def test_due_date_is_the_one_specified_else_only_a_deadline_has_one():
    assert due_date(make_clock(), "earliest") is None
    assert due_date(make_clock(), "latest") == DAY_45
    specified = make_clock(specified_on=date(2027, 3, 1))
    assert due_date(specified, "earliest") == due_date(specified, "latest") == date(2027, 3, 1)


def test_an_open_notice_counts_business_days_to_the_day_it_watches():
    assert standing(make_clock(), "latest", as_of=date(2027, 1, 29)) == Standing(
        nature="latest",
        status=Status.OPEN,
        due_on=DAY_45,
        watched_on=DAY_45,
        days_left=7,
    )


def test_nothing_is_late_under_a_reading_without_due_date():
    after = date(2027, 2, 16)
    assert status(make_clock(), "earliest", after) == (Status.OPEN, 0)
    # 10 and 12 February are joint business days; 11 is Japan's, 15 the Fed's holiday; 16 counts.
    assert status(make_clock(), "latest", after) == (Status.LATE, 3)
    assert standing(make_clock(), "latest", as_of=after).days_left == -3


def test_on_the_weekend_after_its_day_a_notice_is_late_by_no_business_day_yet():
    friday, sunday = date(2026, 11, 27), date(2026, 11, 29)
    found = standing(make_clock(specified_on=friday), "latest", as_of=sunday)
    assert (found.status, found.days_off, found.days_left, found.is_past) == (
        Status.LATE,
        0,
        0,
        True,
    )
    on_the_day = standing(make_clock(specified_on=friday), "latest", as_of=friday)
    assert (on_the_day.status, on_the_day.days_left, on_the_day.is_past) == (Status.OPEN, 0, False)


@pytest.mark.parametrize(
    ("paid_on", "earliest", "latest"),
    [
        (date(2027, 2, 5), (Status.FUNDED_EARLY, 2), (Status.FUNDED_EARLY, 2)),
        (date(2027, 2, 9), (Status.FUNDED_ON_TIME, 0), (Status.FUNDED_ON_TIME, 0)),
        (date(2027, 2, 16), (Status.FUNDED_ON_TIME, 0), (Status.LATE, 3)),
    ],
)
def test_the_two_readings_judge_one_payment(paid_on, earliest, latest):
    clock = make_clock((paid_on, 100))
    assert status(clock, "earliest", date(2027, 6, 1)) == earliest
    assert status(clock, "latest", date(2027, 6, 1)) == latest


def test_a_specified_date_makes_both_readings_agree():
    clock = make_clock((date(2027, 3, 3), 100), specified_on=date(2027, 3, 1))
    for nature in ("earliest", "latest"):
        assert status(clock, nature, date(2027, 6, 1)) == (Status.LATE, 2)


def test_a_notice_paid_in_parts_is_funded_by_the_completing_receipt():
    clock = make_clock((date(2027, 2, 9), 60), (date(2027, 2, 12), 30), (date(2027, 2, 16), 10))
    assert clock.funded_on == date(2027, 2, 16)
    assert standing(clock, "latest", as_of=date(2027, 3, 1)) == Standing(
        nature="latest",
        status=Status.LATE,
        due_on=DAY_45,
        watched_on=DAY_45,
        days_left=-11,
        is_past=True,
        days_off=3,
        days_taken=48,
        ended_on=date(2027, 2, 16),
    )


def test_a_part_received_leaves_the_notice_open_with_what_is_missing():
    clock = make_clock((date(2027, 2, 9), 60))
    assert (clock.funded_on, clock.received_usd, clock.unfunded_usd) == (None, 60, 40)


def test_a_reversal_opens_a_notice_again():
    on = date(2027, 2, 9)
    assert make_clock((on, 100), (on, -100)).funded_on is None
    again = make_clock((on, 100), (on, -100), (date(2027, 2, 12), 100))
    assert again.funded_on == date(2027, 2, 12)


def test_a_payment_in_excess_leaves_nothing_unfunded():
    clock = make_clock((DAY_45, 130))
    assert (clock.unfunded_usd, clock.overpaid_usd, clock.funded_on) == (0, 30, DAY_45)
    assert make_clock((DAY_45, 60)).overpaid_usd == 0


def test_a_declined_notice_is_closed_and_awaits_nothing():
    clock = make_clock((DAY_45, 60), declined_on=date(2027, 2, 12), declined_usd=CALLED)
    found = standing(clock, "latest", as_of=date(2027, 6, 1))
    assert (found.status, found.is_open, found.ended_on) == (
        Status.DECLINED,
        False,
        date(2027, 2, 12),
    )
    assert (clock.called_usd, clock.unfunded_usd, clock.overpaid_usd) == (0, 0, 60)


def test_a_notice_declined_in_part_awaits_the_rest():
    part = {"declined_on": date(2027, 2, 5), "declined_usd": Decimal(40)}
    clock = make_clock((DAY_45, 50), **part)
    found = standing(clock, "latest", as_of=date(2027, 2, 15))
    assert (found.status, found.is_open, clock.unfunded_usd) == (Status.LATE, True, 10)
    paid = make_clock((DAY_45, 60), **part)
    found = standing(paid, "latest", as_of=date(2027, 2, 15))
    assert (found.status, found.ended_on, paid.unfunded_usd) == (Status.FUNDED_ON_TIME, DAY_45, 0)
    after = make_clock((DAY_45, 60), **{**part, "declined_on": date(2027, 2, 12)})
    found = standing(after, "latest", as_of=date(2027, 2, 15))
    assert (found.status, found.days_off, found.ended_on) == (Status.LATE, 2, date(2027, 2, 12))


@given(
    st.lists(
        st.tuples(st.dates(date(2027, 1, 1), date(2027, 12, 31)), st.integers(-50, 100)),
        max_size=8,
    ),
    st.randoms(use_true_random=False),
)
def test_completion_does_not_depend_on_the_order_of_receipts(paid, random):
    listed = [Receipt(on, Decimal(amount)) for on, amount in paid]
    mixed = random.sample(listed, len(listed))
    day = completed_on(listed, CALLED)
    assert completed_on(mixed, CALLED) == day
    assert (day is not None) == (sum(r.amount_usd for r in listed) >= CALLED)


@pytest.mark.parametrize(
    ("left", "reminder"),
    [(31, None), (30, 30), (16, 30), (15, 15), (5, 5), (4, 5), (1, 1), (0, 1)],
)
def test_the_nearest_reminder_not_passed_is_due(left, reminder):
    assert reminder_due(left) == reminder


def test_the_unfunded_commitment_stays_a_range():
    effect = UnfundedEffect(Bounds(Decimal(330), Decimal(333)), Decimal(100), Decimal(40))
    assert effect.before == Bounds(Decimal(230), Decimal(233))
    assert effect.after == Bounds(Decimal(190), Decimal(193))
    ceiling = UnfundedEffect(Bounds(None, Decimal(50)), Decimal(0), Decimal(60))
    assert ceiling.after == Bounds(None, Decimal(-10))


def test_candidates_are_month_ends_and_the_last_safe_day():
    found = candidates(
        Decimal(3_000_000),
        as_of=date(2028, 9, 30),
        deadline=date(2029, 1, 19),
        days=45,
        calendar="joint",
    )
    assert [(c.on, c.earliest_on, c.in_time, c.is_last_safe) for c in found] == [
        (date(2028, 10, 31), date(2029, 1, 11), True, False),
        (date(2028, 11, 8), date(2029, 1, 19), True, True),
        (date(2028, 11, 30), date(2029, 2, 9), False, False),
        (date(2028, 12, 31), date(2029, 3, 14), False, False),
    ]
    # 39 days from 30 September to 8 November; 8 from 31 October: 375,000 a day.
    assert [round(c.left_usd, 2) for c in found] == [Decimal("615384.62"), 0, 0, 0]
    assert [c.usd_per_month for c in found] == [375_000 * Decimal("30.4375"), None, None, None]
    # 1, 2, 6 to 8 November, for the 3rd is a holiday of Japan and 4 and 5 a weekend.
    assert [c.usd_per_business_day for c in found] == [600_000, None, None, None]


def test_no_pace_is_given_over_days_of_which_none_is_a_business_day():
    """Under Japan's calendar the last safe day is Sunday 12 November 2028."""
    saturday = date(2028, 11, 11)
    found = candidates(
        CALLED, as_of=saturday, deadline=date(2029, 1, 19), days=45, calendar="japan"
    )
    assert (found[0].on, found[0].is_last_safe) == (date(2028, 11, 12), True)
    assert (found[0].left_usd, found[0].usd_per_business_day) == (0, None)
    late = candidates(
        CALLED, as_of=date(2028, 11, 20), deadline=date(2029, 1, 19), days=45, calendar="japan"
    )
    assert {(c.left_usd, c.in_time) for c in late} == {(None, False)}


def test_of_more_noticed_than_the_target_nothing_is_left_to_notice():
    found = candidates(
        Decimal(-5), as_of=date(2028, 9, 30), deadline=date(2029, 1, 19), days=45, calendar="joint"
    )
    assert (found[0].left_usd, found[0].usd_per_month, found[0].usd_per_business_day) == (0, 0, 0)


def test_no_candidate_is_left_after_the_deadline():
    deadline = date(2029, 1, 19)
    for as_of in (deadline, deadline + timedelta(days=40)):
        assert candidates(CALLED, as_of=as_of, deadline=deadline, days=45, calendar="joint") == ()
