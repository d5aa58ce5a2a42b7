"""The duty in force by the API: one answer, what it rests on, and one clear problem for what cannot be."""

from typing import Any

import pytest
from django.test import Client

from dashboard.api.urls import OPENAPI
from tests.dashboard.pages.reading import read

pytestmark = pytest.mark.usefixtures("register")
ADDRESS = "/api/v1/tariffs/rate/"
HEAD = ("category", "on", "rate_percent", "basis", "status", "reason")


def rate(client: Client, **query: str) -> dict[str, Any]:
    response = client.get(ADDRESS, query)
    assert response.status_code == 200, response.content
    body: dict[str, Any] = response.json()
    return body


def head(client: Client, **query: str) -> tuple[Any, ...]:
    body = rate(client, **query)
    return tuple(body[name] for name in HEAD)


def test_a_rate_names_its_authority_and_the_ordinary_duty_beneath(client):
    body = rate(client, category="autos", on="2025-09-16")
    assert body.pop("meta")["commitment"] == "japan-us-2025"
    ceiling, ordinary = body.pop("authority")
    assert body == {
        "category": "autos",
        "hts": None,
        "on": "2025-09-16",
        "rate_percent": "15",
        "basis": "all_in_with_mfn",
        "status": "in_force",
        "scopes": [],
        "reason": None,
        "nearest": [],
    }
    note = ceiling.pop("note")
    assert note.startswith("Total duty 15% including the 2.5% MFN rate")
    assert ceiling == {
        "ref": "auto-232-15",
        "legal_authority": "Section 232 (Proclamation 10908 as modified by EO 14345)",
        "legal_authority_ja": ceiling["legal_authority_ja"],
        "rate_percent": "15",
        "basis": "all_in_with_mfn",
        "hts_scope": "9903.94.40 and 9903.94.41",
        "scope": "",
        "leaves_out": "",
        "effective_from": "2025-09-16",
        "effective_to": None,
        "status": "in_force",
        "replaces": [],
        "document": "doc-fr-2025-17908",
        "published_on": "2025-09-16",
    }
    assert (ordinary["ref"], ordinary["rate_percent"]) == ("mfn-passenger-cars-2025-04", "2.5")


def test_each_kind_of_answer(client):
    assert head(client, category="autos", on="2025-04-03") == (
        *("autos", "2025-04-03", "27.5", "all_in_with_mfn", "in_force", None),
    )
    assert head(client, category="general", on="2026-02-24") == (
        *("general", "2026-02-24", "10", "ad_valorem_additional", "in_force", "mfn_not_on_record"),
    )
    assert head(client, category="medicines", on="2026-08-01") == (
        *("pharmaceuticals", "2026-08-01", None, None, "depends_on_scope", "depends_on_scope"),
    )
    assert head(client, category="furniture", on="2025-10-13") == (
        *("wood_furniture", "2025-10-13", None, None, "not_stated", "no_measure_on_record"),
    )
    assert head(client, category="polysilicon", on="2026-12-04") == (
        *("polysilicon", "2026-12-04", "15", "ad_valorem_additional"),
        *("scheduled", "mfn_not_on_record"),
    )


def test_an_answer_by_parts_gives_the_rate_of_each(client):
    body = rate(client, category="metals", on="2026-04-06")
    scopes = [(s["scope"], s["rate_percent"], s["authority"][0]["ref"]) for s in body["scopes"]]
    assert scopes == [
        ("Core articles", "50", "metals-annex-1a-50"),
        ("Derivative articles", "25", "metals-annex-1b-25"),
    ]
    assert [m["ref"] for m in body["authority"]] == ["metals-annex-1a-50", "metals-annex-1b-25"]


def test_a_name_of_several_categories_gives_each_as_a_scope(client):
    body = rate(client, category="trucks", on="2026-11-01")
    assert (body["category"], body["status"]) == ("trucks", "depends_on_scope")
    scopes = [(s["category"], s["rate_percent"], s["basis"]) for s in body["scopes"]]
    assert scopes == [
        ("light_trucks", "25", "mfn_only"),
        ("heavy_trucks", "50", "all_in_with_mfn"),
    ]


def test_a_rate_of_one_part_alone_says_which_part(client):
    """The power to list goods at zero freed nothing by itself: the answer is of what is listed."""
    body = rate(client, category="generic-pharma-natural-resources", on="2025-10-01")
    assert (body["rate_percent"], body["status"]) == (None, "depends_on_scope")
    listed, rest = body["scopes"]
    assert (listed["rate_percent"], listed["basis"]) == ("0", "exempt")
    assert (rest["rate_percent"], rest["reason"]) == (None, "no_measure_on_record")
    (measure,) = listed["authority"]
    assert measure["scope"] == "Products that Commerce lists"
    assert "authority, not an automatic cut" in measure["note"]
    page = read(client, "/tariffs/?as_of=2025-10-01").words
    assert "natural resources: Products that Commerce lists added duty only 0% exempt" in page
    assert "natural resources: all others no measure" in page
    assert "<caption>Generic medicines" not in page


def test_a_day_without_a_measure_names_those_before_and_after(client):
    body = rate(client, category="generic-pharma-natural-resources", on="2026-11-01")
    assert [m["ref"] for m in body["nearest"]] == ["natural-generic-0"]
    assert (body["authority"], body["scopes"]) == ([], [])


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("8703", (None, "2025-10-01", "15", "all_in_with_mfn", "in_force", None)),
        ("8703.23.01", (None, "2025-10-01", "15", "all_in_with_mfn", "in_force", None)),
        ("99039440", (None, "2025-10-01", None, None, "depends_on_scope", "depends_on_scope")),
        ("9903.02.72", (None, "2025-10-01", "15", "all_in_with_mfn", "in_force", None)),
        ("9903.08.24", (None, "2026-11-30", "15", "all_in_with_mfn", "in_force", None)),
        ("8471.50", (None, "2025-10-01", None, None, "not_stated", "no_measure_on_record")),
        ("6810.99.00.20", (None, "2027-08-15", None, None, "not_stated", "step_not_stated")),
    ],
)
def test_a_rate_is_found_by_tariff_code(client, code, told):
    assert head(client, hts=code, on=told[1]) == told


REST = (None, "", None)
BEYOND_LIMITS = (
    *("semiconductors", "Goods outside the technical limits, and the end uses excepted"),
    None,
)


@pytest.mark.parametrize(
    ("code", "on", "scopes"),
    [
        ("7403", "2025-10-01", [("copper", "", "50"), ("copper", "Refined copper", None)]),
        ("74", "2026-10-01", [("copper", "", "50"), ("copper", "Refined copper", None)]),
        ("8471.50", "2026-02-01", [("semiconductors", "", "25"), BEYOND_LIMITS]),
        ("84", "2026-10-01", [("semiconductors", "", "25"), BEYOND_LIMITS, REST]),
        ("8704", "2026-10-01", [("light_trucks", "", "25"), REST]),
        (
            *("87", "2025-10-01"),
            [("autos", "", "15"), ("light_trucks", "", "25"), ("buses", "", None), REST],
        ),
        (
            *("68", "2026-10-01"),
            [
                ("quartz_surface_products", "Within the quota", "25"),
                ("quartz_surface_products", "Above the quota", "50"),
                REST,
            ],
        ),
    ],
)
def test_a_code_of_which_a_measure_may_cover_a_part_alone_has_no_single_rate(
    client, code, on, scopes
):
    body = rate(client, hts=code, on=on)
    assert (body["rate_percent"], body["status"]) == (None, "depends_on_scope")
    told = [(s["category"], s["scope"], s["rate_percent"]) for s in body["scopes"]]
    assert told == scopes
    assert all(s["scope_ja"] for s in body["scopes"] if s["scope"])


@pytest.mark.parametrize(
    ("code", "near"),
    [
        ("8708.29", ["parts-232-15", "parts-cert-15"]),
        ("3004", ["pharma-15", "pharma-specialty-0"]),
        ("0101", []),
    ],
)
def test_a_code_without_a_measure_names_those_on_goods_beside_it(client, code, near):
    body = rate(client, hts=code, on="2026-10-01")
    assert (body["status"], body["reason"]) == ("not_stated", "heading_not_on_record")
    assert [m["ref"] for m in body["nearest"]] == [*near, "gen-301-fl-2026"]


@pytest.mark.parametrize(
    ("asked", "on", "near"),
    [
        ({"hts": "8704"}, "2026-11-30", ["mhd-25", "mfn-heavy-trucks", "gen-301-fl-2026"]),
        (
            *({"hts": "87"}, "2026-11-30"),
            [
                *("parts-232-15", "parts-cert-15", "mhd-25", "mfn-heavy-trucks"),
                "gen-301-fl-2026",
            ],
        ),
        ({"hts": "84"}, "2026-11-30", ["metals-mobile-equip-15", "gen-301-fl-2026"]),
        ({"hts": "68"}, "2026-08-01", ["quartz-201", "gen-301-fl-2026"]),
        ({"category": "trucks"}, "2025-10-01", ["mhd-25"]),
    ],
)
def test_what_of_the_goods_has_no_rate_names_the_measures_beside_it(client, asked, on, near):
    body = rate(client, **asked, on=on)
    assert [m["ref"] for m in body["nearest"]] == near
    rest = [s["reason"] for s in body["scopes"] if s["category"] is None]
    assert set(rest) <= {"heading_not_on_record"}


def test_what_the_world_could_know_on_a_day(client):
    asked = {"category": "general", "on": "2025-08-20"}
    before = rate(client, **asked, published_by="2025-09-03")
    assert [before[name] for name in ("rate_percent", "basis")] == ["15", "ad_valorem_additional"]
    assert before["authority"][0]["legal_authority"] == "IEEPA (EO 14326)"
    after = rate(client, **asked)
    assert [after[name] for name in ("rate_percent", "basis")] == ["15", "all_in_with_mfn"]
    assert after["authority"][0]["legal_authority"] == "IEEPA (EO 14345)"


def test_a_country_without_measures_pays_in_general_what_its_terms_state(client):
    korea = {"commitment": "korea-us-2025", "as_of": "2026-11-22"}
    body = rate(client, category="general", on="2026-11-01", **korea)
    assert (body["rate_percent"], body["basis"]) == ("12.5", "all_in_with_mfn")
    (stated,) = body["authority"]
    assert (stated["document"], stated["effective_from"]) == ("doc-ustr-301-fl-final", "2026-07-24")
    before = rate(client, category="general", on="2026-03-01", **korea)
    assert (before["rate_percent"], before["reason"]) == ("10", "mfn_not_on_record")
    autos = rate(client, category="autos", on="2026-11-01", **korea)
    assert (autos["status"], autos["authority"]) == ("not_stated", [])
    assert [near["ref"] for near in autos["nearest"]] == [stated["ref"]]


def test_before_the_first_revision_nothing_is_recorded(client):
    response = client.get(ADDRESS, {"category": "autos", "known_at": "2020-01-01"})
    assert response.status_code == 200
    body = response.json()
    assert (body["status"], body["reason"]) == ("not_stated", "not_recorded_yet")


@pytest.mark.parametrize(
    ("query", "parameter", "detail"),
    [
        ({}, "category", "is required: the category of goods, as in autos"),
        ({"category": ""}, "category", "is empty"),
        ({"category": "spoons"}, "category", "must be one of: general, autos, "),
        ({"category": "autos", "hts": "8703"}, "hts", "stands beside category"),
        ({"hts": "87x3"}, "hts", "“87x3” is no tariff code like 8703 or 9903.94.40"),
        ({"hts": "٨٧٠٣"}, "hts", "“٨٧٠٣” is no tariff code"),
        ({"category": "autos", "on": "2025-02-30"}, "on", "“2025-02-30” is not a day"),
        ({"category": "autos", "on": "soon"}, "on", "“soon” is not a date like 2026-02-28"),
        ({"category": "autos", "on": "9999-12-31"}, "on", "must lie in the years 1900 to 2100"),
        ({"category": "a\x00"}, "category", "must be one of"),
        ({"category": "autos", "day": "1"}, "day", "is not a parameter here; allowed are: "),
    ],
)
def test_what_cannot_be_used_is_named(client, query, parameter, detail):
    response = client.get(ADDRESS, query)
    assert response.status_code == 400
    assert response.json()["parameter"] == parameter
    assert response.json()["detail"].startswith(detail)


def test_the_categories_are_listed_each_with_its_rate(client):
    rows = client.get("/api/v1/tariffs/categories/").json()["results"]
    slugs = [row["slug"] for row in rows]
    assert slugs[:3] == ["general", "autos", "auto_parts"]
    assert len(slugs) == 20
    assert rows[1] == {
        "slug": "autos",
        "name": "Passenger vehicles",
        "name_ja": "乗用車",
        "aliases": ["cars", "passenger_vehicles"],
        "headings": ["8703"],
        "rate_percent": "15",
        "basis": "all_in_with_mfn",
        "status": "in_force",
        "reason": None,
    }


def test_the_number_of_queries_does_not_grow_with_the_categories(client, django_assert_num_queries):
    client.get("/api/v1/tariffs/categories/")
    with django_assert_num_queries(5):
        client.get("/api/v1/tariffs/categories/", {"page_size": "1"})
    with django_assert_num_queries(5):
        client.get("/api/v1/tariffs/categories/", {"page_size": "20"})


def test_every_field_is_described():
    text = OPENAPI.read_text(encoding="utf-8")
    assert "Tariff code, in place of category" in text
    assert "what decides first, the ordinary duty beneath it last" in text
