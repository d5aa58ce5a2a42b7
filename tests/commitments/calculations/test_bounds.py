"""Sums of ranges, and the words that a sum of ceilings deserves."""

from decimal import Decimal

import pytest

from commitments.calculations.bounds import Bounds, exactly, told_total, total
from commitments.calculations.metric import Figure, Row

CEILING, FIRM, UNSTATED = Bounds(None, Decimal(100)), exactly(Decimal(2)), Bounds()


@pytest.mark.parametrize(
    ("ranges", "told"),
    [
        ([CEILING, CEILING, FIRM], Bounds(None, Decimal(202))),
        ([CEILING, FIRM], Bounds(Decimal(2), Decimal(102))),
        ([CEILING, FIRM, UNSTATED, UNSTATED], Bounds(Decimal(2), Decimal(102))),
        ([CEILING], CEILING),
        ([FIRM, FIRM], exactly(Decimal(4))),
        ([CEILING, CEILING, Bounds(Decimal(5), None)], Bounds(Decimal(5), None)),
        ([], Bounds()),
    ],
)
def test_a_sum_is_told_as_a_ceiling_where_most_of_its_members_are(ranges, told):
    assert told_total(ranges) == told


def make_figure(*ranges: Bounds, **overrides: object) -> Figure:
    rows = tuple(Row("label", "project", "prj-1", bounds, **overrides) for bounds in ranges)
    return Figure(bounds=total(ranges), rows=rows)


def test_a_figure_keeps_the_lows_that_are_stated_beside_what_is_told():
    figure = make_figure(CEILING, CEILING, FIRM)
    assert (figure.bounds, figure.told) == (
        Bounds(Decimal(2), Decimal(202)),
        Bounds(None, Decimal(202)),
    )


def test_a_figure_that_is_no_plain_sum_is_told_as_it_is():
    figure = make_figure(CEILING, CEILING, FIRM, part="numerator")
    assert figure.told == figure.bounds


@pytest.mark.parametrize("mark", ["is_recalled", "is_derived"])
def test_a_figure_is_marked_by_what_it_follows_and_not_by_a_rival_reading(mark):
    assert getattr(make_figure(FIRM, **{mark: True}), mark)
    assert getattr(make_figure(FIRM, **{mark: True}, counts=False), mark)
    assert not getattr(make_figure(FIRM, **{mark: True}, counts=False, is_rival=True), mark)
