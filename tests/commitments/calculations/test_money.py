"""Parts that add up."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commitments.calculations.bounds import Bounds, envelope, exactly, total
from commitments.calculations.money import allocate, can_add_to_whole, cents, shown_shares

D = Decimal
weights = st.lists(st.decimals(0, 1000, places=2), min_size=1, max_size=8).filter(any)
amounts = st.integers(-(10**15), 10**15).map(lambda n: D(n) / 100)


def test_allocate_gives_left_over_cents_to_the_largest_remainders():
    assert allocate(D("100.00"), [D(1), D(1), D(1)]) == [D("33.34"), D("33.33"), D("33.33")]
    assert allocate(D("0.05"), [D(3), D(7)]) == [D("0.02"), D("0.03")]


def test_allocate_negates_the_split_of_a_negative_total():
    assert allocate(D("-0.05"), [D(3), D(7)]) == [D("-0.02"), D("-0.03")]


@pytest.mark.parametrize(
    ("total_", "parts", "words"),
    [
        (D("1.00"), [D(0), D(0)], "all weights are zero"),
        (D("1.00"), [D(1), D(-1)], "negative"),
        (D("0.001"), [D(1)], "no multiple"),
    ],
)
def test_allocate_refuses_what_cannot_be_split(total_, parts, words):
    with pytest.raises(ValueError, match=words):
        allocate(total_, parts)


@given(amounts, weights)
def test_allocated_parts_sum_to_the_total_and_weight_zero_gets_nothing(whole, parts):
    split = allocate(whole, parts)
    assert sum(split) == whole
    assert all(part == 0 for part, weight in zip(split, parts, strict=True) if weight == 0)


@given(weights)
def test_shown_shares_add_to_exactly_100(parts):
    assert sum(shown_shares(parts)) == D(100)


def test_cents_rounds_half_to_even():
    assert [cents(D(x)) for x in ("0.005", "0.015", "0.025")] == [D("0.00"), D("0.02"), D("0.02")]


def test_the_articles_instrument_shares_can_add_to_the_whole():
    assert can_add_to_whole([D(60), D(25), D(5)], [D(65), D(30), D(10)])
    assert not can_add_to_whole([D(60), D(25), D(1)], [D(65), D(30), D(2)])


def test_envelope_is_the_lowest_low_to_the_highest_high():
    rivals = [exactly(D(33)), exactly(D("33.3")), Bounds(None, D(40))]
    assert envelope(rivals) == Bounds(D(33), D(40))
    assert envelope([]) == Bounds()


def test_total_keeps_low_and_high_apart():
    members = [exactly(D(2)), Bounds(None, D(40)), Bounds()]
    assert total(members) == Bounds(D(2), D(42))
    assert total([Bounds(None, D(40)), Bounds(None, D(33))]) == Bounds(None, D(73))
    assert total([exactly(D(1)), Bounds(D(5), None)]) == Bounds(D(6), None)
    assert total([Bounds()]) == Bounds()


def test_a_range_has_a_value_only_when_its_bounds_are_one():
    assert exactly(D(5)).value == D(5)
    assert Bounds(D(5), D(6)).value is None
