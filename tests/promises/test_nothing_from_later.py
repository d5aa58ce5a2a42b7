"""On a day gone by, pages and answers show what was on record then, and nothing from later."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from django.core.management import call_command

from commitments.calculations.bounds import Bounds
from commitments.models import Commitment, Document, Fact
from commitments.services.register import kinds
from dashboard import formats
from projects.metrics.rungs import rung_figure
from projects.selectors import CommitmentRecord
from tariffs.models import Measure
from tests.builders import point
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
ENGLISH = re.compile(rf"(?:(\d{{1,2}}) )?({'|'.join(m[:3] for m in MONTHS)})[a-z]* (\d{{4}})")
JAPANESE = re.compile(r"(\d{4})年(\d{1,2})月(?:(\d{1,2})日)?")
AHEAD = date(2027, 1, 1)  # deadlines and ends that were set ahead
COMPUTED = {"drv-window-t1"}  # the window reckoned on the day it would have opened
READ_LATER = {"doc-budgetlab-baseline", "doc-gtap2024-extract", "doc-hts-2026-ch99"}
"""What states an earlier year or duty: trade of 2024, and the schedule where duties were read."""
AHEAD_BY_ACT = {"act_note"}  # an act may set days ahead
RUNS_TO = {
    "effective_to",
    "ended_by",
    "period_to",
    "hts_scope",
    "without_basis",
    "without_basis_ja",
}


def days_in(text: str) -> Iterator[date]:
    """The days a text names; of a month its first."""
    for year, month, day in ISO.findall(text):
        yield date(int(year), int(month), int(day))
    for day, month, year in ENGLISH.findall(text):
        yield date(int(year), [m[:3] for m in MONTHS].index(month) + 1, int(day or 1))
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
    begins = getattr(fact, "BEGINS", None)
    return fact.true_since or (begins and getattr(fact, begins)) or fact.document_on or date.min


def test_no_fact_speaks_of_a_day_after_the_one_it_is_shown_from():
    early = []
    for model in kinds().values():
        if not issubclass(model, Fact):
            continue
        for fact in model.objects.exclude(ref__in=COMPUTED):
            since = shown_from(fact)
            for field in model._meta.concrete_fields:
                if field.name in {"ref", "locator", *AHEAD_BY_ACT, *RUNS_TO}:
                    continue
                start = since
                if field.name in fact.NOTED:
                    start = max(since, fact.noted_on or date.min)
                for text in texts(getattr(fact, field.attname)):
                    early += [
                        (fact.ref, field.name, day)
                        for day in days_in(text)
                        if start < day < AHEAD and day >= date(2025, 9, 5)
                    ]
    assert early == [], early


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
        "bahrain-us-2025": "Announced: signed during the crown prince's visit to Washington",
        "qatar-us-2025": "Announced: a value of economic exchange, with part of the listed deals "
        "disclosed earlier or only potential",
        "saudi-us-2025": "Announced: raised from $600 billion to about one trillion in "
        "November 2025",
        "uae-us-2025": "Announced",
    }


def test_what_an_analyst_judged_stands_from_the_analysis_on(client):
    emirates = "commitment=uae-us-2025&as_of"
    assert "PIIE" not in read(client, f"/?{emirates}=2026-02-27").words
    assert "PIIE judges the amount large" in read(client, f"/?{emirates}=2026-02-28").words
    rows = client.get("/api/v1/compare/?as_of=2026-02-27").json()["results"]
    assert [row["slug"] for row in rows if "PIIE" in str(row)] == []


@pytest.mark.parametrize(
    ("day", "slug", "status", "start"),
    [
        ("2026-01-20", "taiwan-us-2026", None, "2026-01-15"),
        ("2026-02-12", "taiwan-us-2026", None, "2026-02-12"),
        ("2026-03-12", "india-us-2026", None, "2026-02-06"),
        (
            "2026-03-13",
            "india-us-2026",
            "Framework: signing of the interim agreement was put off in March 2026 amid new US "
            "investigations",
            "2026-02-06",
        ),
        ("2026-06-29", "switzerland-us-2025", None, "2025-11-14"),
    ],
)
def test_no_step_of_a_deal_was_public_before_it_was_taken(client, day, slug, status, start):
    rows = client.get(f"/api/v1/compare/?published_by={day}").json()["results"]
    (row,) = (row for row in rows if row["slug"] == slug)
    assert (row["status"], row["start"]) == (status, start)


@pytest.mark.parametrize("published_by", ["2025-12-01", "2026-03-31"])
def test_no_document_stands_at_the_cut_off_before_it_was_published(client, published_by):
    answer = client.get(f"/api/v1/watch/?published_by={published_by}").json()
    meta = answer["meta"]
    assert max(meta["agreement_cutoff"], meta["tariffs_cutoff"]) <= published_by
    end = date.fromisoformat(published_by)
    for silence in answer["silences"]:
        assert silence["days"] == (end - date.fromisoformat(silence["since"])).days


@pytest.mark.parametrize("name", ["as_of", "published_by"])
@pytest.mark.parametrize(("day", "shown"), [("2025-11-29", False), ("2025-11-30", True)])
def test_what_was_said_some_day_of_a_month_stands_from_its_last(client, name, day, shown):
    """The study of November 2025 (rx-041)."""
    found = client.get(f"/api/v1/reactions/?{name}={day}&page_size=200").json()["results"]
    assert ("rx-041" in [row["ref"] for row in found]) is shown


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
    assert "19 questions the public record does not answer" in read(client, "/").words
    assert client.get("/api/v1/gaps/?as_of=2026-01-31").json()["results"] == []


def test_a_note_is_shown_from_the_day_it_speaks_from(client):
    def note(day: str) -> str:
        return client.get(f"/api/v1/terms/term-decline/?as_of={day}").json()["result"]["note"]

    assert (note("2026-01-31"), "20 February 2026" in note("2026-02-20")) == ("", True)
    assert "29 May" not in read(client, "/projects/prj-ga-diamond/?as_of=2026-02-28").words
    assert "November 2026" not in read(client, "/projects/prj-ga-diamond/?as_of=2026-02-28").words


@pytest.mark.parametrize("name", ["as_of", "published_by"])
def test_steps_told_of_by_a_note_are_told_from_the_day_it_speaks_from(client, name):
    blank = {**dict.fromkeys(("note", "step", "step_ja"), ""), "steps_on": []}
    found = {}
    for day in ("2026-10-06", "2026-10-07"):
        row = client.get(f"/api/v1/tariff-measures/furniture-15/?{name}={day}").json()["result"]
        found[day] = {field: row[field] for field in blank}
        assert row["noted_on"] == ("2026-10-07" if day == "2026-10-07" else None)
    assert found["2026-10-06"] == blank
    assert found["2026-10-07"]["steps_on"] == ["2027-01-01"]
    assert "50%" in found["2026-10-07"]["step"]


def test_nothing_that_came_with_a_note_is_in_a_file_before_the_day_it_speaks_from(client):
    """Steps set ahead name days after any record, so only the day of their note tells them late."""
    early = []
    for kind, model in kinds().items():
        if not issubclass(model, Fact):
            continue
        for noted_on in set(model.objects.values_list("noted_on", flat=True)) - {None}:
            day = noted_on - timedelta(days=1)
            body = b"".join(client.get(f"/data/{kind}.csv?as_of={day}").streaming_content)
            late = set(model.objects.filter(noted_on__gt=day).values_list("ref", flat=True))
            early += [
                (day, row["ref"], name)
                for row in csv.DictReader(io.StringIO(body.decode("utf-8-sig")))
                for name in model.NOTED & row.keys()
                if row["ref"] in late and row[name] not in ("", "false", "[]")
            ]
    assert early == []


def test_a_rate_is_not_stated_past_a_step_only_once_the_step_is_told_of(client):
    measure = Measure.objects.get(ref="quartz-201")
    measure.noted_on = date(2026, 10, 7)
    assert measure.stated_to(date(2026, 10, 6)) is None
    assert measure.stated_to(date(2026, 10, 7)) == date(2027, 8, 14)


@pytest.mark.parametrize(
    ("kind", "ref", "day", "hidden"),
    [
        ("measure", "furniture-15", "2025-12-01", {"note", "noted_on", "steps_on", "step"}),
        ("measure", "gen-15-allin-2025", "2026-01-31", {"effective_to", "ended_by", "note"}),
        ("measure", "gen-15-allin-2025", "2026-01-31", {"listed_status"}),
        ("measure", "gen-122-2026", "2026-03-31", {"listed_status"}),  # whose own act ends it
        ("counterfactualrate", "cf-general-2025-08-07", "2026-01-31", {"period_to"}),
        ("reaction", "rx-041", "2026-02-28", {"coded_on"}),
    ],
)
def test_files_of_a_past_day_leave_out_what_came_later(client, kind, ref, day, hidden):
    def row(query: str) -> dict[str, str]:
        body = b"".join(client.get(f"/data/{kind}.csv?{query}").streaming_content)
        lines = csv.DictReader(io.StringIO(body.decode("utf-8-sig")))
        return next(line for line in lines if line["ref"] == ref)

    then, now = row(f"as_of={day}"), row("as_of=2026-11-22")
    assert all(now[name] for name in hidden)
    assert {name: then[name] for name in hidden} == dict.fromkeys(hidden, "")


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
    assert early < late == 208


def test_a_document_after_the_day_described_is_cited_as_such(client):
    words = read(client, "/tariffs/?as_of=2026-01-31").words
    assert "7 Oct 2026, after the day described" in words
    assert "25 Jul 2026, after the day described" in words
    public = read(client, "/tariffs/?published_by=2026-03-31").words
    assert "7 Oct 2026, after the day described" in public
    assert ", after the day described" not in read(client, "/tariffs/").words


@pytest.mark.parametrize("query", ["as_of=2026-02-28", "published_by=2026-02-28"])
def test_a_document_of_a_later_day_is_found_by_its_address_only_where_a_fact_rests_on_it(
    client, query
):
    later = Document.objects.filter(date__gt=date(2026, 2, 28)).values_list("slug", flat=True)
    found = {
        slug
        for slug in later
        if client.get(f"/api/v1/documents/{slug}/?{query}").status_code == 200
    }
    assert found == (READ_LATER if query.startswith("as_of") else set())
    missing = next(slug for slug in later if slug not in found)
    main = read(client, f"/sources/{missing}/?{query}").section('<main id="main">', "</main>")
    assert main.startswith("Sources This document is not on record yet")
    assert missing not in main


def test_who_says_a_thing_is_named_as_on_the_day(client):
    words = read(client, "/claims/?as_of=2026-02-28").words
    assert "Government of Japan: $33.3bn" in words
    assert "in March" not in words
    project = read(client, "/projects/prj-oh-portsmouth-gas/?as_of=2026-02-28").words
    assert "Department of Energy gave the same amount" not in project


@pytest.mark.parametrize("address", ["/compare/", "/reactions/"])
def test_the_day_a_stance_was_coded_is_not_told_before_it(client, address):
    early = read(client, f"{address}?as_of=2026-02-28").words
    assert "Stance coded by 550 Tracker" in early
    assert "Stance coded by 550 Tracker, 22 Nov 2026" not in early
    assert "Stance coded by 550 Tracker, 22 Nov 2026" in read(client, address).words


@pytest.mark.parametrize(("as_of", "told"), [("2026-02-28", None), ("2026-11-22", "2026-11-22")])
def test_answers_and_files_hold_the_day_of_a_coding_back_as_pages_do(client, as_of, told):
    rows = client.get(f"/api/v1/reactions/?as_of={as_of}&q=Automotive").json()["results"]
    assert {(row["coder"], row["coded_on"]) for row in rows} == {("550 Tracker", told)}
    (one, *_rest) = rows
    assert client.get(f"/api/v1/reactions/{one['ref']}/?as_of={as_of}").json()["result"] == one
    text = client.get(f"/reactions/reactions.csv?as_of={as_of}&q=Automotive").content.decode(
        "utf-8-sig"
    )
    assert {row["coded_on"] for row in csv.DictReader(io.StringIO(text))} == {told or ""}


def past_rows(page: str, caption: str) -> dict[str, list[str]]:
    """The rows of a chart's table by their day."""
    table = page.split(f"<caption>{caption}", 1)[1].split("</table>", 1)[0]
    rows = re.findall(r"<tr>(.*?)</tr>", table)
    cells = [re.sub(r"<[^>]+>", "|", row).replace("||", "|").strip("|") for row in rows]
    return {row.split("|")[0]: row.split("|")[1:] for row in cells if row[:1].isdigit()}


def test_every_row_of_a_chart_is_what_its_own_day_shows(client):
    @cache
    def rows_on(day: str) -> dict[str, list[str]]:
        page = read(client, f"/?as_of={day}").html
        return past_rows(page, "The record and the path, $ billion")

    @cache
    def figures_on(day: str) -> list[str]:
        answer = client.get(f"/api/v1/commitments/japan-us-2025/progress/?as_of={day}").json()
        return [shown(answer["metrics"][f"{rung}_usd"]) for rung in DRAWN]

    for as_of in ("2026-11-22", "2026-05-12"):
        rows = rows_on(as_of)
        assert {"17 Feb 2026", "19 Mar 2026", "1 May 2026"} <= set(rows)
        for day, cells in rows.items():
            when = datetime.strptime(day, "%d %b %Y").date()  # a day has no zone
            if when <= date(2026, 11, 22):
                assert cells == rows_on(str(when))[day], (as_of, day)
                said = [cell.removeprefix("about ") for cell in cells[1:4]]
                assert said == figures_on(str(when)), (as_of, day)


DRAWN = ("selected", "in_consultation", "signed")


def shown(figure: dict[str, Any]) -> str:
    words = formats.billions(
        Bounds(*(None if figure[b] is None else Decimal(figure[b]) for b in ("low", "high")))
    )
    return words


@pytest.mark.parametrize(
    ("query", "selected", "signed"),
    [
        ("as_of=2026-02-16", ("0.00", "0.00"), "0.00"),
        ("as_of=2026-02-17", ("35700000000.00", "36000000000.00"), "0.00"),
        ("as_of=2026-02-17&published_by=2026-02-17", ("35700000000.00",) * 2, "0.00"),
        ("as_of=2026-05-01", ("35700000000.00", "36000000000.00"), "2200000000.00"),
        ("as_of=2026-05-12&published_by=2026-05-12", ("35700000000.00", "36000000000.00"), None),
    ],
)
def test_an_amount_counts_from_the_day_of_the_act_whenever_it_was_said(
    client, query, selected, signed
):
    """Japan's figure came a day after the selection, the loans' dollars 12 days after signing."""
    metrics = client.get(f"/api/v1/commitments/japan-us-2025/progress/?{query}").json()["metrics"]
    assert (metrics["selected_usd"]["low"], metrics["selected_usd"]["high"]) == selected
    assert metrics["signed_usd"]["low"] == signed


def test_what_was_said_after_the_day_described_is_marked(client):
    for address in ("/figures/signed_usd/", "/projects/prj-tx-gulflink/", "/"):
        words = read(client, f"{address}?as_of=2026-05-05").words
        assert "13 May 2026, after the day described" in words, address
        assert "13 May 2026, after the day described" not in read(client, address).words


def test_loans_stated_in_yen_alone_are_told_in_yen(client):
    early, late = (
        read(client, f"/?as_of={day}&published_by={day}").words
        for day in ("2026-05-30", "2026-05-31")  # of the market note only the month is known
    )
    assert "Loans of over ¥340bn are signed; no dollar amount is stated." in early
    assert "first loans, over ¥340bn; no dollar amount stated" in early
    assert "dollars from a secondary source" not in early
    assert "dollars from a secondary source" in late


@pytest.mark.usefixtures("illustrative")
@pytest.mark.parametrize("slug", ["japan-us-2025", "illustrative-us-2025"])
def test_a_past_day_told_from_the_rows_of_today_is_that_day_itself(slug):
    commitment = Commitment.objects.get(slug=slug)
    now = CommitmentRecord(commitment, point(date(2026, 11, 22)))
    days = [date(2025, 9, 4), *now.changed_on(*DRAWN), date(2026, 11, 22)]
    assert len(days) > 5
    for day in days:
        then = CommitmentRecord(commitment, point(day))
        for rung in ("candidate", *DRAWN):
            told = rung_figure(now.members_by(rung, day))
            own = rung_figure(then.members(rung))
            assert (told.bounds, told.unstated_count) == (own.bounds, own.unstated_count), (
                day,
                rung,
            )


RECORD_PAGES = (
    *("", "projects/", "sources/", "claims/", "tariffs/", "watch/", "compare/", "reactions/"),
    *("pace/", "forecast/", "calls/", "money/", "returns/", "scenarios/", "decisions/"),
    "tariffs/suppose/",
    *("states/OH/", "sectors/energy/", "corrections/"),
)


@pytest.mark.parametrize("address", RECORD_PAGES)
def test_every_page_of_the_record_says_that_nothing_was_held_before_the_load(client, address):
    page = read(client, f"/{address}?known_at=2020-01-01")
    main = page.section('<main id="main">', "</main>")
    assert main.startswith("The register held nothing at that moment.")
    assert "Choose a later day, or leave out “as known at”." in main
    assert 'name="known_at"' in page.html


def test_files_and_lists_of_things_hold_only_what_the_point_held(client):
    def rows(kind: str, query: str) -> int:
        body = b"".join(client.get(f"/data/{kind}.csv?{query}").streaming_content)
        return len(body.decode().splitlines()) - 1

    for kind in ("document", "project", "party", "commitment", "sector"):
        assert rows(kind, "known_at=2020-01-01") == 0
    assert (rows("project", "as_of=2025-09-04"), rows("party", "as_of=2025-09-04")) == (0, 0)
    assert rows("project", "as_of=2026-01-31") == 22  # the list of October 2025 and Alaska LNG
    assert client.get("/api/v1/parties/?as_of=2025-09-04").json()["results"] == []


def test_a_rate_that_goes_on_is_one_step(client):
    rows = past_rows(read(client, "/tariffs/?as_of=2026-01-31").html, "General goods")
    assert list(rows) == ["5 Apr 2025", "9 Apr 2025", "10 Apr 2025", "7 Aug 2025"]


def test_signed_loans_without_dollars_are_not_called_unsigned(client):
    before, after = (
        read(client, f"/money/?as_of={day}&published_by={day}").words
        for day in ("2026-04-30", "2026-05-12")
    )
    assert "No financing is signed on record" in before
    assert "Agreements are signed; no dollar amount of them is stated" in after
    assert "No financing is signed on record" not in after


def test_what_was_stored_for_a_later_day_is_not_listed(client):
    call_command("run_jobs", "--once", verbosity=0)
    for name in ("snapshots", "forecasts"):
        assert client.get(f"/api/v1/{name}/").json()["results"]
        for day in ("2026-01-31", "2026-11-22"):
            rows = client.get(f"/api/v1/{name}/?as_of={day}").json()["results"]
            assert [row["as_of"] for row in rows if row["as_of"] > day] == []


def test_a_compared_period_has_no_end_while_it_runs(client):
    def ends(day: str) -> dict[str, str | None]:
        rows = client.get(f"/api/v1/counterfactual-rates/?as_of={day}").json()["results"]
        return {row["ref"]: row["period_to"] for row in rows}

    assert ends("2026-01-31")["cf-general-2025-08-07"] is None
    assert ends("2026-02-28")["cf-general-2025-08-07"] == "2026-02-23"


@pytest.mark.parametrize(
    ("published_by", "ends"),
    [("2025-12-01", None), ("2026-02-19", None), ("2026-02-20", "2026-02-23")],
)
def test_a_compared_period_ends_only_once_the_act_that_ends_its_measure_is_public(
    client, published_by, ends
):
    query = f"?published_by={published_by}"
    for address, name in (
        ("counterfactual-rates/cf-general-2025-08-07", "period_to"),
        ("tariff-measures/gen-15-allin-2025", "effective_to"),
    ):
        answer = client.get(f"/api/v1/{address}/{query}").json()
        assert answer["result"][name] == ends
    body = b"".join(client.get(f"/data/counterfactualrate.csv{query}").streaming_content)
    lines = csv.DictReader(io.StringIO(body.decode("utf-8-sig")))
    row = next(line for line in lines if line["ref"] == "cf-general-2025-08-07")
    assert row["period_to"] == (ends or "")
    words = read(client, f"/{query}").words
    assert ("25% on top of MFN, as announced 7 July 2025" in words) is (ends is None)


def test_the_comparison_of_a_day_ahead_knows_no_end_that_an_act_set_later(client):
    def extra(on: str) -> list[str]:
        address = f"/api/v1/tariffs/exposure/?as_of=2025-12-01&on={on}"
        total = client.get(address).json()["total"]
        return [total[name] for name in ("extra_low_usd", "extra_high_usd", "imports_compared_usd")]

    assert extra("2026-02-24") == extra("2026-02-23")


@pytest.mark.parametrize(
    "address",
    ["", "pace/", "forecast/", "scenarios/", "calls/", "money/", "returns/", "tariffs/suppose/"],
)
def test_every_page_of_the_agreement_says_that_the_day_lies_before_it(client, address):
    page = read(client, f"/{address}?as_of=2025-08-01")
    main = page.section('<main id="main">', "</main>")
    assert main.startswith("The day lies before the agreement.")
    assert "The agreement on record begins on 4 September 2025" in main
    assert "?as_of=2025-09-04" in page.links


@pytest.mark.parametrize("day", ["2025-01-01", "2025-08-01"])
@pytest.mark.parametrize("address", ["reactions/", "tariffs/", "watch/", "compare/", "changes/"])
def test_pages_answer_on_days_before_the_agreement(client, address, day):
    assert read(client, f"/{address}?as_of={day}").words
