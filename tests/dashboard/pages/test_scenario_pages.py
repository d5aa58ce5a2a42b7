"""What if? The form, the list, and scenarios side by side."""

import csv
import io
import json
from datetime import date

import pytest
from django.core.cache import cache
from django.utils import timezone
from openpyxl import load_workbook

from commitments.models import Commitment, Job
from commitments.services import jobs
from projects.models import Scenario
from projects.services.forecasts import request_forecasts
from projects.services.scenarios import job_key
from tests.dashboard.pages.reading import read

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 25)
LIST = f"/scenarios/?as_of={DAY}"
GIVEN = {"name": "Slow start <b>", "slip_months": "6", "declined": "prj-oh-portsmouth-gas"}


@pytest.fixture
def forecast(register, monkeypatch):
    monkeypatch.setattr("projects.services.forecasts.PATHS", 300)
    cache.clear()
    commitment = Commitment.objects.get(slug="japan-us-2025")
    [job] = request_forecasts(as_of=DAY, now=timezone.now(), commitments=[commitment])
    jobs.run_job(job.key, clock=timezone.now)


def save(client, **given: str) -> Scenario:
    answer = client.post(LIST, {**GIVEN, **given})
    assert answer.status_code == 302, answer.content
    return Scenario.objects.latest("pk")


def test_a_saved_scenario_waits_for_its_job_and_then_stands_beside_the_forecast(client, forecast):
    saved = save(client)
    address = f"/scenarios/{saved.key}/?as_of={DAY}"
    waiting = read(client, address).words
    assert "“Slow start <b>” is being drawn" in waiting
    assert client.get(address)["Refresh"] == "5"
    jobs.run_job(job_key(saved), clock=timezone.now)
    page = read(client, address)
    assert "<b>" not in page.html.split("<h1>")[1].split("</h1>")[0]
    assert "Forecast of 25 Nov 2026 funded as drawn 19 Jan 2029" in page.words
    assert "payments 6 months later; nothing more of Portsmouth" in page.words
    assert "being drawn" not in page.words
    assert "Refresh" not in client.get(address)
    assert "in 100" in page.words
    assert page.html.count('role="img"') == 2


def test_odds_of_a_prior_stand_under_its_label_with_what_it_rests_on(client, forecast):
    saved = save(client)
    jobs.run_job(job_key(saved), clock=timezone.now)
    rests = "A prior: what follows from assumptions, not from payments. No payment is on record"
    for address in (LIST, f"/scenarios/{saved.key}/?as_of={DAY}"):
        page = read(client, address)
        assert rests in page.words
        assert "in 100" in page.words
        assert page.words.count("in 100") == page.words.count("Prior: under 1 in 100")
    assert "Prior: Slow start <b>: funded" in page.words
    assert "Prior: Draws of what is funded against the path to $550bn" in page.words
    japanese = read(client, f"/ja/scenarios/{saved.key}/?as_of={DAY}").words
    assert "事前の見込み：100に1未満" in japanese


def test_each_scenario_stands_beside_the_forecast_on_its_own_rung(client, forecast):
    keys = []
    for rung in ("funded", "selected"):
        saved = save(client, rung=rung, name=f"On {rung}")
        jobs.run_job(job_key(saved), clock=timezone.now)
        keys.append(saved.key)
    page = read(client, f"/scenarios/{keys[0]},{keys[1]}/?as_of={DAY}")
    for rung in ("funded", "selected"):
        assert f"Forecast of 25 Nov 2026 {rung} as drawn" in page.words
        assert f"Forecast of 25 Nov 2026: {rung}" in page.words
        assert f"On {rung}: {rung}" in page.words
    assert page.html.count('role="img"') == 4


def test_a_scenario_of_another_rung_alone_compares_the_two(client, forecast):
    saved = save(client, rung="selected", slip_months="0", declined="")
    jobs.run_job(job_key(saved), clock=timezone.now)
    words = read(client, f"/scenarios/{saved.key}/?as_of={DAY}").words
    stored = json.loads(saved.forecast.body)["results"]["variants"]["all"]
    assert stored["funded"]["0.5"][-1] != stored["selected"]["0.5"][-1]
    assert "Forecast of 25 Nov 2026 funded as drawn" in words
    assert "Forecast of 25 Nov 2026 selected as drawn" in words


def test_what_is_left_of_a_declined_project_is_said_where_one_is_declined(client, forecast):
    rule = "What it was paid stays paid but is no longer selected, and its approval, once made, still counts"
    assert rule in read(client, LIST).words
    assert rule in read(client, f"/scenarios/{save(client).key}/").words
    assert rule not in read(client, f"/scenarios/{save(client, declined='').key}/").words


def test_a_scenario_that_one_project_dominates_is_said_on_its_page_and_by_the_api(client, forecast):
    """Without Portsmouth (33bn) Texas GulfLink holds 78 % of the rest."""
    saved = save(client)
    api = "/api/v1/scenarios/"
    assert client.get(f"{api}{saved.key}/").json()["result"]["dominating"] is None
    jobs.run_job(job_key(saved), clock=timezone.now)
    words = read(client, f"/scenarios/{saved.key}/?as_of={DAY}").words
    over = "one project holds more than 40% of what is selected,"
    assert f"“Forecast of 25 Nov 2026”: {over} Portsmouth" in words
    assert f"“Slow start <b>”: {over} Texas GulfLink" in words
    assert client.get(f"{api}{saved.key}/").json()["result"]["dominating"].startswith("prj-")


def test_the_form_says_why_two_rungs_are_offered(client, forecast):
    assert "Only these two rungs are drawn: donors tell when" in read(client, LIST).words


def test_one_that_could_not_be_drawn_says_so_and_is_not_loaded_again(client, forecast):
    saved = save(client)
    Job.objects.filter(key=job_key(saved)).update(state=Job.State.DEAD)
    answer = client.get(f"/scenarios/{saved.key}/?as_of={DAY}")
    assert "could not be drawn" in answer.content.decode()
    assert "Refresh" not in answer


def test_the_fans_of_an_address_are_files_too(client, forecast):
    keys = []
    for months in ("1", "2"):
        saved = save(client, slip_months=months)
        jobs.run_job(job_key(saved), clock=timezone.now)
        keys.append(saved.key)
    page = read(client, f"/scenarios/{','.join(keys)}/?as_of={DAY}")
    file = next(link for link in page.links if "fan.csv" in link)
    rows = list(csv.DictReader(io.StringIO(client.get(file).content.decode("utf-8-sig"))))
    assert [key for key in keys if any(row["scenario"] == key for row in rows)] == keys
    last = next(
        row for row in reversed(rows) if (row["scenario"], row["rung"]) == (keys[1], "funded")
    )
    fan = saved.__class__.objects.get(key=keys[1]).results["funded"]
    assert (last["month_end"], last["usd_0.5"]) == ("2029-01-19", str(fan["0.5"][-1]))
    assert (last["_label"], last["_illustrative"]) == ("scenario of a prior", "false")
    book = client.get(next(link for link in page.links if "fan.xlsx" in link))
    assert load_workbook(io.BytesIO(book.content)).active.max_row == len(rows) + 1
    assert client.get("/scenarios/00ff/fan.csv").status_code == 404


def test_the_list_shows_what_differs(client, forecast):
    save(client, pace_times="2", donors="slow", rung="selected", deadline="2030-06-30")
    words = read(client, LIST).words
    assert "approvals 2 times as fast; payments 6 months later; nothing more of Portsmouth" in words
    assert (
        "Slow donors: the others; deadline 30 Jun 2030; rung: selected selected being drawn"
        in words
    )


def test_up_to_four_stand_side_by_side_under_one_address(client, forecast):
    keys = []
    for months in range(1, 6):
        saved = save(client, slip_months=str(months))
        jobs.run_job(job_key(saved), clock=timezone.now)
        keys.append(saved.key)
    page = read(client, f"/scenarios/{','.join(keys[:4])}/?as_of={DAY}")
    assert page.html.count('role="img"') == 5
    assert client.get(f"/scenarios/{','.join(keys)}/").status_code == 404
    assert client.get(f"/scenarios/{keys[0]},nothing/").status_code == 404


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": ""}, "Name: A name of up to 80 characters is needed."),
        ({"pace_times": "9"}, "Approvals, times as fast: A number from 0.25 to 4 is needed."),
        ({"slip_months": "x"}, "Payments later by months: A whole number of months from 0 to 24"),
        (
            {"declined": "nobody"},
            "Declined or cancelled project: No such project is in the forecast.",
        ),
        ({"deadline": "2020-01-01"}, "Deadline: A day from 2027-01-26 to"),
        ({"donors": "best"}, "Donors: must be one of: all, fast, slow"),
    ],
)
def test_what_cannot_be_drawn_is_named_and_nothing_is_saved(client, forecast, given, words):
    answer = client.post(LIST, {**GIVEN, **given})
    assert answer.status_code == 422
    assert f"{words}" in answer.content.decode()
    assert Scenario.objects.count() == 0


def test_a_name_with_a_nul_is_refused_and_nothing_is_saved(client, forecast):
    answer = client.post(LIST, {**GIVEN, "name": "What\x00 if"})
    assert answer.status_code == 400
    assert "holds characters that cannot be used" in answer.content.decode()
    assert Scenario.objects.count() == 0


def test_many_from_one_address_are_refused(client, forecast, monkeypatch):
    monkeypatch.setattr("dashboard.throttles.Scenarios.rate", "1/hour")
    save(client)
    answer = client.post(LIST, {**GIVEN, "slip_months": "7"})
    assert answer.status_code == 429
    assert "Many were saved from your address." in answer.content.decode()
    assert Scenario.objects.count() == 1


def test_without_a_forecast_there_is_nothing_to_change(client, register):
    assert "No forecast was kept for that day" in read(client, LIST).words
    assert "No forecast is stored for this point." in read(client, "/scenarios/").words
    assert client.post(LIST, GIVEN).status_code == 200
    assert Scenario.objects.count() == 0


def test_the_api_lists_scenarios_with_their_results(client, forecast):
    saved = save(client)
    jobs.run_job(job_key(saved), clock=timezone.now)
    [row] = client.get(f"/api/v1/scenarios/?as_of={DAY}").json()["results"]
    assert row["key"] == saved.key
    assert row["changes"]["slip_months"] == 6
    assert row["is_prior"] is True
    assert row["odds"]["funded"] == {"low": None, "high": "0.003333", "words": "under 1 in 100"}
    assert row["results"] == json.loads(json.dumps(Scenario.objects.get().results))


def test_what_was_public_by_a_day_lists_no_scenario_and_says_why(client, register):
    page = read(client, "/scenarios/?published_by=2026-06-01")
    assert "kept by the day they were saved, not by what was public" in page.words
    assert "No scenario is saved" not in page.words
