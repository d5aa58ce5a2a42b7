"""Reminders of notices: 30, 15, 5 and 1 business days ahead and when late, each told once."""

from datetime import UTC, date, datetime, timedelta

import pytest

from commitments.models import Commitment, InboxItem
from commitments.services import inbox, jobs
from projects.services.reminders import KIND, reminders, request_reminders
from tests.builders import post
from tests.notices import make_commitment_with_window, notice_record, receipts, record_notices

DUE = date(2026, 11, 19)  # specified; the window of the notice ends on 12 November


@pytest.fixture(autouse=True)
def _commitment(db: None) -> None:
    make_commitment_with_window()


def run(day: date) -> None:
    """Ask for a day's reminders and run the job, as beat and a worker would."""
    now = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    for job in request_reminders(now=now):
        jobs.run_job(job.key, clock=lambda: now)


def titles() -> list[str]:
    return list(InboxItem.objects.order_by("pk").values_list("title", flat=True))


def test_a_notice_is_told_of_five_times_in_its_life():
    record_notices(notice_record(specified_on=DUE.isoformat()))
    day = date(2026, 9, 1)
    while day <= date(2026, 12, 1):
        run(day)
        day += timedelta(days=1)
    assert titles() == [
        "30 business days left: plant, 1, 2026-11-19",
        "15 business days left: plant, 1, 2026-11-19",
        "5 business days left: plant, 1, 2026-11-19",
        "1 business day left: plant, 1, 2026-11-19",
        "Late: plant, 1 was due on 2026-11-19",
    ]
    last = InboxItem.objects.latest("pk")
    assert (last.kind, last.url, last.key) == (
        "notice",
        "/projects/plant/",
        "notice:not-1:2026-11-19:late",
    )
    assert last.body == (
        "4,000,000.00 of 4,000,000.00 US dollars are not received. The day is the due date."
    )


def test_a_job_that_runs_five_times_tells_once():
    record_notices(notice_record(specified_on=DUE.isoformat()))
    kind = jobs.KINDS[KIND]
    for _ in range(5):
        payload = {"day": "2026-11-20"}
        kind.write(payload, kind.compute(payload, lambda percent: None))
        run(date(2026, 11, 20))
    assert titles() == ["Late: plant, 1 was due on 2026-11-19"]


def test_a_desk_that_was_away_is_told_of_the_nearest_reminder_only():
    record_notices(notice_record(specified_on=DUE.isoformat()))
    run(date(2026, 11, 13))
    assert titles() == ["4 business days left: plant, 1, 2026-11-19"]


def test_without_a_due_date_the_first_day_of_funding_is_told_of_and_nothing_is_late():
    record_notices(notice_record())
    run(date(2026, 11, 10))
    run(date(2026, 12, 10))
    (item,) = InboxItem.objects.all()
    assert item.title == "1 business day left: plant, 1, 2026-11-12"
    assert item.body.endswith("the day is the first on which funds may be due.")


def test_nothing_is_left_of_a_day_on_the_weekend_after_it():
    record_notices(notice_record(received_on="2026-09-02"))  # its window ends on Friday the 13th
    (left,) = reminders(today=date(2026, 11, 13))
    assert left.title == "0 business days left: plant, 1, 2026-11-13"
    assert reminders(today=date(2026, 11, 15)) == []


def test_a_paid_or_declined_notice_is_not_told_of():
    paid, _declined = record_notices(
        notice_record(specified_on=DUE.isoformat()),
        notice_record("not-2", declined_on="2026-10-01"),
    )
    post(receipts(paid, (date(2026, 11, 13), "4000000")))
    assert reminders(today=date(2026, 11, 24)) == []


def test_a_corrected_due_date_is_told_of_anew():
    record_notices(notice_record(specified_on=DUE.isoformat()))
    run(date(2026, 11, 20))
    record_notices(notice_record(specified_on="2026-11-18"))
    run(date(2026, 11, 24))
    assert titles() == [
        "Late: plant, 1 was due on 2026-11-19",
        "Late: plant, 1 was due on 2026-11-18",
    ]


NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)


def test_news_is_mailed_once_where_there_is_a_recipient(mailoutbox):
    inbox.tell("notice:a", kind="notice", title="A", body="what", url="/projects/plant/")
    inbox.tell("other:b", kind="case", title="B")
    assert inbox.mail_unsent("notice", recipients=(), now=NOW) == 0
    assert inbox.mail_unsent("notice", recipients=["desk@example.org"], now=NOW) == 1
    assert inbox.mail_unsent("notice", recipients=["desk@example.org"], now=NOW) == 0
    (mail,) = mailoutbox
    assert (mail.subject, mail.body, mail.to) == (
        "A",
        "what\n\n/projects/plant/",
        ["desk@example.org"],
    )
    assert InboxItem.objects.get(key="notice:a").mailed_at == NOW


def test_news_of_an_illustrative_commitment_says_so_and_is_never_mailed(mailoutbox):
    made_up = Commitment(slug="made-up", illustrative=True)
    for kind in ("notice", "alert", "lever"):
        assert inbox.tell_of(made_up, f"{kind}:x", kind=kind, title="Due", path="/projects/x/")
    assert not inbox.tell_of(made_up, "lever:x", kind="lever", title="Due", path="/projects/x/")
    told = InboxItem.objects.order_by().values_list("title", "url").distinct()
    assert list(told) == [("Illustrative: Due", "/projects/x/?commitment=made-up")]
    assert inbox.mail_unsent("notice", recipients=["desk@example.org"], now=NOW) == 0
    assert inbox.mail_digest(("alert", "lever"), recipients=["desk@example.org"], now=NOW) == 0
    assert mailoutbox == []


def test_a_mail_that_fails_leaves_the_news_and_is_tried_again(monkeypatch, mailoutbox):
    inbox.tell("notice:a", kind="notice", title="A")

    def refuse(_mail: object) -> int:
        raise OSError("no mail server")

    with monkeypatch.context() as patched:
        patched.setattr("commitments.services.inbox.EmailMessage.send", refuse)
        assert inbox.mail_unsent("notice", recipients=["desk@example.org"], now=NOW) == 0
    assert InboxItem.objects.get().mailed_at is None
    assert inbox.mail_unsent("notice", recipients=["desk@example.org"], now=NOW) == 1


def test_alerts_and_levers_are_mailed_as_one_digest_a_day(monkeypatch, mailoutbox):
    kinds, desk = ("alert", "lever"), ["desk@example.org"]
    inbox.tell("alert:1", kind="alert", title="Funding falls behind", url="/changes/")
    inbox.tell("lever:1", kind="lever", title="A lever is met", url="/tariffs/")
    inbox.tell("notice:1", kind="notice", title="Due")
    assert inbox.mail_digest(kinds, recipients=(), now=NOW) == 0

    def refuse(_mail: object) -> int:
        raise OSError("no mail server")

    with monkeypatch.context() as patched:
        patched.setattr("commitments.services.inbox.EmailMessage.send", refuse)
        assert inbox.mail_digest(kinds, recipients=desk, now=NOW) == 0
    assert inbox.mail_digest(kinds, recipients=desk, now=NOW) == 2
    inbox.tell("alert:2", kind="alert", title="Later on the same day")
    assert inbox.mail_digest(kinds, recipients=desk, now=NOW + timedelta(minutes=10)) == 0
    assert inbox.mail_digest(kinds, recipients=desk, now=NOW + timedelta(days=1)) == 1
    first, second = mailoutbox
    assert (first.subject, first.body) == (
        "2 things are new in the register",
        "Funding falls behind\n/changes/\n\nA lever is met\n/tariffs/",
    )
    assert second.body == "Later on the same day"
