"""How a claim stands against the record: cases worked by hand, and what holds of all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commitments.calculations.bounds import Bounds
from commitments.calculations.verdicts import Verdict, distance, tolerance, verdict


def bounds(low, high):
    return Bounds(*(None if end is None else Decimal(str(end)) for end in (low, high)))


@pytest.mark.parametrize(
    ("claim", "record", "found", "away"),
    [
        ((36e9, 36e9), (35.7e9, 35.7e9), Verdict.ROUNDED, 0.3e9),  # "$36bn" against 35.7
        ((40e9, 40e9), (35.7e9, 35.7e9), Verdict.OVERSTATED, 4.3e9),  # over a twentieth off
        ((35.9e9, 35.9e9), (35.7e9, 36e9), Verdict.SUPPORTED, 0),
        ((5, 10), (1, 2), Verdict.OVERSTATED, 8),  # the article's equity share
        ((60, 65), (90, 90), Verdict.CONTRADICTED, -25),
        ((60, 65), (64, 70), Verdict.SUPPORTED, 0),  # the ranges meet
        ((35.7e9, 36e9), (36e9, 36e9), Verdict.SUPPORTED, 0),
        ((25, 30), (66.67, 66.67), Verdict.CONTRADICTED, -36.67),
        ((50, None), (99.4, 99.5), Verdict.SUPPORTED, 0),  # "more than half"
        ((100, None), (None, 73), Verdict.OVERSTATED, 27),
        ((None, 400e9), (None, 490e9), Verdict.UNSUPPORTED, 0),  # open where it would tell
        ((390e9, None), (None, 490e9), Verdict.UNSUPPORTED, 0),
        ((73e9, 73e9), (None, 73e9), Verdict.SUPPORTED, 0),
        ((None, 489e9), (None, 490e9), Verdict.UNSUPPORTED, 0),
        ((None, 490e9), (None, 491e9), Verdict.ROUNDED, 0),
        ((100, 100), (90, None), Verdict.UNSUPPORTED, 0),
        ((None, 73e9), (73e9, 73e9), Verdict.SUPPORTED, 0),
        ((None, 490e9), (488.45e9, 488.45e9), Verdict.ROUNDED, 1.55e9),
        ((None, 550e9), (None, None), Verdict.UNSUPPORTED, 0),
        ((None, None), (1, 2), Verdict.UNSUPPORTED, 0),
    ],
)
def test_verdict_of_worked_cases(claim, record, found, away):
    assert verdict(bounds(*claim), bounds(*record)) == found
    assert distance(bounds(*claim), bounds(*record)) == Decimal(str(away))


def test_tolerance_is_half_of_the_last_digit_said_and_at_most_a_twentieth():
    assert tolerance(Decimal(36_000_000_000)) == Decimal(500_000_000)
    assert tolerance(Decimal("2.15")) == Decimal("0.005")
    assert tolerance(Decimal(5)) == Decimal("0.25")  # half of one would be a tenth
    assert tolerance(Decimal(0)) == 0


AMOUNTS = st.integers(-(10**6), 10**6).map(Decimal)


@given(AMOUNTS, AMOUNTS)
def test_a_claim_inside_the_record_is_supported(a, b):
    record = Bounds(min(a, b), max(a, b))
    assert verdict(record, record) == Verdict.SUPPORTED
    assert verdict(Bounds(a, a), record) == Verdict.SUPPORTED
