"""Run the jobs of the table in this process: the embedded worker."""

import signal
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from commitments.models import Job
from commitments.services import jobs
from commitments.tasks import mail_news


class Command(BaseCommand):
    help = "Run the jobs that are due; without --once, go on until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="end when nothing is due")
        parser.add_argument("--interval", type=float, default=2.0, help="seconds between looks")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stopped = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            if threading.current_thread() is threading.main_thread():
                signal.signal(name, lambda *_: self.stopped.set())
        asked_in = mailed_in = None
        while not self.stopped.is_set():
            hour = timezone.now().replace(minute=0, second=0, microsecond=0)
            if hour != asked_in:
                jobs.ask_daily(now=timezone.now())
                asked_in = hour
            jobs.sweep(now=timezone.now())
            for key in jobs.due_keys(now=timezone.now()):
                self._run(key)
                if self.stopped.is_set():
                    break
            if hour != mailed_in:
                mail_news()
                mailed_in = hour
            if options["once"]:
                return
            self.stopped.wait(options["interval"])

    def _run(self, key: str) -> None:
        lease = settings.JOB_LEASE_SECONDS or None
        job = jobs.run_job(key, clock=timezone.now, lease_seconds=lease, watch=self._show)
        if job is None:
            return
        took = ""
        if job.finished_at and job.started_at:
            took = f" in {(job.finished_at - job.started_at).total_seconds():.1f} s"
        words = "" if job.state == Job.State.DONE else f": {job.last_error}"
        self.stdout.write(f"{job.state} {job.key}{took}{words}")

    def _show(self, job: Job, percent: int) -> None:
        """Draw the progress of a long job as a bar of twenty."""
        done = min(max(percent, 0), 100) // 5
        self.stdout.write(f"{'#' * done}{'.' * (20 - done)} {percent:3d} % {job.key}")
