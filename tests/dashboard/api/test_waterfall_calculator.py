"""The waterfall calculator: the worked example, and one clear problem for what cannot be used."""

import json
from typing import Any

import pytest
from django.test import Client
from django.test.client import FakePayload
from django.utils.html import escape

from dashboard.pages.words import WATERFALL

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/returns/waterfall/"
FUNDED = "2027-03-15"
EVENTS: list[dict[str, Any]] = [
    {"date": FUNDED, "type": "rate", "rate": "0.0525"},
    {"date": FUNDED, "type": "contribution", "amount": "300000000.00"},
    {"date": "2027-09-15", "type": "distribution", "amount": "50000000.00"},
    {"date": "2028-03-15", "type": "distribution", "amount": "700000000.00"},
]


def ask(client: Client, body: Any) -> Any:
    text = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return client.post(ADDRESS, text, "application/json")


def test_the_example_is_answered_to_the_cent(client):
    response = ask(client, {"reading": "JAPAN_SHARE", "events": EVENTS})
    assert response.status_code == 200
    assert response.json() == {
        "reading": "JAPAN_SHARE",
        "steps": [
            {
                "date": "2027-09-15",
                "amount": "50000000.00",
                "daa_before": "308050000.00",
                "tier1": "50000000.00",
                "japan_tier1": "25000000.00",
                "us_tier1": "25000000.00",
                "tier2": "0.00",
                "japan_tier2": "0.00",
                "us_tier2": "0.00",
                "interest_after": "0.00",
                "principal_after": "283050000.00",
            },
            {
                "date": "2028-03-15",
                "amount": "700000000.00",
                "daa_before": "290562618.75",
                "tier1": "581125237.50",
                "japan_tier1": "290562618.75",
                "us_tier1": "290562618.75",
                "tier2": "118874762.50",
                "japan_tier2": "11887476.25",
                "us_tier2": "106987286.25",
                "interest_after": "0.00",
                "principal_after": "0.00",
            },
        ],
        "total_japan": "327450095.00",
        "total_us": "422549905.00",
        "final_principal": "0.00",
        "final_interest": "0.00",
    }
    assert response["Cache-Control"] == "no-store"


def test_numbers_are_read_exactly_and_events_in_any_order(client):
    plain = [
        {k: float(v) if k in ("rate", "amount") else v for k, v in event.items()}
        for event in reversed(EVENTS)
    ]
    strings, numbers = (ask(client, {"events": events}).json() for events in (EVENTS, plain))
    assert numbers == strings


def test_a_capitalise_event_moves_interest_to_principal(client):
    events = [*EVENTS[:2], {"date": "2027-09-15", "type": "capitalise"}]
    body = ask(client, {"reading": "TOTAL", "events": events}).json()
    assert (body["steps"], body["final_principal"], body["final_interest"]) == (
        [],
        "308050000.00",
        "0.00",
    )


def _with(event: dict[str, Any]) -> dict[str, Any]:
    return {"events": [event]}


@pytest.mark.parametrize(
    ("body", "parameter", "detail"),
    [
        ("{", "body", "is not JSON"),
        (b"\xff", "body", "is not JSON"),
        ("[" * 20000, "body", "cannot be used: nested deeper than 20"),
        (
            '{"events": [], "events": [1]}',
            "body",
            "cannot be used: the key “events” stands twice in one object",
        ),
        ('{"events": 1e9999999999999999999}', "body", "holds a number that cannot be used"),
        (
            '{"\\ud800": 1, "events": []}',
            "\\ud800",
            "is not known; allowed are: reading, rounding, discount_rate, events",
        ),
        (
            '{"events": [{"type": "capitalise", "\\ud800": 1}]}',
            "events[0].\\ud800",
            "is not known; allowed are: date, type",
        ),
        (
            '{"\\ud800": 1, "\\ud800": 2}',
            "body",
            "cannot be used: the key “\\ud800” stands twice in one object",
        ),
        ("[]", "body", "must be an object with “reading” and “events”"),
        ('{"events": [{"rate": NaN}]}', "body", "cannot be used: NaN is not a number"),
        ({"events": []}, "events", "is required: a list of at least one event"),
        ({"reading": "TOTAL"}, "events", "is required: a list of at least one event"),
        ({"reading": "BOTH", "events": EVENTS}, "reading", "must be one of: JAPAN_SHARE, TOTAL"),
        ({"reading": ["TOTAL"], "events": EVENTS}, "reading", "must be one of: JAPAN_SHARE, TOTAL"),
        (
            {"readings": "TOTAL", "events": EVENTS},
            "readings",
            "is not known; allowed are: reading, rounding, discount_rate, events",
        ),
        ({"events": [1]}, "events[0]", "must be an object with “date” and “type”"),
        (
            _with({"date": FUNDED, "type": "fee"}),
            "events[0].type",
            "must be one of: rate, capitalise, contribution, distribution",
        ),
        (
            _with({"date": FUNDED, "type": ["fee"]}),
            "events[0].type",
            "must be one of: rate, capitalise, contribution, distribution",
        ),
        (
            _with({"date": FUNDED, "type": "capitalise", "amount": "1"}),
            "events[0].amount",
            "is not known; allowed are: date, type",
        ),
        (
            _with({"date": "15.3.2027", "type": "capitalise"}),
            "events[0].date",
            "must be a date like 2027-03-15",
        ),
        (
            _with({"date": "2027-02-30", "type": "capitalise"}),
            "events[0].date",
            "“2027-02-30” is not a day of the calendar",
        ),
        (
            _with({"date": FUNDED, "type": "rate", "rate": "5.25"}),
            "events[0].rate",
            "must be a fraction a year from 0 to 1: benchmark and spread together, 0.0525 for "
            "5.25 %. A benchmark may be negative, deemed interest is not: it adds to what is owed",
        ),
        (
            _with({"date": FUNDED, "type": "rate", "rate": "0.123456789"}),
            "events[0].rate",
            "has more than 8 decimals",
        ),
        (
            _with({"date": FUNDED, "type": "rate"}),
            "events[0].rate",
            "must be a decimal number, best as a string: “300000000.00”",
        ),
        (
            _with({"date": FUNDED, "type": "distribution", "amount": "1,000"}),
            "events[0].amount",
            "must be a decimal number, best as a string: “300000000.00”",
        ),
        (
            _with({"date": FUNDED, "type": "distribution", "amount": True}),
            "events[0].amount",
            "must be a decimal number, best as a string: “300000000.00”",
        ),
        (
            _with({"date": FUNDED, "type": "distribution", "amount": "-5"}),
            "events[0].amount",
            "must be more than 0 and at most 1000000000000000 US dollars",
        ),
        (
            f'{{"events": [{{"date": "{FUNDED}", "type": "distribution", "amount": 1e999999}}]}}',
            "events[0].amount",
            "must be more than 0 and at most 1000000000000000 US dollars",
        ),
        (
            _with({"date": FUNDED, "type": "contribution", "amount": "0.001"}),
            "events[0].amount",
            "has a fraction of a cent",
        ),
        (
            {"events": [EVENTS[0], {"date": FUNDED, "type": "rate", "rate": "0.06"}]},
            "events[1].rate",
            "is the second rate for 2027-03-15",
        ),
        ({"events": [EVENTS[0]] * 2001}, "events", "holds more than 2000 events"),
    ],
)
def test_what_cannot_be_used_is_named(client, body, parameter, detail):
    response = ask(client, body)
    problem = response.json()
    assert response["Content-Type"] == "application/problem+json"
    assert (response.status_code, problem["parameter"], problem["detail"]) == (
        400,
        parameter,
        detail,
    )


@pytest.mark.parametrize(
    "digits",
    ["1_000", "１０００", " 1000", "1000 ", "+1000", ".5", "5.", "1e3", "Infinity", "9" * 41],
)
def test_an_amount_or_a_rate_in_a_string_is_plain_digits(client, digits):
    for kind, name in (("distribution", "amount"), ("rate", "rate")):
        problem = ask(client, _with({"date": FUNDED, "type": kind, name: digits})).json()
        assert (problem["parameter"], problem["detail"]) == (
            f"events[0].{name}",
            "must be a decimal number, best as a string: “300000000.00”",
        )


@pytest.mark.parametrize("size", [500_001, 3_000_000])
def test_a_body_too_long_is_refused_by_its_stated_length_and_read_off(client, size):
    sent = FakePayload(b" " * size)
    response = client.post(
        ADDRESS,
        content_type="application/json",
        **{"wsgi.input": sent, "CONTENT_LENGTH": str(size)},
    )
    assert response.status_code == 413
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["detail"] == "The body is longer than 500,000 bytes."
    assert sent.read() == b""


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_it_answers_nothing_but_a_post(client, method):
    response = getattr(client, method)(ADDRESS)
    assert (response.status_code, response["Allow"]) == (405, "POST, OPTIONS")


def test_the_example_of_the_api_page_is_shown_and_works(client, register):
    page = client.get("/api/").content.decode()
    assert "POST /api/v1/returns/waterfall/" in page
    assert escape(WATERFALL) in page
    (step,) = ask(client, WATERFALL).json()["steps"]
    assert (step["daa_before"], step["japan_tier1"]) == ("308050000.00", "25000000.00")


def test_the_odd_cent_can_be_carried_from_one_payment_to_the_next(client):
    paid_in = {"date": "2027-01-01", "type": "contribution", "amount": "100.00"}
    cents = [
        {"date": f"2027-02-{day:02}", "type": "distribution", "amount": "0.01"}
        for day in range(1, 11)
    ]
    each = ask(client, {"events": [paid_in, *cents]}).json()
    carried = ask(client, {"rounding": "carried", "events": [paid_in, *cents]}).json()
    assert (each["total_japan"], each["total_us"]) == ("0.00", "0.10")
    assert (carried["total_japan"], carried["total_us"]) == ("0.05", "0.05")
    refused = ask(client, {"rounding": "up", "events": [paid_in]}).json()
    assert refused["detail"] == "must be one of: each, carried"


def test_net_present_values_are_given_at_the_rate_asked_for(client):
    at_nothing = ask(client, {"discount_rate": "0", "events": EVENTS}).json()
    assert at_nothing["npv_japan"] == "27450095.00"  # 327,450,095.00 received, 300m paid in
    assert at_nothing["npv_project"] == "450000000.00"
    at_ten = ask(client, {"discount_rate": "0.10", "events": EVENTS}).json()
    by_hand = 50e6 / 1.1 ** (184 / 365) + 700e6 / 1.1 ** (366 / 365) - 300e6
    assert float(at_ten["npv_project"]) == pytest.approx(by_hand, abs=0.01)
    assert ask(client, {"discount_rate": "2", "events": EVENTS}).json()["parameter"] == (
        "discount_rate"
    )
