"""Days, amounts and shares as records write them; what a term's value may hold."""

from datetime import date
from decimal import Decimal

import pytest

from commitments.calculations.written import (
    read_amount,
    read_day,
    read_percent,
    read_shares,
    term_problems,
)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2029-01-19", date(2029, 1, 19)),
        ("2029-02-30", None),
        ("20290119", None),
        ("٢٠٢٩-٠١-١٩", None),
        ("0000-01-01", None),
        ("9999-12-31", None),
        (20290119, None),
        (None, None),
        ({"date": "2029-01-19"}, None),
    ],
)
def test_read_day_takes_a_day_of_the_calendar_and_nothing_else(written, day):
    assert read_day(written) == day


@pytest.mark.parametrize(
    "written",
    ["NaN", "Infinity", "1e400", "0.005", "-0", "1,000.50", "1" * 16, "١٢", "1_000", "", 5, 5.0],
)
def test_read_amount_takes_an_exact_decimal_string_and_nothing_else(written):
    assert read_amount("550000000000.00") == Decimal(550_000_000_000)
    assert read_amount(written) is None


def test_read_percent_and_shares_take_what_is_in_range():
    assert (read_percent("12.5"), read_percent("1000")) == (Decimal("12.5"), None)
    assert read_shares({"us": "0.9", "japan": "0.1"}) == {
        "us": Decimal("0.9"),
        "japan": Decimal("0.1"),
    }
    for wrong in ({"us": "0.9", "japan": "0.2"}, {"japan": "1"}, {"us": "x", "japan": "1"}, "half"):
        assert read_shares(wrong) is None


def test_a_term_of_an_unlisted_key_may_hold_words_numbers_and_lists():
    value = {"list": ["a", 2], "right": True, "steps": [{"label": "x", "amount_usd": "1.00"}]}
    assert term_problems("decline", value) == []
