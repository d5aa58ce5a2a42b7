"""Ring the bell of jobs that wait."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from commitments import tasks
from commitments.services import jobs


class Command(BaseCommand):
    help = "End exhausted jobs and ring again for those that wait."

    def handle(self, *args: Any, **options: Any) -> None:
        keys = jobs.sweep(now=timezone.now())
        tasks.ring(*keys)
        self.stdout.write(f"{len(keys)} rung")
