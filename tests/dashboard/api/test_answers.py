"""What every answer says of itself: its point, its evidence, and whether it changed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from commitments.models import Commitment, Revision
from dashboard.api.resources import RESOURCES
from projects.metrics import METRICS
from projects.models import Snapshot
from tests.builders import (
    COMMITMENT,
    DOCUMENT,
    make_entry,
    make_project,
    make_register,
    post,
    record,
)

API = "/api/v1/"
LISTS = [
    "",
    "commitments/",
    "corrections/",
    "decisions/",
    "glossary/",
    "metrics/",
    "projects/",
    "returns/",
    *(f"{r.name}/" for r in RESOURCES),
]
PROGRESS = f"{API}commitments/{COMMITMENT}/progress/"


@pytest.fixture(autouse=True)
def _register(db: None) -> None:
    make_register()
    record(make_project("mine"))


def get(client: Client, path: str, **query: str) -> dict[str, Any]:
    response = client.get(f"{API}{path}", query)
    assert response.status_code == 200, response.content
    return response.json()


def test_every_answer_states_its_point(client):
    recorded = Revision.objects.get(number=2).recorded_at
    asked = {"as_of": "2026-03-01", "published_by": "2026-03-01"}
    for path in LISTS:
        meta = get(client, path, **asked)["meta"]
        meta.pop("count", None)
        assert meta == {**META, "known_at": recorded.isoformat()}, path


META = {
    "as_of": "2026-03-01",
    "known_at": "",
    "revision": 2,
    "published_by": "2026-03-01",
    "data_cutoff": "2025-09-04",
    "agreement_cutoff": "2025-09-04",
    "tariffs_cutoff": None,
    "commitment": COMMITMENT,
    "undated_dropped": 0,
}


def test_what_is_undated_drops_out_and_is_counted(client):
    undated = {"slug": "doc-undated", "title": "Undated", "kind": "report", "access": "read"}
    undated |= {"date": None, "date_precision": "undated"}
    claim = make_project("mine")["claim"][0] | {
        "ref": "clm-undated",
        "document": "doc-undated",
        "stated_on": None,
    }
    record({"document": [{**undated, "side": "us"}], "claim": [claim]})
    whole = get(client, "claims/")
    public = get(client, "claims/", published_by="2026-11-01")
    assert [c["ref"] for c in whole["results"]] == ["clm-mine", "clm-undated"]
    assert [c["ref"] for c in public["results"]] == ["clm-mine"]
    assert "undated_dropped" not in whole["meta"]
    assert public["meta"]["undated_dropped"] == 1
    for path in (
        "metrics/",
        "metrics/selected_usd/",
        "projects/",
        "projects/mine/",
        "claims/clm-mine/",
    ):
        assert get(client, path, published_by="2026-11-01")["meta"]["undated_dropped"] == 1, path
    assert get(client, "stage-events/", published_by="2026-11-01")["meta"]["undated_dropped"] == 0


def test_before_the_first_revision_no_fact_is_there(client):
    for path in LISTS:
        body = get(client, path, known_at="2020-01-01")
        assert (body["meta"]["revision"], body["meta"]["data_cutoff"]) == (0, None), path
        if path == "metrics/":
            assert {m["reason"] for m in body["results"]} == {"not_recorded_yet"}
        elif path not in ENTITIES:
            assert body["results"] == [], path


ENTITIES = {"", "commitments/", "glossary/", *(f"{r.name}/" for r in RESOURCES if r.key == "slug")}


def test_the_index_leads_to_every_list(client):
    links = get(client, "")["links"]
    expected = {path.rstrip("/") for path in LISTS} - {""} | {"openapi"}
    assert set(links) == expected
    for name, address in links.items():
        assert client.get(address).status_code == 200, name


def test_progress_gives_every_metric_with_the_way_to_its_rows(client):
    body = client.get(f"{PROGRESS}?as_of=2026-03-01").json()
    assert list(body["metrics"]) == [m.key for m in METRICS if m.is_kept]
    assert body["metrics"]["selected_usd"] == {
        "value": "1000000.00",
        "low": "1000000.00",
        "high": "1000000.00",
        "unit": "usd",
        "rung": "selected",
        "reason": None,
        "note": None,
        "unstated_count": 0,
        "is_approximate": False,
        "is_recalled": False,
        "is_derived": False,
        "explain": "http://testserver/api/v1/metrics/selected_usd/"
        f"?as_of=2026-03-01&commitment={COMMITMENT}",
    }
    for key, figure in body["metrics"].items():
        explained = client.get(figure.pop("explain")).json()["result"]
        assert {name: explained[name] for name in figure} == figure, key
        assert figure["low"] or figure["high"] or figure["value"] or figure["reason"], key


def test_a_range_has_no_value_and_an_amount_not_stated_is_counted(client):
    record(make_project("wide", low="5000000.00", high="7000000.00"))
    record(make_project("silent", low=None, high=None))
    figure = client.get(PROGRESS).json()["metrics"]["selected_usd"]
    shown = {key: figure[key] for key in ("value", "low", "high", "unstated_count")}
    assert shown == {
        "value": None,
        "low": "6000000.00",
        "high": "8000000.00",
        "unstated_count": 1,
    }


def test_progress_narrows_to_a_scope(client):
    record(make_project("other", sector="metals", states=["TX"]))
    post([make_entry("mine", "10.00"), make_entry("other", "5.00", instrument="equity")])
    funded = {
        query: client.get(f"{PROGRESS}?{query}").json()["metrics"]["funded_usd"]["value"]
        for query in ("", "project=mine", "sector=metals", "instrument=equity", "state=OH")
    }
    assert funded == {
        "": "15.00",
        "project=mine": "10.00",
        "sector=metals": "5.00",
        "instrument=equity": "5.00",
        "state=OH": "10.00",
    }


def test_a_figure_is_explained_by_rows_with_sign_and_documents(client):
    body = get(client, "metrics/selected_usd/")["result"]
    assert body["rows"] == [
        {
            "label": "mine",
            "kind": "project",
            "ref": "mine",
            "sign": 1,
            "low": "1000000.00",
            "high": "1000000.00",
            "unit": "usd",
            "part": "",
            "date": "2026-02-17",
            "documents": [DOCUMENT],
            "note": "",
            "is_recalled": False,
            "is_derived": False,
        }
    ]
    assert (body["name"], body["name_ja"], body["version"]) == ("Selected", "選定", 1)


def test_who_holds_the_answer_gets_304_until_something_is_recorded(client):
    paths = [*LISTS, f"commitments/{COMMITMENT}/progress/", "projects/mine/", "claims/clm-mine/"]
    paths.remove("snapshots/")
    tags = {path: client.get(f"{API}{path}")["ETag"] for path in paths}
    held = {path: {"If-None-Match": f'"another", {tag}'} for path, tag in tags.items()}
    for path, tag in tags.items():
        again = client.get(f"{API}{path}", headers=held[path])
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag), path
    record(make_project("later"))
    for path, tag in tags.items():
        changed = client.get(f"{API}{path}", headers=held[path])
        assert (changed.status_code, changed["ETag"] != tag) == (200, True), path


def test_an_etag_belongs_to_one_address(client):
    queries = ("", "?as_of=2026-03-01", "?page_size=1", "?published_by=2026-03-01", "?q=x")
    tags = {client.get(f"{API}claims/{query}")["ETag"] for query in queries}
    assert len(tags) == len(queries)


def test_a_label_changed_in_place_changes_a_pinned_answer_and_its_etag(client):
    pinned = {"known_at": datetime.now(UTC).isoformat()}
    address = f"{API}institutions/inst-lender/"
    first = client.get(address, pinned)
    record({"institution": [{"slug": "inst-lender", "name": "Bank"}]})
    second = client.get(address, pinned, headers={"If-None-Match": first["ETag"]})
    assert (first.json()["result"]["name"], second.json()["result"]["name"]) == ("Lender", "Bank")


def test_a_snapshot_stored_later_shows_although_no_revision_came(client):
    first = client.get(f"{API}snapshots/")
    Snapshot.objects.create(
        commitment=Commitment.objects.get(),
        as_of="2026-03-01",
        revision_id=2,
        body="{}",
        sha256="0" * 64,
    )
    second = client.get(f"{API}snapshots/", headers={"If-None-Match": first["ETag"]})
    assert [s["as_of"] for s in second.json()["results"]] == ["2026-03-01"]


def test_answers_may_be_kept_but_are_asked_for_again(client):
    response = client.get(f"{API}claims/")
    assert response["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert response["Content-Type"] == "application/json"
    assert response["Content-Language"] == "en"


def test_the_language_asked_for_changes_nothing(client):
    for path in ("metrics/", "projects/", "terms/"):
        english = client.get(f"{API}{path}")
        japanese = client.get(f"{API}{path}", headers={"Accept-Language": "ja"})
        assert japanese.content == english.content, path


def test_an_instant_with_any_offset_is_echoed_in_utc(client):
    instant = datetime.now(UTC) - timedelta(seconds=1)
    asked = instant.astimezone().isoformat()
    meta = get(client, "claims/", known_at=asked)["meta"]
    assert meta["known_at"] == instant.isoformat()


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_health_is_answered(client, path):
    response = client.get(path)
    assert (response.status_code, response.json()["status"]) == (200, "ok")


@pytest.mark.parametrize(
    ("metric", "scope"),
    [
        ("sector_share", {"sector": "energy"}),
        ("selected_share", {}),
        ("selected_share", {"project": "mine"}),
        ("funded_share", {}),
    ],
)
def test_both_sides_of_a_share_re_sum_to_it(client, metric, scope):
    record(make_project("other", sector="metals", low="500000.00", high="3000000.00"))
    post([make_entry("other", "250000.00")])
    result = get(client, f"metrics/{metric}/", **scope)["result"]
    for bound in ("low", "high"):
        sides = {}
        for part in ("numerator", "denominator"):
            rows = [row for row in result["rows"] if row["part"] == part]
            assert {row["unit"] for row in rows} == {"usd"}
            sides[part] = sum(Decimal(row[bound]) for row in rows)
            assert sides[part] == Decimal(result["division"][part][bound])
    low, high = (
        Decimal(result["division"]["numerator"][b]) / Decimal(result["division"]["denominator"][b])
        for b in ("low", "high")
    )
    assert sorted((low, high)) == pytest.approx(
        [Decimal(result["low"]), Decimal(result["high"])], abs=Decimal("0.000001")
    )
