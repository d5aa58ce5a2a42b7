"""Who is late: headline, clocks, both readings, the last safe day, and the calendar feed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from icalendar import Calendar

from dashboard.notice_words import calendar_words, state_words
from projects.calculations.notices import Clock, Receipt, standing
from tests.builders import BASE, post, record
from tests.dashboard.pages.reading import Page, read
from tests.notices import make_commitment_with_window, notice_record, receipts, record_notices

DAY = "as_of=2026-11-24"


@pytest.fixture
def _notices(db: None) -> None:
    """One notice paid late under the one reading, one late with a date, one open."""
    make_commitment_with_window()
    paid, late, _open = record_notices(
        notice_record("not-1", amount_usd="1000000.00"),
        notice_record("not-2", amount_usd="2000000.00", specified_on="2026-11-19"),
        notice_record("not-3", amount_usd="3000000.00", received_on="2026-10-01"),
    )
    post(
        [
            *receipts(paid, (date(2026, 11, 13), "400000"), (date(2026, 11, 17), "600000")),
            *receipts(late, (date(2026, 11, 17), "500000")),
        ]
    )


def clocks(page: Page) -> str:
    return page.section('<ol class="clock">', "</ol>")


def test_todays_record_says_until_when_a_notice_is_safe(client, register):
    page = read(client, "/calls/?as_of=2026-11-22")
    assert page.section("<h1>", "</h1>") == (
        "No notice is on record. The last safe day for one is 8 November 2028"
    )
    assert "No notice is on record. Not found is not the same as did not happen." in page.words
    safe = page.section("For the deadline of", "</table>")
    assert (
        "business days of Japan’s banks and the Federal Reserve chosen 8 Nov 2028 8 Nov 2028"
        in safe
    )
    assert "business days of Japan’s banks 12 Nov 2028 12 Nov 2028" in safe
    assert "business days of the Federal Reserve 13 Nov 2028 13 Nov 2028" in safe
    rows = page.section("After each day of notice", "</table>")
    assert "30 Nov 2026 8 Feb 2027 in time 543.9 23.6 1.19" in rows
    assert "31 Oct 2028 11 Jan 2029 in time 6.1 2,092.6 110.00" in rows
    assert "8 Nov 2028 last safe day 19 Jan 2029 in time 0.0 – –" in rows
    assert "30 Nov 2028 9 Feb 2029 too late 0.0 – –" in rows
    assert "if nothing is called until the day, what must be called from then on" in page.words


def test_todays_record_in_japanese_answers(client, register):
    assert "2028年11月8日" in read(client, "/ja/calls/").words


@pytest.mark.usefixtures("_notices")
def test_the_late_notice_comes_first_with_what_is_received(client):
    page = read(client, f"/calls/?{DAY}")
    assert page.section("<h1>", "</h1>") == "1 funding notice is late, by 2 business days"
    listed = clocks(page)
    assert listed.index("notice 2") < listed.index("notice 3")
    assert "2 business days late" in listed
    assert "due 19 Nov 2026" in listed
    assert "11 business days to the first day of funding" in listed
    assert "not before 10 Dec 2026" in listed
    assert "read as deadline: 11 business days left" in listed
    assert "plant, notice 1 " not in listed


@pytest.mark.usefixtures("_notices")
def test_on_the_weekend_after_its_day_a_notice_is_late_by_no_business_day_yet(client):
    record_notices(notice_record("not-2", amount_usd="2000000.00", specified_on="2026-11-20"))
    page = read(client, "/calls/?as_of=2026-11-22")
    assert page.section("<h1>", "</h1>") == (
        "1 funding notice is late; no business day has passed since"
    )
    assert "plant, notice 2 ▲ late, no business day yet" in clocks(page)


def test_a_payment_on_a_closed_day_beside_the_due_date_is_off_by_no_business_day():
    friday = Clock(
        date(2026, 9, 1), date(2026, 11, 20), Decimal(1), specified_on=date(2026, 11, 20)
    )
    sunday = replace(friday, specified_on=date(2026, 11, 22))
    paid = (Receipt(date(2026, 11, 21), Decimal(1)),)
    for clock, words in (
        (friday, ("funded late, before the next business day", "a")),
        (sunday, ("funded early, by less than a business day", "k")),
    ):
        found = standing(replace(clock, receipts=paid), "latest", as_of=date(2026, 12, 1))
        assert state_words(found) == words


def test_what_counts_nothing_or_came_in_beyond_a_call_is_said(client, illustrative):
    page = read(client, "/calls/?commitment=illustrative-us-2025&as_of=2026-11-22")
    rows = page.section("As capital-call notices state it", "</table>")
    assert (
        "6 Jul 2026 25.000 6.000 4.000 15.000 4.100 0.000 funded 1 business day late"
        "overpaid by $100m. The last transfer was rounded up by the sender; both sides" in rows
    )
    assert "20 Apr 2026 12.000 0.000 3.000declined: counts nothing 12.000 0.000" in rows
    assert (
        "Noticed $58.5bn, less funded $45.6bn, is less than the $13.0bn awaited: $100m came in "
        "beyond what a notice calls" in page.words
    )
    early = read(client, "/calls/?commitment=illustrative-us-2025&as_of=2026-08-31")
    assert "is less than the" not in early.words


@pytest.mark.usefixtures("_notices")
def test_closed_notices_tell_the_days_they_took_under_the_reading_chosen(client):
    closed = 'aria-label="Closed notices"'
    earliest = read(client, f"/calls/?{DAY}").section(closed, "</table>")
    latest = read(client, f"/calls/?{DAY}&reading=latest").section(closed, "</table>")
    assert "plant, notice 1 1 Sep 2026 funded on time 48" in earliest
    assert "plant, notice 1 1 Sep 2026 funded 3 business days late 48" in latest


@pytest.mark.usefixtures("_notices")
def test_a_notice_that_states_its_reading_stands_under_it_unless_another_is_chosen(client):
    record_notices(notice_record("not-3", amount_usd="3000000.00", reading="latest"))
    own = clocks(read(client, f"/calls/?{DAY}"))
    assert "the notice itself: read as deadline" in own
    assert own.index("notice 3") < own.index("notice 2")  # late by 8 days, not by 2
    assert "due 12 Nov 2026" in own
    assert "read as earliest date: window over, no due date" in own
    hint = "A notice that states its own reading stands under it"
    assert hint in read(client, f"/calls/?{DAY}").words
    assert hint not in read(client, "/calls/?as_of=2026-08-01").words


@pytest.mark.usefixtures("_notices")
def test_each_notice_shows_its_effect_on_the_unfunded_commitment(client):
    rows = read(client, f"/calls/?{DAY}").section("As capital-call notices state it", "</table>")
    assert "plant, notice 1 1 Sep 2026 0.010 0.000 0.001 0.009 0.001 0.000" in rows
    assert "plant, notice 3 1 Oct 2026 0.010 0.003 0.003 0.004 0.000 0.003" in rows


@pytest.mark.usefixtures("_notices")
def test_the_calendar_can_be_switched(client):
    page = read(client, f"/calls/?{DAY}&calendar=fed")
    assert "not before 8 Dec 2026" in clocks(page)


@pytest.mark.usefixtures("_notices")
def test_the_day_described_decides_what_is_known(client):
    page = read(client, "/calls/?as_of=2026-09-30")
    assert page.section("<h1>", "</h1>") == (
        "2 funding notices are open; the next day to watch is 12 Nov 2026"
    )
    assert "notice 3" not in page.words


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("reading=none", "must be one of: earliest, latest"),
        ("calendar=moon", "must be one of: joint, japan, fed"),
    ],
)
def test_what_cannot_be_chosen_is_named(client, db, query, words):
    make_commitment_with_window()
    assert words in read(client, f"/calls/?{query}", status=400).words
    assert words in read(client, f"/calls/calendar.ics?{query}", status=400).words


@pytest.mark.usefixtures("_notices")
def test_the_feed_holds_the_day_of_every_open_notice_and_the_last_safe_day(client):
    response = client.get(f"/calls/calendar.ics?{DAY}")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    events = Calendar.from_ical(response.content).walk("VEVENT")
    assert [(str(e["uid"]), e["dtstart"].dt, str(e["summary"])) for e in events] == [
        ("not-2-earliest@550-tracker", date(2026, 11, 19), "Funds due: plant, notice 2"),
        (
            "not-3-earliest@550-tracker",
            date(2026, 12, 10),
            "First day of funding: plant, notice 3",
        ),
        (
            "last-safe-test-us-2025@550-tracker",
            date(2028, 11, 8),
            "Last safe day for a funding notice",
        ),
    ]
    assert response.content == client.get(f"/calls/calendar.ics?{DAY}").content


@pytest.mark.parametrize(
    ("calendar", "day"),
    [("joint", date(2028, 11, 8)), ("japan", date(2028, 11, 12)), ("fed", date(2028, 11, 13))],
)
def test_the_feed_and_the_page_give_the_same_safe_day_under_each_calendar(
    client, db, calendar, day
):
    make_commitment_with_window()
    query = f"{DAY}&calendar={calendar}"
    (event,) = Calendar.from_ical(client.get(f"/calls/calendar.ics?{query}").content).walk("VEVENT")
    assert event["dtstart"].dt == day
    assert calendar_words(calendar) in str(event["description"])
    page = read(client, f"/calls/?{query}")
    assert page.section("<h1>", "</h1>").endswith(f"is {day.day} November 2028")
    assert f"{calendar_words(calendar)} chosen {day.day} Nov 2028" in page.words


KOREA = f"{DAY}&commitment=korea-us-2025"


def test_where_the_terms_state_no_calendar_no_day_is_told_as_the_agreements(client, register):
    page = read(client, f"/calls/?{KOREA}")
    assert page.section("<h1>", "</h1>") == "No notice is on record"
    assert "The terms of this commitment state no calendar" in page.words
    assert "45 business days" in page.words
    for words in (
        "The last safe day of notice",
        "Holidays of the next twelve months",
        "8 Nov 2028",
    ):
        assert words not in page.words
    assert b"VEVENT" not in client.get(f"/calls/calendar.ics?{KOREA}").content
    for key in ("last_safe_notice_date", "business_days_left"):
        result = client.get(f"/api/v1/metrics/{key}/?{KOREA}").json()["result"]
        assert (result["value"], result["reason"]) == (None, "not_stated"), key


def test_a_calendar_that_a_reader_chooses_is_told_as_chosen(client, register):
    page = read(client, f"/calls/?{KOREA}&calendar=fed")
    assert page.section("<h1>", "</h1>") == "No notice is on record"
    assert "counted by the one chosen here, which is not that of the agreement" in page.words
    assert "business days of the Federal Reserve chosen 13 Nov 2028 (unverified)" in page.words
    assert "For the deadline of 19 January 2029 (unverified)" in page.words
    assert "cash limited per year, so payments can run later" in page.words
    assert "What is still to be noticed is not stated, so it is not spread over the days." in (
        page.words
    )
    assert "has passed" not in page.words
    assert "Japan may pay" not in page.words
    feed = client.get(f"/calls/calendar.ics?{KOREA}&calendar=fed").content
    (event,) = Calendar.from_ical(feed).walk("VEVENT")
    assert "as chosen" in str(event["description"])
    assert str(event["summary"]).endswith("(unverified)")


@pytest.mark.parametrize(
    ("day", "words"),
    [("2026-11-20", "The deadline has passed."), ("2026-11-10", "The last safe day has passed.")],
)
def test_once_no_day_of_notice_is_left_it_says_why(client, db, day, words):
    make_commitment_with_window()
    (deadline,) = (term for term in BASE["term"] if term["key"] == "deadline")
    record({"term": [{**deadline, "value": {"date": "2026-11-20"}}]})
    assert words in read(client, f"/calls/?as_of={day}").words


@pytest.mark.usefixtures("_notices")
def test_a_notice_stands_whole_by_the_api(client):
    body = client.get("/api/v1/notices/not-1/?as_of=2026-11-24").json()["result"]
    assert body["standings"] == {
        "earliest": {
            "status": "funded_on_time",
            "due_on": None,
            "days_left": None,
            "days_off": 0,
            "days_taken": 48,
            "ended_on": "2026-11-17",
        },
        "latest": {
            "status": "late",
            "due_on": "2026-11-12",
            "days_left": None,
            "days_off": 3,
            "days_taken": 48,
            "ended_on": "2026-11-17",
        },
    }
    assert (body["default_reading"], body["earliest_on"], body["funded_on"]) == (
        "earliest",
        "2026-11-12",
        "2026-11-17",
    )
    assert body["receipts"] == [
        {"value_date": "2026-11-13", "amount_usd": "400000.00"},
        {"value_date": "2026-11-17", "amount_usd": "600000.00"},
    ]
    assert body["unfunded_commitment"] == {
        "selected_low": "10000000.00",
        "selected_high": "10000000.00",
        "noticed_before_usd": "0.00",
        "this_notice_usd": "1000000.00",
        "after_low": "9000000.00",
        "after_high": "9000000.00",
    }


@pytest.mark.usefixtures("_notices")
def test_a_project_shows_its_own_notices_with_their_clocks(client):
    page = read(client, f"/projects/plant/?{DAY}")
    notices = page.section("<h2>Funding notices</h2>", "All notices, calendars and readings")
    assert "plant, notice 2 ▲ 2 business days late" in notices
    assert (
        "plant, notice 1 1 Sep 2026 0.010 0.000 0.001 0.009 0.001 0.000 funded on time" in notices
    )
    assert (
        "No notice is on record for this project."
        in read(client, "/projects/plant/?as_of=2026-08-31").words
    )


@pytest.mark.usefixtures("_notices")
def test_the_first_page_shows_the_clock_once_a_notice_exists(client):
    clock = read(client, f"/?{DAY}").section('id="h1b">', "</section>")
    assert clock.startswith("1 funding notice is late, by 2 business days Each tick")
    assert "plant, notice 3" in clock
    assert "Funding-notice clock" not in read(client, "/?as_of=2026-08-31").words
