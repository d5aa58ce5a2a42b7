"""The data to take away: files hold what the pages show, and import back unchanged."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from openpyxl import load_workbook

from commitments.services.register import kinds
from commitments.services.sheets import MOST_BYTES, read_sheet
from commitments.services.tables import columns_of, rows_of
from dashboard.exports import tables
from dashboard.exports.tables import holds
from dashboard.pages import data
from dashboard.pages.columns_ja import HELP_JA, holds_ja
from projects.services.imports import rehearsed
from tests.builders import (
    BASE,
    make_entry,
    make_notice,
    make_project,
    make_register,
    money_documents,
    post,
    record,
)
from tests.dashboard.pages.reading import read
from tests.desk import COMMITMENT, load_small_register

pytestmark = pytest.mark.django_db
FIXTURES = Path(settings.BASE_DIR) / "fixtures" / "register"


def download(client, kind, suffix="csv", **query):
    answer = client.get(reverse("data_file", args=[kind, suffix]), query)
    assert answer.status_code == 200
    return answer.getvalue()


def counts(kind, content, suffix):
    sheet = read_sheet(content, f"{kind}.{suffix}", lambda percent: None)
    rows, errors = rows_of(sheet, kind, lambda percent: None)
    judged = rehearsed(kind, rows, errors, today=date.today())
    return judged.errors[:3], {**judged.counts, "rows": len(sheet.rows)}, judged.rows[:2]


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_every_table_of_the_shipped_register_imports_back_unchanged(client, register, suffix):
    different, empty = {}, []
    for kind in kinds():
        content = download(client, kind, suffix)
        errors, found, rows = counts(kind, content, suffix)
        if found["rows"] == 0:
            empty.append(kind)
        elif errors or found["same"] != found["rows"]:
            different[kind] = (errors, found, rows)

    assert different == {}
    assert set(empty) <= {
        *("fundingnotice", "ledgerentry", "closedperiod", "stancecoding", "cover", "plan"),
        *("deemedrate", "valuation"),
    }


def test_a_part_of_a_large_table_is_small_enough_to_be_imported_back(client, monkeypatch):
    make_register()
    record(make_project("prj-gas"))
    post([make_entry("prj-gas", f"{n}.50", kind="fee") for n in range(1, 6)])
    row = max(map(len, download(client, "ledgerentry").splitlines()))
    assert row * tables.PART_ROWS < MOST_BYTES / 2

    monkeypatch.setattr(tables, "PART_ROWS", 2)
    monkeypatch.setattr(data, "PART_ROWS", 2)
    listed = client.get(reverse("data_table", args=["ledgerentry"])).content.decode()
    assert ["part=3" in listed, "part=4" in listed] == [True, False]
    found = [
        counts("ledgerentry", download(client, "ledgerentry", part=n), "csv") for n in (1, 2, 3)
    ]
    assert [(errors, each["same"], each["rows"]) for errors, each, _rows in found] == [
        *(([], n, n) for n in (2, 2, 1)),
    ]


def test_a_ledger_with_a_reversal_imports_back_unchanged(client):
    make_register()
    record(make_project("prj-gas"))
    entry = make_entry("prj-gas", "12.50", kind="fee")
    post([entry])
    stored = type(entry).objects.get()
    back = make_entry("prj-gas", "-12.50", kind="fee", excuse="")
    back.reverses = stored
    post([back])

    for suffix in ("csv", "xlsx"):
        errors, found, _rows = counts(
            "ledgerentry", download(client, "ledgerentry", suffix), suffix
        )
        assert errors == []
        assert found == {"rows": 2, "new": 0, "changed": 0, "same": 2, "error": 0}


def test_a_fact_whose_document_was_dated_anew_imports_back_unchanged(client):
    make_register()
    record(make_project("prj-gas"))
    instant = {"received_on": None, "received_at": "2026-03-02T09:00:00+09:00"}
    record({"fundingnotice": [make_notice("prj-gas", "5.00", **instant)]})
    documents = (*BASE["document"], *money_documents("2025-09-04"))
    record({"document": [{**document, "date": "2025-09-05"} for document in documents]})

    for kind, rows in (("fundingnotice", 1), ("claim", 1), ("term", len(BASE["term"]))):
        for suffix in ("csv", "xlsx"):
            errors, found, _rows = counts(kind, download(client, kind, suffix), suffix)
            assert (errors, found["rows"], found["same"]) == ([], rows, rows), kind
    # what the register computes anew is shown in the preview
    emptied = download(client, "fundingnotice").decode().replace(",2026-03-02,", ",,")
    errors, found, rows = counts("fundingnotice", emptied.encode(), "csv")
    assert (errors, found["changed"]) == ([], 1)
    assert rows[0]["fields"] == {"document_on": ["2025-09-04", "2025-09-05"]}


def test_a_file_says_its_day_revision_and_sources(client):
    load_small_register()
    answer = client.get(reverse("data_file", args=["stageevent", "csv"]), {"as_of": "2026-02-20"})

    name = f"stageevent_{COMMITMENT}_2026-02-20_r1.csv"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    lines = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert [(line["ref"], line["occurred_on"]) for line in lines] == [
        ("prj-gas-selected", "2026-02-17"),
        ("prj-port-announced", "2026-02-10"),
    ]
    assert {name: value for name, value in lines[0].items() if name.startswith("_")} == {
        "_recorded_in": "r1",
        "_source_title": "Fact sheet",
        "_source_url": "",
        "_as_of": "2026-02-20",
        "_revision": "r1",
        "_published_by": "",
        "_commitment": COMMITMENT,
        "_illustrative": "false",
    }


def test_a_file_of_what_was_public_by_a_day_says_so_in_its_name_and_rows(client):
    load_small_register()
    for address, kind in (
        (reverse("data_file", args=["stageevent", "csv"]), "stageevent"),
        (reverse("watch_file", args=["csv"]), "watch"),
    ):
        answer = client.get(address, {"as_of": "2026-06-20", "published_by": "2026-03-05"})
        name = f"{kind}_{COMMITMENT}_2026-06-20_r1_published-by-2026-03-05.csv"
        assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
        lines = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
        assert {line["_published_by"] for line in lines} == {"2026-03-05"}


def test_what_a_spreadsheet_would_run_is_guarded_and_numbers_stay_numbers(client):
    make_register()
    record(make_project("prj-gas"))
    post([make_entry("prj-gas", "12.50", kind="fee", ref="=HYPERLINK(1)")])

    line = next(csv.DictReader(io.StringIO(download(client, "ledgerentry").decode("utf-8-sig"))))
    book = load_workbook(io.BytesIO(download(client, "ledgerentry", "xlsx")))
    cells = dict(zip(*(tuple(row) for row in book.worksheets[0].iter_rows()), strict=True))
    found = {head.value: (cell.value, cell.data_type) for head, cell in cells.items()}

    assert (line["ref"], line["amount_usd"]) == ("'=HYPERLINK(1)", "12.50")
    assert found["ref"] == ("'=HYPERLINK(1)", "s")
    assert found["amount_usd"] == (12.5, "n")
    assert found["value_date"][1] == "d"


def test_the_page_counts_what_its_files_hold(client):
    load_small_register()
    answer = client.get(reverse("data"))

    counted = {line.kind: line.count for line in answer.context["tables"]}
    assert counted["stageevent"] == 2
    assert counted == {
        kind: len(download(client, kind).decode().splitlines()) - 1 for kind in kinds()
    }


def test_a_table_page_describes_every_column(client):
    load_small_register()
    text = client.get(reverse("data_table", args=["ledgerentry"])).content.decode()

    for column in columns_of("ledgerentry"):
        assert f"<code>{column.name}</code>" in text
    assert "US dollars; negative only in a reversal" in text
    assert "cash received in the designated account" in text
    assert "CC BY 4.0" in text


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_template_is_a_head_an_import_takes(client, suffix):
    for kind in kinds():
        content = client.get(reverse("data_template", args=[kind, suffix])).getvalue()
        sheet = read_sheet(content, f"a.{suffix}", lambda percent: None)
        assert rows_of(sheet, kind, lambda percent: None) == ([], [])


@pytest.mark.parametrize(
    ("address", "query", "status", "words"),
    [
        ("/data/ghost.csv", {}, 404, "There is no table “ghost”."),
        ("/data/ghost/", {}, 404, "There is no table “ghost”."),
        ("/data/claim.csv", {"part": "0"}, 400, "must be a whole number from 1"),
        ("/data/claim.csv", {"as_of": "tomorrow"}, 400, "as_of"),
        ("/data/claim.csv", {"commitment": "moon"}, 400, "“moon” is no commitment"),
    ],
)
def test_an_address_that_cannot_be_answered_says_why(client, address, query, status, words):
    load_small_register()
    answer = client.get(address, query)

    assert answer.status_code == status
    assert words in answer.content.decode()


def test_every_column_is_explained_in_japanese(client, db):
    make_register()
    for kind in kinds():
        for column in columns_of(kind):
            assert column.help == "" or column.help in HELP_JA, (kind, column.name)
            assert holds_ja(holds(column))
    words = read(client, "/ja/data/ledgerentry/").words
    for part in ("資金が動いた日", "数値。小数8桁まで、桁区切りなし", "projectの識別名"):
        assert part in words
    assert "day the money moved" in read(client, "/data/ledgerentry/").words


def test_the_words_of_a_choice_are_those_of_the_reader_whoever_came_first(client, register):
    words = "found in a stored public page or file"
    assert words in read(client, "/data/claim/").words
    assert words not in read(client, "/ja/data/claim/").words
    assert words in read(client, "/data/claim/").words
