"""A filter of a list takes the words in use, and names them to who asks for another."""

import pytest

pytestmark = pytest.mark.usefixtures("register")


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("projects/?sector=toys", "semiconductors"),
        ("projects/?state=XX", "not-stated"),
        ("projects/?batch=tranche-9", "candidates-2025-10, reported-candidate, tranche-1"),
        ("gaps/?area=weather", "money, searches, tariffs, terms"),
        ("documents/?date_precision=hour", "day"),
        ("tariff-measures/?category=toys", "autos"),
        ("project-profiles/?sector=toys", "semiconductors"),
        ("reactions/?country=XX", "JP"),
        ("institutions/?kind=circus", "policy_bank"),
        ("trade/?flow=sideways", "us_imports_from_japan"),
    ],
)
def test_a_word_that_no_record_uses_is_refused_with_those_in_use(client, address, named):
    response = client.get(f"/api/v1/{address}")
    body = response.json()
    assert (response.status_code, body["parameter"]) == (400, address.split("?")[1].split("=")[0])
    assert "must be one of: " in body["detail"]
    assert named in body["detail"]


@pytest.mark.parametrize("address", ["claims/?subject=project:nobody", "stage-events/?project=x"])
def test_of_a_long_list_the_refusal_says_that_the_name_is_not_on_record(client, address):
    body = client.get(f"/api/v1/{address}").json()
    assert "is not on record" in body["detail"] or "must be one of" in body["detail"]


def test_a_word_in_use_that_nothing_fits_at_the_point_is_an_empty_list(client):
    body = client.get("/api/v1/stage-events/?kind=selected&as_of=2026-01-31").json()
    assert body["results"] == []
    assert client.get("/api/v1/gaps/?area=money&as_of=2026-01-31").json()["results"] == []
