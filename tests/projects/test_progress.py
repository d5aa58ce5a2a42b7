"""Snapshots: the kept record, the same bytes for ever."""

import json
from datetime import UTC, date, datetime

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from commitments.models import Commitment, InboxItem, Job, Revision
from commitments.services import jobs
from projects.models import LedgerDay, Snapshot
from projects.services import reconciliation
from projects.services.ledger import rollup_differences
from projects.services.progress import progress_body, request_progress, snapshot_differences
from projects.services.reconciliation import request_reconciliation
from tests.builders import make_entry, make_project, make_register, post, record

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 22)


@pytest.fixture
def commitment(db) -> Commitment:
    made = make_register()
    record(make_project("prj-1", low="33000000000.00", high="33300000000.00"))
    return made


def refresh(day=DAY) -> None:
    for job in request_progress(as_of=day, now=timezone.now()):
        jobs.run_job(job.key, clock=timezone.now)


def test_asking_twice_for_a_day_and_revision_is_one_job_and_one_snapshot(commitment):
    refresh()
    refresh()
    assert Job.objects.get().key == f"progress:{commitment.slug}:2026-11-22:2"
    assert Snapshot.objects.count() == 1


def test_a_snapshot_holds_every_metric_as_answers_give_them(commitment, client):
    refresh()
    body = json.loads(Snapshot.objects.get().body)
    answer = client.get(f"/api/v1/commitments/{commitment.slug}/progress/?as_of={DAY}").json()
    metrics = answer["metrics"]
    for figure in metrics.values():
        del figure["explain"]
    assert body == metrics


def test_a_later_posting_leaves_an_old_snapshot_as_it_was(commitment):
    refresh()
    stored = Snapshot.objects.get()
    post([make_entry("prj-1", "500.00", on=date(2026, 10, 1))])
    again = progress_body(commitment, DAY, Revision.objects.get(number=2))
    assert (again.text, again.sha256) == (stored.body, stored.sha256)
    assert snapshot_differences() == []
    refresh()
    newer = Snapshot.objects.exclude(pk=stored.pk).get()
    assert json.loads(newer.body)["funded_usd"]["value"] == "500.00"


def test_reconcile_says_what_differs_and_exits_with_an_error(commitment, capsys):
    refresh()
    call_command("reconcile")
    assert "equals what is recomputed" in capsys.readouterr().out
    post([make_entry("prj-1", "500.00")])
    LedgerDay.objects.update(amount_usd="1.00")
    with pytest.raises(CommandError, match=r"1\.00 kept, 500\.00 in the ledger"):
        call_command("reconcile")
    call_command("reconcile", "--rebuild")
    assert "equals what is recomputed" in capsys.readouterr().out


def test_every_day_asks_for_its_snapshots_and_its_reconciliation(commitment):
    for hour in (14, 15, 16):  # midnight in Tokyo lies between the first two
        jobs.ask_daily(now=datetime(2026, 11, 22, hour, 30, tzinfo=UTC))
    keys = set(Job.objects.values_list("key", flat=True))
    assert keys >= {
        f"progress:{commitment.slug}:2026-11-22:2",
        f"progress:{commitment.slug}:2026-11-23:2",
        "reconcile:2026-11-22",
        "reconcile:2026-11-23",
    }
    assert len(keys) == Job.objects.count()


def test_the_nightly_reconciliation_tells_what_differs_and_has_it_rebuilt(commitment, caplog):
    post([make_entry("prj-1", "500.00")])
    LedgerDay.objects.update(amount_usd="1.00")
    (job,) = request_reconciliation(datetime(2026, 11, 24, 3, tzinfo=UTC))
    assert jobs.run_job(job.key, clock=timezone.now).state == Job.State.DONE
    assert "1.00 kept, 500.00 in the ledger" in caplog.text
    news = InboxItem.objects.get(key="reconciliation:2026-11-24")
    assert news.title.startswith("What is kept differs from a recomputation: LedgerDay")
    rebuilt = jobs.run_job("rebuild-rollups:2026-11-24", clock=timezone.now)
    assert rebuilt.state == Job.State.DONE
    assert rollup_differences() == []


def test_a_difference_that_a_posting_made_while_it_was_read_is_none(commitment, monkeypatch):
    monkeypatch.setattr(reconciliation, "rollup_differences", iter([["half read"], []]).__next__)
    (job,) = request_reconciliation(timezone.now())
    assert jobs.run_job(job.key, clock=timezone.now).state == Job.State.DONE
    assert not InboxItem.objects.exists()
    assert not Job.objects.filter(kind="rebuild_rollups").exists()


def test_before_anything_is_recorded_nothing_is_asked_for(db):
    assert request_progress(as_of=DAY, now=timezone.now()) == []
