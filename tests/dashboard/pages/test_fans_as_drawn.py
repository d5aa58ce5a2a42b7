"""A fan is frozen with all that stands in it: the record, the needed path and the plan of its day."""

from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from commitments.models import Revision
from commitments.services import jobs
from projects.models import Forecast, Project, Scenario
from projects.services.forecasts import request_forecasts
from projects.services.scenarios import Changes, job_key, save_scenario
from tests.builders import COMMITMENT, make_entry, make_project, make_register, merged, post, record

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 24)


def plan(ref: str, day: str, first: str) -> dict:
    return {
        "plan": [
            {
                "ref": ref,
                "commitment": COMMITMENT,
                "label": ref,
                "points": [
                    {"on": "2027-12-31", "amount_usd": first},
                    {"on": "2029-01-19", "amount_usd": "550000000000.00"},
                ],
                "effective_on": day,
                "document": "doc-test",
            }
        ]
    }


@pytest.fixture
def stored(db, monkeypatch) -> Forecast:
    monkeypatch.setattr("projects.services.forecasts.PATHS", 300)
    cache.clear()
    make_register()
    record(
        merged(
            make_project("prj-1", low="33000000000.00", high="33300000000.00"),
            make_project("prj-2", low="4000000000.00", high="4000000000.00", on="2026-03-20"),
            plan("First plan", "2026-01-10", "100000000000.00"),
        )
    )
    post([make_entry("prj-1", "2000000000.00", on=date(2026, 4, 1))])
    post([make_entry("prj-1", "5000000000.00", on=date(2026, 9, 1))])
    for job in request_forecasts(as_of=DAY, now=timezone.now()):
        jobs.run_job(job.key, clock=timezone.now)
    return Forecast.objects.get()


@pytest.fixture
def what_if(stored) -> Scenario:
    scenario = save_scenario(stored, "Later", Changes(slip_months=3), now=timezone.now())
    jobs.run_job(job_key(scenario), clock=timezone.now)
    scenario.refresh_from_db()
    return scenario


def posted_later() -> None:
    """A payment of an earlier day, a new plan, and one more selection, after the forecast."""
    post([make_entry("prj-2", "1000000000.00", on=date(2026, 5, 5))])
    record(plan("Second plan", "2026-02-01", "300000000000.00"))
    record(make_project("prj-3", low="9000000000.00", high="9000000000.00", on="2026-04-02"))


def bodies(client, address: str, query: str = "") -> list[bytes]:
    return [
        client.get(f"{language}{address}.{suffix}{query}").content
        for language in ("", "/ja")
        for suffix in ("svg", "csv")
    ]


@pytest.mark.parametrize("of", ["what-if", "forecast beside it"])
def test_a_what_if_stands_as_drawn_whatever_day_is_asked_for(client, stored, what_if, of):
    name = f"fan-{what_if.key}" if of == "what-if" else f"fan-{stored.pk}-funded"
    address = f"/scenarios/{what_if.key}/chart/{name}"
    before = bodies(client, address)
    svg, table = before[0].decode(), before[1].decode("utf-8-sig")
    assert ">24 Nov 2026</text>" in svg
    assert ">$7.0bn</text>" in svg
    assert "as of 24 November 2026" in svg
    assert f"revision r{stored.revision_id}" in svg
    assert f"2026-11-24,r{stored.revision_id},,{COMMITMENT}" in table
    assert ",100.0," in next(row for row in table.splitlines() if row.startswith("31 Dec 2027"))
    known = Revision.objects.get(number=1).recorded_at.isoformat().replace("+00:00", "Z")
    posted_later()
    for query in (
        "",
        "?as_of=2026-06-30",
        "?as_of=2026-11-25",
        "?published_by=2026-03-01",
        f"?known_at={known}",
    ):
        assert bodies(client, address, query) == before, query


def test_the_page_of_a_what_if_tells_the_same_whatever_day_is_asked_for(client, stored, what_if):
    def told(query: str = "") -> str:
        html = client.get(f"/scenarios/{what_if.key}/{query}").content.decode()
        return html.split("<h1>")[1].split('<p class="small mt2">')[0].replace(query, "")

    before = told()
    assert ">$7.0bn</text>" in before
    assert "First plan" not in before, "the frame of a what-if says what differs"
    posted_later()
    assert told() == told("?as_of=2026-06-30") == told("?published_by=2026-03-01") == before


@pytest.mark.parametrize("rung", ["", "&rung=selected"])
def test_a_forecast_stands_as_drawn_whatever_was_posted_since(client, stored, rung):
    address = "/forecast/chart/fan"
    before = bodies(client, address, f"?as_of={DAY}{rung}")
    posted_later()
    for day in (DAY, date(2026, 11, 25)):
        assert bodies(client, address, f"?as_of={day}{rung}") == before
    told = "Second plan" if rung else "First plan"
    assert (told in before[0].decode()) is not bool(rung)


def test_a_fan_to_take_away_has_the_plan_of_its_day(client, stored):
    address = f"/forecast/fan.csv?as_of={DAY}"
    before = client.get(address).content
    assert b",100000000000," in before
    posted_later()
    assert client.get(address).content == before


def listed(client, query: str) -> tuple[bool, list[str]]:
    """Whether the page lists the what-if, and the keys that the API lists."""
    html = client.get(f"/scenarios/{query}").content.decode()
    found = client.get(f"/api/v1/scenarios/{query}").json()["results"]
    return "/scenarios/" in html.split("<h2>")[1].split("<footer")[0], [row["key"] for row in found]


def test_page_and_api_list_the_what_ifs_of_the_point_and_give_each_by_its_key(
    client, stored, what_if
):
    known = Revision.objects.get(number=1).recorded_at.isoformat().replace("+00:00", "Z")
    at = {
        f"?as_of={DAY}": True,
        "": True,
        f"?as_of={DAY - timedelta(days=1)}": False,
        f"?published_by={DAY}": False,
        f"?known_at={known}": False,
    }
    for query, is_there in at.items():
        assert listed(client, query) == (is_there, [what_if.key] if is_there else []), query
        assert client.get(f"/scenarios/{what_if.key}/{query}").status_code == 200
        told = client.get(f"/api/v1/scenarios/{what_if.key}/{query}").json()["result"]
        assert told["results"] == what_if.results
    assert (
        b"No scenario is saved on a forecast" in client.get("/scenarios/?as_of=2026-01-01").content
    )


def test_a_project_is_named_on_a_day_before_it_is_on_record(client, stored):
    Project.objects.filter(slug="prj-1").update(name="The large one")
    scenario = save_scenario(stored, "Without", Changes(declined="prj-1"), now=timezone.now())
    jobs.run_job(job_key(scenario), clock=timezone.now)
    words = client.get(f"/scenarios/{scenario.key}/?as_of=2026-01-05").content.decode()
    assert "nothing more of The large one" in words
    assert "is selected, The large one, so its draws vary more" in words
    assert "prj-1" not in words
