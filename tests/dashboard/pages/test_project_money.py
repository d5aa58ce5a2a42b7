"""A project's page with money moving: instruments, ledger, chart and what changed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.builders import make_entry, make_project, make_register, post, record
from tests.dashboard.pages.reading import read

pytestmark = pytest.mark.django_db
GAS = "/projects/illustrative-gas-power/?commitment=illustrative-us-2025&as_of=2026-11-25"
CAMPUS = "/projects/illustrative-data-campus/?commitment=illustrative-us-2025&as_of=2026-11-25"
PHASE = "/projects/illustrative-gas-power-second-block/?commitment=illustrative-us-2025"


@pytest.mark.usefixtures("illustrative")
def test_a_financed_project_shows_instruments_ledger_flags_and_changes(client):
    page = read(client, GAS)
    instruments = page.section('<h2 id="instruments">', "</table>")
    assert "Loan 6.60 Bank A, Bank B six-month SOFR + 140 bp, 15 years" in instruments
    assert "Insurer C $6.0bn 14 Jan 2026" in instruments
    assert "Not stated in no signed agreement of its own 11.50–12.50" in instruments
    assert instruments.endswith("Selected 33.0–34.0")
    assert "$27.5bn Covered: exposure, not cash $6.0bn Net of overlap: each loan once $21.5bn" in (
        page.section('<dl class="facts left mt2">', "</dl>")
    )
    ledger = page.section('<h2 id="ledger">', "</table>")
    assert (
        "25 Jun 2026 −400.00 disbursement Loan – reversal late The entry was posted twice" in ledger
    )
    assert "25 Jun 2026 400.00 disbursement Loan – reversed" in ledger
    assert "Noticed 15.70 → 18.70" in page.words
    assert "Plan of December 2025 (fictional) → Re-baseline of September 2026" in page.words
    assert "noticed 19 Jan 2026" in page.section('<ol class="step wide">', "</ol>")
    yen = read(client, CAMPUS).section('<h2 id="ledger">', "</table>")
    assert "¥475.4bn at 148.55, 10 Sep 2026, fictional reference rate of the day" in yen
    assert "forced The last transfer was rounded up" in yen
    assert client.get(PHASE)["Location"].startswith("/projects/illustrative-gas-power/")


@pytest.mark.usefixtures("register")
def test_a_project_without_money_says_so_and_keeps_the_joint_loan_apart(client):
    page = read(client, "/projects/prj-tx-gulflink/?as_of=2026-11-22")
    assert "No payment of this project is on record." in page.words
    assert "Signed jointly. Loan, about $2.2bn (over ¥340bn; for 3 projects together" in page.words
    assert page.section('<h2 id="instruments">', "</table>").endswith("Selected 2.1")


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize(
    ("language", "rest", "selected"),
    [("", "about 0.60, what the joint", "Selected about 0.6"), ("/ja", "約6.0", "選定 約6")],
)
def test_the_instruments_say_about_where_the_selected_amount_does(client, language, rest, selected):
    page = read(client, f"{language}/projects/prj-ga-diamond/?as_of=2026-11-22")
    table = page.section('<h2 id="instruments">', "</table>")
    assert rest in table
    assert table.endswith(selected)


def test_the_chart_of_cash_says_about_where_the_selected_amount_does(client):
    make_register()
    given = make_project("prj-1")
    record({**given, "claim": [{**one, "qualifier": "approximate"} for one in given["claim"]]})
    post([make_entry("prj-1", "1000000.00")])
    assert "disbursed of about $" in read(client, "/projects/prj-1/").html


def test_a_long_ledger_is_paged_by_day_and_number(client, monkeypatch):
    monkeypatch.setattr("dashboard.pages.projects.ledger.PAGE_SIZE", 2)
    make_register()
    record(make_project("prj-1"))
    post([make_entry("prj-1", f"{n}000000.00") for n in (1, 2, 3)])
    first = read(client, "/projects/prj-1/").section('<h2 id="ledger">', "</table>")
    assert ["3.00 funding" in first, "2.00 funding" in first, "1.00 funding" in first] == [
        *(True, True, False)
    ]
    second = read(client, "/projects/prj-1/?ledger_after=2026-06-01.2")
    rest = second.section('<h2 id="ledger">', "</table>")
    assert ["2.00 funding" in rest, "1.00 funding" in rest] == [False, True]


@pytest.mark.parametrize("text", ["x", "2026-13-01.4", "2026-06-01", "2026-06-01.x"])
def test_a_place_that_is_none_is_named_in_one_message(client, text):
    make_register()
    record(make_project("prj-1"))
    page = read(client, f"/projects/prj-1/?ledger_after={text}", status=400)
    assert "is no place in the ledger; follow its links" in page.words


def test_the_page_asks_as_often_with_twenty_entries_as_with_one(client):
    make_register()
    record(make_project("prj-1"))
    counts = []
    for amounts in (range(1, 2), range(2, 22)):
        post([make_entry("prj-1", f"{n}000000.00") for n in amounts])
        read(client, "/projects/prj-1/")  # fills what a process keeps of a point
        with CaptureQueriesContext(connection) as asked:
            read(client, "/projects/prj-1/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_rest_of_a_project_says_that_a_joint_loan_is_in_it(client, register):
    page = read(client, "/projects/prj-oh-portsmouth-gas/?as_of=2026-11-22")
    assert "33.00–33.30, what the joint agreement gives it included" in page.words
    figure = "/figures/selected_less_signed_usd/?project=prj-oh-portsmouth-gas&as_of=2026-11-22"
    assert "No document on record states it." in read(client, figure).words
