"""The job table: claims, back-off, death, sweeps; plain functions, no broker."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from commitments import tasks
from commitments.calculations.dates import business_day
from commitments.models import Job
from commitments.services import jobs
from commitments.services.jobs import JobKind

pytestmark = pytest.mark.django_db
written: list[str] = []


class Boom(Exception):
    pass


def fail(_payload, _report):
    raise Boom("no luck")


@pytest.fixture(autouse=True)
def kinds():
    written.clear()
    jobs.register_kind(
        JobKind("good", lambda p, _r: p["word"], lambda _p, word: written.append(word), 1, 2, 3)
    )
    jobs.register_kind(JobKind("bad", fail, lambda _p, _r: None, 1, 2, 3))
    yield
    for name in ("good", "bad"):
        del jobs.KINDS[name]


def submit(kind="good", key="k", **payload):
    return jobs.submit(kind, key, {"word": key, **payload}, now=timezone.now())


def run(key="k"):
    return jobs.run_job(key, clock=timezone.now)


def test_the_same_key_is_one_job_and_one_effect():
    assert submit().pk == submit().pk
    assert (run().state, run(), written) == (Job.State.DONE, None, ["k"])


def test_a_job_that_fails_waits_longer_each_time_and_dies_after_four():
    submit("bad")
    waits = []
    for attempt in range(1, jobs.MOST_ATTEMPTS):
        job = run()
        assert (job.state, job.attempts) == (Job.State.PENDING, attempt)
        waits.append(job.available_at - job.started_at)
        Job.objects.update(available_at=timezone.now())
    job = run()
    assert (job.state, job.attempts, job.last_error) == (Job.State.DEAD, 4, "Boom: no luck")
    assert waits[0] < timedelta(seconds=4) < waits[2] + timedelta(seconds=2)
    assert run() is None


def test_a_job_that_waits_is_not_taken_before_its_time():
    submit()
    Job.objects.update(available_at=timezone.now() + timedelta(hours=1))
    assert run() is None
    assert jobs.due_keys(now=timezone.now()) == []


def test_a_runner_whose_lease_ran_out_writes_nothing():
    submit()
    an_hour_ago = timezone.now() - timedelta(hours=1)
    Job.objects.update(available_at=an_hour_ago)
    job = jobs.claim("k", now=an_hour_ago)
    again = run()
    assert (again.state, again.attempts) == (Job.State.DONE, 2)
    assert jobs._mine(job).update(state=Job.State.DONE) == 0
    assert written == ["k"]


def test_the_sweep_rings_for_the_quiet_and_the_abandoned_and_ends_the_exhausted():
    for key in ("quiet", "rung", "abandoned", "exhausted"):
        submit(key=key)
    now = timezone.now()
    past = now - timedelta(minutes=5)
    Job.objects.filter(key="rung").update(rung_at=now)
    running = {"state": Job.State.RUNNING, "leased_until": past}
    Job.objects.filter(key="abandoned").update(**running, attempts=1)
    Job.objects.filter(key="exhausted").update(**running, attempts=4)
    assert jobs.sweep(now=now) == ["quiet", "abandoned"]
    assert Job.objects.get(key="exhausted").state == Job.State.DEAD
    assert jobs.sweep(now=now) == ["abandoned"]


def test_a_job_of_an_unknown_kind_silences_no_other_and_ends_dead(settings, monkeypatch):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    rung = []
    monkeypatch.setattr(tasks.run, "apply_async", lambda args, **_: rung.append(args[0]))
    now = timezone.now()
    for key, age in (("old", 11), ("new", 9)):
        due = now - timedelta(minutes=age)
        Job.objects.create(key=key, kind="gone", available_at=due)
    submit(key="known")
    assert jobs.due_keys(now=timezone.now()) == ["known"]
    assert jobs.sweep(now=timezone.now()) == ["known"]
    tasks.ring("old", "new", "known")
    assert rung == ["known"]
    old, new = Job.objects.get(key="old"), Job.objects.get(key="new")
    assert (old.state, old.last_error) == (Job.State.DEAD, "no such kind of job: gone")
    assert new.state == Job.State.PENDING


def test_limits_of_every_kind_are_soft_below_hard_below_lease():
    real = [kind for kind in jobs.KINDS.values() if kind.name not in ("good", "bad")]
    assert real
    assert all(kind.soft < kind.hard < kind.lease for kind in real)


def test_health_tells_the_oldest_the_running_and_the_dead():
    submit(key="old")
    now = timezone.now()
    Job.objects.update(available_at=now - timedelta(seconds=90))
    submit("bad", key="gone")
    Job.objects.filter(key="gone").update(state=Job.State.DEAD)
    health = jobs.job_health(now=now)
    assert (health.oldest_pending_seconds, health.running, health.dead) == (90.0, 0, 1)


def test_the_embedded_worker_runs_what_is_due_and_says_so(capsys):
    submit(key="one")
    submit("bad", key="two")
    call_command("run_jobs", "--once")
    told = capsys.readouterr().out
    assert "done one in " in told
    assert "pending two: Boom: no luck" in told
    assert written == ["one"]


def test_a_long_job_shows_its_progress_in_its_row_and_on_the_terminal(capsys, monkeypatch):
    seen = []

    def work(_payload, report):
        report(35)
        seen.append(Job.objects.get(key="k").progress)
        return "done"

    monkeypatch.setattr(jobs, "REPORT_SECONDS", 0.0)
    monkeypatch.setitem(
        jobs.KINDS, "good", JobKind("good", work, lambda _p, _r: None, soft=1, hard=2, lease=3)
    )
    submit()
    call_command("run_jobs", "--once")
    assert seen == [35]
    assert "#######.............  35 % k" in capsys.readouterr().out
    assert Job.objects.get(key="k").progress == 100


def test_the_embedded_worker_asks_for_the_day_s_work_and_runs_it(monkeypatch, capsys):
    def ask(now):
        return [jobs.submit("good", f"good:{business_day(now)}", {"word": "daily"}, now=now)]

    monkeypatch.setattr(jobs, "DAILY", {"good": ask})
    call_command("run_jobs", "--once")
    call_command("run_jobs", "--once")
    assert capsys.readouterr().out.count("done good:") == 1
    assert written == ["daily"]


def test_daily_work_that_cannot_be_asked_for_hinders_no_other(monkeypatch, caplog):
    def ask(now):
        submit(key="half")
        raise Boom("no day today")

    monkeypatch.setattr(
        jobs, "DAILY", {"bad": ask, "good": lambda now: [submit(key=f"good:{business_day(now)}")]}
    )
    late_in_utc = datetime(2026, 11, 30, 15, 5, tzinfo=UTC)
    assert [job.key for job in jobs.ask_daily(now=late_in_utc)] == ["good:2026-12-01"]
    assert [job.key for job in Job.objects.all()] == ["good:2026-12-01"]
    assert "daily work was not asked for: bad" in caplog.text


def test_an_unknown_kind_is_refused_at_submission():
    with pytest.raises(KeyError):
        submit("unheard-of")


def test_jobs_of_a_database_that_was_never_migrated_are_refused_in_one_line(monkeypatch):
    monkeypatch.setattr(connection.introspection, "table_names", lambda: ["django_migrations"])
    with pytest.raises(CommandError, match="run manage"):
        call_command("run_jobs", "--once")
