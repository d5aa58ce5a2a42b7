"""What was true, what was known and what was public: the answers and the pages agree."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.test import Client

from commitments.models import Revision
from tests.dashboard.pages.reading import read

PROGRESS = "/api/v1/commitments/japan-us-2025/progress/"
pytestmark = pytest.mark.usefixtures("register")


def selected(client: Client, query: str) -> tuple[Any, ...]:
    answer = client.get(f"{PROGRESS}?{query}").json()
    figure = answer["metrics"]["selected_usd"]
    return figure["low"], figure["high"], figure["reason"], figure["note"]


def test_nothing_is_selected_before_the_first_batch(client):
    assert selected(client, "as_of=2026-01-31") == ("0.00", "0.00", None, "none_published")


def test_the_first_batch_is_selected_with_its_range(client):
    expected = ("35700000000.00", "36000000000.00", None, None)
    assert selected(client, "as_of=2026-02-28") == expected


def test_what_was_not_yet_public_does_not_count(client):
    query = "as_of=2026-02-28&published_by=2026-02-10"
    assert selected(client, query) == ("0.00", "0.00", None, "none_published")


@pytest.mark.parametrize("day", ["2025-09-04", "2025-09-05", "2025-09-06"])
def test_what_the_world_could_read_first_is_what_was_so_on_that_day(client, day):
    """No headline rung was ever published: it is the register's own, and published_by leaves it."""
    public, then = (
        client.get(PROGRESS, {name: day, "as_of": day}).json()["metrics"]
        for name in ("published_by", "as_of")
    )
    asked = ("funded_usd", "selected_usd", "required_usd_per_month", "days_left")
    shown = [(public[key]["value"], public[key].get("note")) for key in asked]
    assert shown == [(then[key]["value"], then[key].get("note")) for key in asked]
    assert shown[:2] == [("0.00", "none_published")] * 2
    later = client.get(PROGRESS, {"published_by": day}).json()["metrics"]
    assert (later["funded_usd"]["value"], later["funded_usd"]["note"]) == shown[0]
    page = client.get("/", {"published_by": day}).content.decode()
    assert "Only the terms of this commitment are on record" not in page


@pytest.mark.parametrize("also", [{}, {"as_of": "2025-09-03"}])
def test_before_the_agreement_was_public_every_answer_says_so(client, also):
    query = {"published_by": "2025-09-03", **also}
    figures = client.get(PROGRESS, query).json()["metrics"].values()
    assert {(f["value"], f["reason"]) for f in figures} == {(None, "before_agreement")}
    assert reasons_of_lists(client, query) == {"before_agreement"}
    page = read(client, f"/?{urlencode(query)}").words
    assert "The agreement on record begins on 4 September 2025" in page


def test_before_the_load_every_metric_is_not_recorded_yet(client):
    before = Revision.objects.get(number=1).recorded_at - timedelta(seconds=1)
    answer = client.get(PROGRESS, {"known_at": before.isoformat()}).json()
    assert answer["meta"]["revision"] == 0
    figures = answer["metrics"].values()
    assert {(f["value"], f["low"], f["high"]) for f in figures} == {(None, None, None)}
    assert {f["reason"] for f in figures} == {"not_recorded_yet"}
    assert reasons_of_lists(client, {"known_at": before.isoformat()}) == {"not_recorded_yet"}


def reasons_of_lists(client, query) -> set[str]:
    """Why the pace and the forecast of the real commitment have no answer."""
    addresses = (f"/api/v1/commitments/japan-us-2025/{name}/" for name in ("pace", "forecast"))
    return {client.get(address, query).json()["reason"] for address in addresses}


def test_before_the_agreement_every_answer_says_so(client):
    query = {"as_of": "2025-01-01"}
    figures = client.get(PROGRESS, query).json()["metrics"].values()
    assert {f["reason"] for f in figures} == {"before_agreement"}
    assert reasons_of_lists(client, query) == {"before_agreement"}


def test_before_its_own_load_a_commitment_is_not_recorded_yet(client):
    """The real facts are revision 1, the fictional scenario came after them."""
    call_command("load_illustrative", verbosity=0)
    query = {
        "known_at": Revision.objects.get(number=1).recorded_at.isoformat(),
        "commitment": "illustrative-us-2025",
    }
    address = "/api/v1/commitments/illustrative-us-2025/progress/"
    figures = client.get(address, query).json()["metrics"].values()
    assert {f["reason"] for f in figures} == {"not_recorded_yet"}
    words = read(client, f"/?{urlencode(query)}").words
    assert "The register held nothing at that moment." in words
    figure = read(client, "/figures/selected_usd/?commitment=illustrative-us-2025").words
    history = figure.split("As known at each revision")[1].split("API")[0]
    assert "r2" in history
    assert "r1" not in history, "it posted no fact of this commitment"
    assert "not stated" not in history
    metrics = client.get(PROGRESS, {"known_at": query["known_at"]}).json()["metrics"]
    assert metrics["target_usd"]["value"] == "550000000000.00"


def test_the_headline_figures_of_the_shipped_data(client):
    metrics = client.get(f"{PROGRESS}?as_of=2026-11-22").json()["metrics"]
    assert {key: (m["low"], m["high"]) for key, m in metrics.items() if key in EXPECTED} == EXPECTED


EXPECTED = {
    "target_usd": ("550000000000.00", "550000000000.00"),
    "days_elapsed": ("444", "444"),
    "days_left": ("789", "789"),
    "business_days_left": ("510", "510"),
    "candidate_usd": ("2950000000.00", "292950000000.00"),
    "in_consultation_usd": (None, "73000000000.00"),
    "selected_usd": ("35700000000.00", "36000000000.00"),
    "signed_usd": ("2200000000.00", "2200000000.00"),
    "noticed_usd": ("0.00", "0.00"),
    "funded_usd": ("0.00", "0.00"),
    "required_usd_per_month": ("21217522179.97", "21217522179.97"),
    "required_usd_per_business_day": ("1078431372.55", "1078431372.55"),
}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("as_of=2026-01-31", "Nothing is selected, in consultation or signed yet"),
        ("as_of=2026-02-28", "3 projects selected"),
        (
            "as_of=2026-02-28&published_by=2026-02-10",
            "Nothing is selected, in consultation or signed yet",
        ),
        ("known_at=2020-01-01", "The register held nothing at that moment."),
        ("as_of=2025-08-01", "The day lies before the agreement."),
    ],
)
def test_the_first_page_says_the_same(client, query, words):
    assert words in client.get(f"/?{query}").content.decode()


@pytest.mark.parametrize("key", ["selected_usd", "candidate_usd", "signed_usd"])
@pytest.mark.parametrize("query", ["as_of=2026-01-31", "as_of=2026-02-28", "as_of=2026-11-22"])
def test_the_figure_page_shows_what_the_answer_gives(client, key, query):
    figure = client.get(f"/api/v1/metrics/{key}/?{query}").json()["result"]
    page = client.get(f"/figures/{key}/?{query}").content.decode()
    for bound in {figure["low"], figure["high"]}:
        assert f"${float(bound):,.2f}" in page


def test_the_rows_of_a_figure_sum_to_it(client):
    for key in ("selected_usd", "candidate_usd", "in_consultation_usd", "signed_usd"):
        figure = client.get(f"/api/v1/metrics/{key}/?as_of=2026-11-22").json()["result"]
        for bound in ("low", "high"):
            cents = [
                row["sign"] * int(row[bound].replace(".", ""))
                for row in figure["rows"]
                if row[bound]
            ]
            expected = figure[bound] and int(figure[bound].replace(".", ""))
            assert (sum(cents) if cents else None) == expected


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("as_of=2030-01-01", "as_of"),
        ("as_of=2026-02-30", "as_of"),
        ("as_of=0000-01-01", "as_of"),
        ("as_of=yesterday", "as_of"),
        ("known_at=2026-11-22T09:00:00", "known_at"),
        ("known_at=9999-12-31", "known_at"),
        ("published_by=2999-01-01", "published_by"),
        ("commitment=mars-us-2025", "commitment"),
    ],
)
def test_a_point_that_cannot_be_used_is_refused_by_name(client, query, parameter):
    if parameter != "commitment":
        answer = client.get(f"{PROGRESS}?{query}")
        assert (answer.status_code, answer.json()["parameter"]) == (400, parameter)
    page = client.get(f"/?{query}")
    assert page.status_code == 400
    assert f"<b>{parameter}</b>" in page.content.decode()


def test_a_pinned_address_gives_tomorrow_what_it_gave(client):
    instant = datetime.now(UTC).isoformat()
    pinned = {"as_of": "2026-11-22", "known_at": instant}
    first = client.get(PROGRESS, pinned).json()
    Revision.objects.create(
        number=2,
        recorded_at=datetime.now(UTC) + timedelta(seconds=1),
        kind="load",
        reason="later",
    )
    again = client.get(PROGRESS, pinned).json()
    assert again == first


def test_what_was_known_today_is_told_up_to_now(client):
    known_at = client.get(f"{PROGRESS}?known_at={datetime.now(UTC).date()}").json()["meta"][
        "known_at"
    ]
    assert datetime.fromisoformat(known_at) <= datetime.now(UTC)
    assert client.get(PROGRESS, {"known_at": known_at}).status_code == 200


LISTS = ("claims/", "stage-events/", "financings/", "events/", "terms/", "tariff-measures/")


@pytest.mark.parametrize("path", LISTS)
def test_a_day_a_moment_and_what_was_public_narrow_every_list(client, path):
    def refs(**query: str) -> set[str]:
        found, address = set(), f"/api/v1/{path}"
        asked = {"page_size": "500", **query}
        while address:
            body = client.get(address, asked).json()
            found |= {row["ref"] for row in body["results"]}
            address, asked = body["next"], {}
        return found

    whole = refs()
    public = refs(published_by="2026-02-10")
    assert whole
    assert public < whole
    assert refs(as_of="2026-02-10") <= whole
    assert refs(known_at="2020-01-01") == set()


@pytest.mark.parametrize(
    ("query", "stages"),
    [
        ("as_of=2026-01-31", {"candidate", "reported"}),
        ("as_of=2026-02-28", {"candidate", "reported", "selected"}),
        ("as_of=2026-02-28&published_by=2026-02-10", {"candidate", "reported"}),
        ("known_at=2020-01-01", set()),
    ],
)
def test_the_projects_stand_where_they_stood(client, query, stages):
    body = client.get(f"/api/v1/projects/?page_size=500&{query}").json()
    assert {p["stage"] for p in body["results"]} - {None} == stages
