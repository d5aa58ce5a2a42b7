"""The window calculator: the same answer as the API, under each calendar."""

from datetime import date

import pytest

from commitments.calculations.calendars import FIRST_YEAR, LAST_YEAR, excluded_days
from dashboard.holidays_ja import NAMES_JA
from tests.dashboard.pages.reading import read

pytestmark = pytest.mark.usefixtures("register")


def test_the_calculator_asks_before_it_answers(client):
    page = read(client, "/calls/window/")
    assert page.section("<h1>", "</h1>") == "When can funds be due?"
    assert "45 business days after the notice, clause 7" in page.words
    assert "Under each calendar" not in page.words


def test_a_window_across_new_year_stands_under_each_calendar(client):
    page = read(client, "/calls/window/?notice=2026-12-01")
    assert page.section("<h1>", "</h1>") == ("Notice on 1 Dec 2026: funds not before 9 Feb 2027")
    assert page.section("Last day of", "</table>") == (
        "45 business daysCalendar Funds not before Holidays left out "
        "business days of Japan’s banks and the Federal Reserve chosen 9 Feb 2027 5 "
        "business days of Japan’s banks 5 Feb 2027 3 "
        "business days of the Federal Reserve 5 Feb 2027 3"
    )
    rows = page.section("One row for each country", "</table>")
    assert "1 Jan 2027 New Year's Day Japan" in rows
    assert "1 Jan 2027 New Year's Day United States" in rows
    assert "/api/v1/calendar/window/?notice=2026-12-01&days=45&calendar=joint" in page.links


def test_the_api_behind_the_page_gives_the_same_day(client):
    address = "/calls/window/?notice=2027-04-05&days=45&calendar=fed"
    link = next(a for a in read(client, address).links if a.startswith("/api/v1/calendar/"))
    body = client.get(link).json()
    assert body["earliest_funding_date"] == "2027-06-08"
    assert "8 Jun 2027" in read(client, address).section("<h1>", "</h1>")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("notice=tomorrow", "“tomorrow” is not a date like 2026-02-28"),
        ("notice=2026-12-01&days=1001", "must be a whole number from 1 to 1000"),
        ("calendar=moon", "must be one of: joint, japan, fed"),
    ],
)
def test_what_cannot_be_used_is_named_on_the_page(client, query, words):
    assert words in read(client, f"/calls/window/?{query}", status=400).words


def test_every_holiday_of_the_calendars_has_a_japanese_name():
    found = excluded_days(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 30), "joint")
    missing = {(d.country, d.name) for d in found if d.name not in NAMES_JA[d.country]}
    assert missing == set()


def test_holidays_speak_the_language_of_the_page(client, register):
    query = "notice=2026-12-01&days=45"
    assert "クリスマス" in read(client, f"/ja/calls/window/?{query}").words
    assert "Christmas Day" in read(client, f"/calls/window/?{query}").words


def test_where_the_terms_state_no_calendar_one_is_asked_for_and_told_as_chosen(client):
    address = "/calls/window/?commitment=korea-us-2025&notice=2027-02-01"
    page = read(client, address)
    assert page.section("<h1>", "</h1>") == "When can funds be due?"
    assert "The terms of this commitment state no calendar" in page.words
    assert "9 Apr 2027" not in page.words
    chosen = read(client, f"{address}&calendar=japan")
    assert chosen.section("<h1>", "</h1>") == (
        "Notice on 1 Feb 2027: by the calendar chosen here, the window ends on 8 Apr 2027"
    )
    assert "which is not that of the agreement" in chosen.words
    assert "Funds not before" not in chosen.words


def test_a_parameter_that_is_missing_is_not_told_to_be_left_out(client, register):
    address = "/calls/window/?commitment=eu-us-2025&notice=2026-12-01&calendar=fed"
    page = client.get(address)
    assert page.status_code == 400
    words = " ".join(page.content.decode().split())
    assert "<b>days</b>: is required" in words
    assert "leave it out" not in words
    wrong = client.get(f"{address}&days=x").content.decode()
    assert "leave it out" in wrong
