"""The edge cases of METHODS that apply now, and where candidates end."""

from datetime import date
from decimal import Decimal

import pytest

from commitments.calculations.bounds import Bounds, exactly
from projects.calculations.pace import completed_on
from projects.metrics import BY_KEY, Flag, evaluate, flags
from tests.builders import (
    BASE,
    COMMITMENT,
    DOCUMENT,
    make_entry,
    make_project,
    make_register,
    merged,
    money_documents,
    post,
    reading,
    record,
)

D = Decimal
T1 = date(2026, 9, 30)


def test_completion_is_the_day_the_target_was_reached_for_good():
    flows = [(date(2026, 1, 1), D(10)), (date(2026, 2, 1), D(-1)), (date(2026, 3, 1), D(1))]
    assert completed_on(flows, D(10)) == date(2026, 3, 1)
    assert completed_on(flows[:1], D(10)) == date(2026, 1, 1)
    assert completed_on(flows[:2], D(10)) is None
    assert completed_on([], D(10)) is None


@pytest.fixture
def small(db):
    """A target of 100 dollars due on 30 September 2026."""
    terms = [dict(term) for term in BASE["term"]]
    values = {"term-deadline": {"date": T1.isoformat()}, "term-target": {"usd": "100.00"}}
    for term in terms:
        term["value"] = values.get(term["ref"], term["value"])
    record(merged({**BASE, "term": terms}, {"document": money_documents("2025-09-04")}))
    record(make_project("prj-1", low="100.00", high="100.00"))


def dates(as_of):
    found = reading(as_of)
    return [evaluate(BY_KEY[key], found).text for key in ("ieac_date", "ieac_on_plan_date")]


def test_a_finished_programme_ended_on_its_actual_day(small):
    post([make_entry("prj-1", "40.00", on=date(2026, 3, 2))])
    post([make_entry("prj-1", "60.00", on=date(2026, 8, 3))])
    assert dates(date(2026, 8, 3)) == dates(date(2026, 11, 24)) == ["2026-08-03"] * 2
    assert dates(date(2026, 8, 2)) != ["2026-08-03"] * 2


def test_a_passed_deadline_was_met_on_a_day_or_missed_by_an_amount(small):
    post([make_entry("prj-1", "70.00", on=date(2026, 3, 2))])
    assert flags(reading(date(2026, 9, 29))) == []
    assert flags(reading(T1)) == [Flag("deadline_missed", amount_usd=D("30.00"))]
    post([make_entry("prj-1", "30.00", on=date(2026, 9, 1))])
    assert flags(reading(date(2026, 11, 24))) == [Flag("deadline_met", on=date(2026, 9, 1))]


@pytest.mark.django_db
def test_a_project_above_two_fifths_of_selected_is_a_warning():
    make_register()
    record(
        merged(
            make_project("prj-1", low="41.00", high="41.00"),
            make_project("prj-2", low="39.00", high="39.00"),
            make_project("prj-3", low="20.00", high="20.00"),
        )
    )
    assert flags(reading()) == [Flag("concentration", project="prj-1", share=exactly(D("0.41")))]


@pytest.mark.django_db
def test_cash_beyond_what_stands_selected_is_over_funded():
    make_register()
    sizes = {"low": "10.00", "high": "12.00"}
    record(merged(*(make_project(f"prj-{n}", **sizes) for n in (1, 2, 3))))
    post([make_entry("prj-1", "12.50"), make_entry("prj-2", "12.00")])
    assert flags(reading()) == [Flag("over_funded", project="prj-1", amount_usd=D("0.50"))]


@pytest.mark.django_db
def test_a_plan_below_the_target_is_flagged_and_held_flat():
    make_register()
    plan = {
        "ref": "plan-1",
        "commitment": COMMITMENT,
        "effective_on": "2025-09-04",
        "label": "Plan",
        "points": [{"on": "2026-01-31", "amount_usd": "400000000000.00"}],
        "document": DOCUMENT,
    }
    record({"plan": [plan]})
    found = reading()
    assert flags(found) == [Flag("plan_short", amount_usd=D("150000000000.00"))]
    assert evaluate(BY_KEY["planned_usd"], found).bounds == exactly(D("400000000000.00"))


@pytest.mark.django_db
def test_acceleration_shows_the_rows_behind_it():
    make_register()
    record(make_project("prj-1", on="2026-01-05"))
    post([make_entry("prj-1", "1000.00", on=date(2026, 1, 5))])
    figure = evaluate(BY_KEY["acceleration"], reading())
    assert [row.ref for row in figure.rows] == [
        "term-target",
        "term-deadline",
        "prj-1:loan:funding",
    ]


def candidate(slug, **overrides):
    return make_project(slug, stage="candidate_listed", low=None, high="10.00", **overrides)


@pytest.mark.django_db
def test_a_candidate_outside_its_sources_totals_is_still_on_the_list_and_never_in_selected():
    make_register()
    records = merged(candidate("prj-1"), make_project("prj-2", low="5.00", high="5.00"))
    for profile in records["projectprofile"]:
        profile["count_in_totals"] = False
    record(records)
    found = reading()
    assert evaluate(BY_KEY["candidate_usd"], found).bounds == Bounds(None, D("10.00"))
    assert evaluate(BY_KEY["selected_usd"], found).note == "none_published"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("steps", "is_open"),
    [
        (["reported_candidate"], True),
        (["candidate_listed"], True),
        (["announced_second_batch"], False),
        (["announced_second_batch", "declined"], False),
        (["candidate_listed", "withdrawn"], False),
    ],
)
def test_a_candidate_is_open_until_its_continuation_is_firmer_or_has_ended(steps, is_open):
    make_register()
    heir = make_project("prj-heir", stage=steps[0], low=None, high=None)
    heir["stageevent"] += [
        {**heir["stageevent"][0], "ref": f"heir-{step}", "kind": step, "occurred_on": "2026-03-01"}
        for step in steps[1:]
    ]
    link = {
        "ref": "link-1",
        "project": "prj-1",
        "other": "prj-heir",
        "relation": "continued_as",
        "document": DOCUMENT,
    }
    record(merged(candidate("prj-1"), heir, {"projectlink": [link]}))
    members = reading().members("candidate")
    assert ("prj-1" in {m.project for m in members}) == is_open


@pytest.mark.django_db
@pytest.mark.parametrize("relation", ["continued_as", "merged_into"])
def test_a_candidate_whose_heir_was_carried_on_is_judged_by_what_became_of_that(relation):
    make_register()
    links = [
        {"ref": f"{one}-{other}", "project": one, "other": other, "relation": how}
        for one, other, how in (
            ("prj-1", "prj-2", "continued_as"),
            ("prj-2", "prj-3", relation),
        )
    ]
    links = [{**link, "document": DOCUMENT} for link in links]
    listed = merged(*(candidate(slug) for slug in ("prj-1", "prj-2", "prj-3")))
    record({**listed, "projectlink": links})
    assert "prj-1" in {m.project for m in reading().members("candidate")}
    record({"stageevent": make_project("prj-3")["stageevent"]})
    assert reading().members("candidate") == []
