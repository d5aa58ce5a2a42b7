"""Stored forecasts: what they start from, the same bytes for ever, and their scores."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.utils import timezone

from commitments.models import Commitment, Job, Revision
from commitments.services import jobs
from projects.calculations.pipeline import Outcome, Wait
from projects.metrics import progress
from projects.models import Forecast, ForecastScore, LedgerEntry
from projects.selectors.forecasts import approvals, forecast_at, named_candidates, waits
from projects.selectors.scores import reliability
from projects.services.entries import reversal_record
from projects.services.forecasts import (
    body_of,
    dominating_projects,
    ended,
    hash_of,
    inputs_of,
    is_prior,
    live_approvals,
    request_forecasts,
    results_of,
)
from projects.services.scores import request_scores
from tests.builders import (
    COMMITMENT,
    make_entry,
    make_project,
    make_register,
    make_score,
    merged,
    point,
    post,
    reading,
    record,
)

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 24)
MOVED = {
    "projectlink": [
        {
            "ref": "lnk-1",
            "project": "cnd-heir",
            "other": "prj-heir",
            "relation": "continued_as",
            "document": "doc-test",
        }
    ]
}


@pytest.fixture(autouse=True)
def _few_paths(monkeypatch):
    monkeypatch.setattr("projects.services.forecasts.PATHS", 500)


@pytest.fixture
def commitment(db) -> Commitment:
    made = make_register()
    record(
        merged(
            make_project("prj-1", low="33000000000.00", high="33300000000.00"),
            make_project("prj-2", low=None, high="5000000000.00", on="2026-03-20"),
            make_project("cnd-1", stage="candidate_listed", low=None, high="9000000000.00", on="2025-10-28"),
            make_project("cnd-2", stage="candidate_listed", low=None, high=None, on="2025-10-28"),
            make_project("cnd-heir", stage="candidate_listed", low=None, high="4000000000.00", on="2025-10-28"),
            make_project("prj-heir", stage="announced_second_batch", low=None, high="6000000000.00", on="2026-03-19"),
            MOVED,
        )
    )  # fmt: skip
    return made


def forecast(day=DAY) -> Forecast | None:
    for job in request_forecasts(as_of=day, now=timezone.now()):
        ended = jobs.run_job(job.key, clock=timezone.now)
        assert ended is None or ended.state == "done", ended.last_error
    return Forecast.objects.order_by("-pk").first()


def test_approvals_take_the_low_end_or_the_ceiling_where_that_is_all(commitment):
    post([make_entry("prj-1", "500.00", on=date(2026, 6, 3))])
    post([make_entry("prj-1", "200.00", on=date(2026, 6, 9))])
    found = [(a.project, str(a.amount), a.is_listed, a.funded) for a in approvals(reading(DAY))]
    assert [(p, a.split(".")[0], listed) for p, a, listed, _f in found] == [
        ("prj-1", "33000000000", False),
        ("prj-2", "5000000000", False),
    ]
    assert [(m, str(a)) for m, a in found[0][3]] == [("2026-06", "700.00")]


def test_candidates_are_the_open_ones_and_those_in_consultation(commitment):
    found = {one.project: (one.stage, one.low, one.high) for one in named_candidates(reading(DAY))}
    assert set(found) == {"cnd-1", "cnd-2", "prj-heir"}
    assert found["cnd-2"] == ("candidate", None, None)
    assert found["prj-heir"][0] == "in_consultation"


def test_waits_follow_a_candidate_into_the_project_that_continues_it(commitment):
    found = waits(reading(DAY))
    assert Wait("candidate", 142, Outcome.MOVED) in found  # 28 Oct 2025 to 19 Mar 2026
    assert found.count(Wait("candidate", 392, Outcome.WAITING)) == 2
    assert Wait("in_consultation", 250, Outcome.WAITING) in found


def test_a_wait_ends_failed_on_the_day_of_the_decision(commitment):
    record(
        {
            "stageevent": [
                {
                    "ref": "cnd-1-withdrawn",
                    "project": "cnd-1",
                    "kind": "withdrawn",
                    "occurred_on": "2025-12-28",
                    "document": "doc-test",
                }
            ]
        }
    )
    assert Wait("candidate", 61, Outcome.FAILED) in waits(reading(DAY))


def test_a_forecast_is_stored_once_for_a_month_and_revision(commitment):
    first = forecast()
    assert forecast() == first
    assert forecast(date(2026, 11, 28)) == first
    assert Job.objects.filter(kind="forecast").count() == 1
    assert first.is_prior
    assert Forecast.objects.count() == 1


def test_the_stored_bytes_come_again_from_the_inputs_they_hold(commitment):
    stored = forecast()
    assert body_of(json.loads(stored.body)["inputs"]) == stored.body
    assert body_of(inputs_of(reading(DAY))) == stored.body


def reproduced(asked: object) -> str:
    out = StringIO()
    call_command("reproduce_forecast", str(asked), stdout=out)
    return out.getvalue()


def test_a_published_forecast_is_reproduced_by_its_hash_or_from_what_the_api_answers(
    commitment, client, tmp_path
):
    stored = forecast()
    said = f"{stored.sha256}: the same bytes from the same inputs\n"
    assert reproduced(stored.sha256) == said
    answer = client.get(f"/api/v1/commitments/{commitment.slug}/forecast/", {"as_of": DAY})
    file = tmp_path / "forecast.json"
    file.write_bytes(answer.content)
    assert reproduced(file) == said
    told = answer.json()
    told["result"]["inputs"]["approvals"][0]["amount_usd"] = "33000000000.01"
    file.write_text(json.dumps(told))
    with pytest.raises(CommandError, match=f"published as {stored.sha256}, recomputed as "):
        reproduced(file)


@pytest.mark.parametrize(
    ("alter", "words"),
    [
        (
            lambda r: r["baselines"].update(run_rate=7),
            "result.results.baselines.run_rate is 7, recomputed as 0",
        ),
        (
            lambda r: r["variants"]["all"]["funded"]["mean"].__setitem__(1, True),
            "result.results.variants.all.funded.mean[1] is true, recomputed as 0",
        ),
        (
            lambda r: r["months"].append("2029-01-31"),
            'result.results.months is ["2026-12-31","2027-01-31",',
        ),
        (
            lambda r: r["variants"].pop("slow"),
            "result.results.variants.slow is there only as recomputed",
        ),
        (lambda r: r.update(note="x"), "result.results.note is there only as published"),
    ],
)
def test_results_that_do_not_follow_from_the_inputs_are_named(
    commitment, client, tmp_path, alter, words
):
    forecast()
    told = client.get(f"/api/v1/commitments/{commitment.slug}/forecast/", {"as_of": DAY}).json()
    alter(told["result"]["results"])
    file = tmp_path / "forecast.json"
    file.write_text(json.dumps(told))
    with pytest.raises(CommandError) as refused:
        reproduced(file)
    assert words in str(refused.value)
    assert "published as" not in str(refused.value)


@pytest.mark.parametrize(
    ("altered", "words"),
    [
        ({"seed": "7"}, 'result.seed is "7", recomputed as "'),
        ({"is_prior": False}, "result.is_prior is false, recomputed as true"),
        ({"as_of": "2026-11-23"}, 'result.as_of is "2026-11-23", recomputed as "2026-11-24"'),
        ({"revision": 99}, "result.revision is 99, recomputed as "),
        ({"odds": {}}, "result.odds.funded is there only as recomputed"),
    ],
)
def test_what_is_told_beside_the_results_is_compared_too(
    commitment, client, tmp_path, altered, words
):
    forecast()
    told = client.get(f"/api/v1/commitments/{commitment.slug}/forecast/", {"as_of": DAY}).json()
    file = tmp_path / "forecast.json"
    file.write_text(json.dumps({**told, "result": {**told["result"], **altered}}))
    with pytest.raises(CommandError) as refused:
        reproduced(file)
    assert words in str(refused.value)


def test_results_of_a_stored_forecast_are_compared_too(commitment):
    body = json.loads(body_of(inputs_of(reading(DAY))))
    altered = {**body, "results": {**body["results"], "paid_usd": 1}}
    stored = Forecast.objects.create(
        commitment=commitment,
        as_of=DAY,
        revision_id=1,
        model_version=body["inputs"]["model"],
        is_prior=True,
        seed=body["results"]["seed"],
        body=json.dumps(altered, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        sha256=hash_of(body_of(body["inputs"])),
    )
    with pytest.raises(CommandError, match=r"result\.results\.paid_usd is 1, recomputed as 0"):
        reproduced(stored.sha256)


def test_without_results_only_inputs_and_hash_are_said_to_be_checked(commitment, tmp_path):
    stored = forecast()
    inputs = json.loads(stored.body)["inputs"]
    given = {"sha256": stored.sha256, "model_version": stored.model_version, "inputs": inputs}
    file = tmp_path / "forecast.json"
    file.write_text(json.dumps({"result": given}))
    said = f"{stored.sha256}: the same hash from the same inputs; no results are given to compare\n"
    assert reproduced(file) == said


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[]", "result: an object with a stored forecast was expected"),
        ('{"result": null}', "result: an object"),
        ('{"result": {"sha256": "0", "inputs": {}}}', "result.model_version is missing"),
        (
            '{"result": {"sha256": "0", "inputs": {}, "model_version": "other-1"}}',
            "drawn by the model other-1; this is analogue-4",
        ),
        (
            '{"result": {"sha256": "0", "inputs": {}, "model_version": "analogue-4"}}',
            "result.inputs: no inputs of a forecast",
        ),
    ],
)
def test_what_holds_no_published_forecast_is_refused_with_a_reason(db, tmp_path, text, message):
    file = tmp_path / "forecast.json"
    file.write_text(text)
    with pytest.raises(CommandError) as refused:
        reproduced(file)
    assert message in str(refused.value)
    with pytest.raises(CommandError, match="no stored forecast, and no file that can be read"):
        reproduced("0" * 64)


def test_a_posting_makes_a_new_forecast_and_leaves_the_old_one(commitment):
    old = forecast()
    post([make_entry("prj-1", "3000000000.00", on=date(2026, 10, 1))])
    new = forecast()
    assert new != old
    results = json.loads(new.body)["results"]
    assert results["paid_usd"] == 3_000_000_000
    assert Forecast.objects.get(pk=old.pk).body == old.body
    assert forecast_at(commitment, point(DAY, revision=old.revision_id)) == old
    assert forecast_at(commitment, point(DAY)) == new
    assert forecast_at(commitment, point(date(2026, 11, 23))) is None


def test_a_stored_forecast_cannot_be_changed(commitment):
    forecast()
    with pytest.raises(DatabaseError), transaction.atomic():
        Forecast.objects.update(is_prior=False)


def test_fans_are_ordered_and_the_window_keeps_money_still(commitment):
    results = json.loads(forecast().body)["results"]
    fan = results["variants"]["all"]["funded"]
    levels = np.array(
        [fan[level] for level in ("0.05", "0.1", "0.25", "0.5", "0.75", "0.9", "0.95")]
    )
    assert (np.diff(levels, axis=0) >= 0).all()
    assert levels[:, :2].max() == 0
    assert results["months"][0] == "2026-12-31"
    assert results["months"][-1] == "2029-01-19"
    assert set(results["variants"]) == {"all", "fast", "slow", "without"}
    assert results["dominating"] == "prj-1"
    assert (
        results["variants"]["fast"]["funded"]["mean"][-1]
        > results["variants"]["slow"]["funded"]["mean"][-1]
    )
    assert (
        results["variants"]["without"]["existing_usd"] < results["variants"]["all"]["existing_usd"]
    )


def test_without_the_project_that_dominates_is_the_what_if_that_declines_it(commitment):
    post([make_entry("prj-1", "500000000.00", on=date(2026, 6, 3))])
    inputs = inputs_of(reading(DAY))
    without = results_of(inputs)["variants"]["without"]
    assert without == results_of(ended(inputs, "prj-1"), ["all"])["variants"]["all"]
    assert without["paid_usd"] == 500_000_000


def test_of_two_projects_that_dominate_the_larger_is_left_out():
    def given(*amounts: str) -> dict:
        return {
            "approvals": [
                {"project": f"prj-{n}", "amount_usd": amount} for n, amount in enumerate(amounts)
            ]
        }

    assert dominating_projects(given("41.00", "18.00", "41.50")) == ["prj-2", "prj-0"]
    assert dominating_projects(given("50.00", "50.00")) == ["prj-0", "prj-1"]
    assert dominating_projects(given("40.00", "40.00", "20.00")) == []
    assert dominating_projects(given()) == []


def test_a_forecast_that_two_projects_dominate_is_drawn_without_the_larger(db):
    make_register()
    record(
        merged(
            make_project("prj-a", low="2000000000.00", high="2000000000.00"),
            make_project("prj-b", low="3000000000.00", high="3000000000.00"),
        )
    )
    body = json.loads(forecast().body)
    assert body["results"]["dominating"] == "prj-b"
    variants = body["results"]["variants"]
    assert (
        variants["without"]
        == results_of(ended(body["inputs"], "prj-b"), ["all"])["variants"]["all"]
    )
    assert variants["without"]["selected"]["0.05"][0] == 2_000_000_000


def test_a_selected_project_that_was_cancelled_keeps_what_it_was_paid(commitment):
    post([make_entry("prj-2", "700000000.00", on=date(2026, 6, 3))])
    before = inputs_of(reading(DAY))
    record(
        {
            "stageevent": [
                {
                    "ref": "prj-2-cancelled",
                    "project": "prj-2",
                    "kind": "cancelled",
                    "occurred_on": "2026-11-20",
                    "document": "doc-test",
                }
            ]
        }
    )
    after = inputs_of(reading(DAY))
    assert after["approvals"] == ended(before, "prj-2")["approvals"]
    assert [one["is_ended"] for one in after["approvals"]] == [False, True]
    results = results_of(after, ["all"])
    assert results["paid_usd"] == results["variants"]["all"]["paid_usd"] == 700_000_000
    assert results["baselines"]["run_rate"] == 700_000_000
    on_record = Decimal(progress(reading(DAY))["selected_usd"]["low"])
    assert on_record == sum(Decimal(one["amount_usd"]) for one in live_approvals(after))
    assert results["variants"]["all"]["selected"]["0.05"][0] == on_record


def test_there_is_nothing_to_forecast_without_a_deadline_ahead_or_a_project(commitment):
    assert inputs_of(reading(date(2029, 1, 19))) is None
    assert inputs_of(reading(date(2025, 9, 3))) is None
    assert inputs_of(reading(date(2028, 12, 31))) is not None


def test_before_the_first_approval_the_forecast_is_the_prior(db):
    headline = {
        "ref": "term-headline",
        "commitment": COMMITMENT,
        "key": "headline_rung",
        "name": "headline",
        "value": {"rung": "funded"},
        "effective_on": "2025-09-04",
        "document": "doc-test",
    }
    make_register()
    assert forecast() is None, "nobody follows its projects"
    record({"term": [headline]})
    stored = forecast()
    body = json.loads(stored.body)
    assert stored.is_prior
    assert (body["inputs"]["approvals"], body["inputs"]["candidates"]) == ([], [])
    drawn = body["results"]["variants"]["all"]
    assert (drawn["paid_usd"], drawn["existing_usd"]) == (0, 0)
    assert drawn["future_usd"] > 0
    assert body["results"]["dominating"] is None
    assert set(body["results"]["baselines"].values()) == {0}


def test_a_forecast_is_a_prior_until_half_a_year_of_payments_is_on_record(commitment):
    post([make_entry("prj-1", "1.00", on=date(2026, 5, 25))])
    assert not is_prior(inputs_of(reading(date(2026, 11, 24))))
    assert is_prior(inputs_of(reading(date(2026, 11, 23))))
    entry = LedgerEntry.objects.get()
    record({"ledgerentry": [reversal_record(entry, entry.document)]})
    assert is_prior(inputs_of(reading(date(2026, 11, 24))))


def test_results_follow_only_the_variants_asked_for(commitment):
    assert set(results_of(inputs_of(reading(DAY)), ["slow"])["variants"]) == {"slow"}


def score(day: date) -> None:
    for job in request_scores(as_of=day, now=timezone.now()):
        ended = jobs.run_job(job.key, clock=timezone.now)
        assert ended is None or ended.state == "done", ended.last_error


def test_a_forecast_is_scored_once_when_its_months_have_come(commitment):
    stored = forecast(date(2026, 6, 24))
    score(date(2026, 7, 31))
    assert ForecastScore.objects.count() == 0
    score(date(2026, 8, 1))
    score(date(2026, 8, 2))
    found = ForecastScore.objects.values_list("months_ahead", "due_on", "outcome_usd", "in_90")
    assert [(a, d, str(o), i) for a, d, o, i in found] == [(1, date(2026, 7, 31), "0.00", True)]
    post([make_entry("prj-1", "2000000000.00", on=date(2026, 9, 10))])
    score(date(2026, 10, 1))
    later = ForecastScore.objects.get(forecast=stored, months_ahead=3)
    assert (later.due_on, str(later.outcome_usd)) == (date(2026, 9, 30), "2000000000.00")
    assert 0 < later.crps_share < 0.01
    assert later.pit > 0.5
    assert later.run_rate_share == pytest.approx(2e9 / 550e9)  # nothing was paid before


def test_a_scored_month_has_the_brier_score_of_being_on_the_needed_path(commitment):
    """Of 550bn, due 933 days after 30 June 2026, the 92nd day needs 54.2bn."""
    stored = forecast(date(2026, 6, 30))
    score(date(2026, 10, 1))
    found = ForecastScore.objects.get(forecast=stored, months_ahead=3)
    assert found.needed_usd == round(Decimal(550_000_000_000) * 92 / 934, 2)
    quantiles = json.loads(stored.body)["results"]["variants"]["all"]["scored"]["3"]
    assert max(quantiles.values()) < found.needed_usd
    assert found.odds == 1 / len(quantiles), "none of the quantiles, and odds are never 0"
    assert (found.is_reached, found.brier) == (False, found.odds**2)


def test_at_the_deadline_the_published_odds_of_the_target_are_scored(commitment):
    stored = forecast(date(2028, 12, 20))
    body = json.loads(stored.body)
    assert body["results"]["months"] == ["2029-01-19"]
    post([make_entry("prj-1", "550000000000.00", on=date(2026, 10, 1))])
    score(date(2029, 1, 20))
    found = ForecastScore.objects.get(forecast=stored)
    assert str(found.needed_usd) == "550000000000.00"
    reached = body["results"]["variants"]["all"]["reached"]["funded"]
    assert (reached, found.odds) == (0, 1 / 500)
    assert (found.is_reached, found.brier) == (True, (1 - 1 / 500) ** 2)


def test_of_two_forecasts_of_one_day_the_last_known_counts(commitment):
    first = forecast()
    make_score(first, 1, in_80=False, pit=0.99)
    one = reliability(commitment, point(date(2026, 12, 31)))
    assert (one.origins, one.months, one.in_80, one.pit_histogram[9]) == (1, 1, 0, 1)
    known = Revision.objects.latest("number").number
    post([make_entry("prj-1", "1000000000.00", on=date(2026, 10, 1))])
    second = forecast()
    assert (first.as_of, first.pk) != (second.as_of, second.pk)
    for n in (1, 3):
        make_score(second, n)
    both = reliability(commitment, point(date(2026, 12, 31)))
    assert (both.origins, both.months, both.in_80, both.pit_histogram[9]) == (1, 2, 2, 0)
    assert reliability(commitment, point(date(2026, 12, 31), revision=known)) == one
    assert reliability(commitment, point(date(2026, 10, 31))).months == 0


def test_eight_days_of_forecasts_have_a_verdict_and_a_perfect_run_rate_leaves_no_skill(commitment):
    stored = forecast()
    for n in range(1, 9):
        stored.pk, stored.as_of = None, date(2026, 1, n)
        stored.save()
        assert reliability(commitment, point(date(2026, 12, 31))).verdict is None
        hit = n <= 2
        make_score(stored, 1, is_reached=hit, brier=0.04 if hit else 0.64, run_rate_share=0.0)
    held = reliability(commitment, point(date(2026, 12, 31))).verdict
    assert held.brier == pytest.approx((2 * 0.04 + 6 * 0.64) / 8)
    assert held.base_rate_brier == pytest.approx(0.25 * 0.75)
    assert held.skill is None


def test_every_day_asks_for_the_forecast_of_its_month_and_the_scores(commitment):
    for day in (22, 23):
        jobs.ask_daily(now=datetime(2026, 11, day, 12, tzinfo=UTC))
    keys = set(Job.objects.values_list("key", flat=True))
    slug, revision = commitment.slug, 2
    assert f"forecast:{slug}:2026-11:{revision}:analogue-4" in keys
    assert {"score_forecasts:2026-11-22", "score_forecasts:2026-11-23"} <= keys


def test_reconcile_says_which_forecast_differs(commitment):
    forecast()
    call_command("reconcile")
    Forecast.objects.create(
        commitment=commitment,
        as_of=DAY,
        revision_id=1,
        model_version="analogue-4",
        is_prior=True,
        seed="1",
        body='{"inputs":' + json.dumps(inputs_of(reading(DAY)) | {"slip_months": 3}) + "}",
        sha256="0" * 64,
    )
    with pytest.raises(CommandError, match=r"forecast of Test for 2026-11-24 at r1"):
        call_command("reconcile")
