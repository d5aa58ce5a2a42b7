"""On a day gone by, pages and answers show what was on record then, and nothing from later."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from commitments.models import Fact
from commitments.services.register import kinds
from tests.dashboard.pages.reading import read

pytestmark = pytest.mark.usefixtures("register")
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
ISO = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")
ENGLISH = re.compile(rf"(?:(\d{{1,2}}) )?({'|'.join(MONTHS)}) (\d{{4}})")
JAPANESE = re.compile(r"(\d{4})年(\d{1,2})月(?:(\d{1,2})日)?")
AHEAD = date(2027, 1, 1)  # deadlines and ends that were set ahead
COMPUTED = {"drv-window-t1"}  # the window reckoned on the day it would have opened
RUNS_TO = {"effective_to", "ended_by", "period_to", "hts_scope", "without_basis"}


def days_in(text: str) -> Iterator[date]:
    """The days a text names; of a month its first."""
    for year, month, day in ISO.findall(text):
        yield date(int(year), int(month), int(day))
    for day, month, year in ENGLISH.findall(text):
        yield date(int(year), MONTHS.index(month) + 1, int(day or 1))
    for year, month, day in JAPANESE.findall(text):
        yield date(int(year), int(month), int(day or 1))


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


def shown_from(fact: Fact) -> date:
    """The first day on which a fact is shown: always, where it has no date at all."""
    name = fact.VALID_DATE or getattr(fact, "BEGINS", None)
    return (name and getattr(fact, name)) or fact.document_on or date.min


def test_no_fact_speaks_of_a_day_after_the_one_it_is_shown_from():
    early = []
    for model in kinds().values():
        if not issubclass(model, Fact):
            continue
        for fact in model.objects.exclude(ref__in=COMPUTED):
            since = shown_from(fact)
            for field in model._meta.concrete_fields:
                if field.name in {"ref", "locator", *RUNS_TO}:
                    continue
                start = since
                if field.name == "note":
                    start = max(since, fact.noted_on or date.min)
                for text in texts(getattr(fact, field.attname)):
                    early += [
                        (fact.ref, field.name, day)
                        for day in days_in(text)
                        if start < day < AHEAD and day >= date(2025, 9, 5)
                    ]
    assert early == []


@pytest.mark.parametrize(
    ("day", "rate", "basis"),
    [
        ("2026-01-31", "15", "all_in_with_mfn"),
        ("2026-02-28", "10", "ad_valorem_additional"),
        ("2026-11-22", "12.5", "all_in_with_mfn"),
    ],
)
def test_a_term_that_follows_another_holds_from_its_own_day(client, day, rate, basis):
    rows = client.get(f"/api/v1/compare/?as_of={day}").json()["results"]
    (japan,) = (row for row in rows if row["slug"] == "japan-us-2025")
    assert (japan["rate_percent"], japan["rate_basis"]) == (rate, basis)


def test_a_pledge_has_the_size_it_had_on_the_day(client):
    def pledge(day: str) -> str:
        rows = client.get(f"/api/v1/compare/?as_of={day}").json()["results"]
        return next(row["pledge_usd"] for row in rows if row["slug"] == "saudi-us-2025")

    assert (pledge("2025-09-04"), pledge("2026-01-31")) == ("600000000000.00", "1000000000000.00")


def test_peers_show_no_later_rate_statute_or_status(client):
    words = read(client, "/compare/?as_of=2026-01-31").words
    assert "12.5%" not in words
    assert "2026 (226 to 8)" not in words
    rows = client.get("/api/v1/compare/?as_of=2026-01-31").json()["results"]
    assert {row["slug"]: row["status"] for row in rows if row["status"]} == {
        "bahrain-us-2025": "Announced: signed during the crown prince's visit to Washington; "
        "listed among the pledging states by PIIE",
        "qatar-us-2025": "Announced: a value of economic exchange, with part of the listed deals "
        "disclosed earlier or only potential",
        "saudi-us-2025": "Announced: raised from $600 billion to about one trillion in "
        "November 2025",
        "uae-us-2025": "Announced: PIIE judges the amount large relative to resources",
    }


@pytest.mark.parametrize(
    ("day", "present"), [("2026-01-31", False), ("2026-02-20", True), ("2026-11-22", True)]
)
def test_the_ruling_against_emergency_powers_is_told_from_its_day(client, day, present):
    for address in ("/", "/tariffs/"):
        words = read(client, f"{address}?as_of={day}").words
        assert ("Emergency powers (IEEPA), struck down 20 Feb 2026" in words) is present
        assert ("23 Feb 2026" in words) is (present and address == "/tariffs/")


def test_a_measure_ends_in_an_answer_only_once_the_act_that_ends_it_is_there(client):
    def measure(day: str) -> dict[str, Any]:
        address = f"/api/v1/tariff-measures/gen-15-allin-2025/?as_of={day}"
        return client.get(address).json()["result"]

    names = ("effective_to", "ended_by", "status")
    before, after = measure("2026-01-31"), measure("2026-03-01")
    assert [before[name] for name in names] == [None, None, "in_force"]
    assert [after[name] for name in names] == ["2026-02-23", "doc-scotus-2026-02-20", "invalidated"]


def test_a_measure_is_on_record_from_its_announcement_on(client):
    def refs(day: str) -> set[str]:
        found = client.get(f"/api/v1/tariff-measures/?as_of={day}&page_size=500").json()
        return {row["ref"] for row in found["results"]}

    assert "gen-122-2026" not in refs("2026-01-31")
    assert "gen-122-2026" in refs("2026-02-20")
    assert "furniture-15" in refs("2026-01-31")  # in force, though read in a later schedule
    assert "Nearest on record" not in read(client, "/tariffs/?as_of=2026-01-31").words


def test_open_questions_stand_from_the_day_they_were_looked_for(client):
    words = read(client, "/?as_of=2026-01-31").words
    assert "No search is on record by this day" in words
    assert "19 March 2026" not in words
    assert "18 questions the public record does not answer" in read(client, "/").words
    assert client.get("/api/v1/gaps/?as_of=2026-01-31").json()["results"] == []


def test_a_note_is_shown_from_the_day_it_speaks_from(client):
    def note(day: str) -> str:
        return client.get(f"/api/v1/terms/term-decline/?as_of={day}").json()["result"]["note"]

    assert (note("2026-01-31"), "20 February 2026" in note("2026-02-20")) == ("", True)
    assert "29 May" not in read(client, "/projects/prj-ga-diamond/?as_of=2026-02-28").words
    assert "November 2026" not in read(client, "/projects/prj-ga-diamond/?as_of=2026-02-28").words


@pytest.mark.parametrize(("day", "count"), [("2025-09-04", 0), ("2026-02-28", 4)])
def test_parties_and_ties_of_projects_are_dated_by_their_document(client, day, count):
    if not count:
        assert client.get(f"/api/v1/project-parties/?as_of={day}").json()["results"] == []
    found = client.get(f"/api/v1/project-links/?as_of={day}").json()["results"]
    assert (len(found) > 0) is (count > 0)


def test_documents_are_listed_from_their_day_on(client):
    for address in ("/api/v1/documents/?page_size=500&as_of=", "/api/v1/documents/?as_of="):
        found = client.get(f"{address}2025-12-31").json()["results"]
        assert max(row["date"] for row in found if row["date"]) <= "2025-12-31"
    early, late = (
        int(re.search(r"(\d+) documents", read(client, f"/sources/?as_of={day}").words)[1])
        for day in ("2025-12-31", "2026-11-22")
    )
    assert early < late == 205


def test_a_document_after_the_day_described_is_cited_as_such(client):
    words = read(client, "/tariffs/?as_of=2026-01-31").words
    assert "7 Oct 2026, after the day described" in words
    assert ", after the day described" not in read(client, "/tariffs/").words
