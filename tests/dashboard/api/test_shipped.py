"""The API over the shipped facts: nothing inexact, nothing dangling."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from commitments.models import Document
from dashboard.api.resources import RESOURCES

API = "/api/v1/"
pytestmark = pytest.mark.usefixtures("register")


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from leaves(part)
    else:
        yield value


def everything(client: Client, path: str) -> list[dict[str, Any]]:
    found, address = [], f"{API}{path}?page_size=500"
    while address:
        body = client.get(address).json()
        found, address = found + body["results"], body["next"]
    return found


def test_no_number_of_an_answer_is_a_float(client):
    for path in ("projects/", *(f"{r.name}/" for r in RESOURCES)):
        floats = [leaf for leaf in leaves(everything(client, path)) if isinstance(leaf, float)]
        assert floats == [], path
    metrics = client.get(f"{API}metrics/").json()["results"]
    assert [leaf for leaf in leaves(metrics) if isinstance(leaf, float)] == []


def test_every_document_named_is_one_that_can_be_asked_for(client):
    known = set(Document.objects.values_list("slug", flat=True))
    for resource in RESOURCES:
        if "document" in resource.fields:
            rows = everything(client, f"{resource.name}/")
            assert {row["document"] for row in rows} - known - {None} == set(), resource.name


def test_every_record_of_a_list_answers_under_its_own_name(client):
    for resource in RESOURCES:
        for row in everything(client, f"{resource.name}/")[:3]:
            body = client.get(f"{API}{resource.name}/{row[resource.key]}/").json()
            assert body["result"] == row, resource.name


def test_the_whole_is_the_sum_of_the_projects_in_both_answers(client):
    projects = everything(client, "projects/")
    selected = [
        p["amounts"]["selected"]
        for p in projects
        if p["count_in_totals"] and p["stage"] in ("selected", "signed")
    ]
    whole = client.get(f"{API}metrics/selected_usd/").json()["result"]
    for bound in ("low", "high"):
        cents = sum(int(amount[bound].replace(".", "")) for amount in selected)
        assert cents == int(whole[bound].replace(".", ""))
