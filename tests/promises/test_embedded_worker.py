"""Without Celery: a worker process that comes back, whatever ends it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from commitments.models import Job
from projects.models import Snapshot
from projects.services.progress import request_progress
from tests.builders import TODAY, make_project, make_register, record

pytestmark = [pytest.mark.pg, pytest.mark.django_db(transaction=True)]
PATIENCE = 60


@contextmanager
def run_jobs(**more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A real `run_jobs` in its own group on this test's database, killed with its worker."""
    address = connection.settings_dict
    database = f"postgres://{address['USER']}@{address['HOST']}:{address['PORT']}/{address['NAME']}"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.workers",
        "DATABASE_URL": database,
        "PYTHONPATH": str(settings.BASE_DIR),
        **more,
    }
    command = [sys.executable, "manage.py", "run_jobs", "--interval", "0.2"]
    keeper = subprocess.Popen(
        command, env=environment, cwd=settings.BASE_DIR, start_new_session=True
    )
    try:
        yield keeper
    finally:
        with suppress(ProcessLookupError):
            os.killpg(keeper.pid, signal.SIGKILL)
        keeper.wait()


def worker_of(keeper: subprocess.Popen[bytes]) -> int:
    children = Path(f"/proc/{keeper.pid}/task/{keeper.pid}/children")
    wait_until(lambda: children.read_text().split())
    return int(children.read_text().split()[0])


def wait_until(true) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if true():
            return
        time.sleep(0.2)
    raise AssertionError(list(Job.objects.values("key", "state", "attempts", "last_error")))


def ask(days_ago: int = 0) -> str:
    asked = request_progress(as_of=TODAY - timedelta(days=days_ago), now=timezone.now())
    return asked[0].key


def state_of(key: str) -> tuple[str, int]:
    job = Job.objects.get(key=key)
    return job.state, job.attempts


@pytest.fixture(autouse=True)
def small_register():
    make_register()
    record(make_project("prj-1"))


def test_a_killed_worker_is_started_again_and_a_stopped_keeper_ends_it():
    with run_jobs() as keeper:
        first = ask()
        wait_until(lambda: state_of(first)[0] == Job.State.DONE)
        os.kill(worker_of(keeper), signal.SIGKILL)
        second = ask(days_ago=1)
        wait_until(lambda: state_of(second)[0] == Job.State.DONE)
        worker = worker_of(keeper)
        keeper.send_signal(signal.SIGTERM)
        assert keeper.wait(timeout=30) == 0
        assert not Path(f"/proc/{worker}").exists()
    assert Snapshot.objects.filter(as_of__in=(TODAY, TODAY - timedelta(days=1))).count() == 2


def test_a_job_that_kills_its_worker_ends_dead_and_the_rest_are_done():
    poison, sound = ask(), ask(days_ago=1)
    with run_jobs(POISON_DAY=TODAY.isoformat(), JOB_LEASE_SECONDS="1"):
        wait_until(lambda: state_of(poison)[0] == Job.State.DEAD)
        wait_until(lambda: state_of(sound)[0] == Job.State.DONE)
    assert state_of(poison) == (Job.State.DEAD, 4)
    assert Job.objects.get(key=poison).last_error == "its runner died four times"


def test_a_job_past_its_soft_limit_goes_back_and_past_its_hard_limit_is_ended():
    slow = ask()
    with run_jobs(QUICK_LIMITS="1", SLOW_REFRESH_SECONDS="60"):
        wait_until(lambda: "SoftLimit" in Job.objects.get(key=slow).last_error)
    Job.objects.update(state=Job.State.DONE)
    stuck, sound = ask(days_ago=1), ask(days_ago=2)
    day = (TODAY - timedelta(days=1)).isoformat()
    with run_jobs(QUICK_LIMITS="1", STUCK_DAY=day):
        wait_until(lambda: state_of(stuck)[1] == 2)
        wait_until(lambda: state_of(sound)[0] == Job.State.DONE)


def test_a_database_that_was_away_is_asked_again():
    with run_jobs() as keeper:
        first = ask()
        wait_until(lambda: state_of(first)[0] == Job.State.DONE)
        worker = worker_of(keeper)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        second = ask(days_ago=1)
        wait_until(lambda: state_of(second)[0] == Job.State.DONE)
        assert worker_of(keeper) == worker
