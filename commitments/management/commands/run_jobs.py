"""Run the jobs of the table without Celery: the embedded worker and its keeper."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections, connection
from django.utils import timezone

from commitments.models import Job
from commitments.services import jobs
from commitments.tasks import mail_news

logger = logging.getLogger(__name__)

SHORTEST_WAIT, LONGEST_WAIT = 1.0, 30.0  # seconds before a worker that died is started again
LIVED_WELL = 10.0  # seconds after which a death says nothing about the next start
LAST_MOMENT = 30.0  # seconds a stopped worker has to finish what it holds


class SoftLimit(Exception):
    """A job has run longer than its kind allows; it goes back to the table."""


class Command(BaseCommand):
    help = (
        "Run the jobs that are due, in a worker process that is started again when it dies; "
        "with --once, in this process, until nothing is due."
    )
    requires_system_checks = ()  # the server made them; a worker that died is to be back soon

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="end when nothing is due")
        parser.add_argument("--worker", action="store_true", help="be the worker, kept by nobody")
        parser.add_argument("--interval", type=float, default=2.0, help="seconds between looks")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stopped = threading.Event()
        self.asked_in = self.mailed_in = None
        self.is_worker = options["worker"]
        if options["once"]:
            _refuse_without_tables()
            self._look()
            return
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: self.stopped.set())
        if self.is_worker:
            self._work(options["interval"])
        else:
            self._keep(options["interval"])

    def _keep(self, interval: float) -> None:
        """Start a worker and start it again whenever it dies, until stopped."""
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_jobs", "--worker"]
        wait = SHORTEST_WAIT
        while not self.stopped.is_set():
            begin = time.monotonic()
            worker = subprocess.Popen([*command, "--interval", str(interval)])  # noqa: S603  # ourselves
            while worker.poll() is None and not self.stopped.wait(0.2):
                pass
            if self.stopped.is_set():
                _end(worker)
                return
            if time.monotonic() - begin > LIVED_WELL:
                wait = SHORTEST_WAIT
            logger.warning("the worker died (%s); again in %s s", worker.returncode, wait)
            self.stopped.wait(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    def _work(self, interval: float) -> None:
        """Look again and again; whatever fails in one look, the next one comes."""
        keeper = os.getppid()
        while not self.stopped.is_set() and os.getppid() == keeper:
            try:
                self._look()
            except Exception:  # the database may be away, and comes back
                logger.exception("a look at the job table failed")
                close_old_connections()
            self.stopped.wait(interval)

    def _look(self) -> None:
        hour = timezone.now().replace(minute=0, second=0, microsecond=0)
        if hour != self.asked_in:
            jobs.ask_daily(now=timezone.now())
            self.asked_in = hour
        jobs.sweep(now=timezone.now())
        for key in jobs.due_keys(now=timezone.now()):
            self._run(key)
            if self.stopped.is_set():
                return
        if hour != self.mailed_in:
            mail_news()
            self.mailed_in = hour

    def _run(self, key: str) -> None:
        lease = settings.JOB_LEASE_SECONDS or None
        with self._limits(key):
            job = jobs.run_job(key, clock=timezone.now, lease_seconds=lease, watch=self._show)
        if job is None:
            return
        took = ""
        if job.finished_at and job.started_at:
            took = f" in {(job.finished_at - job.started_at).total_seconds():.1f} s"
        words = "" if job.state == Job.State.DONE else f": {job.last_error}"
        self.stdout.write(f"{job.state} {job.key}{took}{words}")

    @contextmanager
    def _limits(self, key: str) -> Iterator[None]:
        """Hold a worker to its job's limits: SoftLimit is raised, then the system ends the process.

        Its keeper starts another; the attempt is counted already.
        """
        kind = jobs.kind_of(key)
        if kind is None or not self.is_worker:
            yield
            return
        here = threading.get_ident()
        soft = threading.Timer(kind.soft, signal.pthread_kill, (here, signal.SIGUSR1))
        soft.daemon = True
        signal.signal(signal.SIGUSR1, _raise_soft_limit)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(kind.hard)
        soft.start()
        try:
            yield
        finally:
            soft.cancel()
            signal.alarm(0)
            signal.signal(signal.SIGUSR1, signal.SIG_IGN)

    def _show(self, job: Job, percent: int) -> None:
        """Draw the progress of a long job as a bar of twenty."""
        done = min(max(percent, 0), 100) // 5
        self.stdout.write(f"{'#' * done}{'.' * (20 - done)} {percent:3d} % {job.key}")


def _refuse_without_tables() -> None:
    """Raise CommandError where the database was never migrated."""
    if Job._meta.db_table not in connection.introspection.table_names():
        raise CommandError("The database holds no tables yet: run manage.py migrate first.")


def _raise_soft_limit(_signal: int, _frame: FrameType | None) -> None:
    raise SoftLimit("ran longer than its kind of job may")


def _end(worker: subprocess.Popen[bytes]) -> None:
    worker.terminate()
    try:
        worker.wait(LAST_MOMENT)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
