"""The Yale model with the parameters of Takahashi & Alexander (2002): RC 25 %, 33.3 %, 50 %; L 12; B 2.5; G 13 %."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.calculations.yale import YALE, fund_years

D = Decimal


def test_contributions_are_those_of_the_paper():
    called = [round(year.called, 4) for year in fund_years(D(100))]
    assert called[:5] == [25, 25, 25, D("12.5"), D("6.25")]
    assert sum(called) == pytest.approx(D(100), abs=D("0.05"))


def test_a_year_grows_then_calls_then_pays_what_was_there_before():
    """By hand: 25 × 1.13 = 28.25, of which (2/12)^2.5 = 1.134 % is paid; then 25 more is called."""
    first, second, *_rest, last = fund_years(D(100))
    assert (first.paid_out, first.value) == (0, 25)
    assert round(second.paid_out, 6) == D("0.320362")
    assert round(second.value, 6) == D("52.929638")
    assert last.value == last.called  # RD(L) = 1: all but the year's own call


def test_a_least_share_is_paid_from_the_first_return_on():
    assert fund_years(D(100), replace(YALE, least=D("0.05")))[1].paid_out == D("1.4125")


@given(st.decimals(min_value="0.01", max_value="1e15", places=2))
def test_without_growth_what_is_paid_out_and_left_is_what_was_called(commitment):
    years = fund_years(commitment, replace(YALE, growth=D(0)))
    called = sum(year.called for year in years)
    kept = sum(year.paid_out for year in years) + years[-1].value
    assert abs(called - kept) <= commitment * D("1e-20")
