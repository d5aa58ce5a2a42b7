"""The waterfall: the worked example to the cent, and what holds for any list of events.

The example is this project's own; the arithmetic beside each figure can be done by hand.
"""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.calculations.waterfall import (
    Balance,
    Event,
    Kind,
    Reading,
    Rounding,
    Step,
    accrued,
    split,
    waterfall,
)

D = Decimal
FUNDED = date(2027, 3, 15)
EXAMPLE = (
    Event(FUNDED, Kind.RATE, D("0.0525")),
    Event(FUNDED, Kind.CONTRIBUTION, D("300000000.00")),
    Event(date(2027, 9, 15), Kind.DISTRIBUTION, D("50000000.00")),
    Event(date(2028, 3, 15), Kind.DISTRIBUTION, D("700000000.00")),
)
READINGS = st.sampled_from(list(Reading))
MONEY = st.integers(1, 10**13).map(lambda minor: D(minor).scaleb(-2))
DAYS = st.integers(0, 2000).map(lambda days: FUNDED + timedelta(days))


def test_the_example_pays_half_and_half_then_ten_and_ninety():
    first, second = waterfall(EXAMPLE, Reading.JAPAN_SHARE).steps
    assert first == Step(
        on=date(2027, 9, 15),
        amount=D("50000000.00"),
        before=Balance(D("300000000.00"), D("8050000.00")),  # 300m x 0.0525 x 184/360
        tier1=D("50000000.00"),
        japan_tier1=D("25000000.00"),
        us_tier1=D("25000000.00"),
        tier2=D(0),
        japan_tier2=D(0),
        us_tier2=D(0),
        after=Balance(D("283050000.00"), D(0)),
    )
    assert second == Step(
        on=date(2028, 3, 15),
        amount=D("700000000.00"),
        before=Balance(D("283050000.00"), D("7512618.75")),  # 283.05m x 0.0525 x 182/360
        tier1=D("581125237.50"),
        japan_tier1=D("290562618.75"),
        us_tier1=D("290562618.75"),
        tier2=D("118874762.50"),
        japan_tier2=D("11887476.25"),
        us_tier2=D("106987286.25"),
        after=Balance(D(0), D(0)),
    )


def test_by_the_total_reading_the_whole_first_tier_reduces_what_is_owed():
    first, second = waterfall(EXAMPLE, Reading.TOTAL).steps
    assert (first.japan, first.us) == (D("25000000.00"), D("25000000.00"))
    assert first.after == Balance(D("258050000.00"), D(0))
    assert second.before.interest == D("6849077.08")  # 258.05m x 0.0525 x 182/360
    assert second.tier1 == D("264899077.08")
    assert second.tier2 == D("435100922.92")
    assert (second.japan_tier2, second.us_tier2) == (D("43510092.29"), D("391590830.63"))


def test_interest_bears_interest_only_once_capitalised():
    half_year = date(2027, 9, 15)
    later = Event(date(2028, 3, 15), Kind.DISTRIBUTION, D("0.01"))
    simple = waterfall([*EXAMPLE[:2], later], Reading.JAPAN_SHARE).steps[0].before
    compound = (
        waterfall([*EXAMPLE[:2], Event(half_year, Kind.CAPITALISE), later], Reading.JAPAN_SHARE)
        .steps[0]
        .before
    )
    assert simple == Balance(D("300000000.00"), D("16012500.00"))  # 366 days on 300m
    assert compound == Balance(D("308050000.00"), D("8176160.42"))  # 182 days on 308.05m


def test_one_day_is_taken_as_rate_capitalise_contribution_distribution():
    day = date(2027, 9, 15)
    events = [
        Event(day, Kind.DISTRIBUTION, D("10.00")),
        Event(day, Kind.CONTRIBUTION, D("5.00")),
        Event(day, Kind.CAPITALISE),
        Event(day, Kind.RATE, D("0.06")),
        *EXAMPLE[:2],
    ]
    (step,) = waterfall(events, Reading.JAPAN_SHARE).steps
    assert step.before == Balance(D("308050005.00"), D(0))


def test_a_later_contribution_opens_the_first_tier_again():
    events = [
        Event(date(2027, 1, 1), Kind.CONTRIBUTION, D("100.00")),
        Event(date(2027, 2, 1), Kind.DISTRIBUTION, D("300.00")),
        Event(date(2027, 3, 1), Kind.CONTRIBUTION, D("40.00")),
        Event(date(2027, 4, 1), Kind.DISTRIBUTION, D("100.00")),
    ]
    first, second = waterfall(events, Reading.JAPAN_SHARE).steps
    assert (first.tier1, first.tier2) == (D("200.00"), D("100.00"))
    assert (second.tier1, second.tier2) == (D("80.00"), D("20.00"))


def test_a_half_cent_goes_to_the_even_side_and_the_rest_to_the_other():
    step = split(FUNDED, D("0.05"), Balance(D("10.00")), Reading.JAPAN_SHARE)
    assert (step.japan_tier1, step.us_tier1) == (D("0.02"), D("0.03"))


@pytest.mark.parametrize("kind", [Kind.CONTRIBUTION, Kind.DISTRIBUTION])
@pytest.mark.parametrize("amount", ["0", "-0.01"])
def test_money_that_is_not_positive_is_refused(kind, amount):
    with pytest.raises(ValueError, match=f"a {kind} must be positive"):
        waterfall([Event(FUNDED, kind, D(amount))], Reading.TOTAL)


def test_nothing_leaves_nothing():
    empty = waterfall([], Reading.JAPAN_SHARE)
    assert (empty.steps, empty.japan, empty.us, empty.balance) == ((), 0, 0, Balance())


def test_accrual_rounds_half_even():
    assert accrued(D("1.80"), D("0.10"), 10) == D("0.00")  # 0.005 goes to the even cent
    assert accrued(D("5.40"), D("0.10"), 10) == D("0.02")  # and so does 0.015


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Events of which no two share a day and a kind, as their order would then matter."""
    kinds = draw(
        st.lists(st.tuples(DAYS, st.sampled_from(list(Kind))), unique=True, min_size=1, max_size=12)
    )
    rates = st.integers(0, 2000).map(lambda points: D(points).scaleb(-4))
    return [
        Event(on, kind, draw(rates if kind is Kind.RATE else MONEY))
        if kind is not Kind.CAPITALISE
        else Event(on, kind)
        for on, kind in kinds
    ]


@given(histories(), READINGS)
def test_four_parts_sum_to_the_payment_and_balances_never_fall_below_zero(events, reading):
    result = waterfall(events, reading)
    for step in result.steps:
        parts = (step.japan_tier1, step.us_tier1, step.japan_tier2, step.us_tier2)
        assert sum(parts) == step.amount
        assert min(parts) >= 0
    assert all(min(b.principal, b.interest) >= 0 for _, b in result.balances)
    assert result.japan + result.us == sum(
        (e.value for e in events if e.kind is Kind.DISTRIBUTION), D(0)
    )


@given(histories().flatmap(lambda h: st.tuples(st.just(h), st.permutations(h))), READINGS)
def test_the_order_of_the_list_does_not_matter(pair, reading):
    events, shuffled = pair
    assert waterfall(shuffled, reading) == waterfall(events, reading)


@given(MONEY, st.lists(st.integers(1, 10**4) | st.integers(1, 10**13), min_size=1), READINGS)
def test_without_interest_it_does_not_matter_in_how_many_payments_money_comes(
    contribution, payments, reading
):
    """To the cent where the odd cent is carried, within half a cent a payment where each is rounded."""
    owed = Event(FUNDED, Kind.CONTRIBUTION, contribution)
    apart = [
        Event(FUNDED + timedelta(i + 1), Kind.DISTRIBUTION, D(minor).scaleb(-2))
        for i, minor in enumerate(payments)
    ]
    at_once = Event(FUNDED + timedelta(1), Kind.DISTRIBUTION, D(sum(payments)).scaleb(-2))
    one = waterfall([owed, at_once], reading)
    carried = waterfall([owed, *apart], reading, rounding=Rounding.CARRIED)
    assert (carried.japan, carried.us) == (one.japan, one.us)
    assert carried.balance == one.balance
    each = waterfall([owed, *apart], reading)
    assert each.us + each.japan == one.us + one.japan
    assert abs(each.japan - one.japan) <= D("0.01") * len(payments)


def test_a_hundred_cents_are_shared_like_a_dollar_where_the_odd_cent_is_carried():
    owed = Event(FUNDED, Kind.CONTRIBUTION, D("100.00"))
    apart = [Event(FUNDED + timedelta(i + 1), Kind.DISTRIBUTION, D("0.01")) for i in range(100)]
    shared = waterfall([owed, *apart], Reading.JAPAN_SHARE, rounding=Rounding.CARRIED)
    assert (shared.japan, shared.us) == (D("0.50"), D("0.50"))
    assert waterfall([owed, *apart], Reading.JAPAN_SHARE).japan == D("0.00")


@given(histories(), READINGS)
def test_carrying_the_odd_cent_keeps_every_part_and_balance_at_or_above_zero(events, reading):
    result = waterfall(events, reading, rounding=Rounding.CARRIED)
    for step in result.steps:
        parts = (step.japan_tier1, step.us_tier1, step.japan_tier2, step.us_tier2)
        assert sum(parts) == step.amount
        assert min(parts) >= 0
    assert all(min(b.principal, b.interest) >= 0 for _, b in result.balances)


def test_carrying_the_odd_cent_leaves_the_example_as_it_is():
    carried = waterfall(EXAMPLE, Reading.JAPAN_SHARE, rounding=Rounding.CARRIED)
    assert carried == waterfall(EXAMPLE, Reading.JAPAN_SHARE)
