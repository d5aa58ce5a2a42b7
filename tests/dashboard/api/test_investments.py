"""Investments by the API: split, still owed, measured; every reading can be asked for."""

import pytest

pytestmark = pytest.mark.django_db
SCENARIO = "commitment=illustrative-us-2025&as_of=2026-11-20"
MAGNETS = "/api/v1/returns/illustrative-rare-earths/"


@pytest.mark.usefixtures("illustrative")
def test_list_splits_each_investment_by_itself(client):
    body = client.get(f"/api/v1/returns/?{SCENARIO}&page_size=1").json()
    assert body["meta"]["count"] == 7
    assert body["meta"]["illustrative"] is True
    (first,) = body["results"]
    assert first["project"] == "illustrative-chip-fab"
    assert first["japan_received_usd"] == {"low": "0.00", "high": "0.00"}
    following = client.get(body["next"]).json()["results"]
    assert following[0]["project"] == "illustrative-data-campus"


@pytest.mark.usefixtures("illustrative")
def test_detail_gives_steps_rates_and_measures(client):
    result = client.get(f"{MAGNETS}?{SCENARIO}").json()["result"]
    assert (result["paid_in_usd"], result["distributed_usd"]) == ("300000000.00", "700000000.00")
    assert result["tier"] == 2
    assert result["worth_usd"] == {"low": "180000000.00", "high": "180000000.00"}
    first, second = result["steps"]
    assert first["date"] == "2026-06-24"
    assert first["daa_before"] == "306822916.67"  # 125 days at 6.55 %
    assert second["tier2"] == "78734227.72"
    total = sum(float(step["japan_tier1"]) + float(step["japan_tier2"]) for step in (first, second))
    assert f"{total:.2f}" == result["japan_received_usd"]["low"] == "318506308.91"
    assert [rate["annual_rate"] for rate in result["rates"]] == ["0.06550000", "0.06380000"]
    assert result["measures"]["dpi_project"]["value"] == "2.333333"
    assert result["measures"]["xirr_japan"]["note"] == "estimated"


@pytest.mark.usefixtures("illustrative")
def test_the_other_reading_can_be_asked_for(client):
    asked = f"{SCENARIO}&reading=TOTAL&capitalise=false"
    result = client.get(f"{MAGNETS}?{asked}").json()["result"]
    assert (result["reading"], result["capitalise"]) == ("TOTAL", False)
    assert result["steps"][0]["principal_after"] == "66822916.67"
    assert float(result["japan_received_usd"]["low"]) < 318506308.91


@pytest.mark.parametrize(
    ("query", "parameter", "detail"),
    [
        ("reading=HALF", "reading", "must be one of: JAPAN_SHARE, TOTAL"),
        ("capitalise=perhaps", "capitalise", "must be one of: true, false"),
        ("after=x", "after", "is not a cursor of this list; follow “next”"),
    ],
)
def test_what_cannot_be_used_is_named(client, register, query, parameter, detail):
    response = client.get(f"/api/v1/returns/?{query}")
    assert response.status_code == 400
    problem = response.json()
    assert (problem["parameter"], problem["detail"]) == (parameter, detail)


def test_the_register_has_no_investment_to_list(client, register):
    body = client.get("/api/v1/returns/").json()
    assert (body["meta"]["count"], body["results"]) == (0, [])
    missing = client.get("/api/v1/returns/prj-ga-diamond/")
    assert missing.status_code == 404
    assert "No payment into or out of “prj-ga-diamond”" in missing.json()["detail"]


@pytest.mark.usefixtures("illustrative")
def test_net_present_values_stand_at_the_deemed_rate_or_at_the_one_asked_for(client):
    deemed = client.get(f"{MAGNETS}?{SCENARIO}").json()["result"]
    assert (deemed["discount_rate"], deemed["discount_basis"]) == ("0.06550000", "deemed")
    assert deemed["measures"]["npv_project_usd"]["value"] == deemed["npv_project_usd"]["low"]
    chosen = client.get(f"{MAGNETS}?{SCENARIO}&discount=0").json()["result"]
    assert chosen["discount_basis"] == "chosen"
    assert chosen["npv_project_usd"]["low"] == "580000000.00"  # 700m and a worth of 180m - 300m
    assert chosen["measures"]["npv_project_usd"]["value"] == "580000000.00"
    whole = client.get(f"/api/v1/returns/?{SCENARIO}&discount=0").json()["measures"]
    assert whole["npv_japan_usd"]["unstated_count"] == 0
    assert whole["npv_japan_usd"]["value"] is not None
    refused = client.get(f"{MAGNETS}?{SCENARIO}&discount=-1").json()
    assert refused["parameter"] == "discount"
