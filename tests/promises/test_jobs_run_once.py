"""An accepted job runs, and its effect happens exactly once, whatever dies on the way."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from commitments import tasks
from commitments.models import Job
from commitments.services import jobs
from projects.models import Snapshot
from projects.services.progress import request_progress
from tests.builders import TODAY, make_project, make_register, record
from tests.services import RedisServer

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]
PATIENCE = 60


def environment(redis: RedisServer, **more: str) -> dict[str, str]:
    """The environment of a worker process that shares this test's database and Redis."""
    address = connection.settings_dict
    database = f"postgres://{address['USER']}@{address['HOST']}:{address['PORT']}/{address['NAME']}"
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.workers",
        "DATABASE_URL": database,
        "REDIS_URL": redis.url,
        "JOB_LEASE_SECONDS": "5",
        "PYTHONPATH": str(settings.BASE_DIR),
        **more,
    }


@contextmanager
def celery(redis: RedisServer, *arguments: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A real Celery process in its own group, killed with all its children at the end."""
    log = Path(settings.VAR_DIR) / f"celery-{arguments[0]}-{time.monotonic_ns()}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "celery", "-A", "config", *arguments, "--loglevel", "info"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env=environment(redis, **more),
            stdout=output,
            stderr=output,
            cwd=settings.BASE_DIR,
            start_new_session=True,
        )
    try:
        if arguments[0] == "worker":
            wait_until(lambda: b"ready." in log.read_bytes(), log)
        yield process
    finally:
        kill(process)


def worker(redis: RedisServer, **more: str):
    return celery(redis, "worker", "--concurrency", "2", "--without-gossip", **more)


def kill(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def wait_until(true, log: Path | None = None) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if true():
            return
        time.sleep(0.2)
    raise AssertionError(log.read_text(errors="replace")[-3000:] if log else "not in time")


def sweep_until_done(redis: RedisServer, count: int) -> None:
    """Play beat: sweep every second until every job has ended."""

    def done() -> bool:
        Job.objects.update(rung_at=None)
        tasks.ring(*jobs.sweep(now=timezone.now()))
        ended = Job.objects.filter(state__in=(Job.State.DONE, Job.State.DEAD)).count()
        time.sleep(0.5)
        return ended == count

    wait_until(done)


@pytest.fixture
def broker(redis_server, settings) -> RedisServer:
    settings.CELERY_BROKER_URL = redis_server.url
    return redis_server


def ask(count: int = 1) -> list[Job]:
    """Ask for the snapshots of a few days, as a posting does."""
    now = timezone.now()
    asked = []
    with transaction.atomic():
        for n in range(count):
            found = request_progress(as_of=TODAY - timedelta(days=n), now=now)
            asked += found
        transaction.on_commit(lambda: tasks.ring(*(job.key for job in asked)))
    return asked


def small_register() -> None:
    make_register()
    record(make_project("prj-1"))


def test_a_worker_killed_in_the_middle_leaves_one_snapshot(broker):
    small_register()
    with worker(broker, SLOW_REFRESH_SECONDS="60") as first:
        asked = ask()
        wait_until(lambda: Job.objects.filter(state=Job.State.RUNNING).exists())
        kill(first)
    assert Snapshot.objects.count() == 0
    with worker(broker):
        sweep_until_done(broker, len(asked))
    job = Job.objects.get()
    assert (job.state, job.attempts, Snapshot.objects.count()) == (Job.State.DONE, 2, 1)


def test_beat_alone_brings_back_what_a_killed_worker_held(broker):
    """The shipped lease of 25 s and sweep of 10 s, with nobody playing beat."""
    small_register()
    shipped = {"JOB_LEASE_SECONDS": "0"}
    with celery(broker, "beat", "-s", str(Path(settings.VAR_DIR) / "beat-schedule"), **shipped):
        with worker(broker, SLOW_REFRESH_SECONDS="14", **shipped) as first:
            (asked,) = ask()
            wait_until(lambda: Job.objects.get(pk=asked.pk).state == Job.State.RUNNING)
            kill(first)
        killed = time.monotonic()
        assert Snapshot.objects.count() == 0
        with worker(broker, **shipped):
            wait_until(lambda: Job.objects.get(pk=asked.pk).state == Job.State.DONE)
        assert time.monotonic() - killed < 60
    job = Job.objects.get(pk=asked.pk)
    assert (job.attempts, Snapshot.objects.count()) == (2, 1)


def test_redis_killed_and_restarted_empty_loses_nothing(broker):
    small_register()
    with worker(broker):
        broker.kill()
        asked = ask(3)
        assert Job.objects.filter(state=Job.State.PENDING).count() == 3
        broker.start()
        sweep_until_done(broker, len(asked))
    states = set(Job.objects.values_list("state", flat=True))
    assert (states, Snapshot.objects.count()) == ({Job.State.DONE}, 3)


def test_five_deliveries_of_one_message_have_one_effect(broker):
    small_register()
    with worker(broker):
        asked = ask()
        for _ in range(5):
            tasks.ring(asked[0].key)
        wait_until(lambda: Job.objects.filter(state=Job.State.DONE).exists())
        time.sleep(1)
    job = Job.objects.get()
    assert (job.attempts, Snapshot.objects.count()) == (1, 1)


def test_a_poison_job_ends_dead_and_the_rest_are_done(broker):
    small_register()
    with worker(broker, POISON_DAY=TODAY.isoformat()):
        asked = ask(3)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and not Job.objects.filter(state="dead").exists():
            Job.objects.filter(state=Job.State.RUNNING).update(leased_until=timezone.now())
            Job.objects.update(rung_at=None)
            tasks.ring(*jobs.sweep(now=timezone.now()))
            time.sleep(0.5)
    by_state = {job.key: (job.state, job.attempts) for job in Job.objects.all()}
    poison = asked[0].key
    assert by_state.pop(poison) == (Job.State.DEAD, jobs.MOST_ATTEMPTS)
    assert {state for state, _attempts in by_state.values()} == {Job.State.DONE}


def test_a_hung_redis_does_not_hold_a_request(broker):
    small_register()
    broker.pause()
    begin = time.monotonic()
    asked = ask(3)
    took = time.monotonic() - begin
    broker.resume()
    assert took < 5
    assert Job.objects.get(pk=asked[0].pk).state == Job.State.PENDING


def test_a_stopped_worker_finishes_what_it_holds(broker):
    small_register()
    with worker(broker, SLOW_REFRESH_SECONDS="2") as process:
        ask()
        wait_until(lambda: Job.objects.filter(state=Job.State.RUNNING).exists())
        os.kill(process.pid, signal.SIGTERM)
        process.wait(timeout=30)
    assert Job.objects.get().state == Job.State.DONE
    assert Snapshot.objects.count() == 1
