"""Alerts: every crossing once, either way, in inbox, changes, feed and API."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from commitments.models import Alert, Commitment, InboxItem, Job, Revision
from commitments.services import jobs
from commitments.services.alerts import Finding, settle
from dashboard.alerts import KIND, findings, request_watch
from projects.selectors import CommitmentRecord
from projects.tasks import refresh_now
from tests.builders import point
from tests.dashboard.pages.reading import read
from tests.desk import load_small_register

FICTION = "illustrative-us-2025"
LATE, PAID = date(2026, 5, 16), date(2026, 5, 28)  # of the notice gas-2, due on 15 May
GAS = "illustrative-notice-gas-2"


def watch(day: date, slug: str = FICTION) -> None:
    """Run the job of a day twice, as a beat and a worker that comes again would."""
    newest = Revision.objects.latest("number").number
    payload = {"commitment": slug, "as_of": day.isoformat(), "revision": newest}
    kind = jobs.KINDS[KIND]
    for _ in range(2):
        kind.write(payload, kind.compute(payload, lambda _percent: None))


def through(first: date, last: date) -> None:
    day = first
    while day <= last:
        watch(day)
        day += timedelta(days=1)


def stored(rule: str, subject: str = "") -> list[tuple[date, str, str]]:
    rows = Alert.objects.filter(rule=rule, subject=subject).order_by("number")
    return list(rows.values_list("as_of", "previous", "level"))


@pytest.mark.usefixtures("illustrative")
def test_a_window_missed_is_told_once_and_its_payment_once(client):
    through(date(2026, 5, 12), date(2026, 5, 30))
    assert stored("late_window", GAS) == [(LATE, "", "late"), (PAID, "late", "")]
    assert not InboxItem.objects.filter(kind="alert", title__contains="gas").exists()
    query = f"commitment={FICTION}&as_of=2026-06-01"
    (paid, late) = client.get(f"/api/v1/alerts/?{query}&rule=late_window&ordering=-id").json()[
        "results"
    ]
    assert (late["level"], late["facts"]["due_on"], late["subject"]) == ("late", "2026-05-15", GAS)
    assert (paid["level"], paid["previous"]) == ("", "late")


@pytest.mark.usefixtures("illustrative")
def test_a_level_is_told_when_it_is_crossed_either_way_and_never_by_a_day_that_comes_late():
    commitment = Commitment.objects.get(slug=FICTION)
    first, second = Revision.objects.order_by("number")[:2]
    day = date(2026, 3, 1)

    def at(days: int, level: str, revision: Revision) -> list[str]:
        found = Finding("pace_debt", "", level, {"debt_usd": "1.00", "debt_business_days": 31})
        later = day + timedelta(days=days)
        return [a.level for a in settle(commitment, [found], as_of=later, revision=revision)]

    assert at(0, "", first) == []
    assert at(1, "30", first) == ["30"]
    assert at(1, "60", first) == []  # the same day and revision: judged already
    assert at(2, "30", first) == []
    assert at(0, "", second) == []  # an older day that comes late
    assert at(2, "60", second) == ["60"]
    assert at(3, "", second) == [""]
    assert stored("pace_debt") == [
        (day + timedelta(days=1), "", "30"),
        (day + timedelta(days=2), "30", "60"),
        (day + timedelta(days=3), "60", ""),
    ]


@pytest.mark.usefixtures("register")
def test_two_runs_cannot_tell_the_same_crossing():
    told = {
        "commitment": Commitment.objects.get(is_default=True),
        "rule": "odds",
        "number": 1,
        "as_of": date(2026, 3, 1),
        "revision": Revision.objects.get(),
    }
    Alert.objects.create(**told)
    with pytest.raises(IntegrityError), transaction.atomic():
        Alert.objects.create(**told | {"level": "50"})


@pytest.mark.usefixtures("register")
def test_the_debt_of_the_real_commitment_passes_its_levels_one_by_one(client):
    """Nothing is funded, so the debt grows with every business day since 4 September 2025."""
    for day in (date(2025, 10, 1), date(2025, 11, 1), date(2026, 2, 1), date(2026, 11, 22)):
        watch(day, "japan-us-2025")
    levels = [(on, after) for on, _before, after in stored("pace_debt")]
    assert levels == [
        (date(2025, 11, 1), "30"),
        (date(2026, 2, 1), "60"),
        (date(2026, 11, 22), "250"),
    ]
    told = InboxItem.objects.filter(kind="alert").order_by("pk").values_list("title", "url")
    behind = "Funding is more than %s business days behind an even pace"
    assert list(told) == [(behind % 60, "/changes/"), (behind % 250, "/changes/")]
    page = read(client, "/changes/?kind=alert")
    assert page.words.count("business days behind an even pace") == 3
    feed = client.get("/changes/feed.atom?kind=alert").content.decode()
    assert feed.count("<entry>") == 3
    assert behind % 250 in feed


@pytest.mark.usefixtures("illustrative")
def test_alerts_of_the_fiction_never_stand_with_the_real_ones(client):
    watch(date(2026, 9, 1))
    assert Alert.objects.exists()
    assert client.get("/api/v1/alerts/").json()["results"] == []
    assert "behind an even pace" not in read(client, "/changes/?kind=alert").words
    assert "behind an even pace" in read(client, f"/changes/?kind=alert&commitment={FICTION}").words


@pytest.mark.usefixtures("register")
def test_nothing_is_watched_before_the_agreement():
    record = CommitmentRecord(Commitment.objects.get(is_default=True), point(date(2025, 9, 3)))
    assert findings(record) == []


@pytest.mark.usefixtures("register")
def test_the_watch_is_asked_for_once_a_day_a_revision_and_a_forecast():
    now = datetime(2026, 11, 24, 3, tzinfo=UTC)
    for _ in range(2):
        assert [job.key for job in request_watch(now=now)] == [
            f"{KIND}:japan-us-2025:2026-11-24:r1:f0"
        ]
    assert Job.objects.filter(kind=KIND).count() == 1
    refresh_now()
    assert Job.objects.filter(kind=KIND).count() == 2


@pytest.mark.django_db
def test_a_commitment_without_a_deadline_has_no_pace_to_fall_behind():
    load_small_register()
    record = CommitmentRecord(Commitment.objects.get(), point(date(2026, 11, 24)))
    assert [found.rule for found in findings(record)] == []
