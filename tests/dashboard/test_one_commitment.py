"""The commitment asked about narrows page and answer alike, or is refused in words."""

from datetime import date

import pytest

from dashboard import formats
from dashboard.api.resources import RESOURCES
from tests.dashboard.pages.reading import read

pytestmark = pytest.mark.usefixtures("register")
KOREA = "commitment=korea-us-2025"


def slugs(client, path: str) -> list[str]:
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.content
    return [row.get("slug") or row["ref"] for row in answer.json()["results"]]


def test_what_belongs_to_no_commitment_refuses_the_parameter_and_names_those_it_takes(client):
    refusing = [r.name for r in RESOURCES if not r.takes_commitment]
    assert {"sectors", "gaps", "instruments", "trade", "revisions"} <= set(refusing)
    for name in refusing:
        answer = client.get(f"/api/v1/{name}/?{KOREA}")
        body = answer.json()
        assert (answer.status_code, body["parameter"]) == (400, "commitment"), name
        assert "allowed are: " in body["detail"]
        assert "commitment" not in body["detail"].split("allowed are: ")[1].split(", ")


def test_documents_of_another_commitment_are_those_its_facts_cite_on_page_and_api(client):
    found = slugs(client, f"documents/?page_size=500&{KOREA}")
    cited = {
        row["document"]
        for name in ("claims", "terms", "events", "reactions")
        for row in client.get(f"/api/v1/{name}/?page_size=500&{KOREA}").json()["results"]
        if row["document"]
    }
    own = {
        row["document"]
        for row in client.get(f"/api/v1/reactions/?page_size=500&{KOREA}").json()["results"]
        if row["commitment"] != "korea-us-2025"
    }
    assert cited - own <= set(found) <= cited
    assert 0 < len(found) < len(slugs(client, "documents/?page_size=500"))
    page = read(client, f"/sources/?{KOREA}")
    assert {a.split("/")[2] for a in page.links if a.startswith("/sources/doc-")} == set(found)


def test_nobody_is_on_record_to_lend_under_a_commitment_nobody_lends_under(client):
    assert slugs(client, f"institutions/?{KOREA}") == slugs(client, f"parties/?{KOREA}") == []
    assert len(slugs(client, "institutions/")) > 5


@pytest.mark.parametrize("slug", ["japan-us-2025", "korea-us-2025"])
def test_reactions_are_as_many_by_api_as_on_the_page(client, slug):
    count = len(slugs(client, f"reactions/?page_size=500&commitment={slug}"))
    assert count > 8
    assert f"{count} reactions on record" in read(client, f"/reactions/?commitment={slug}").words


def test_the_answer_about_a_commitment_says_which(client):
    body = client.get("/api/v1/commitments/korea-us-2025/").json()
    assert body["meta"]["commitment"] == body["result"]["slug"] == "korea-us-2025"
    contradicted = client.get("/api/v1/commitments/korea-us-2025/?commitment=japan-us-2025")
    assert (contradicted.status_code, contradicted.json()["parameter"]) == (400, "commitment")


def test_the_answer_gives_the_two_cut_offs_of_the_page(client):
    for slug in ("japan-us-2025", "korea-us-2025"):
        meta = client.get(f"/api/v1/projects/?commitment={slug}").json()["meta"]
        days = (meta["agreement_cutoff"], meta["tariffs_cutoff"])
        assert meta["data_cutoff"] == max(days)
        reading = read(client, f"/?commitment={slug}")
        for day in days:
            assert formats.day(date.fromisoformat(day)) in reading.words


@pytest.mark.parametrize("name", ["min", "max"])
@pytest.mark.parametrize("text", ["-5", "%D9%A3", "1e3", "NaN", "x", "9999999"])
def test_an_amount_that_is_none_is_refused_in_the_same_words_on_page_and_api(client, name, text):
    words = "must be a number of billions in plain digits, zero or more, like 0.5"
    page = read(client, f"/projects/?{name}={text}", status=400)
    assert page.section('<p class="error">', "</p>") == f"{name}: {words}"
    body = client.get(f"/api/v1/projects/?{name}={text}").json()
    assert (body["status"], body["parameter"], body["detail"].endswith(words)) == (400, name, True)


@pytest.mark.parametrize(
    "query", ["min=30", "max=0.6", "min=2&max=34", "batch=tranche-1&min=2", "stage=candidate&max=5"]
)
def test_page_and_api_find_the_same_projects(client, query):
    meta = client.get(f"/api/v1/projects/?{query}").json()["meta"]
    assert 0 < meta["count"] < len(slugs(client, "projects/?page_size=500"))
    words = read(client, f"/projects/?{query}").words
    assert f"{meta['count']} project{' fits' if meta['count'] == 1 else 's fit'}." in words


def test_the_list_says_what_a_stage_finds_and_what_totals_leave_out(client):
    page = read(client, "/projects/?stage=candidate&as_of=2026-11-22")
    assert "21 projects fit." in page.words
    assert "(19 projects; " in page.words
    assert (
        "A candidate that a firmer project continues, and a project merged into another"
        in page.words
    )


@pytest.mark.usefixtures("register")
def test_of_a_pledge_nobody_follows_nothing_is_said_of_its_finance(client):
    metrics = client.get("/api/v1/commitments/korea-us-2025/progress/").json()["metrics"]
    for key in ("signed_usd", "covered_usd", "financed_gross_usd", "financed_net_usd"):
        assert (metrics[key]["value"], metrics[key]["reason"]) == (None, "not_stated"), key


@pytest.mark.parametrize(
    ("address", "words", "home"),
    [
        ("/tariffs/", "Japan to US", "/"),
        (f"/money/?{KOREA}", "Korea to US", f"/?{KOREA}"),
        (f"/ja/money/?{KOREA}", "韓国の対米投資", f"/ja/?{KOREA}"),
        ("/glossary/", "Japan to US", "/"),
    ],
)
def test_head_of_a_page_names_the_commitment_shown(client, address, words, home):
    page = read(client, address)
    assert page.section('<a class="brand"', "</a>").endswith(words)
    assert f'<a class="brand" href="{home}">' in page.html


def test_head_of_a_refused_page_names_the_commitment_asked_for(client):
    page = read(client, f"/money/?colour=red&{KOREA}", status=400)
    assert page.section('<a class="brand"', "</a>").endswith("Korea to US")
