"""What if it is not funded? The clauses hit, the duty at stake, and suppositions kept."""

from datetime import date

import pytest
from django.core.cache import cache

from commitments.models import Commitment, Revision
from projects.selectors import CommitmentRecord
from tariffs.calculations.levers import State
from tariffs.models import LeverState, Supposition
from tariffs.selectors.levers import hits, lever_standings
from tests.builders import point, record
from tests.dashboard.pages.reading import read

DAY = "2026-11-22"
WATCHED = date(2026, 11, 22)
ASKED = f"as_of={DAY}&suppose=decline&project=prj-tx-gulflink"
PAGE = f"/tariffs/suppose/?{ASKED}"


@pytest.fixture(autouse=True)
def counted_anew():
    cache.clear()


def test_a_supposition_hits_clauses_and_writes_nothing(client, register):
    words = read(client, PAGE).words
    assert "If Japan declines Texas GulfLink deepwater crude oil export terminal" in words
    for window in ("read as earliest date", "read as deadline"):
        assert f"the parties consult first {window} not met met" in words
        assert f"including its 15% ceiling {window} cannot tell watch" in words
    assert "Lines at stake: $10.5–23.7bn a year" in words
    assert "Motor vehicles and parts 7.77 14.25 6.48" in words
    assert (
        "1 line has no rate without the agreement on record and is in no sum of extra duty: "
        "$4.9bn of imports."
    ) in words
    assert "returns may be re-allocated in favour of the United States" in words
    assert "New shares not stated: the text gives no share after a refusal" in words
    assert (LeverState.objects.count(), Revision.objects.count()) == (0, 1)


def test_a_missed_window_is_met_only_where_the_window_is_a_deadline(client, register):
    """As the job judges it: read as the earliest date, a window that is over has no due date."""
    asked = PAGE.replace("decline", "miss")
    words = read(client, asked).words
    assert "If the window of Texas GulfLink" in words
    assert "consult first read as earliest date not met watch" in words
    assert "consult first read as deadline not met met" in words
    body = client.get(asked.replace("/tariffs/", "/api/v1/tariffs/", 1)).json()
    (clause,) = [c for c in body["clauses"] if c["ref"] == "lever-mou-funding"]
    assert (clause["reading"], clause["before"], clause["after"]) == (
        "earliest",
        "not_met",
        "watch",
    )
    other = ("other_reading", "other_reading_before", "other_reading_after")
    assert [clause[name] for name in other] == ["latest", "not_met", "met"]
    (remains,) = [c for c in body["clauses"] if c["ref"] == "lever-after-scotus"]
    assert [remains[name] for name in ("before", "after", *other)] == [
        *("watch", "watch", "latest", "watch", "met"),
    ]


def test_a_missed_window_is_late_under_both_readings_where_the_notice_names_its_day(illustrative):
    held = CommitmentRecord(Commitment.objects.get(slug="illustrative-us-2025"), point(WATCHED))
    (hit,) = hits("miss", "illustrative-pharma-plant", held)
    assert (hit.after.state, hit.after.rival_state) == (State.MET, State.MET)


def test_a_project_in_consultation_is_supposed_to_be_selected_first(client, register):
    words = read(client, PAGE.replace("prj-tx-gulflink", "prj-tn-al-smr")).words
    assert "It is not selected yet: it is supposed to be selected first." in words


def test_the_tariff_page_leads_to_it(client, register):
    page = read(client, f"/tariffs/?as_of={DAY}")
    assert 'action="/tariffs/suppose/"' in page.html
    assert f'name="as_of" value="{DAY}"' in page.html


def test_a_supposition_leaves_the_facts_as_they_are(register):
    held = CommitmentRecord(Commitment.objects.get(is_default=True), point())
    supposed = {h.after.lever.ref: h.after.state for h in hits("decline", "prj-tx-gulflink", held)}
    assert supposed["lever-mou-funding"] is State.MET
    stands = {s.lever.ref: s.state for s in lever_standings(held)}
    assert stands["lever-mou-funding"] is State.NOT_MET


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("suppose=win&project=prj-tx-gulflink", "suppose"),
        ("project=prj-tx-gulflink", "suppose"),
        ("suppose=decline", "project"),
        ("suppose=decline&project=x", "project"),
    ],
)
def test_what_cannot_be_supposed_is_named(client, register, query, named):
    for address in ("/tariffs/suppose/", "/api/v1/tariffs/suppose/"):
        answer = client.get(f"{address}?{query}")
        assert answer.status_code == 400
        assert named in answer.content.decode()


def test_the_api_answers_as_the_page_does(client, register):
    body = client.get(f"/api/v1/tariffs/suppose/?{ASKED}").json()
    moved = {c["ref"]: (c["before"], c["after"]) for c in body["clauses"]}
    assert moved["lever-mou-funding"] == ("not_met", "met")
    assert moved["lever-after-scotus"] == ("watch", "met")
    total = body["exposure"]["total"]
    assert total["extra_low_usd"] == "10483413576.00"
    (left_out,) = [row for row in body["exposure"]["lines"] if row["extra_low_usd"] is None]
    assert (total["uncompared_count"], total["imports_uncompared_usd"]) == (
        1,
        left_out["imports_usd"],
    )
    assert [term["key"] for term in body["terms"]] == ["split", "decline"]
    assert client.get("/api/v1/tariffs/suppose/").status_code == 400


def test_a_kept_supposition_gives_the_same_answer_after_later_postings(client, register):
    answer = client.post(PAGE, {"name": "No <b>GulfLink</b>"})
    assert answer.status_code == 302
    assert client.post(PAGE, {"name": "Again"})["Location"] == answer["Location"]
    before = read(client, answer["Location"]).section("<h2 id=", "</dl>")
    held = Commitment.objects.get(is_default=True)
    record(
        {
            "stageevent": [
                {
                    "ref": "gulflink-withdrawn",
                    "project": "prj-tx-gulflink",
                    "kind": "withdrawn",
                    "occurred_on": "2026-11-20",
                    "document": "doc-akazawa-2026-09-04",
                }
            ]
        }
    )
    assert read(client, answer["Location"]).section("<h2 id=", "</dl>") == before
    assert client.get(PAGE).status_code == 400
    listed = read(client, f"/tariffs/suppose/?as_of={DAY}")
    assert "No <b>GulfLink</b> If Japan declines Texas GulfLink" in listed.words
    assert "<b>GulfLink" not in listed.html
    [row] = client.get(f"/api/v1/suppositions/?as_of={DAY}").json()["results"]
    assert (row["event"], row["project"], row["revision"]) == ("decline", "prj-tx-gulflink", 1)
    assert Supposition.objects.get().commitment == held


@pytest.mark.parametrize("name", ["", " ", "x" * 81])
def test_a_supposition_without_a_name_is_not_kept(client, register, name):
    answer = client.post(PAGE, {"name": name})
    assert answer.status_code == 422
    assert "A name of up to 80 characters is needed." in answer.content.decode()
    assert Supposition.objects.count() == 0


def test_many_from_one_address_are_refused(client, register, monkeypatch):
    monkeypatch.setattr("dashboard.throttles.Suppositions.rate", "1/hour")
    client.post(PAGE, {"name": "One"})
    answer = client.post(PAGE.replace("decline", "miss"), {"name": "Two"})
    assert answer.status_code == 429
    assert Supposition.objects.count() == 1


def test_clauses_and_dollars_lead_to_what_they_rest_on(client, register):
    page = read(client, PAGE)
    rested = ["doc-mou-2025-09-04", "doc-eo-14345", "doc-budgetlab-baseline", "doc-fr-2025-17908"]
    for slug in rested:
        assert f"/sources/{slug}/" in page.html
    assert "/figures/extra_duty_usd_per_year/" in page.html
    body = client.get(PAGE.replace("/tariffs/", "/api/v1/tariffs/", 1)).json()
    assert set(rested) <= set(body["documents"])


def test_nothing_to_suppose_is_said(client, register):
    answer = client.get(f"/api/v1/tariffs/suppose/?{ASKED}&published_by=2025-10-01")
    assert answer.status_code == 400
    assert "there is nothing to suppose" in answer.json()["detail"]
