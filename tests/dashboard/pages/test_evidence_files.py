"""What the pages of evidence show can be taken away as files and asked for by the API."""

import csv
import io
from urllib.parse import urlsplit

import pytest
from openpyxl import load_workbook

from tests.dashboard.pages.reading import read

DAY = "as_of=2026-11-22"


def lines(client, address):
    response = client.get(address)
    assert response.status_code == 200, response.content
    assert response["Content-Type"].startswith("text/csv")
    text = response.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize(
    ("page", "name", "rows"),
    [
        ("claims/?verdict=overstated&", "claims", None),
        ("reactions/?side=japan&stance=critical&", "reactions", 12),
        ("reactions/?side=other&", "reactions", None),
        ("compare/?sort=name&", "compare", 10),
        ("watch/?", "watch", None),
    ],
)
def test_a_page_leads_to_its_rows_as_csv_xlsx_and_by_the_api(client, register, page, name, rows):
    every = read(client, f"/{page}{DAY}").links
    links = [a for a in every if DAY in a and "/chart/" not in a]
    (text,) = [a for a in links if f"/{name}.csv" in a]
    (book,) = [a for a in links if f"/{name}.xlsx" in a]
    api = next(a for a in links if a.startswith("/api/v1/"))
    found = lines(client, text)
    assert rows in (None, len(found))
    assert {row["_as_of"] for row in found} == {"2026-11-22"}
    own = {row["slug"] if name == "compare" else "japan-us-2025" for row in found}
    assert {row["_commitment"] for row in found} == own
    assert {row["_illustrative"] for row in found} == {"false"}
    sheet = load_workbook(io.BytesIO(client.get(book).content)).active
    assert [cell.value for cell in sheet[1]] == list(found[0])
    assert sheet.max_row == len(found) + 1
    body = client.get(f"{api}&page_size=200" if name != "watch" else api).json()
    answered = body.get("results") or [*body["items"], *body["silences"]]
    assert len(answered) == len(found)
    for address in (text, api):
        assert urlsplit(page).query.rstrip("&") in urlsplit(address).query


def test_the_file_of_claims_holds_record_difference_and_verdict(client, register):
    rows = {row["ref"]: row for row in lines(client, f"/claims/claims.csv?{DAY}")}
    article = rows["clm-inst-equity-seed-table"]
    assert (article["record_low"], article["record_high"], article["away"]) == ("1", "2", "8")
    assert article["verdict"] == "overstated"
    lutnick = rows["clm-profit-lutnick"]
    assert (lutnick["evidence"], lutnick["verdict"]) == ("term-deemed", "contradicted")
    assert lutnick["why"].startswith("The memorandum turns the split")


def test_the_file_of_watch_items_holds_the_silences_after_them(client, register):
    rows = lines(client, f"/watch/watch.csv?{DAY}")
    kinds = [row["kind"] for row in rows]
    assert kinds == sorted(kinds)
    assert kinds.count("item") == 5
    assert all(row["since"] and row["days"] for row in rows if row["kind"] == "silence")


@pytest.mark.parametrize(
    "address",
    ["/claims/claims.csv?verdict=wrong", "/reactions/reactions.xlsx?side=mars"],
)
def test_a_filter_that_cannot_be_used_is_named(client, register, address):
    response = client.get(address)
    assert response.status_code == 400
    assert "must be one of" in response.content.decode()
    assert client.get("/api/v1/reactions/?side=mars").status_code == 400


def test_a_file_of_the_scenario_says_so_in_its_name(client, illustrative):
    response = client.get("/claims/claims.csv?commitment=illustrative-us-2025")
    assert "illustrative_claims" in response["Content-Disposition"]
