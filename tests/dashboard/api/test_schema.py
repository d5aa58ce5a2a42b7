"""The description is the code's, and the answers are the description's."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from commitments.calculations.undefined import Reason
from config.wsgi import application
from dashboard.api.resources import BY_NAME
from dashboard.api.urls import OPENAPI, urlpatterns
from dashboard.management.commands.write_openapi import generated
from dashboard.pages.words import WATERFALL

DESCRIPTION: dict[str, Any] = json.loads(OPENAPI.read_text(encoding="utf-8"))


def test_the_committed_description_is_the_generated_one():
    assert OPENAPI.read_text(encoding="utf-8") == generated()


def test_the_description_is_served_as_committed(client, db):
    response = client.get("/api/v1/openapi.json")
    assert response["Content-Type"] == "application/vnd.oai.openapi+json"
    assert response.json() == DESCRIPTION
    assert DESCRIPTION["openapi"].startswith("3.1")


def test_the_description_is_sent_once_and_takes_no_parameter(client, db):
    address = "/api/v1/openapi.json"
    etag = client.get(address)["ETag"]
    held = client.get(address, headers={"If-None-Match": etag})
    assert (held.status_code, held.content, held["ETag"]) == (304, b"", etag)
    refused = client.get(f"{address}?x=1")
    assert refused.status_code == 400
    assert refused.json()["parameter"] == "x"


def test_every_address_is_described():
    described = {path.removeprefix("/api/v1/").replace("{key}", "<str:key>") for path in PATHS}
    served = {str(address.pattern) for address in urlpatterns} - {"openapi.json"}
    assert described == served


PATHS = DESCRIPTION["paths"]
READ = [path for path, operations in PATHS.items() if "get" in operations]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Odds", {"funded", "selected"}),
        ("OddsOrNone", {"funded", "selected"}),
        ("NoticeStandings", {"earliest", "latest"}),
    ],
)
def test_parts_of_one_shape_are_each_described(name, parts):
    assert DESCRIPTION["components"]["schemas"][name]["properties"].keys() == parts


def test_the_reasons_are_listed_wherever_a_figure_may_be_missing():
    schemas = DESCRIPTION["components"]["schemas"]
    assert schemas["ReasonEnum"]["enum"] == [str(reason) for reason in Reason]
    for name in ("PaceIndex", "ExposureLine", "Metric"):
        either = schemas[name]["properties"]["reason"]["oneOf"]
        assert {"$ref": "#/components/schemas/ReasonEnum"} in either


def test_only_the_calculator_is_posted_to():
    posted = {path: list(operations) for path, operations in PATHS.items() if path not in READ}
    assert posted == {"/api/v1/returns/waterfall/": ["post"]}
    assert all(list(PATHS[path]) == ["get"] for path in READ)


@pytest.mark.parametrize("path", READ)
def test_every_parameter_and_error_is_described(path):
    operation = PATHS[path]["get"]
    names = [p["name"] for p in operation["parameters"] if p["in"] == "query"]
    assert len(names) == len(set(names))
    assert {"as_of", "known_at", "published_by"} <= set(names)
    errors = {"400", "429", "500", "503"} | ({"404"} if "{key}" in path else set())
    assert set(operation["responses"]) == {"200", "304", *errors}
    for code in errors:
        assert list(operation["responses"][code]["content"]) == ["application/problem+json"]


def test_the_parameters_described_are_those_allowed(client, register):
    for path in READ:
        names = {p["name"] for p in PATHS[path]["get"]["parameters"] if p["in"] == "query"}
        answer = client.get(path.replace("{key}", "x"), {"no-such": "1"}).json()
        allowed = answer["detail"].split("allowed are: ")[1].split(", ")
        assert set(allowed) == names, path


SCHEMA = schemathesis.openapi.from_dict(DESCRIPTION)
SCHEMA.app = application
OPERATIONS = [result.ok() for result in SCHEMA.get_all_operations()]
# Which cursor, day or slug is usable depends on the register: no schema can say it.
UNSAYABLE = [positive_data_acceptance]


@contextmanager
def one_connection() -> Iterator[None]:
    """Keep the test's transaction open across real WSGI requests, as Django's client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


# What an address needs beside its point.
NEEDED = {
    "tariffs/rate/": {"category": "autos"},
    "tariffs/suppose/": {"suppose": "decline", "project": "prj-oh-portsmouth-gas"},
    "calendar/window/": {"notice": "2026-11-20"},
}
SCENARIO = {"commitment": "illustrative-us-2025"}
# Records that people and jobs make, and no file ships: by name there is none to answer.
MADE_LATER = {
    f"{name}/{{key}}/"
    for name in (
        *("alerts", "decisions", "forecasts", "forecast-scores"),
        *("lever-states", "scenarios", "snapshots", "stance-codings", "suppositions"),
    )
}


def example_of(client: Client, operation: Any) -> Any:
    """A question of an operation that names a shipped record where it needs one."""
    path = operation.path.removeprefix("/api/v1/")
    if operation.method.upper() == "POST":
        return operation.Case(body=json.loads(WATERFALL), media_type="application/json")
    if "{key}" not in path:
        return operation.Case(query=NEEDED.get(path, {}))
    for query in ({}, SCENARIO):
        key = key_of(client, operation.path, query)
        if key is not None:
            return operation.Case(path_parameters={"key": key}, query=query)
    return operation.Case(path_parameters={"key": "1"})


def test_every_operation_answers_on_the_shipped_facts_as_described(client, illustrative):
    cases = [example_of(client, operation) for operation in OPERATIONS]
    answered = {}
    with one_connection():
        for case in cases:
            path = case.operation.path.removeprefix("/api/v1/")
            answer = case.call_and_validate(excluded_checks=UNSAYABLE)
            answered[path] = answer.status_code
    expected = {path: 404 if path in MADE_LATER else 200 for path in answered}
    assert answered == expected
    assert len(answered) == len(PATHS)
    assert set(answered) >= MADE_LATER


def test_every_operation_refuses_an_unknown_parameter_as_described(client, illustrative):
    cases = [example_of(client, operation) for operation in OPERATIONS]
    with one_connection():
        for case in (c for c in cases if c.method.upper() == "GET"):
            case.query = {**(case.query or {}), "no-such": "1"}
            answer = case.call()
            assert answer.status_code == 400, case.operation.path
            assert answer.headers["content-type"] == ["application/problem+json"]
            assert answer.json()["parameter"] == "no-such"


def key_of(client: Client, path: str, query: dict[str, str]) -> str | None:
    """The name of the first record of a list; None when it is empty or takes no commitment."""
    listed = path.split("{key}")[0]
    rows = client.get(listed, query).json().get("results", [])
    resource = BY_NAME.get(listed.removeprefix("/api/v1/").strip("/"))
    names = (resource.key,) if resource else ("slug", "key", "number", "project")
    return next((str(row[name]) for row in rows[:1] for name in names if name in row), None)


def test_whatever_is_asked_the_answer_conforms_to_the_description(register):
    with one_connection():
        for operation in OPERATIONS:
            ask(operation, GenerationMode.POSITIVE)
            ask(operation, GenerationMode.NEGATIVE)


def ask(operation: Any, mode: GenerationMode) -> None:
    @settings(
        max_examples=4,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def walk(case: Any) -> None:
        case.call_and_validate(excluded_checks=UNSAYABLE)

    walk()
