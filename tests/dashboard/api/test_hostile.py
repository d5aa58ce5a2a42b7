"""Whatever is sent, the answer is one clear problem that names the parameter, never a 500."""

import base64
import json
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client
from redis import ConnectionError as RedisDown

from dashboard.api.views import figures
from dashboard.points import state_codes
from dashboard.throttles import Burst, Sustained
from tests.builders import make_project, make_register, record

CLAIMS = "/api/v1/claims/"


@pytest.fixture
def client(db: None) -> Client:
    make_register()
    record(make_project("mine"))
    return Client(raise_request_exception=False)


def cursor_of(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


def problem(response) -> tuple[int, str, str]:
    """Status, parameter and detail of a problem whose envelope is as RFC 9457 wants it."""
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    body = response.json()
    assert body["status"] == response.status_code
    assert body["type"] == "about:blank"
    assert body["request_id"] == response["X-Request-ID"]
    return response.status_code, body.get("parameter"), body["detail"]


CURSOR = "is not a cursor of this list; follow “next”"
USELESS = "holds characters that cannot be used, or is too long"
WORDS = "holds more than 100 characters or 8 words"
SIZE = "must be a whole number from 1 to 500"
ALLOWED = (
    "is not a parameter here; allowed are: after, as_of, aspect, commitment, confidence, "
    "document, known_at, ordering, page_size, published_by, q, qualifier, rank, ref, side, "
    "subject, unit"
)


@pytest.mark.parametrize(
    ("query", "parameter", "detail"),
    [
        ({"colour": "red"}, "colour", ALLOWED),
        ({"format": "xml"}, "format", ALLOWED),
        ({"page_size": "1000000"}, "page_size", SIZE),
        ({"page_size": "0"}, "page_size", SIZE),
        ({"page_size": "-1"}, "page_size", SIZE),
        ({"page_size": "٥"}, "page_size", SIZE),
        ({"page_size": "9" * 5000}, "page_size", SIZE),
        ({"q": "word " * 3000}, "q", WORDS),
        ({"q": "a b c d e f g h i"}, "q", WORDS),
        ({"q": "nul\x00"}, "q", "holds characters that cannot be used"),
        ({"subject": "nul\x00"}, "subject", USELESS),
        ({"subject": "x" * 201}, "subject", USELESS),
        ({"rank": "9" * 30}, "rank", "is out of range"),
        ({"rank": "first"}, "rank", "“first” value must be an integer."),
        ({"rank": "5"}, "rank", "must be one of: 1, 2, 3, 4, 9"),
        (
            {"ordering": "low"},
            "ordering",
            "must be one of: ref, -ref, subject, -subject, rank, -rank",
        ),
        ({"after": ""}, "after", CURSOR),
        ({"after": "???"}, "after", CURSOR),
        ({"after": "\x00"}, "after", CURSOR),
        ({"after": "日本"}, "after", CURSOR),
        ({"after": cursor_of("5")}, "after", CURSOR),
        ({"after": cursor_of('{"a": 1, "b": 2, "c": 3}')}, "after", CURSOR),
        ({"after": cursor_of('["ref", null, 5]')}, "after", CURSOR),
        ({"after": cursor_of('["ref", "a", null]')}, "after", CURSOR),
        ({"after": cursor_of('["rank", 1, 5]')}, "after", CURSOR),
        ({"after": cursor_of('["ref", "\\u0000", 5]')}, "after", CURSOR),
        ({"after": cursor_of('["ref", "a", 9223372036854775808]')}, "after", CURSOR),
        ({"after": cursor_of(f'["ref", "a", "{"9" * 30}"]')}, "after", CURSOR),
        ({"after": cursor_of(f'["ref", "a", {"9" * 5000}]')}, "after", CURSOR),
        ({"after": cursor_of("[" * 5000)}, "after", CURSOR),
        ({"ordering": "rank", "after": cursor_of('["rank", 1e400, 5]')}, "after", CURSOR),
        ({"ordering": "rank", "after": cursor_of('["rank", NaN, 5]')}, "after", CURSOR),
        ({"as_of": "2026-02-30"}, "as_of", "“2026-02-30” is not a day of the calendar"),
        ({"as_of": "0000-01-01"}, "as_of", "“0000-01-01” is not a day of the calendar"),
        ({"as_of": "20260228"}, "as_of", "“20260228” is not a date like 2026-02-28"),
        ({"as_of": "x" * 200}, "as_of", "is too long or holds characters that cannot be used"),
        ({"published_by": "2026-2-3"}, "published_by", "“2026-2-3” is not a date like 2026-02-28"),
        *(
            ({name: day}, name, "must lie in the years 1900 to 2100")
            for name in ("as_of", "published_by", "known_at")
            for day in ("0001-01-01", "1899-12-31", "9999-12-31")
        ),
        ({"known_at": "2100-12-31"}, "known_at", "lies in the future"),
        ({"known_at": "9999-12-31T23:59:59Z"}, "known_at", "lies in the future"),
        ({"known_at": "soon"}, "known_at", "“soon” is not a date or an instant"),
        (
            {"known_at": "0001-01-01T00:00:00+14:00"},
            "known_at",
            "must lie in the years 1900 to 2100",
        ),
        (
            {"known_at": "2026-11-22T09:00:00"},
            "known_at",
            "needs an offset, as in 2026-11-22T09:00:00+09:00",
        ),
        ({"published_by": ""}, "published_by", "is empty"),
        ({"commitment": " "}, "commitment", "is empty"),
        ({"commitment": "mars"}, "commitment", "“mars” is no commitment"),
    ],
)
def test_a_bad_parameter_is_refused_by_name(client, query, parameter, detail):
    assert problem(client.get(CLAIMS, query)) == (400, parameter, detail)


@pytest.mark.parametrize("query", ["%ED%A0%80=1", "q=%ED%A0%80%FF&colour=1", "project=%ED%A0%80"])
def test_half_a_character_in_an_address_is_refused_like_any_other(client, query):
    assert problem(client.get(f"{CLAIMS}?{query}"))[0] == 400


def test_a_later_day_is_refused_by_name(client):
    status, parameter, detail = problem(client.get(CLAIMS, {"as_of": "2100-12-31"}))
    assert (status, parameter) == (400, "as_of")
    assert detail.startswith("lies after today, ")


def test_a_parameter_given_twice_is_refused(client):
    answer = problem(client.get(f"{CLAIMS}?rank=1&rank=2"))
    assert answer == (400, "rank", "is given more than once")


def test_a_refusal_is_in_english_whatever_language_is_asked_for(client):
    answer = client.get(f"{CLAIMS}?rank=x", headers={"Accept-Language": "ja"})
    assert problem(answer) == (400, "rank", "“x” value must be an integer.")
    assert answer["Content-Language"] == "en"


@pytest.mark.parametrize(
    ("query", "parameter", "detail"),
    [
        ("project=nobody", "project", "“nobody” is not on record"),
        ("sector=nothing", "sector", "must be one of: energy, metals, not-stated"),
        ("instrument=barter", "instrument", "must be one of: equity, loan, not-stated"),
        ("state=Ohio", "state", f"must be one of: {', '.join(state_codes())}"),
    ],
)
@pytest.mark.parametrize(
    "path", ["metrics/", "metrics/selected_usd/", "commitments/test-us-2025/progress/"]
)
def test_a_scope_that_is_not_on_record_is_refused(client, path, query, parameter, detail):
    assert problem(client.get(f"/api/v1/{path}?{query}")) == (400, parameter, detail)


def test_a_commitment_that_contradicts_the_address_is_refused(client):
    other = {"slug": "other-us", "name": "Other", "investor": "Other", "investor_code": "XX"}
    record({"commitment": [other]})
    answer = problem(client.get("/api/v1/commitments/test-us-2025/progress/?commitment=other-us"))
    assert answer == (400, "commitment", "contradicts the address")


@pytest.mark.parametrize("name", ["project", "sector", "instrument", "state"])
def test_the_not_stated_member_is_a_scope(client, name):
    answer = client.get(f"/api/v1/metrics/selected_usd/?{name}=not-stated")
    expected = "1000000.00" if name == "instrument" else "0.00"
    assert answer.json()["result"]["value"] == expected


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("claims/nobody/", "No claims record is called “nobody” at this point."),
        ("claims/%00/", "No record has such a name."),
        (f"claims/{'x' * 141}/", "No record has such a name."),
        ("claims/%E6%97%A5/", "No claims record is called “日” at this point."),
        ("ledger-entries/x/", "No ledger-entries record is called “x”."),
        ("ledger-entries/-1/", "No ledger-entries record is called “-1”."),
        (f"ledger-entries/{2**63}/", f"No ledger-entries record is called “{2**63}”."),
        (f"ledger-entries/{2**63 - 1}/", f"No ledger-entries record is called “{2**63 - 1}” at this point."),
        (f"revisions/{'9' * 40}/", f"No revisions record is called “{'9' * 40}”."),
        ("commitments/mars/", "No commitment is called “mars”."),
        ("commitments/%00/progress/", "No record has such a name."),
        ("metrics/luck/", "No metric is called “luck”."),
        ("projects/nobody/", "Project “nobody” is not known."),
        ("projects/mine/?as_of=2026-02-16", "Project “mine” is not on record at this point."),
    ],
)  # fmt: skip
def test_what_is_not_there_is_a_404(client, path, detail):
    assert problem(client.get(f"/api/v1/{path}")) == (404, None, detail)


def test_an_address_that_is_none_is_a_problem_too(client):
    response = client.get("/api/v1/nothing/")
    assert response["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "No such address.",
        "request_id": response["X-Request-ID"],
    }


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("path", ["", "claims/", "claims/x/", "projects/", "openapi.json"])
def test_nothing_is_written_here(client, method, path):
    response = getattr(client, method)(f"/api/v1/{path}", "{}", "application/json")
    detail = f'Method "{method.upper()}" not allowed.'
    assert problem(response) == (405, None, detail)
    assert response["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "nonsense", "*/*;q=0"])
def test_the_answer_is_json_whatever_is_accepted(client, accept):
    response = client.get(CLAIMS, headers={"Accept": accept})
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")


def test_a_fault_of_ours_tells_nothing_of_the_inside(client, monkeypatch):
    def fail(*_args, **_named):
        raise RuntimeError("secret")

    monkeypatch.setattr(figures, "figure_of", fail)
    response = client.get("/api/v1/metrics/selected_usd/")
    assert response.json() == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "detail": "The answer could not be made.",
        "request_id": response["X-Request-ID"],
    }


def test_a_database_that_is_away_is_a_503(client, monkeypatch):
    def fail(*_args, **_named):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(figures, "figure_of", fail)
    response = client.get("/api/v1/metrics/selected_usd/")
    detail = "The register cannot be read at the moment. Try again shortly."
    assert problem(response) == (503, None, detail)
    assert response["Retry-After"] == "6"


@pytest.fixture
def two_a_minute(monkeypatch) -> Iterator[None]:
    cache.clear()
    monkeypatch.setattr(Burst, "THROTTLE_RATES", {"burst": "2/min"})
    yield
    cache.clear()


@pytest.mark.usefixtures("two_a_minute")
def test_who_asks_too_often_is_told_when_to_come_back(client):
    asked = [client.get(CLAIMS, REMOTE_ADDR="192.0.2.1").status_code for _ in range(2)]
    refused = client.get(CLAIMS, REMOTE_ADDR="192.0.2.1")
    another = client.get(CLAIMS, REMOTE_ADDR="192.0.2.2")
    assert (asked, another.status_code) == ([200, 200], 200)
    assert problem(refused)[0] == 429
    assert 1 <= int(refused["Retry-After"]) <= 61


@pytest.mark.usefixtures("two_a_minute")
def test_an_address_cannot_be_changed_by_a_header(client):
    codes = [
        client.get(CLAIMS, headers={"X-Forwarded-For": f"192.0.2.{n}"}).status_code
        for n in range(3)
    ]
    assert codes == [200, 200, 429]


@pytest.mark.parametrize("throttle", [Burst, Sustained])
def test_a_cache_that_is_down_stops_nobody(client, monkeypatch, throttle):
    class Down:
        def get(self, *_args):
            raise RedisDown("refused")

    monkeypatch.setattr(throttle, "cache", Down())
    assert client.get(CLAIMS).status_code == 200


def test_a_body_sent_with_a_read_is_not_read(client):
    response = client.generic("GET", CLAIMS, json.dumps({"a": 1}), "application/json")
    assert response.status_code == 200
