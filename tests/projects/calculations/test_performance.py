"""Rates of return and present values of dated flows, against published examples."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commitments.calculations.undefined import Undefined
from projects.calculations.performance import netted, xirr, xnpv

# The check value of the method page.
TWO_YEARS = [
    (date(2020, 1, 1), Decimal(-1000)),
    (date(2021, 1, 1), Decimal(750)),
    (date(2022, 1, 1), Decimal(500)),
]
# The example in the documentation of XIRR and XNPV (Microsoft Excel): 0.373362535 and 2086.65.
SPREADSHEET = [
    (date(2008, 1, 1), Decimal(-10000)),
    (date(2008, 3, 1), Decimal(2750)),
    (date(2008, 10, 30), Decimal(4250)),
    (date(2009, 2, 15), Decimal(3250)),
    (date(2009, 4, 1), Decimal(2750)),
]


def test_xirr_gives_the_check_value():
    found = xirr(TWO_YEARS)
    assert (found.rate, found.days, found.multiple) == (Decimal("0.1750092646"), 731, False)


def test_xirr_and_xnpv_give_the_spreadsheet_documentation():
    assert xirr(SPREADSHEET).rate == pytest.approx(Decimal("0.373362535"), abs=Decimal("1e-8"))
    assert round(xnpv(Decimal("0.09"), SPREADSHEET), 2) == Decimal("2086.65")


def test_flows_of_one_day_are_netted_and_their_order_is_free():
    split = [*TWO_YEARS[::-1], (date(2021, 1, 1), Decimal(50)), (date(2021, 1, 1), Decimal(-50))]
    assert xirr(split) == xirr(TWO_YEARS)
    assert netted([(date(2020, 1, 1), Decimal(5)), (date(2020, 1, 1), Decimal(-5))]) == []


def test_of_several_rates_the_nearest_to_ten_percent_is_taken_and_marked():
    flows = [
        (date(2021, 1, 1), Decimal(-1000)),
        (date(2022, 1, 1), Decimal(2300)),
        (date(2023, 1, 1), Decimal(-1320)),
    ]  # (1 - 1.1/(1+r))(1 - 1.2/(1+r)): 10 % and 20 %
    found = xirr(flows)
    assert (found.rate, found.multiple) == (Decimal("0.1000000000"), True)


def test_a_later_contribution_leaves_one_rate_unmarked():
    flows = [*TWO_YEARS, (date(2022, 6, 1), Decimal(-10)), (date(2023, 1, 1), Decimal(20))]
    found = xirr(flows)
    assert not found.multiple
    assert abs(xnpv(found.rate, flows)) < Decimal("1e-4")


@pytest.mark.parametrize(
    ("flows", "reason"),
    [
        ([], "no_sign_change"),
        (TWO_YEARS[:1], "no_sign_change"),
        (TWO_YEARS[1:], "no_sign_change"),
        (
            [
                (date(2021, 1, 1), Decimal(-1000)),
                (date(2022, 1, 1), Decimal(1000)),
                (date(2023, 1, 1), Decimal(-1000)),
            ],
            "no_root",
        ),
    ],
)
def test_without_a_rate_the_reason_is_given(flows, reason):
    with pytest.raises(Undefined) as undefined:
        xirr(flows)
    assert undefined.value.reason == reason


def test_a_short_span_has_its_return_beside_the_yearly_one():
    found = xirr([(date(2026, 1, 1), Decimal(-100)), (date(2026, 7, 2), Decimal(105))])
    assert found.days == 182
    assert found.over_the_whole == pytest.approx(Decimal("0.05"), abs=Decimal("1e-8"))


@given(
    st.lists(st.integers(1, 10**9), min_size=1, max_size=5),
    st.lists(st.integers(1, 10**9), min_size=1, max_size=5),
)
def test_at_the_rate_money_paid_in_first_has_no_present_value(paid, received):
    flows = [(date(2025, 1 + i, 1), Decimal(-amount)) for i, amount in enumerate(paid)]
    flows += [(date(2026, 1 + i, 1), Decimal(amount)) for i, amount in enumerate(received)]
    try:
        found = xirr(flows)
    except Undefined:
        return  # outside -99.9999 % to 10,000 %
    scale = sum(abs(amount) / (1 + found.rate) ** 1 for _on, amount in flows)
    assert abs(xnpv(found.rate, flows)) <= scale * Decimal("1e-4")
