"""The donor library: worked by hand on three small operations, and rebuilt from the data."""

from datetime import date

import numpy as np

from projects.calculations.donors import (
    Operation,
    build_library,
    mean_curve,
    month_number,
    month_of,
    reach,
    share_paid,
)
from projects.selectors.development import END, development_operations
from projects.selectors.donors import donor_library

JANUARY = month_number(date(2020, 1, 1))


def operation(name: str, approved: int = JANUARY, **paid: float) -> Operation:
    """An operation of 100 dollars; `m0=20` is 20 paid in January 2020, `m1` in February."""
    by_month = {JANUARY + int(month[1:]): amount for month, amount in paid.items()}
    return Operation(id=name, commitment=100.0, approved=approved, paid=by_month)


def test_build_library_sums_shares_by_age_with_refunds_and_leaves_the_unseen_unknown():
    library = build_library(
        [
            operation("b", JANUARY + 1, m1=50.0, m2=-10.0, m9=60.0),
            operation("a", m0=25.0, m2=75.0),
            operation("later", JANUARY + 4),
        ],
        end=JANUARY + 3,
    )
    assert library.ids == ("a", "b")
    assert library.seen.tolist() == [3, 2]
    assert library.shares[0].tolist() == [0.25, 0.25, 1.0, 1.0]
    assert library.shares[1, :3].tolist() == [0.5, 0.4, 0.4]


def test_build_library_counts_money_paid_before_the_month_of_approval_from_age_0():
    early = Operation("a", 100.0, JANUARY, {JANUARY - 2: 30.0})
    assert build_library([early], end=JANUARY).shares.tolist() == [[0.3]]


def test_known_by_forgets_what_was_seen_later():
    library = build_library([operation("a", m0=25.0), operation("b", JANUARY + 2)], end=JANUARY + 3)
    then = library.known_by(JANUARY + 1)
    assert (then.ids, then.seen.tolist()) == (("a",), [1])


def test_of_pace_parts_those_paid_within_a_year_from_the_others():
    operations = [
        operation("fast", m1=95.0),
        operation("slow", m12=90.0),
        operation("young", JANUARY + 8, m8=100.0),
    ]
    library = build_library(operations, end=JANUARY + 19)
    assert library.of_pace("fast").ids == ("fast",)
    assert library.of_pace("slow").ids == ("slow",)
    assert library.of_pace("all") is library


def test_joined_keeps_weights_and_pads_the_shorter_table():
    long = build_library([operation("a", m0=10.0)], end=JANUARY + 2)
    short = build_library([operation("own", JANUARY + 2, m2=40.0)], end=JANUARY + 2)
    both = long.joined(short, weight=5.0)
    assert both.weights.tolist() == [1.0, 5.0]
    assert both.shares.shape == (2, 3)
    assert both.shares[1, 0] == 0.4


def test_month_of_counts_the_first_half_of_a_month_as_the_end_of_the_month_before():
    assert month_of(date(2009, 6, 15)) == month_number(date(2009, 5, 31))
    assert month_of(date(2009, 6, 16)) == month_number(date(2009, 6, 30))
    assert month_of(date(2010, 1, 15)) == month_number(date(2009, 12, 31))


def test_share_paid_leaves_out_later_months():
    assert share_paid(operation("a", m0=25.0, m1=-5.0, m2=50.0), JANUARY + 1) == 0.2


def test_reach_is_the_greatest_age_that_20_donors_show():
    assert reach(np.arange(30)) == 10
    assert reach(np.array([3, 7])) == 3


def test_the_stored_library_is_the_one_the_data_build():
    stored = donor_library()
    built = build_library(development_operations(), end=END)
    assert stored.ids == built.ids
    for name in ("commitments", "approved", "shares", "seen", "weights"):
        assert np.array_equal(getattr(stored, name), getattr(built, name)), name


def test_the_mean_curve_of_slow_donors_is_that_of_the_method_page():
    """0.13 / 0.26 / 0.42 / 0.58 / 0.71 / 0.87 at 12 / 24 / 36 / 48 / 60 / 84 months."""
    curve = mean_curve(donor_library().of_pace("slow"))
    found = [round(float(curve[age]), 2) for age in (12, 24, 36, 48, 60, 84)]
    assert np.allclose(found, [0.13, 0.26, 0.42, 0.58, 0.71, 0.87], atol=0.03)


def test_a_fifth_of_the_donors_are_fast_as_on_the_method_page():
    library = donor_library()
    told = library.of_pace("fast"), library.of_pace("slow")
    assert round(len(told[0]) / (len(told[0]) + len(told[1])), 2) == 0.18
