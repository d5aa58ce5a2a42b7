"""Claims drawn on guarantees, worked by hand."""

from datetime import date
from decimal import Decimal

from projects.calculations.guarantees import ClaimPaid, Guarantee, drawn

JUNE, JULY, AUGUST = (date(2026, month, 1) for month in (6, 7, 8))


def guarantee(ref="g", projects="a", begins=JUNE, ends=date.max, amount="6"):
    most = None if amount is None else Decimal(amount)
    return Guarantee(ref, frozenset(projects), begins, ends, most)


def claim(amount, project="a", on=JULY):
    return ClaimPaid("c", project, on, Decimal(amount))


def parts(guarantees, *claims):
    return [(d.of, d.beyond, d.stood) for d in drawn(guarantees, claims)]


def test_claims_draw_on_what_is_left():
    assert parts([guarantee()], claim("4"), claim("3"), claim("1")) == [
        ({"g": 4}, 0, True),
        ({"g": 2}, 1, True),
        ({}, 1, True),
    ]


def test_only_a_guarantee_of_the_project_that_stands_on_the_day_bears_a_claim():
    ended = guarantee("ended", ends=JUNE)
    assert parts([ended, guarantee("later", begins=AUGUST)], claim("1")) == [({}, 1, False)]
    assert parts([guarantee(projects="b")], claim("1")) == [({}, 1, False)]
    assert parts([ended, guarantee("next", begins=JULY)], claim("5", on=JUNE), claim("6")) == [
        ({"ended": 5}, 0, True),
        ({"next": 6}, 0, True),
    ]


def test_the_guarantee_for_the_fewest_projects_is_drawn_first():
    both = [guarantee("wide", projects="ab"), guarantee("own", amount="2")]
    assert parts(both, claim("3"), claim("5", project="b"), claim("1", project="b")) == [
        ({"own": 2, "wide": 1}, 0, True),
        ({"wide": 5}, 0, True),
        ({}, 1, True),
    ]


def test_one_of_no_stated_amount_bears_what_the_others_leave():
    both = [guarantee("open", amount=None), guarantee("stated", amount="2")]
    assert parts(both, claim("9"), claim("9")) == [
        ({"stated": 2, "open": 7}, 0, True),
        ({"open": 9}, 0, True),
    ]
