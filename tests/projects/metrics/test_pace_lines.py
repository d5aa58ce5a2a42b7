"""Pace of every part: the whole equals the metrics, parts sum, and what has no answer says why."""

from datetime import date
from decimal import Decimal

import pytest

from commitments.calculations.metric import Scope
from commitments.calculations.undefined import Reason, Undefined
from projects.calculations.schedule import Plan, earned_schedule
from projects.metrics import BY_KEY, evaluate, metric_on
from projects.metrics.baselines import s_curve
from projects.metrics.pace_lines import PaceLine, pace_lines
from projects.selectors.pace import RUNGS
from tests.builders import make_entry, make_project, make_register, merged, post, reading, record

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 22)
D = Decimal


@pytest.fixture
def paid(db):
    make_register()
    record(
        merged(
            make_project("prj-1", low="300000000.00", high="310000000.00", sector="energy"),
            make_project("prj-2", low="100000000.00", high="100000000.00", sector="energy"),
            make_project("prj-3", low=None, high="50000000.00", sector="metals", on="2026-03-01"),
            {
                "plan": [
                    {
                        "ref": "plan-prj-2",
                        "commitment": "test-us-2025",
                        "project": "prj-2",
                        "label": "Plan of prj-2",
                        "points": [
                            {"on": "2026-05-28", "amount_usd": "40000000.00"},
                            {"on": "2027-02-17", "amount_usd": "100000000.00"},
                        ],
                        "document": "doc-test",
                    }
                ]
            },
        )
    )
    post([make_entry("prj-1", "60000000.00", on=date(2026, 5, 1))])
    post([make_entry("prj-2", "40000000.00", on=date(2026, 10, 1))])
    post([make_entry("prj-2", "5000000.00", on=date(2026, 10, 9), kind="disbursement")])


def lines(rung: str = "funded", day: date = DAY) -> dict[tuple[str, str], PaceLine]:
    return {(line.part.dimension, line.part.key): line for line in pace_lines(reading(day), rung)}


@pytest.mark.parametrize("rung", RUNGS)
def test_every_index_of_every_part_is_what_its_metric_says(paid, rung):
    known = reading(DAY)
    for line in pace_lines(known, rung):
        named = {} if line.part.dimension == "programme" else {line.part.dimension: line.part.key}
        scope = Scope(**named)
        budget = evaluate(BY_KEY["budget_usd"], known, scope)
        assert budget.bounds == line.part.bounds
        for key, value in line.values.items():
            figure = evaluate(metric_on(key, rung), known, scope)
            told = figure.reason or figure.text or figure.bounds.value
            assert told == (value.isoformat() if isinstance(value, date) else value), (scope, key)


def test_a_state_or_two_dimensions_at_once_are_no_part(paid):
    for scope in (Scope(state="TX"), Scope(sector="energy", project="prj-1")):
        assert evaluate(BY_KEY["spi"], reading(DAY), scope).reason == Reason.SCOPE_NOT_DEFINED


def test_a_sector_is_held_against_the_sum_of_its_projects_plans(paid):
    """prj-1: 300 over 1,067 days. prj-2: 40 by day 100 and 100 by day 365, both from 17 February.

    On day 278 the sum plans 300 x 278/1067 + 40 + 60 x 178/265. The 100 that came
    lie between its points of day 100 and day 365.
    """
    found = lines()
    energy = found["sector", "energy"]
    assert energy.plan_label == "sum_of_projects"
    plans = {project: summed.label for project, summed in energy.sums.items()}
    assert plans == {"prj-1": "naive_linear", "prj-2": "Plan of prj-2"}
    million = D(1_000_000)
    by_day_100, by_day_365 = (
        300 * million * 100 / 1067 + 40 * million,
        300 * million * 365 / 1067 + 100 * million,
    )
    values = energy.values
    planned = 300 * million * 278 / 1067 + 40 * million + 60 * million * 178 / 265
    assert round(values["planned_usd"], 6) == round(planned, 6)
    earned = 100 + (100 * million - by_day_100) / (by_day_365 - by_day_100) * 265
    assert round(values["earned_schedule_days"], 6) == round(earned, 6)
    assert round(values["spi_t"], 6) == round(earned / 278, 6)
    straight = 400 * million * 278 / 1067 - 100 * million
    assert round(values["debt_linear_usd"], 6) == round(straight, 6)


def test_a_sector_of_one_project_has_the_indices_of_that_project(paid):
    found = lines()
    assert found["sector", "metals"].values == found["project", "prj-3"].values


def test_a_sectors_own_plan_goes_before_the_sum(paid):
    own = {"ref": "plan-energy", "commitment": "test-us-2025", "sector": "energy"}
    points = [{"on": "2029-01-19", "amount_usd": "400000000.00"}]
    rest = {"label": "Plan of energy", "points": points, "document": "doc-test"}
    record({"plan": [{**own, **rest}]})
    energy = lines()["sector", "energy"]
    assert (energy.plan_label, energy.sums) == ("Plan of energy", {})
    assert energy.values["planned_usd"] == D(400_000_000) * 444 / 1233


def test_what_of_a_sector_has_no_plan_is_in_no_plan(paid):
    """prj-4 names no sector, so it is in none; prj-5 has no amount and adds its cash alone."""
    before = lines()["sector", "energy"].values["planned_usd"]
    record(merged(make_project("prj-4", sector=None), make_project("prj-5", low=None, high=None)))
    post([make_entry(slug, "7.00", on=date(2026, 10, 1)) for slug in ("prj-4", "prj-5")])
    found = lines()
    energy, unnamed = found["sector", "energy"], found["sector", "not-stated"]
    assert (energy.done, energy.values["planned_usd"]) == (100_000_007, before)
    assert (unnamed.done, unnamed.part.budget) == (7, 1_000_000)
    assert unnamed.values == found["project", "prj-4"].values


def test_parts_sum_to_the_whole_before_any_index(paid):
    for rung, total in (("funded", 100), ("disbursed", 5), ("selected", 450), ("noticed", 0)):
        found = lines(rung)
        for dimension in ("sector", "project", "instrument"):
            parts = [line.done for (kind, _key), line in found.items() if kind == dimension]
            assert sum(parts) == found["programme", "test-us-2025"].done == total * 10**6


def test_a_project_is_held_against_its_own_plan_and_others_against_a_line(paid):
    """ES of prj-2: 40 of 40 by 28 May is day 100 of its plan from 17 February; AT is 278 days."""
    found = lines()
    own = found["project", "prj-2"]
    assert own.plan_label == "Plan of prj-2"
    assert own.values["tspi"] == D(265) / D(87)  # (365 - 100) / (365 - 278)
    assert own.values["tspi_deadline"] == D(265) / D(789)  # 789 days to 19 January 2029
    assert own.values["earned_schedule_days"] == 100
    assert own.values["schedule_variance_days"] == 100 - 278
    assert found["project", "prj-1"].plan_label == "naive_linear"
    assert lines("disbursed")["project", "prj-2"].plan_label == "naive_linear"


def test_pace_debt_is_the_money_and_the_business_days_behind(paid):
    """prj-1: 60 of 300 over 1,067 days from 17 Feb 2026; 60 was due on day 213, 18 September.

    From then to 22 November lie 45 weekdays, less 21-23 Sep, 12 Oct, 3 and 11 Nov.
    """
    found = lines()["project", "prj-1"].values
    assert round(found["debt_linear_usd"], 2) == round(D(300_000_000) * 278 / 1067 - 60_000_000, 2)
    assert found["debt_linear_business_days"] == 39


def test_what_has_no_answer_says_why(paid):
    values = lines()["project", "prj-3"].values
    assert values["trailing_30d_usd_per_month"] is Reason.NO_OBSERVATIONS
    assert values["ieac_date"] is Reason.ZERO_PROGRESS
    assert lines(day=date(2029, 1, 19))["project", "prj-3"].values["tspi"] is Reason.DEADLINE_PASSED


def test_a_finished_part_finished_on_the_day_it_did(paid):
    post([make_entry("prj-3", "50000000.00", on=date(2026, 9, 7))])
    values = lines()["project", "prj-3"].values
    assert values["ieac_date"] == date(2026, 9, 7)
    assert (values["tspi"], values["required_usd_per_month"]) == (0, 0)


def test_what_is_selected_of_a_part_is_not_measured_against_itself(paid):
    found = lines("selected")
    for part in (("project", "prj-1"), ("sector", "energy")):
        values = found[part].values
        assert found[part].plan_label == "none"
        assert {values[key] for key in ("spi", "tspi", "projected_date", "projected_usd")} == {
            Reason.OWN_TARGET
        }
        assert values["trailing_365d_usd_per_month"] > 0
    assert isinstance(found["programme", "test-us-2025"].values["spi"], D)


@pytest.mark.parametrize("part", [("project", "prj-2"), ("programme", "test-us-2025")])
def test_a_part_is_projected_by_its_bare_rate_like_the_whole_even_past_its_amount(paid, part):
    line = lines()[part]
    rate = line.values["trailing_365d_usd_per_month"]
    assert line.values["projected_usd"] == line.done + rate / D("30.4375") * 789
    assert (line.values["projected_usd"] > line.part.budget) is (line.part.dimension == "project")


def test_a_target_reached_was_reached_on_its_day(paid):
    post([make_entry("prj-3", "50000000.00", on=date(2026, 9, 7))])
    assert lines()["project", "prj-3"].values["projected_date"] == date(2026, 9, 7)


def test_selections_that_nobody_splits_by_instrument_stand_as_not_stated(paid):
    record(
        {
            "financing": [
                {
                    "ref": "fin-1",
                    "commitment": "test-us-2025",
                    "instrument": "loan",
                    "signed_on": "2026-05-01",
                    "projects": ["prj-1"],
                    "providers": ["inst-lender"],
                    "cover_status": "none",
                    "document": "doc-test",
                }
            ],
            "claim": [
                {
                    "ref": "clm-fin-1",
                    "commitment": "test-us-2025",
                    "subject": "financing:fin-1",
                    "aspect": "amount.signed",
                    "low": "200000000.00",
                    "high": "200000000.00",
                    "unit": "usd",
                    "who": "lender",
                    "side": "japan",
                    "rank": 1,
                    "stated_on": "2026-05-01",
                    "document": "doc-test",
                }
            ],
        }
    )
    found = lines("selected")
    loan = found["instrument", "loan"]
    assert (loan.part.budget, loan.part.basis) == (200_000_000, "signed")
    assert loan.known is None
    assert set(loan.values.values()) == {Reason.NOT_STATED}
    rest = found["instrument", "not-stated"]
    assert rest.done == found["programme", "test-us-2025"].done
    assert rest.values["spi"] is Reason.NOT_STATED


def test_without_a_deadline_there_is_no_pace(db):
    make_register()
    with pytest.raises(Undefined):
        pace_lines(reading(date(2025, 9, 1)), "funded")


def test_the_curve_starts_slowly_and_ends_with_the_budget():
    """F(a) = 1 - exp(-(a/53)^1.48): of 40.5 months half are 20.26: 0.2143 of 0.4891, so 0.438."""
    plan = s_curve(D(1000), D(1233))
    assert plan.points[0] == (0, 0)
    assert plan.points[-1] == (1233, 1000)
    assert round(plan.value_at(D(1233) / 2), 0) == 438
    assert isinstance(plan, Plan)
    assert earned_schedule(plan, D(1000)) == 1233


def test_queries_do_not_grow_with_the_projects(paid, django_assert_num_queries):
    with django_assert_num_queries(15):
        pace_lines(reading(DAY), "funded")
    record(make_project("prj-4", low="1.00", high="1.00"))
    with django_assert_num_queries(15):
        pace_lines(reading(DAY), "funded")
