"""Is it on pace? The page and its answer by the API."""

import csv
import html
import io
import re
from decimal import Decimal as D

import pytest
from openpyxl import load_workbook

from dashboard import formats
from projects.metrics import shown
from tests.builders import BASE, record
from tests.dashboard.pages.reading import read

pytestmark = pytest.mark.django_db
REAL = "/pace/?as_of=2026-11-25"
SCENARIO = "/pace/?commitment=illustrative-us-2025&as_of=2026-11-25"


def test_the_real_record_is_behind_an_even_pace_and_says_why_rates_are_missing(client, register):
    page = read(client, REAL)
    assert "$199.4bn or 286 business days behind an even pace: funded" in page.words
    assert "The whole commitment Whole $0.00 $550.0bn target naive linear" in page.words
    assert "no payments yet" in page.words
    assert "Portsmouth" in page.words


def test_the_same_for_selections(client, register):
    words = read(client, f"{REAL}&rung=selected").words
    assert "behind an even pace: selected" in words
    assert "Whole $35.7–36.0bn the indices count $35.7bn $550.0bn target naive linear" in words
    assert "The whole commitment Whole $199.4bn −$163.7bn 0.18" in words
    assert "Instrument $35.7–36.0bn the indices count $35.7bn not stated no target" in words
    read(client, f"{REAL}&rung=guaranteed", 400)


def test_a_range_stays_one_beside_what_the_indices_count_of_it(client, illustrative):
    page = read(client, f"{SCENARIO}&rung=selected")
    rows = page.section("What each part is measured by</caption>", "</table>")
    assert "commitment Whole $137.9–152.9bn the indices count $151.9bn $550.0bn target" in rows
    of_sector = "$2.4–16.4bn the indices count $16.4bn"
    assert f"minerals Sector {of_sector} $2.4–16.4bn selected the indices count $16.4bn" in rows
    address = "/api/v1/commitments/illustrative-us-2025/pace/?as_of=2026-11-25&rung=selected"
    lines = {line["key"]: line for line in client.get(address).json()["lines"]}
    whole, sector = lines["illustrative-us-2025"], lines["critical-minerals"]
    done = [whole[f"done_{end}usd"] for end in ("", "low_", "high_")]
    assert done == ["151900000000.00", "137900000000.00", "152900000000.00"]
    budget = [sector[f"budget_{end}usd"] for end in ("", "low_", "high_")]
    assert budget == ["16400000000.00", "2400000000.00", "16400000000.00"]
    query = "?commitment=illustrative-us-2025&as_of=2026-11-25"
    told = read(client, f"/figures/selected_usd/{query}").words
    assert "$137.9–152.9bn" in told
    told = read(client, f"/figures/budget_usd/{query}&sector=critical-minerals").words
    assert "$2.4–16.4bn" in told
    assert "at its ceiling where only that is stated" in told
    assert (
        "A range counts at its low end"
        in read(client, f"/figures/schedule_variance_usd/{query}&rung=selected").words
    )


def test_reasons_speak_of_the_rung(client, register):
    assert "no notices yet" in read(client, f"{REAL}&rung=noticed").words
    early = read(client, "/pace/?as_of=2025-09-10&rung=selected").words
    assert "no selections yet" in early
    assert "no payments yet" not in early


def test_with_money_moving_every_kind_of_part_has_rows(client, illustrative):
    words = read(client, SCENARIO).words
    assert "Re-baseline of September 2026 (fictional)" in words
    for kind in ("Sector", "Instrument", "Project"):
        assert kind in words


def test_a_projection_past_the_own_amount_says_so_and_is_the_number_of_the_api(
    client, illustrative
):
    words = read(client, SCENARIO).words
    address = "/api/v1/commitments/illustrative-us-2025/pace/?as_of=2026-11-25"
    past = [
        line["indices"]["projected_usd"]["value"]
        for line in client.get(address).json()["lines"]
        if line["budget_usd"] and line["indices"]["projected_usd"]["value"]
        if D(line["indices"]["projected_usd"]["value"]) > D(line["budget_usd"])
    ]
    assert past
    for value in past:
        assert f"{formats.money(D(value))}, past its own amount" in words


def test_a_commitment_without_a_deadline_says_so(client, register):
    assert (
        "No document on record states it."
        in read(client, "/pace/?commitment=taiwan-us-2026&as_of=2026-11-25").words
    )


def test_with_nothing_recorded_the_page_still_answers(client):
    record(BASE)
    assert "Is it on pace?" in read(client, "/pace/?as_of=2025-01-01").words


def test_the_api_gives_each_index_or_its_reason(client, register):
    address = "/api/v1/commitments/japan-us-2025/pace/?as_of=2026-11-25"
    body = client.get(address).json()
    whole = body["lines"][0]
    assert (whole["dimension"], whole["done_usd"]) == ("programme", "0.00")
    days, reached = (whole["indices"][n] for n in ("debt_linear_business_days", "projected_date"))
    assert (days["value"], days["reason"]) == ("286", None)
    assert (reached["value"], reached["reason"]) == (None, "no_observations")
    loan = next(line for line in body["lines"] if line["key"] == "loan")
    assert (loan["budget_basis"], loan["budget_is_approximate"]) == ("signed", True)
    assert {line["dimension"] for line in body["lines"]} == {
        "programme",
        "sector",
        "instrument",
        "project",
    }
    none = client.get("/api/v1/commitments/taiwan-us-2026/pace/").json()
    assert (none["lines"], none["reason"]) == ([], "not_stated")
    assert client.get(f"{address}&rung=cash").status_code == 400


def test_the_lines_can_be_taken_away_as_the_api_gives_them(client, register):
    answer = client.get("/pace/pace.csv?as_of=2026-11-25&rung=selected")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    address = "/api/v1/commitments/japan-us-2025/pace/?as_of=2026-11-25&rung=selected"
    lines = client.get(address).json()["lines"]
    assert [row["key"] for row in rows] == [line["key"] for line in lines]
    for row, line in zip(rows, lines, strict=True):
        for name, index in line["indices"].items():
            assert row[name] == (index["value"] or "")
            assert row[f"{name}_reason"] == (index["reason"] or "")
    workbook = client.get("/pace/pace.xlsx?as_of=2026-11-25&rung=selected")
    assert workbook["Content-Disposition"].endswith('_r1.xlsx"')
    head, *found = load_workbook(io.BytesIO(workbook.content)).active.iter_rows(values_only=True)
    assert list(head) == list(rows[0])
    for row, cells in zip(rows, found, strict=True):
        said = dict(zip(head, cells, strict=True))
        assert (said["key"] or "", said["done_usd"]) == (
            row["key"],
            float(row["done_usd"]) if row["done_usd"] else None,
        )
        assert said["_as_of"].date().isoformat() == "2026-11-25"
    assert client.get("/pace/pace.csv?commitment=taiwan-us-2026").status_code == 404


def test_every_version_of_a_plan_stands_with_its_document_and_its_day(client, illustrative):
    page = read(client, SCENARIO)
    plans = page.section('<h2 id="plans">', "</table>")
    assert "1 Sep 2026 The whole commitment Re-baseline of September 2026 (fictional)" in plans
    assert plans.count("superseded") == 2
    assert plans.split("State")[1].count("in force") == 3
    earlier = read(client, SCENARIO.replace("2026-11", "2026-08"))
    assert "Re-baseline" not in earlier.section('<h2 id="plans">', "</table>")
    assert "No plan is published" in read(client, REAL).words


def test_a_plan_keeps_its_english_name_marked_as_such_on_a_japanese_page(client, illustrative):
    page = read(client, f"/ja{SCENARIO}")
    named = '<span lang="en">Re-baseline of September 2026 (fictional)</span>'
    assert 0 < page.html.count(named) == page.html.count("Re-baseline")


def test_whole_days_have_no_decimals():
    whole, part, behind = D("280." + "0" * 25), D("280.25"), D("-2." + "0" * 25)
    assert [shown(days, "days") for days in (whole, part, behind)] == ["280", "280.2", "-2"]


def test_the_curves_that_a_sector_sums_are_named_in_words(client, illustrative):
    address = "/figures/debt_curve_usd/?commitment=illustrative-us-2025&sector=shipbuilding"
    page = read(client, f"{address}&as_of=2026-11-25")
    assert "S-curve planned by the day described" in page.words
    assert "s_curve" not in page.html


def test_one_day_behind_is_one_day(client, register):
    words = read(client, "/figures/?as_of=2025-09-05").words
    assert "Schedule variance in time −1 day schedule_variance_days" in words
    assert "0.0bn" not in read(client, "/pace/?as_of=2025-09-05").words.replace("550.0bn", "")


def test_every_figure_leads_to_its_explanation_on_the_rung_and_of_the_part(client, illustrative):
    page = read(client, f"{SCENARIO}&rung=disbursed")
    rows = re.findall(r'<tr><th scope="row">(?!.*nowrap).*?</tr>', page.html)
    cells = [cell for row in rows for cell in re.findall(r"<td.*?</td>", row)]
    words = [cell for cell in cells if not re.search(r'<a class="fig" href="/figures/', cell)]
    assert len(words) == len(rows) / 5  # what the plan of each part is, in words
    planned = re.search(r'href="(/figures/planned_usd/[^"]*sector=energy[^"]*)"', page.html)
    address = html.unescape(planned.group(1))
    told = read(client, address).words
    line = next(
        line
        for line in client.get(
            "/api/v1/commitments/illustrative-us-2025/pace/?as_of=2026-11-25&rung=disbursed"
        ).json()["lines"]
        if line["key"] == "energy"
    )
    index = line["indices"]["planned_usd"]
    explained = client.get(index["explain"]).json()["result"]
    assert (explained["value"], explained["rung"]) == (index["value"], "disbursed")
    assert formats.money(D(index["value"])) in told
    assert "The lines of the sector’s projects are summed point by point" in told
    assert "River bend gas power (fictional) naive linear planned by the day described" in told


def test_an_amount_signed_so_far_says_so_where_it_is_a_budget(client, register):
    words = read(client, REAL).words
    assert "Loan Instrument $0.00 about $2.2bn signed so far naive linear" in words
    told = read(client, "/figures/budget_usd/?as_of=2026-11-25&instrument=loan").words
    assert "about $2.2bn" in told
    assert "selections name no instrument" in told


def test_a_rung_that_a_figure_is_not_told_on_is_refused(client, register):
    assert (
        "is no rung that this figure is told on"
        in read(client, "/figures/target_usd/?rung=noticed", 400).words
    )
    assert client.get("/api/v1/metrics/spi/?rung=signed").status_code == 400


def test_plans_are_said_to_be_of_what_is_funded_where_another_rung_is_shown(client, illustrative):
    of_funded = read(client, SCENARIO).words
    assert "Where no plan is published a straight line stands in" in of_funded
    assert "used on that rung alone" not in of_funded
    for rung in ("disbursed", "selected"):
        words = read(client, f"{SCENARIO}&rung={rung}").words
        assert "plans are of what is to be funded and are used on that rung alone" in words
        assert "Where no plan is published" not in words
        assert "the rung shown is held against a straight line." in words
        assert ("sum of its projects’ lines (" in words) == (rung == "disbursed")
        assert "sum of its projects’ plans (" not in words


@pytest.mark.parametrize(
    ("key", "rung", "part", "note"),
    [
        ("planned_usd", "disbursed", "", "Plans are of what is to be funded: on this rung a "),
        ("spi", "noticed", "&project=illustrative-chip-fab", "Plans are of what is to be funded: "),
        ("debt_linear_usd", "funded", "", "Whatever is planned, a straight line "),
        ("debt_linear_usd", "noticed", "&sector=energy", "The lines of the sector’s projects "),
    ],
)
def test_no_figure_denies_a_plan_that_is_published(client, illustrative, key, rung, part, note):
    asked = f"/figures/{key}/?commitment=illustrative-us-2025&as_of=2026-11-25&rung={rung}{part}"
    words = read(client, asked).words
    assert note in words
    assert "No plan is published" not in words
    assert "no plan of its own" not in words
    assert "計画は公表されていない" not in read(client, f"/ja{asked}").words


def test_the_definition_of_what_is_planned_says_what_plans_are_of(client, register):
    said = {
        rung: client.get(f"/api/v1/metrics/planned_usd/?rung={rung}").json()["result"]
        for rung in ("funded", "noticed")
    }
    assert "Where no plan is published: the straight line" in str(said["funded"])
    assert "so on this rung: the straight line" in str(said["noticed"])
    assert "Where no plan is published" not in str(said["noticed"])
