"""The illustrative commitment is labelled on every page and in every answer, and in no other."""

import csv
import io
import re
from datetime import UTC, datetime

import pytest
from django.urls import get_resolver, reverse
from icalendar import Calendar

from commitments.models import InboxItem
from commitments.services import jobs
from commitments.services.one_commitment import ways_of
from commitments.services.register import kinds
from dashboard.api.resources import RESOURCES
from dashboard.api.views.base import PointView
from projects.services.reminders import KIND, request_reminders

pytestmark = pytest.mark.usefixtures("illustrative")
SLUG = "illustrative-us-2025"
BANNER = "Illustrative: these figures are fictional."
BANNER_JA = "例示：これらの数値は架空である。"
NAMES = {
    "project": {"slug": "illustrative-gas-power"},
    "state": {"code": "OH"},
    "sector": {"slug": "energy"},
    "figure": {"key": "funded_usd"},
    "source": {"slug": "doc-illustrative-receipts-2"},
    "decision": {"key": "1"},
    "data_table": {"kind": "claim"},
}
# Files say so in their names and rows; an empty template holds no figure; the theme is a form;
# a saved what-if is somebody's, and none is saved here.
NO_PAGES = (
    *("data_file", "data_template", "calls-feed", "theme", "exposure_file", "pace_file"),
    "record_file",
    *("forecast_file", "scenario", "scenario_file", "investments-file", "what-if-file"),
    *("claims_file", "compare_file", "reactions_file", "watch_file"),
)
API_KEYS = {
    "commitments-detail": SLUG,
    "progress": SLUG,
    "forecast-of": SLUG,
    "pace-of": SLUG,
    "metric-detail": "funded_usd",
    "projects-detail": "illustrative-gas-power",
}

NEEDED = {
    "WindowView": {"notice": "2026-12-01"},
    "RateView": {"category": "autos"},
    "SupposeView": {"suppose": "decline", "project": "illustrative-gas-power"},
}


def pages() -> dict[str, str]:
    """The address of every page, by name."""
    patterns = get_resolver("dashboard.urls").url_patterns
    every = (str(pattern.name) for pattern in patterns)
    names = [n for n in every if n not in NO_PAGES and not n.endswith("_chart")]
    return {name: reverse(name, kwargs=NAMES.get(name, {})) for name in names}


def forgetting(html: str) -> set[str]:
    """The links of a page that drop its commitment, but those to what is of none or of another."""
    links = re.findall(r'<a [^>]*href="(/[^"#]*)', html)
    return {
        a
        for a in links
        if not re.match(r"/(\?|$)|/report/|/data/\w+/template|.*[?&;]commitment=", a)
    }


def test_every_page_of_the_scenario_carries_the_banner_and_keeps_to_it(client):
    for name, address in pages().items():
        page = client.get(address, {"commitment": SLUG})
        wanted = 404 if name == "decision" else 200  # nothing of it was decided by a case
        assert (address, page.status_code) == (address, wanted)
        assert BANNER in page.content.decode(), address
        if name not in ("decision", "api"):  # the page of the API gives examples of addresses
            assert forgetting(page.content.decode()) == set(), address
        japanese = client.get(f"/ja{address}", {"commitment": SLUG})
        assert BANNER_JA in japanese.content.decode(), address


def test_the_desk_is_reminded_of_notices_of_the_scenario_once_and_labelled():
    now = datetime(2026, 11, 24, 3, tzinfo=UTC)
    for _ in range(2):
        for job in request_reminders(now=now):
            jobs.run_job(job.key, clock=lambda: now)
            payload = {"day": "2026-11-24"}
            jobs.KINDS[KIND].write(payload, jobs.KINDS[KIND].compute(payload, lambda percent: None))
    told = InboxItem.objects.filter(key__startswith="notice:").values_list("kind", "title", "url")
    assert list(told) == [
        (
            "illustrative",
            "Illustrative: 9 business days left: High mesa chip plant (fictional), FN-3, 2026-12-08",
            f"/projects/illustrative-chip-fab/?commitment={SLUG}",
        )
    ]


def test_refusals_about_the_scenario_carry_the_banner(client):
    for address, query, status in (
        ("/projects/", {"stage": "x"}, 400),
        ("/projects/nothing/", {}, 404),
    ):
        page = client.get(address, {**query, "commitment": SLUG})
        assert (page.status_code, BANNER in page.content.decode()) == (status, True)


def csv_rows(client, address: str, query: str = f"commitment={SLUG}") -> list[dict[str, str]]:
    answer = client.get(f"{address}?{query}")
    assert 'filename="illustrative_' in answer["Content-Disposition"], address
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


def test_every_file_of_the_scenario_says_so_in_its_name_and_labels_what_is_fiction(client):
    fiction, real = 0, set()
    for kind, model in kinds().items():
        for row in csv_rows(client, f"/data/{kind}.csv"):
            if kind == "document":
                made_up = row["kind"] == "fictional"
            else:
                name = row.get("slug") or row.get("code") or ""
                made_up = bool(ways_of(model)) or "illustrative" in name
            assert row["_illustrative"] == str(made_up).lower(), (kind, row)
            own = row["slug"] if kind == "commitment" else SLUG
            assert row["_commitment"] == own, (kind, row)
            fiction += made_up
            real |= {kind} if not made_up else set()
        book = client.get(f"/data/{kind}.xlsx", {"commitment": SLUG})
        assert 'filename="illustrative_' in book["Content-Disposition"], kind
    assert fiction > 100
    assert {"commitment", "contradiction", "measure", "tradeflow", "sector"} <= real


def test_the_exposure_file_of_the_scenario_says_so_in_its_name_and_labels_no_real_trade(client):
    rows = csv_rows(client, "/tariffs/exposure.csv")
    assert {(row["_commitment"], row["_illustrative"]) for row in rows} == {(SLUG, "false")}


def test_charts_beside_the_scenario_label_each_row_by_what_it_is(client):
    aligned = csv_rows(client, "/compare/chart/aligned.csv")
    owners = {row["Country"]: (row["_commitment"], row["_illustrative"]) for row in aligned}
    assert owners["European Union"] == ("eu-us-2025", "false")
    assert [own for own in owners.values() if own[1] == "true"] == [(SLUG, "true")]
    general = csv_rows(client, "/tariffs/chart/rate-general.csv")
    assert {(row["_commitment"], row["_illustrative"]) for row in general} == {(SLUG, "false")}
    path = csv_rows(client, "/chart/path.csv")
    assert {(row["_commitment"], row["_illustrative"]) for row in path} == {(SLUG, "true")}


def test_the_calendar_of_the_scenario_says_so_in_its_name_and_events(client):
    answer = client.get("/calls/calendar.ics", {"commitment": SLUG})
    assert 'filename="illustrative_calls.ics"' in answer["Content-Disposition"]
    calendar = Calendar.from_ical(answer.content)
    said = [calendar["X-WR-CALNAME"], *(str(event["SUMMARY"]) for event in calendar.events)]
    assert len(said) > 1
    assert {words.partition(": ")[0] for words in said} == {"Illustrative (fictional)"}
    real = client.get("/calls/calendar.ics").content.decode()
    assert "llustrative" not in real


def test_no_page_of_the_real_commitment_names_anything_fictional(client):
    for address in ("/", "/projects/", "/money/", "/sources/", "/figures/funded_usd/"):
        text = client.get(address).content.decode()
        assert BANNER not in text, address
        # the form that chooses a commitment is the one place that offers it
        text = text.replace("Illustrative (fictional)", "").replace(SLUG, "")
        assert "ictional" not in text, address
        assert "illustrative-" not in text, address


def test_every_answer_of_the_scenario_says_so(client):
    """Every address of the API that answers about a commitment: lists, records and figures."""
    seen = 0
    for pattern in get_resolver("dashboard.api.urls").url_patterns:
        view = getattr(pattern.callback, "view_class", None)
        if view is None or not issubclass(view, PointView):
            continue
        resource = getattr(view, "resource", None)
        if not (resource.takes_commitment if resource else view.takes_commitment):
            continue
        if pattern.name.endswith("-detail") and pattern.name not in API_KEYS:
            continue
        key = {"key": API_KEYS[pattern.name]} if pattern.name in API_KEYS else {}
        needed = NEEDED.get(view.__name__, {})
        address = reverse(pattern.name, kwargs=key)
        answer = client.get(address, {"commitment": SLUG, **needed})
        assert (address, answer.status_code) == (address, 200)
        assert answer.json()["meta"].get("illustrative") is True, address
        seen += 1
    assert seen > sum(resource.takes_commitment for resource in RESOURCES) + 6


def test_the_list_of_documents_holds_fictional_ones_only_for_the_scenario(client):
    asked = {"kind": "fictional", "page_size": "100"}
    real = client.get("/api/v1/documents/", asked).json()
    scenario = client.get("/api/v1/documents/", {**asked, "commitment": SLUG}).json()
    assert real["results"] == []
    assert len(scenario["results"]) > 20
    assert "illustrative" not in real["meta"]


def test_no_list_of_the_real_commitment_holds_what_is_made_up(client):
    for name in ("institutions", "parties"):
        real = client.get(f"/api/v1/{name}/?page_size=200").json()["results"]
        assert [row["slug"] for row in real if "illustrative" in row["slug"]] == []
        assert len(real) > 10
        fiction = client.get(f"/api/v1/{name}/?page_size=200&commitment={SLUG}").json()["results"]
        assert any("illustrative" in row["slug"] for row in fiction)


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("documents", "doc-illustrative-agreement"),
        ("institutions", "inst-illustrative-lender"),
        ("parties", "illustrative-company"),
    ],
)
def test_what_is_made_up_is_found_by_name_only_beside_the_scenario(client, kind, key):
    if kind == "parties":
        listed = client.get("/api/v1/parties/", {"commitment": SLUG}).json()["results"]
        key = next(row["slug"] for row in listed if "illustrative" in row["slug"])
    address = f"/api/v1/{kind}/{key}/"
    beside = client.get(address, {"commitment": SLUG}).json()
    assert (beside["meta"]["illustrative"], beside["result"]["slug"]) == (True, key)
    for query in ({}, {"commitment": "japan-us-2025"}):
        assert client.get(address, query).status_code == 404


def test_the_page_of_a_fictional_document_is_found_only_beside_the_scenario(client):
    address = reverse("source", args=["doc-illustrative-receipts-2"])
    assert BANNER in client.get(address, {"commitment": SLUG}).content.decode()
    for query in ({}, {"commitment": "japan-us-2025"}):
        assert client.get(address, query).status_code == 404


def test_commitments_beside_the_scenario_bear_their_own_label_and_alone_are_counted(client):
    answer = client.get("/compare/compare.csv", {"commitment": SLUG})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row["slug"] for row in rows if row["_illustrative"] == "true"} == {SLUG}
    assert all(row["_commitment"] == row["slug"] for row in rows)
    found = client.get("/api/v1/compare/", {"commitment": SLUG, "page_size": 50}).json()["results"]
    assert {row["slug"] for row in found if row["illustrative"]} == {SLUG}
    real = len(found) - 1
    watched = client.get("/api/v1/watch/", {"commitment": SLUG}).json()["items"][4]
    words = f"{real} pledges to the United States"
    assert watched["state"].startswith(words)
    for address in ("/", "/compare/"):
        assert words in client.get(address, {"commitment": SLUG}).content.decode()
