"""The page of returns: the rule, and the what-if that any visitor can compute."""

import csv
import io
from datetime import date
from urllib.parse import urlencode

import pytest
from openpyxl import load_workbook

from commitments.models import Commitment
from dashboard.pages.figures import OF_THE_SPLIT
from dashboard.returns import LONGEST_TEXT
from projects.calculations.investment import PERIOD_MONTHS
from projects.calculations.waterfall import DAYS_OF_YEAR, Reading
from projects.selectors import CommitmentRecord
from projects.selectors.returns import Convention
from tests.builders import point
from tests.dashboard.pages.reading import read

LONGEST_REQUEST_LINE = 4094  # characters, by default of the server
pytestmark = pytest.mark.django_db


def test_page_opens_with_the_rule_and_the_worked_example(client, register):
    page = read(client, "/returns/")
    assert page.section("<h1>", "</h1>") == (
        "50% to the United States, then 90%; nothing distributed yet"
    )
    assert "Japan would receive $327m, the United States $423m" in page.words
    steps = page.section('aria-label="Distributions, split"', "</table>")
    assert (
        "15 Sep 2027 50,000,000.00 308,050,000.00 50,000,000.00 25,000,000.00 25,000,000.00 "
        "0.00 0.00 0.00 283,050,000.00"
    ) in steps
    assert (
        "15 Mar 2028 700,000,000.00 290,562,618.75 581,125,237.50 290,562,618.75 290,562,618.75 "
        "118,874,762.50 11,887,476.25 106,987,286.25 0.00"
    ) in steps


COUNTED = "Actual days over a year of 360 (ACT/360), simple within interest periods of six months"


def test_the_conventions_of_interest_stand_beside_programme_and_what_if(client, register):
    page = read(client, "/returns/")
    programme = page.section('id="investments"', "</section>")
    for words in (COUNTED, "Added to principal at the end of each", "each side gets the deemed"):
        assert words in programme
    other = read(client, "/returns/?reading=TOTAL&capitalise=false").section(
        'id="what-if"', "</section>"
    )
    for words in (COUNTED, "Kept apart from principal", "the two sides share the deemed"):
        assert words in other
    assert "Added to principal at the end" not in other


def test_the_terms_say_what_the_waterfall_counts(register):
    commitment = Commitment.objects.get(slug="japan-us-2025")
    record_ = CommitmentRecord(commitment, point(date(2026, 11, 22)))
    value = record_.terms.value
    assert value("interest_convention", "day_count") == f"ACT/{DAYS_OF_YEAR}"
    assert value("interest_convention", "period_months") == PERIOD_MONTHS
    assert record_.convention == Convention() == Convention(Reading.JAPAN_SHARE, capitalise=True)


@pytest.mark.parametrize("key", sorted(OF_THE_SPLIT))
def test_figures_of_the_split_say_how_interest_is_counted(client, register, key):
    assert COUNTED in read(client, f"/figures/{key}/").words


def test_the_method_page_shows_the_conventions_with_their_rivals(client, register):
    words = read(client, "/method/").words
    assert f"How deemed interest is counted {COUNTED}" in words
    assert "call it JAPAN_SHARE." in words
    assert "call it TOTAL." in words
    assert "実日数を360日で割り（ACT/360）" in read(client, "/ja/method/").words


def test_an_address_reproduces_a_what_if_and_its_file(client, register):
    asked = {
        "amount": "300000000",
        "funded_on": "2027-03-15",
        "rate": "4.05",
        "spread": "120",
        "distributions": "2028-03-15 700000000; 2027-09-15 50000000",
        "reading": "TOTAL",
        "capitalise": "false",
        "discount": "10",
    }
    page = read(client, f"/returns/?{urlencode(asked)}")
    file = next(link for link in page.links if "what-if.csv" in link)
    lines = client.get(file).content.decode("utf-8-sig").splitlines()
    assert lines[1:] == [
        "2027-09-15,50000000.00,308050000.00,50000000.00,25000000.00,25000000.00,"
        "0.00,0.00,0.00,0.00,258050000.00,-116251233.90,383851948.62,10",
        "2028-03-15,700000000.00,264899077.08,264899077.08,132449538.54,132449538.54,"
        "435100922.92,43510092.29,391590830.63,0.00,0.00,-116251233.90,383851948.62,10",
    ]
    book = client.get(next(link for link in page.links if "what-if.xlsx" in link))
    _head, first, second = load_workbook(io.BytesIO(book.content)).active.iter_rows(
        values_only=True
    )
    assert (first[0].date(), first[1:5]) == (date(2027, 9, 15), (50e6, 308.05e6, 50e6, 25e6))
    assert second[7:9] == (43510092.29, 391590830.63)


def test_the_same_amount_in_a_private_fund_is_called_and_shared_year_by_year(client, register):
    page = read(client, "/returns/")
    fund = page.section("The same amount in a private fund", "</section>")
    assert "Of $564m paid out over 12 years Japan would receive $282m" in fund
    assert "15 Mar 2027 75,000,000.00 0.00 0.00 0.00 75,000,000.00" in fund
    assert "15 Mar 2028 75,000,000.00 961,084.52 480,542.26 480,542.26 158,788,915.48" in fund
    assert "15 Mar 2030 37,500,000.00" in fund


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("amount", "NaN", "“NaN” is not an amount above zero like 300000000.00"),
        ("amount", "1e400", "“1e400” is not an amount above zero"),
        ("amount", "0.005", "“0.005” is not an amount above zero"),
        ("amount", "-0", "“-0” is not an amount above zero"),
        ("amount", "1,00.50", "“1,00.50” is not an amount above zero"),
        ("amount", "1000,000", "“1000,000” is not an amount above zero"),
        ("amount", "10000000000000000", "“10000000000000000” is not an amount above zero"),
        ("amount", "１２３", "“１２３” is not an amount above zero"),
        ("amount", "1_000", "“1_000” is not an amount above zero"),
        ("amount", "", "“” is not an amount above zero"),
        ("funded_on", "2027-02-30", "“2027-02-30” is not a day of the calendar"),
        ("funded_on", "9999-12-31", "must lie in the years 2000 to 2100"),
        ("rate", "101", "“101” is not a percentage from -100 to 100 like 5.25"),
        ("rate", "-0.5", "−0.5% with the spread is below zero: deemed interest adds to what"),
        ("spread", "1.5", "“1.5” is not a whole number of basis points from 0 to 10000"),
        ("distributions", "", "is required: a day and an amount on each line"),
        ("distributions", "soon", "“soon” is not a day and an amount like 2027-09-15 50000000.00"),
        ("distributions", "2026-01-01 5", "“2026-01-01 5” lies before the funding"),
        ("distributions", "2027-09-15 1\n" * 61, "holds more than 60 distributions"),
        ("distributions", "x" * 2001, "holds more than 60 distributions or 2,000 characters"),
        ("reading", "HALF", "must be one of: JAPAN_SHARE, TOTAL"),
        ("capitalise", "perhaps", "must be one of: true, false"),
        ("discount", "-1", "“-1” is not a percentage from 0 to 100 like 5.25"),
    ],
)
def test_a_what_if_that_cannot_be_used_names_its_field(client, register, name, text, words):
    for address in ("/returns/", "/returns/what-if.csv", "/returns/what-if.xlsx"):
        page = read(client, f"{address}?{urlencode({name: text})}", status=400)
        assert page.section('<p class="error">', "</p>").startswith(f"{name}: {words}")


@pytest.mark.parametrize(
    ("distributed", "english", "japanese"),
    [
        ("2027-03-15 5", "$2.50, the United States $2.50", "日本の受取は2.50ドル、米国は2.50ドル"),
        ("2027-03-15 0.01", "$0.00, the United States $0.01", "日本の受取は0ドル、米国は0.01ドル"),
        ("2027-03-15 9000", "$4,500, the United States $4,500", "日本の受取は4,500ドル"),
        ("2027-03-15 600000", "$300,000, the United States $300,000", "日本の受取は300,000ドル"),
        (
            "2027-03-15 2900000",
            "$1.4m, the United States $1.4m",
            "日本の受取は145万ドル、米国は145万ドル",
        ),
    ],
)
def test_a_small_what_if_is_told_in_a_unit_in_which_it_shows(
    client, register, distributed, english, japanese
):
    query = urlencode({"funded_on": "2027-03-15", "distributions": distributed})
    assert f"Japan would receive {english}" in read(client, f"/returns/?{query}").words
    assert japanese in read(client, f"/ja/returns/?{query}").words


def test_a_small_distribution_is_told_in_the_unit_of_its_shares(client, register):
    for distributed, english, japanese in (
        ("600000", "$600,000", "600,000ドル"),
        ("12345", "$12,345", "12,345ドル"),
        ("2900000", "$2.9m", "290万ドル"),
    ):
        query = urlencode({"funded_on": "2027-03-15", "distributions": f"2027-03-15 {distributed}"})
        assert f"{english} is distributed" in read(client, f"/returns/?{query}").words
        assert f"{japanese}を分配" in read(client, f"/ja/returns/?{query}").words


def test_the_longest_what_if_the_form_takes_fits_an_address(client, register):
    page = read(client, "/ja/returns/")
    assert f'maxlength="{LONGEST_TEXT}"' in page.html
    lines = "".join(f"2027-{n % 12 + 1:02}-15 1,000,000.00\r\n" for n in range(200))
    asked = {
        **{"as_of": "2026-11-28", "known_at": "2026-11-28T09:00:00+09:00"},
        **{"published_by": "2026-11-28", "commitment": "test-us-2025"},
        **{"amount": "300,000,000,000.00", "funded_on": "2027-03-15", "rate": "5.250000"},
        **{"spread": "10000", "reading": "JAPAN_SHARE", "capitalise": "true", "discount": "5.25"},
        "distributions": lines[:LONGEST_TEXT],
    }
    assert len(f"GET /ja/returns/?{urlencode(asked)} HTTP/1.1\r\n") <= LONGEST_REQUEST_LINE


def test_an_investment_that_stays_in_the_first_tier_shows_where_the_second_begins(client, register):
    asked = urlencode({"distributions": "2027-09-15 50000000"})
    page = read(client, f"/returns/?{asked}")
    assert "90% would begin at $616m" in page.words  # 50m paid and twice the 283,050,000 owed
    assert "pale: still to come" in page.words


def test_the_page_speaks_japanese(client, register):
    page = read(client, "/ja/returns/")
    assert "日本の受取は" in page.words
    assert "設例" in page.words
    assert "最初から最後まで日本 10%・米国 90%。" in page.words


def test_the_register_says_in_words_that_nothing_is_published(client, register):
    page = read(client, "/returns/")
    assert "No investment has received or paid out anything on record" in page.words
    assert "No deemed rate is on record" in page.words
    assert "Losses: the text is silent." in page.words
    measures = page.section('aria-label="Measures of performance"', "</table>")
    assert "DPIpaid out over paid in no payments yet no payments yet" in measures


def test_the_scenario_shows_every_investment_and_its_totals(client, illustrative):
    page = read(client, "/returns/?commitment=illustrative-us-2025&as_of=2026-11-20")
    assert "$514m received by Japan, $577m by the United States" in page.words
    rows = page.section('aria-label="Investments"', "</table>")
    assert "Dry lake magnets (fictional) 300.0 700.0 318.5 381.5 0.0 second" in rows
    for name in ("High mesa chip plant", "River bend gas power", "Pine hills medicines"):
        assert f"{name} (fictional)losses: the text is silent" in rows
    assert "All investments 45,645.0 1,091.0 514.0 577.0" in rows
    readings = page.section('aria-label="The same under every reading"', "</table>")
    assert readings.count("used here") == 1


def test_a_project_shows_its_own_returns(client, illustrative):
    query = "?commitment=illustrative-us-2025&as_of=2026-11-20"
    page = read(client, f"/projects/illustrative-rare-earths/{query}")
    returns = page.section('<h2 id="returns">', '<h2 id="ledger">')
    assert "24 Jun 2026 240,000,000.00 306,822,916.67" in returns
    assert "six-month SOFR + 270 bp" in returns
    assert "2.33×" in returns
    in_japanese = read(client, f"/ja/projects/illustrative-rare-earths/{query}")
    assert "6か月物SOFR + 270ベーシスポイント" in in_japanese.words
    assert "両者の合計 ÷ 払込額" in in_japanese.words
    other = read(client, f"/projects/illustrative-gas-export/{query}")
    assert '<h2 id="returns">' not in other.html


def test_the_file_of_investments_says_what_it_stands_for(client, illustrative):
    query = "commitment=illustrative-us-2025&as_of=2026-11-20"
    response = client.get(f"/returns/investments.csv?{query}")
    assert "illustrative_investments_" in response["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    magnets = next(row for row in rows if row["project"] == "illustrative-rare-earths")
    assert magnets["japan_received_low_usd"] == "318506308.91"
    assert (magnets["_as_of"], magnets["_illustrative"]) == ("2026-11-20", "true")
    workbook = client.get(f"/returns/investments.xlsx?{query}")
    assert workbook["Content-Disposition"].endswith('.xlsx"')
    head, *found = load_workbook(io.BytesIO(workbook.content)).active.iter_rows(values_only=True)
    received = {row[0]: row[head.index("japan_received_low_usd")] for row in found}
    assert received["illustrative-rare-earths"] == 318506308.91
    assert len(found) == len(rows)
    at_deemed = (magnets["npv_japan_usd"], magnets["discount_percent"])
    assert (magnets["npv_project_usd"] > "0", magnets["discount_percent"]) == (True, "6.55")
    chosen = client.get(f"/returns/investments.csv?{query}&discount=0")
    rows = list(csv.DictReader(io.StringIO(chosen.content.decode("utf-8-sig"))))
    magnets = next(row for row in rows if row["project"] == "illustrative-rare-earths")
    assert (magnets["npv_project_usd"], magnets["discount_percent"]) == ("580000000.00", "0")
    assert at_deemed != (magnets["npv_japan_usd"], "0")


def test_a_benchmark_may_lie_below_zero_and_its_deemed_rate_may_not(client, register):
    page = read(client, "/returns/?rate=-0.4&spread=565&discount=0")
    assert "at 5.25% a year" in page.section('id="what-if"', "</p>")


def test_a_what_if_says_its_net_present_value_at_the_deemed_rate_or_a_chosen_one(client, register):
    deemed = read(client, "/returns/").section('id="what-if"', "</dl>")
    assert "at 5.25% a year" in deemed
    chosen = read(client, "/returns/?discount=0").section('id="what-if"', "</dl>")
    assert "Japan $27,450,095.00, whole investment $450,000,000.00, at 0% a year" in chosen
    lost = read(client, "/returns/?discount=0&distributions=2028-06-15+1").section(
        'id="what-if"', "</dl>"
    )
    assert "Japan −$299,999,999.50, whole investment −$299,999,999.00" in lost


def test_the_programme_shows_net_present_values_at_a_chosen_rate(client, illustrative):
    query = "?commitment=illustrative-us-2025&as_of=2026-11-20"
    page = read(client, f"/returns/{query}&discount=8")
    measures = page.section('aria-label="Measures of performance"', "</table>")
    assert (
        "Net present value (XNPV)on the day of the first flow, at 8% a year as chosen" in measures
    )
    assert any("investments.csv" in link and "discount=8" in link for link in page.links)


def test_commas_between_groups_of_three_are_read_in_amounts_and_distributions(client, register):
    asked = urlencode(
        {
            "amount": "300,000,000",
            "distributions": "2027-09-15 50,000,000, 2028-03-15 700,000,000.00",
        }
    )
    page = read(client, f"/returns/?{asked}")
    assert "Japan would receive $327m, the United States $423m" in page.words
    assert 'value="300,000,000"' in page.html


def test_a_slip_keeps_what_was_entered_beside_the_words_about_it(client, register):
    asked = urlencode({"amount": "3oo", "rate": "4.75", "distributions": "2027-09-15 50,000,000"})
    page = read(client, f"/returns/?{asked}", status=400)
    form = page.html[page.html.index('<form class="form"') :]
    assert "amount: “3oo” is not an amount above zero" in form
    for kept in ('value="3oo"', 'value="4.75"', ">2027-09-15 50,000,000</textarea>"):
        assert kept in form
