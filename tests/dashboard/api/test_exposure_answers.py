"""Exposure by API and file: the same lines, which add up to their total exactly."""

import csv
import io
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

pytestmark = pytest.mark.usefixtures("register")
ADDRESS = "/api/v1/tariffs/exposure/"


def exposure(client: Client, **query: str) -> dict[str, Any]:
    response = client.get(ADDRESS, query)
    assert response.status_code == 200, response.content
    body: dict[str, Any] = response.json()
    return body


def line(body: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(row for row in body["lines"] if row["line"] == name)
    return found


def test_vehicles_and_parts_pay_7_8_billion_against_14_3_without_the_agreement(client):
    cars = line(exposure(client, on="2026-11-22"), "motor-vehicles-and-parts")
    names = (
        "imports_usd",
        "rate_percent",
        "duty_usd",
        "without_percent",
        "duty_without_usd",
        "extra_usd",
    )
    assert [cars[name] for name in names] == [
        *("51832187138.00", "15", "7774828070.70", "27.5", "14253851462.95", "6479023392.25"),
    ]
    assert cars["without"][0]["note"] == "25% Section 232 plus 2.5% MFN"
    assert cars["added_only"] is False


@pytest.mark.parametrize(
    "on", ["2025-04-02", "2025-06-01", "2025-10-01", "2026-03-01", "2026-08-15", "2026-12-31"]
)
def test_the_lines_add_to_the_total_exactly_on_any_day(client, on):
    body = exposure(client, on=on, elasticity="-1.5")
    total = body["total"]
    assert body["baseline"]["imports_usd"] == total["imports_usd"] == "144863352475.00"
    for name in ("imports_usd", "duty_low_usd", "duty_high_usd", "extra_low_usd", "extra_high_usd"):
        stated = [Decimal(row[name]) for row in body["lines"] if row[name] is not None]
        assert sum(stated) == Decimal(total[name]), name
    without_rate = [r for r in body["lines"] if r["duty_low_usd"] is None]
    assert sum(Decimal(r["imports_usd"]) for r in without_rate) == Decimal(
        total["imports_without_rate_usd"]
    )
    assert len(without_rate) == total["unstated_count"]
    average = Decimal(total["duty_low_usd"]) / Decimal(total["imports_with_rate_usd"]) * 100
    assert round(average, 3) == Decimal(total["average_low_percent"])


@pytest.mark.parametrize("on", ["2025-10-01", "2026-11-22"])
def test_the_rows_behind_a_figure_of_exposure_re_sum_to_it(client, on):
    body = exposure(client, on=on, elasticity="-1")
    total = body["total"]
    for name in ("duty", "extra"):
        result = client.get(body["explain"][name]).json()["result"]
        ends = [result["low"], result["high"]]
        assert ends == [total[f"{name}_low_usd"], total[f"{name}_high_usd"]]
        sums = [sum(Decimal(row[end]) for row in result["rows"]) for end in ("low", "high")]
        assert sums == [Decimal(end) for end in ends]
        assert all(row["documents"] for row in result["rows"])
        assert result["unit"] == "usd_per_year"
    average = client.get(body["explain"]["average"]).json()["result"]
    above, below = average["division"]["numerator"], average["division"]["denominator"]
    assert above["low"] == total["duty_low_usd"]
    assert below["low"] == total["imports_with_rate_usd"]
    assert round(Decimal(average["low"]) * 100, 3) == Decimal(total["average_low_percent"])
    imports = [row["low"] for row in average["rows"] if row["part"] == "denominator"]
    assert sum(map(Decimal, imports)) == Decimal(below["low"])
    assert average["unstated_count"] == total["unstated_count"]


def test_figures_of_duties_alone_take_a_day_and_none_takes_a_part(client):
    refused = client.get("/api/v1/metrics/selected_usd/", {"on": "2026-03-01"})
    assert (refused.status_code, refused.json()["parameter"]) == (400, "on")
    scoped = client.get("/api/v1/metrics/duty_usd_per_year/", {"state": "TX"}).json()["result"]
    assert (scoped["value"], scoped["reason"]) == (None, "scope_not_defined")
    before = client.get("/api/v1/metrics/duty_usd_per_year/", {"known_at": "2020-01-01"})
    assert before.json()["result"]["reason"] == "not_recorded_yet"


def test_what_has_no_rate_is_left_out_and_counted(client):
    total = exposure(client, on="2025-10-01")["total"]
    assert (total["unstated_count"], total["imports_without_rate_usd"]) == (2, "7717803412.00")
    assert (total["uncompared_count"], total["extra_low_usd"]) == (3, "14074885828.15")


def test_rates_that_leave_out_the_ordinary_duty_are_labelled(client):
    body = exposure(client, on="2026-11-22")
    labelled = {row["line"] for row in body["lines"] if row["added_only"]}
    assert labelled == {"iron-steel", "metal-products", "other-transport", "wood-products"}
    assert body["total"]["added_only"] is True


def test_what_comes_on_top_of_an_ordinary_duty_not_on_record_is_a_range(client):
    """Nothing to 12.5 points more on machinery; medicines from the 4.71bn covered to the whole line."""
    body = exposure(client, on="2026-11-22")
    ends = ("extra_low_usd", "extra_high_usd")
    assert [line(body, "machinery")[name] for name in ends] == ["0.00", "3980415043.75"]
    assert [line(body, "pharmaceuticals")[name] for name in ends] == [
        "4004390183.75",
        "7680015854.00",
    ]
    assert [line(body, "pharmaceuticals")[f"duty_{end}_usd"] for end in ("low", "high")] == [
        "706657091.25",
        "1152002378.10",
    ]
    cars = Decimal("6479023392.25")
    assert Decimal(body["total"]["extra_low_usd"]) == cars + Decimal("4004390183.75")


def test_a_line_whose_parts_pay_different_rates_stays_a_range(client):
    steel = line(exposure(client, on="2026-11-22"), "iron-steel")
    assert (steel["duty_usd"], steel["reason"]) == (None, "depends_on_scope")
    assert (steel["duty_low_usd"], steel["duty_high_usd"]) == ("469271386.50", "938542773.00")
    assert steel["extra_usd"] == "0.00"
    assert {w["source"] for w in steel["without"]} == {"same_for_all_countries"}


def test_the_what_if_shows_its_elasticity(client):
    body = exposure(client, on="2026-11-22", elasticity="-1")
    assert body["elasticity"] == "-1"
    assert line(body, "motor-vehicles-and-parts")["what_if"]["extra_usd"] == "5081586974.31"
    assert exposure(client)["total"]["what_if"] is None


def test_the_baseline_names_its_year_and_source(client):
    assert exposure(client)["baseline"] == {
        "line": "total-ordinary-merchandise",
        "label": "All ordinary merchandise (chapters 1-97)",
        "year": 2024,
        "imports_usd": "144863352475.00",
        "basis": "Census ordinary merchandise, consumption/customs value",
        "document": "doc-budgetlab-baseline",
    }


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"on": "2026-13-01"}, "on"),
        ({"on": ""}, "on"),
        ({"elasticity": "1"}, "elasticity"),
        ({"elasticity": "-11"}, "elasticity"),
        ({"elasticity": "NaN"}, "elasticity"),
        ({"elasticity": "-١"}, "elasticity"),
        ({"elasticity": "-1.555"}, "elasticity"),
        ({"year": "2024"}, "year"),
    ],
)
def test_what_cannot_be_used_is_named(client, query, parameter):
    response = client.get(ADDRESS, query)
    assert response.status_code == 400
    assert response.json()["parameter"] == parameter


def test_the_files_hold_what_the_api_answers(client):
    body = exposure(client, on="2026-11-22", elasticity="-1")
    response = client.get("/tariffs/exposure.csv", {"on": "2026-11-22", "elasticity": "-1"})
    assert response["Content-Disposition"] == (
        'attachment; filename="exposure_japan-us-2025_2026-11-22_r1.csv"'
    )
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [row["line"] for row in rows] == [*(r["line"] for r in body["lines"]), "total"]
    assert rows[0]["duty_low_usd"] == body["lines"][0]["duty_low_usd"]
    assert rows[0]["what_if_extra_low_usd"] == "5081586974.31"
    assert rows[-1]["extra_high_usd"] == body["total"]["extra_high_usd"]
    assert (rows[0]["_source"], rows[0]["_baseline_year"]) == ("doc-budgetlab-baseline", "2024")
    response = client.get("/tariffs/exposure.xlsx", {"on": "2026-11-22"})
    sheet = load_workbook(io.BytesIO(response.content)).active
    assert sheet.max_row == 23
    assert sheet["D2"].value == 51832187138


def test_a_file_refuses_what_it_cannot_use(client):
    response = client.get("/tariffs/exposure.csv", {"elasticity": "much"})
    assert response.status_code == 400
    assert "elasticity" in response.content.decode()


@pytest.mark.parametrize(
    ("asked", "reason"),
    [("published_by=2025-06-01", "not_stated"), ("known_at=2025-06-01", "not_recorded_yet")],
)
def test_without_a_baseline_the_answer_is_null_with_a_reason(client, asked, reason):
    body = client.get(f"/api/v1/tariffs/exposure/?{asked}").json()
    assert (body["baseline"], body["lines"], body["total"]) == (None, [], None)
    assert body["reason"] == reason
    rows = client.get(f"/tariffs/exposure.csv?{asked}").content.decode().splitlines()
    assert len(rows) == 1
