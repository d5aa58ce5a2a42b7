"""Periodic work on the progress of every commitment."""

import logging

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from commitments.calculations.dates import business_day
from commitments.tasks import ring
from projects.services.ledger import rollup_differences
from projects.services.progress import request_progress, snapshot_differences

logger = logging.getLogger(__name__)


def refresh_now() -> int:
    """Ask for today's snapshots and ring the bell after commit. Return how many."""
    now = timezone.now()
    with transaction.atomic():
        requested = request_progress(as_of=business_day(now), now=now)
        keys = [job.key for job in requested]
        transaction.on_commit(lambda: ring(*keys))
    return len(requested)


@shared_task(name="projects.refresh_today")
def refresh_today() -> None:
    """Ask for today's snapshots. Twice a day is still one job: the key names the day."""
    refresh_now()


@shared_task(name="projects.reconcile")
def reconcile() -> None:
    """Compare what is kept with a recomputation and log every difference."""
    for words in [*rollup_differences(), *snapshot_differences()]:
        logger.error("reconciliation: %s", words)
