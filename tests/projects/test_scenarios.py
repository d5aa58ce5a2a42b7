"""What-ifs: checked, saved once under one address, drawn by a job, never in the record."""

import json
from datetime import date

import pytest
from django.utils import timezone

from commitments.models import Commitment, Job, Revision
from commitments.services import jobs
from projects.models import Forecast, Scenario
from projects.services.forecasts import ended, request_forecasts, results_of
from projects.services.scenarios import (
    Changes,
    ScenarioRefused,
    changed_inputs,
    checked,
    job_key,
    open_projects,
    save_scenario,
)
from tests.builders import make_project, make_register, merged, record

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 24)


@pytest.fixture
def forecast(db, monkeypatch) -> Forecast:
    monkeypatch.setattr("projects.services.forecasts.PATHS", 300)
    make_register()
    record(
        merged(
            make_project("prj-1", low="33000000000.00", high="33300000000.00"),
            make_project("prj-2", low="4000000000.00", high="4000000000.00", on="2026-03-20"),
            make_project("cnd-1", stage="candidate_listed", low=None, high="9000000000.00"),
        )
    )
    for job in request_forecasts(as_of=DAY, now=timezone.now()):
        jobs.run_job(job.key, clock=timezone.now)
    return Forecast.objects.get()


def inputs(forecast: Forecast) -> dict:
    return json.loads(forecast.body)["inputs"]


def drawn(forecast: Forecast, **told: str) -> Scenario:
    changes = checked(told, inputs(forecast))
    scenario = save_scenario(forecast, "a name", changes, now=timezone.now())
    ended = jobs.run_job(job_key(scenario), clock=timezone.now)
    assert ended is None or ended.state == "done", ended.last_error
    scenario.refresh_from_db()
    return scenario


def last(scenario: Scenario, level: str = "mean") -> int:
    return scenario.results[scenario.changes["rung"]][level][-1]


def test_without_changes_a_scenario_is_the_forecast(forecast):
    same = drawn(forecast)
    variant = json.loads(forecast.body)["results"]["variants"]["all"]
    assert {name: same.results[name] for name in variant} == variant


def test_the_project_that_dominates_what_a_scenario_starts_from_is_kept_with_it(forecast):
    assert drawn(forecast).results["dominating"] == "prj-1"
    assert drawn(forecast, declined="prj-1").results["dominating"] == "prj-2"


def test_each_change_moves_the_draws_its_way(forecast):
    base = last(drawn(forecast))
    assert last(drawn(forecast, slip_months="6")) < base
    assert last(drawn(forecast, declined="prj-1")) < base
    assert last(drawn(forecast, donors="fast")) > base
    assert last(drawn(forecast, pace_times="2")) > base
    assert last(drawn(forecast, deadline="2031-12-31")) > base
    assert last(drawn(forecast, rung="selected")) > base


def test_what_was_paid_of_a_declined_project_stays_paid(forecast):
    paid = inputs(forecast)
    paid["approvals"][0]["funded"] = [["2026-09", "700000000.00"], ["2026-10", "50000000.00"]]
    declined = changed_inputs(paid, Changes(declined=paid["approvals"][0]["project"]))
    results = results_of(declined, ["all"])
    least = results["variants"]["all"]
    assert results["paid_usd"] == least["paid_usd"] == 750_000_000
    assert min(least["funded"]["0.05"]) >= 750_000_000
    assert least["selected"]["0.05"][0] == 4_000_000_000  # of the other approval alone


def test_an_approval_that_is_declined_still_counts_in_the_pace_and_sizes_to_come(forecast):
    base, declined = (
        drawn(forecast, rung="selected", declined=name).results["selected"]
        for name in ("", "prj-2")
    )
    for level in ("0.05", "0.5"):  # of paths that no target cuts
        assert base[level][-1] - declined[level][-1] == 4_000_000_000


def test_declining_a_candidate_takes_nothing_but_its_own(forecast):
    base, declined = (
        drawn(forecast, rung="selected", declined=name).results for name in ("", "cnd-1")
    )
    for rung in ("selected", "funded"):
        for level, row in base[rung].items():
            assert all(less <= one for less, one in zip(declined[rung][level], row, strict=True))
    assert declined["selected"]["mean"][-1] < base["selected"]["mean"][-1]
    assert declined["existing_usd"] == base["existing_usd"]


def test_what_has_ended_cannot_be_declined_again(forecast):
    gone = ended(inputs(forecast), "prj-2")
    assert open_projects(gone) == ["prj-1", "cnd-1"]
    assert open_projects(ended(gone, "cnd-1")) == ["prj-1"]
    with pytest.raises(ScenarioRefused, match="declined"):
        checked({"declined": "prj-2"}, gone)


def test_the_same_changes_are_one_scenario_and_one_job(forecast):
    first, again = drawn(forecast, pace_times="1.50"), drawn(forecast, pace_times="1.5")
    assert first == again
    assert Scenario.objects.count() == Job.objects.filter(kind="scenario").count() == 1


def test_a_scenario_posts_nothing(forecast):
    revisions = Revision.objects.count()
    drawn(forecast, declined="prj-1")
    assert (Revision.objects.count(), Forecast.objects.count()) == (revisions, 1)
    assert Commitment.objects.get().projects.count() == 3


def test_changes_are_made_to_a_copy_of_the_inputs(forecast):
    before = inputs(forecast)
    changed = changed_inputs(before, Changes(declined="cnd-1", slip_months=3))
    assert before == inputs(forecast)
    assert [(one["project"], one["is_ended"]) for one in changed["candidates"]] == [("cnd-1", True)]
    assert changed["slip_months"] == 3


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"pace_times": "0.1"}, "pace_times"),
        ({"pace_times": "1e3"}, "pace_times"),
        ({"pace_times": "NaN"}, "pace_times"),
        ({"pace_times": "²"}, "pace_times"),
        ({"slip_months": "25"}, "slip_months"),
        ({"slip_months": "-1"}, "slip_months"),
        ({"slip_months": "1.5"}, "slip_months"),
        ({"declined": "prj-9"}, "declined"),
        ({"donors": "without"}, "donors"),
        ({"rung": "disbursed"}, "rung"),
        ({"deadline": "2026-12-01"}, "deadline"),
        ({"deadline": "9999-12-31"}, "deadline"),
        ({"deadline": "2029-02-30"}, "deadline"),
    ],
)
def test_a_change_out_of_bounds_is_refused_by_field(forecast, told, field):
    with pytest.raises(ScenarioRefused) as refused:
        checked(told, inputs(forecast))
    assert refused.value.field == field


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "\x00"])
def test_a_name_is_needed_and_not_too_long(forecast, name):
    with pytest.raises(ScenarioRefused, match="name"):
        save_scenario(forecast, name, Changes(), now=timezone.now())
    assert Scenario.objects.count() == 0
