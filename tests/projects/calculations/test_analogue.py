"""The analogue forecast: worked small cases, and what holds for every programme."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projects.calculations.analogue import (
    COMMON_SPREAD,
    DOMINATED_SPREAD,
    Programme,
    draw,
    seed_of,
    spread_of,
    steps,
)
from projects.calculations.donors import Operation, build_library, month_number
from projects.calculations.pipeline import Candidate, StageOdds
from projects.calculations.quantiles import LEVELS, odds_bounds, quantiles
from projects.selectors.donors import donor_library

JUNE = month_number(date(2009, 6, 30))


def project(name: str, commitment: float = 1e8, age: int = 18, share: float = 0.2) -> Operation:
    paid = {JUNE - age + 6: share * commitment} if share else {}
    return Operation(name, commitment, JUNE - age, paid)


def programme(*operations: Operation, **overrides) -> Programme:
    return Programme(**{"month": JUNE, "horizon": 26, "operations": operations, **overrides})


def small_library(count: int = 30, months: int = 60):
    """Donors paid 1/40 of 100 dollars a month from their first month on, until all is paid."""
    operations = [
        Operation(f"D{n:02d}", 100.0, JUNE - months, {JUNE - months + m: 2.5 for m in range(40)})
        for n in range(count)
    ]
    return build_library(operations, end=JUNE)


def test_a_library_of_one_shape_gives_its_shape():
    """At age 10 these donors stand at 11/40; 12 months on they are paid 12/40 more."""
    own = Operation("P", 1_000.0, JUNE - 10, {JUNE: 275.0})
    found = draw(programme(own, horizon=12), small_library(), seed=1)
    assert found.paid == 275.0
    assert found.existing.mean() == pytest.approx(300.0, rel=0.02)
    assert (found.selected == 1_000.0).all()


def test_what_is_paid_beyond_the_commitment_is_clipped():
    own = Operation("P", 1_000.0, JUNE - 10, {JUNE: 990.0})
    found = draw(programme(own, horizon=24), small_library(), seed=1)
    assert found.totals.max() == pytest.approx(1_050.0)


def test_a_project_never_draws_itself():
    library = small_library()
    weights, _table = steps(library, Operation("D07", 1.0, JUNE - 5, {}), JUNE, np.array([3]))
    assert weights[7] == 0.0
    assert (np.delete(weights, 7) > 0).all()


def test_fewer_than_20_donors_at_an_age_lower_it_to_the_greatest_with_20():
    library = small_library(months=30)
    _weights, table = steps(library, project("P", age=28), JUNE, np.array([10]))
    assert table[0, 0] == pytest.approx(10 / 40)  # from age 20 to 30, not from 28 to 38


def test_a_horizon_no_donor_shows_goes_on_flat():
    library = small_library(months=30)
    _weights, table = steps(library, project("P", age=0, share=0.0), JUNE, np.array([30, 90]))
    assert table[0, 0] == table[0, 1] == pytest.approx(30 / 40)


def test_an_approval_already_known_for_later_is_paid_from_its_own_month_on():
    library = small_library()
    later = Operation("P", 100.0, JUNE + 6, {})
    _weights, table = steps(library, later, JUNE, np.array([5, 6, 9]))
    assert table[0].tolist() == pytest.approx([0.0, 2.5 / 100, 10 / 100])


def test_the_common_factor_is_wider_when_one_project_dominates():
    assert spread_of([41.0, 59.0]) == DOMINATED_SPREAD
    assert spread_of([40.0, 30.0, 30.0]) == COMMON_SPREAD
    assert spread_of([]) == COMMON_SPREAD


def test_a_programme_of_nothing_has_nothing_to_come():
    found = draw(programme(), donor_library(), seed=1)
    assert (found.totals == 0).all()


def test_of_an_ended_project_what_was_paid_is_left_and_no_draw_of_the_others_moves():
    own = [project(name, commitment=size) for name, size in (("A", 1e8), ("B", 9e8), ("C", 2e8))]
    whole = programme(*own, expects_more=True)
    gone = replace(own[1], ended=True)
    less = replace(whole, operations=(own[0], gone, own[2]))
    library = donor_library()
    found, without = (draw(p, library, seed=3, paths=500) for p in (whole, less))
    assert without.paid == found.paid
    assert found.selected - without.selected == pytest.approx(9e8)
    never_was = draw(replace(whole, operations=(own[0], own[2])), library, seed=3, paths=500)
    assert never_was.selected.mean() < without.selected.mean()


STAGE_ODDS = (
    StageOdds("candidate", moves=2.0, days=700.0, successes=3.0, failures=1.0),
    StageOdds("in_consultation", moves=2.0, days=300.0, successes=3.0, failures=1.0),
)


@pytest.mark.parametrize("target", [None, 8e8])
@pytest.mark.parametrize("declined", range(3))
def test_a_declined_candidate_brings_nothing_and_no_draw_of_the_others_moves(declined, target):
    named = [
        Candidate("A", "candidate", None, 5e8),
        Candidate("B", "in_consultation", None, None),
        Candidate("C", "in_consultation", 1e8, 2e8),
    ]
    whole = programme(
        project("P"),
        expects_more=True,
        target=target,
        candidates=tuple(named),
        stages=STAGE_ODDS,
    )
    named[declined] = replace(named[declined], ended=True)
    less = replace(whole, candidates=tuple(named))
    months = range(1, 27)
    found, without = (
        draw(p, donor_library(), seed=3, paths=2_000, months=months) for p in (whole, less)
    )
    assert np.array_equal(found.existing, without.existing)
    assert (without.selected <= found.selected + 1e-3).all()
    assert (without.selected[:, -1] < found.selected[:, -1] - 1e6).mean() > 0.2
    uncut = found.selected[:, -1] < (target or np.inf) - 1  # a cut path gives the room to others
    assert (without.future <= found.future + 1e-3)[uncut].all()
    is_same = np.isclose(found.selected[:, -1], without.selected[:, -1], rtol=0, atol=1e-3)
    assert np.allclose(found.future[is_same & uncut], without.future[is_same & uncut])


def test_approvals_to_come_without_any_so_far_rest_on_the_prior():
    """Half an approval in 36 months: 26 months see about 0.36 of them, most paths none."""
    found = draw(programme(expects_more=True), donor_library(), seed=1)
    assert 0.7 < (found.selected[:, 0] == 0).mean() < 0.95
    assert found.future.mean() > 0


def test_what_is_selected_never_exceeds_the_target():
    known = [project(f"P{n}", age=n) for n in range(20)]
    found = draw(programme(*known, expects_more=True, target=2.5e9), donor_library(), seed=3)
    assert found.selected.max() == pytest.approx(2.5e9)
    assert (found.selected <= 2.5e9 + 1).all()
    assert (
        draw(programme(*known, expects_more=True, target=1e9), donor_library(), seed=3).future.max()
        == 0
    )


def test_a_fan_follows_the_same_donors_as_its_last_month():
    known = programme(project("A"), project("B", age=3, share=0.0), expects_more=True)
    fan = draw(known, donor_library(), seed=5, months=range(1, 27))
    last = draw(known, donor_library(), seed=5)
    assert np.array_equal(fan.totals[:, -1], last.totals[:, 0])
    assert (np.diff(fan.selected, axis=1) >= 0).all()


operations = st.builds(
    lambda n, commitment, age, share: project(f"P{n:02d}", commitment, age, share),
    st.integers(0, 99),
    st.floats(1e6, 1e9),
    st.integers(0, 60),
    st.floats(-0.05, 1.1),
)
programmes = st.lists(operations, max_size=6, unique_by=lambda o: o.id)


@settings(max_examples=25, deadline=None)
@given(programmes, st.booleans(), st.randoms())
def test_the_order_of_projects_does_not_matter(known, expects_more, random):
    shuffled = list(known)
    random.shuffle(shuffled)
    first = programme(*known, expects_more=expects_more)
    second = replace(first, operations=tuple(shuffled))
    totals = [draw(p, donor_library(), seed=9, paths=500).totals for p in (first, second)]
    assert totals[0].tobytes() == totals[1].tobytes()


@settings(max_examples=25, deadline=None)
@given(programmes, st.booleans())
def test_quantiles_never_cross(known, expects_more):
    found = draw(programme(*known, expects_more=expects_more), donor_library(), seed=2, paths=500)
    told = list(quantiles(found.totals[:, 0]).values())
    assert len(told) == len(LEVELS)
    assert told == sorted(told)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others():
    known = programme(project("A"), project("B", share=0.7), expects_more=True)
    first, again, other = (draw(known, donor_library(), seed=s).totals for s in (4, 4, 5))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


def test_seed_of_is_a_hash_of_day_revision_and_model():
    """The first 8 bytes of BLAKE2b of "2026-11-25|r7|analogue-4"."""
    assert seed_of("2026-11-25", "r7") == seed_of("2026-11-25", "r7")
    assert seed_of("2026-11-25", "r7") != seed_of("2026-11-25", "r8")
    assert 0 <= seed_of("2026-11-25", "r7") < 2**64


def test_odds_are_never_told_as_0_or_1():
    assert odds_bounds(0, 10_000) == (0.0, 0.0001)
    assert odds_bounds(10_000, 10_000) == (0.9999, 1.0)
    assert odds_bounds(1, 10_000) == (0.0001, 0.0001)
