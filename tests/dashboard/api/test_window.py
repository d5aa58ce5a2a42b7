"""The window of business days by the API: exact answers, and one clear problem for what cannot be."""

from typing import Any

import pytest
from django.test import Client

from tests.builders import COMMITMENT as TEST
from tests.builders import DOCUMENT, make_register, record

ADDRESS = "/api/v1/calendar/window/"


@pytest.fixture(autouse=True)
def _register(db: None) -> None:
    make_register()


def window(client: Client, **query: str) -> dict[str, Any]:
    response = client.get(ADDRESS, query)
    assert response.status_code == 200, response.content
    body: dict[str, Any] = response.json()
    assert body.pop("meta")["commitment"] == TEST
    assert body.pop("calendar_version").startswith("holidays ")
    return body


def test_a_joint_window_names_a_holiday_once_for_each_country_that_closes(client):
    assert window(client, notice="2026-12-01", days="45", calendar="joint") == {
        "notice": "2026-12-01",
        "days": 45,
        "calendar": "joint",
        "calendar_stated": "joint",
        "earliest_funding_date": "2027-02-09",
        "excluded": [
            {"date": "2026-12-25", "name": "Christmas Day", "country": "US"},
            {"date": "2026-12-31", "name": "Bank Holiday", "country": "JP"},
            {"date": "2027-01-01", "name": "New Year's Day", "country": "JP"},
            {"date": "2027-01-01", "name": "New Year's Day", "country": "US"},
            {"date": "2027-01-11", "name": "Coming of Age Day", "country": "JP"},
            {"date": "2027-01-18", "name": "Martin Luther King Jr. Day", "country": "US"},
        ],
    }


@pytest.mark.parametrize(
    ("calendar", "notice", "day"),
    [
        ("joint", "2027-04-05", "2027-06-14"),
        ("joint", "2027-06-15", "2027-08-20"),
        ("japan", "2026-12-01", "2027-02-05"),
        ("fed", "2026-12-01", "2027-02-05"),
        ("fed", "2027-12-23", "2028-02-28"),
    ],
)
def test_each_calendar_has_its_own_end(client, calendar, notice, day):
    body = window(client, notice=notice, days="45", calendar=calendar)
    assert body["earliest_funding_date"] == day


def test_days_and_calendar_of_the_terms_are_the_default(client):
    record(
        {
            "term": [
                {
                    "ref": f"term-{key}",
                    "commitment": TEST,
                    "key": key,
                    "name": key,
                    "value": value,
                    "effective_on": "2025-09-04",
                    "document": DOCUMENT,
                }
                for key, value in (
                    ("funding_window", {"business_days": 30, "nature": "earliest"}),
                    ("calendar", {"calendar": "fed"}),
                )
            ]
        }
    )
    body = window(client, notice="2026-12-01")
    assert (body["days"], body["calendar"]) == (30, "fed")
    assert body["earliest_funding_date"] == "2027-01-14"


@pytest.mark.parametrize(
    ("query", "parameter", "detail"),
    [
        ({}, "notice", "is required: the day of the notice, as in 2026-12-01"),
        ({"notice": ""}, "notice", "is empty"),
        ({"notice": "1 Dec 2026"}, "notice", "“1 Dec 2026” is not a date like 2026-02-28"),
        ({"notice": "2026-02-30"}, "notice", "“2026-02-30” is not a day of the calendar"),
        ({"notice": "2019-12-31"}, "notice", "must lie in the years 2020 to 2050"),
        ({"notice": "9999-12-31"}, "notice", "must lie in the years 2020 to 2050"),
        ({"days": "0"}, "days", "must be a whole number from 1 to 1000"),
        ({"days": "-45"}, "days", "must be a whole number from 1 to 1000"),
        ({"days": "45.5"}, "days", "must be a whole number from 1 to 1000"),
        ({"days": "٤٥"}, "days", "must be a whole number from 1 to 1000"),
        ({"days": "9" * 40}, "days", "must be a whole number from 1 to 1000"),
        (
            {"notice": "2050-12-01"},
            "days",
            "leads beyond 2050, the last year of the calendars",
        ),
        ({"calendar": "korea"}, "calendar", "must be one of: joint, japan, fed"),
    ],
)
def test_what_cannot_be_used_is_named(client, query, parameter, detail):
    given = {"notice": "2026-12-01", "days": "45", **query} if query else query
    response = client.get(ADDRESS, given)
    body = response.json()
    assert (response.status_code, body["parameter"], body["detail"]) == (400, parameter, detail)


def test_days_are_asked_for_where_the_terms_state_no_window(client):
    plain = {"slug": "plain-us-2025", "name": "Plain", "investor": "Plain", "investor_code": "PL"}
    record({"commitment": [plain]})
    body = client.get(ADDRESS, {"notice": "2026-12-01", "commitment": plain["slug"]}).json()
    assert (body["parameter"], body["detail"]) == (
        "days",
        "is required: the terms of this commitment state no window",
    )


def test_a_calendar_is_asked_for_where_the_terms_state_none(client):
    plain = {"slug": "plain-us-2025", "name": "Plain", "investor": "Plain", "investor_code": "PL"}
    record({"commitment": [plain]})
    asked = {"notice": "2026-12-01", "days": "45", "commitment": plain["slug"]}
    body = client.get(ADDRESS, asked).json()
    assert (body["parameter"], body["detail"]) == (
        "calendar",
        "is required: the terms of this commitment state no calendar",
    )
    chosen = client.get(ADDRESS, {**asked, "calendar": "fed"}).json()
    assert (chosen["calendar"], chosen["calendar_stated"]) == ("fed", None)
