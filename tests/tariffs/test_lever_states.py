"""Levers judged by a job: a change is stored once, told once, and turns back with its cause."""

from datetime import UTC, date, datetime

import pytest

from commitments.models import Commitment, InboxItem, Job, Revision
from commitments.services import jobs
from projects.selectors import CommitmentRecord
from projects.tasks import refresh_now
from tariffs.models import Lever, LeverState
from tariffs.selectors.levers import lever_standings
from tariffs.services.levers import KIND, request_judgements
from tests.builders import COMMITMENT, DOCUMENT, TODAY, point, post, record
from tests.dashboard.pages.reading import read
from tests.notices import make_commitment_with_window, notice_record, receipts, record_notices

FICTION = "illustrative-us-2025"
NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)
LATE, PAID = date(2026, 5, 16), date(2026, 5, 28)  # of the notice gas-2, due on 15 May


def judge(day: date, slug: str = FICTION) -> None:
    """Run the job of a day."""
    newest = Revision.objects.latest("number").number
    payload = {"commitment": slug, "as_of": day.isoformat(), "revision": newest}
    kind = jobs.KINDS[KIND]
    kind.write(payload, kind.compute(payload, lambda _percent: None))


def stored() -> list[tuple[date, str, str]]:
    return list(LeverState.objects.order_by("pk").values_list("as_of", "previous", "state"))


@pytest.mark.usefixtures("illustrative")
def test_a_late_window_turns_the_lever_once_and_its_payment_turns_it_back():
    for day in (12, 15, 16, 20, 28, 30):
        for _ in range(2):  # as a beat and a worker that comes again would
            judge(date(2026, 5, day))
    assert stored()[-2:] == [(LATE, "watch", "met"), (PAID, "met", "watch")]
    signs = LeverState.objects.get(as_of=LATE).signs
    assert signs == [
        {
            "code": "late",
            "state": "met",
            "kind": "notice",
            "ref": "illustrative-notice-gas-2",
            "on": "2026-05-15",
            "days": 0,
        }
    ]
    told = InboxItem.objects.filter(key__startswith="lever:").order_by("pk")
    lever = "Illustrative: Lever “Tariff response to non-funding (fictional)”:"
    address = f"/tariffs/?commitment={FICTION}"
    assert list(told.values_list("kind", "title", "url"))[-2:] == [
        ("illustrative", f"{lever} met from 2026-05-16", address),
        ("illustrative", f"{lever} watch from 2026-05-28", address),
    ]


@pytest.mark.usefixtures("illustrative")
def test_the_first_judgement_fills_the_history_with_the_turns_of_the_scenario():
    """Judging every day from September 2025 on gives the same list."""
    judge(TODAY)
    turns = [(day.isoformat(), state) for day, _previous, state in stored()]
    assert turns == [
        ("2025-09-04", "not_met"),
        ("2026-01-27", "watch"),
        ("2026-02-19", "not_met"),
        ("2026-03-09", "watch"),
        ("2026-04-02", "not_met"),
        ("2026-04-14", "watch"),
        ("2026-05-16", "met"),  # a payment is late
        ("2026-05-28", "watch"),  # it is made
        ("2026-06-05", "met"),  # a notice is declined; what is paid later is less than it called
    ]


@pytest.mark.usefixtures("illustrative")
def test_days_without_a_job_are_judged_by_the_next_one():
    judge(date(2026, 5, 12))
    judge(date(2026, 5, 30))
    assert [state for _day, _previous, state in stored()[-3:]] == ["watch", "met", "watch"]


@pytest.mark.usefixtures("illustrative")
def test_the_turns_show_on_tariffs_feed_and_inbox_of_the_scenario(client, admin_client):
    jobs.ask_daily(now=NOW)
    jobs.run_job(f"{KIND}:{FICTION}:2026-11-28:r3", clock=lambda: NOW)
    levers = read(client, f"/tariffs/?commitment={FICTION}").section('id="levers"', "</section>")
    feed = client.get(f"/changes/feed.atom?commitment={FICTION}").content.decode()
    inbox = read(admin_client, "/admin/commitments/inboxitem/").words
    for day, before, state in (("16 May", "watch", "met"), ("28 May", "met", "watch")):
        assert f"{day} 2026: from {before} to {state}" in levers
        assert f"(fictional)”: {state} from {day} 2026" in feed
    assert "(fictional)”: met from 2026-05-16" in inbox
    assert "(fictional)”: watch from 2026-05-28" in inbox


@pytest.mark.usefixtures("illustrative")
def test_the_change_shows_on_overview_calls_tariffs_and_api(client):
    judge(date(2026, 5, 12))
    judge(LATE)
    judge(PAID)
    query = f"commitment={FICTION}&as_of={LATE}"
    lever = "Tariff response to non-funding (fictional)"
    for page in ("/", "/calls/", "/tariffs/"):
        assert f"{lever} met" in read(client, f"{page}?{query}").words, page
    levers = read(client, f"/tariffs/?{query}").section('id="levers"', "</section>")
    assert "FN-2: due on 15 May 2026, late, no business day yet" in levers
    assert "16 May 2026: from watch to met" in levers
    assert "28 May 2026" not in levers
    after = read(client, f"/tariffs/?commitment={FICTION}&as_of={PAID}")
    history = after.section('id="levers"', "</section>")
    assert f"{lever} watch" in history
    assert "28 May 2026: from met to watch" in history
    (row,) = client.get(f"/api/v1/tariffs/levers/?{query}").json()["results"]
    assert (row["state"], row["signs"][0]["code"]) == ("met", "late")
    changes = client.get(f"/api/v1/lever-states/?commitment={FICTION}&ordering=id").json()
    assert [r["state"] for r in changes["results"]][-3:] == ["watch", "met", "watch"]


@pytest.mark.usefixtures("illustrative")
def test_the_real_levers_stand_apart_from_the_illustrative_ones():
    judge(date(2026, 11, 22), "japan-us-2025")
    states = dict(LeverState.objects.order_by("pk").values_list("lever__ref", "state"))
    assert states == {
        "lever-eo-14345": "cannot_tell",
        "lever-mou-funding": "not_met",
        "lever-bessent-boomerang": "cannot_tell",
        "lever-after-scotus": "watch",
    }
    told = InboxItem.objects.filter(kind="lever").latest("pk")
    title = "Lever “What remains of the lever after February 2026”"
    assert told.title == f"{title}: watch from 2026-03-11"
    assert told.body == "an investigation runs since 2026-03-11"


@pytest.mark.usefixtures("illustrative")
def test_what_was_public_by_a_day_tells_of_no_turn_after_it(client):
    judge(date(2026, 3, 31), "japan-us-2025")
    asked = "?as_of=2026-11-22&published_by=2025-12-01"
    rows = client.get(f"/api/v1/lever-states/{asked}").json()["results"]
    assert {row["lever"] for row in rows} == {
        "lever-bessent-boomerang",
        "lever-eo-14345",
        "lever-mou-funding",
    }
    words = read(client, f"/watch/{asked}").words
    assert "What remains of the lever after February 2026" not in words
    words = read(client, "/watch/?as_of=2026-03-31&published_by=2026-03-31").words
    assert "from not met to watch (judged from all that is on record)" in words
    words = read(client, f"/tariffs/{asked}").words
    assert "judged from all that is on record, also from what was published later" in words


def stands(day: date, slug: str = "japan-us-2025") -> dict[str, str]:
    held = CommitmentRecord(Commitment.objects.get(slug=slug), point(day))
    return {found.lever.ref: str(found.state) for found in lever_standings(held)}


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize(
    ("about", "kind", "expected"),
    [
        (["commitment:japan-us-2025"], "official statement", "watch"),
        (["project:prj-tx-gulflink"], "official statement", "watch"),
        (["term:term-funding-window"], "official statement", "watch"),
        (["commitment:korea-us-2025"], "official statement", "cannot_tell"),
        (["measure:gen-301-fl-2026"], "official statement", "cannot_tell"),
        (["commitment:japan-us-2025"], "media", "cannot_tell"),
    ],
)
def test_only_an_official_statement_on_the_commitment_bears_on_the_lever(about, kind, expected):
    """Threats to Korea and the opening of an investigation stand in the 90 days before."""
    day = date(2026, 4, 1)
    assert stands(day)["lever-bessent-boomerang"] == "cannot_tell"
    made = {
        "ref": "rx-new",
        "commitment": "japan-us-2025",
        "occurred_on": "2026-03-30",
        "country": "US",
        "actor": "Treasury Secretary",
        "actor_type": "government",
        "kind": kind,
        "stance": "critical",
        "subject": "implementation",
        "about": about,
        "summary": "Said it is too slow.",
        "document": "doc-fnnews-2026-01-26",
    }
    record({"reaction": [made]})
    assert stands(day)["lever-bessent-boomerang"] == expected


@pytest.mark.usefixtures("illustrative")
def test_a_smaller_call_that_is_paid_lifts_no_refusal():
    """The yard's three billion were refused in June; two were called in July and paid in October."""
    lever = "illustrative-lever-funding"
    days = (date(2026, 6, 4), date(2026, 6, 5), date(2026, 10, 4), date(2026, 10, 5))
    assert [stands(day, FICTION)[lever] for day in days] == ["watch", "met", "met", "met"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("refused", "again", "expected"),
    [
        (["4000000.00"], ["3000000.00"], "met"),
        (["4000000.00"], ["4000000.00"], "not_met"),
        (["4000000.00"], ["1000000.00", "3000000.00"], "not_met"),
        (["2000000.00", "2000000.00"], ["3000000.00"], "met"),
        (["2000000.00", "2000000.00"], ["4000000.00"], "not_met"),
    ],
)
def test_a_refusal_stands_until_as_much_is_called_again_and_paid(refused, again, expected):
    make_commitment_with_window()
    lever = {
        "ref": "lever-funding",
        "commitment": COMMITMENT,
        "title": "Tariff response",
        "trigger": "not funded",
        "consequence": "a higher rate",
        "instrument": "memorandum",
        "rule": "non_funding",
        "stated_on": "2025-09-04",
        "document": DOCUMENT,
    }
    record({"lever": [lever]})
    record_notices(
        *(
            notice_record(f"not-{n}", amount_usd=amount, declined_on="2026-09-20")
            for n, amount in enumerate(refused)
        )
    )
    for n, amount in enumerate(again):
        (notice,) = record_notices(
            notice_record(f"again-{n}", amount_usd=amount, received_on="2026-09-21")
        )
        post(receipts(notice, (date(2026, 10, 1), amount)))
    days = (date(2026, 9, 19), date(2026, 9, 30), date(2026, 10, 1))
    states = [stands(day, COMMITMENT)["lever-funding"] for day in days]
    assert states == ["not_met", "met", expected]


@pytest.mark.usefixtures("illustrative")
def test_a_notice_bears_on_the_lever_by_its_own_reading():
    """The terms give it no due date; read as a deadline by itself, gas-4 is due in January."""
    record_ = CommitmentRecord(Commitment.objects.get(slug=FICTION), point(date(2027, 1, 28)))
    (found,) = (f for f in lever_standings(record_) if f.lever.ref == "illustrative-lever-funding")
    said = [s.code for s in found.signs if s.ref == "illustrative-notice-gas-4"]
    assert (found.reading, said) == ("earliest", ["late"])


@pytest.mark.usefixtures("register")
def test_an_older_judgement_that_comes_late_changes_nothing():
    judge(date(2025, 12, 31), "japan-us-2025")
    count = LeverState.objects.count()
    judge(date(2025, 8, 1), "japan-us-2025")
    assert LeverState.objects.count() == count > 0


@pytest.mark.usefixtures("register")
def test_levers_are_judged_every_day_and_after_every_posting():
    now = datetime(2026, 11, 24, 3, tzinfo=UTC)
    assert [job.key for job in request_judgements(now=now)] == [
        f"{KIND}:japan-us-2025:2026-11-24:r1"
    ]
    request_judgements(now=now)
    assert Job.objects.filter(kind=KIND).count() == 1
    record(
        {
            "gap": [
                {
                    "ref": "g",
                    "area": "tariffs",
                    "question": "?",
                    "text": "?",
                    "confidence": "derived",
                }
            ]
        }
    )
    refresh_now()
    assert Job.objects.filter(kind=KIND, key__endswith=":r2").count() == 1


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize(
    ("lever", "readings"),
    [
        ("lever-eo-14345", ("Section number not checked",)),
        (
            "lever-mou-funding",
            (
                "not earlier than 45 business days after the notice",
                "Funding date after notice, read as a deadline: within 45 business days",
                "will not raise the tariff rates covered by the July agreement",
            ),
        ),
        (
            "lever-bessent-boomerang",
            ("rates could go back to 25% if the President is unhappy", "political statement"),
        ),
        ("lever-after-scotus", ("The clause has lost IEEPA as a basis for a rate",)),
    ],
)
def test_each_lever_shows_its_rival_readings(client, lever, readings):
    title = Lever.objects.get(ref=lever).title
    page = read(client, "/tariffs/").section('id="levers"', "</section>")
    block = page.split(f"{title} ")[1].split("first judged")[0]
    for words in readings:
        assert words in block
    (row,) = [
        r for r in client.get("/api/v1/tariffs/levers/").json()["results"] if r["ref"] == lever
    ]
    assert row["readings"]
    assert all(reading["document"] and reading["name_ja"] for reading in row["readings"])


@pytest.mark.usefixtures("register")
def test_what_remains_after_the_ruling_is_no_reading_before_it(client):
    remains = "The clause has lost IEEPA"
    assert remains in read(client, "/tariffs/").words
    assert remains not in read(client, "/tariffs/?as_of=2026-02-19").words
    assert "IEEPAは失われた" in read(client, "/ja/tariffs/").words
