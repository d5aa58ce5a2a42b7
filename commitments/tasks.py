"""The bell: Celery tasks that only say "look at the table"."""

import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from commitments.services import jobs

logger = logging.getLogger(__name__)


def ring(key: str) -> None:
    """Publish a job's key to the workers; without a broker, or when it fails, do nothing.

    The sweep rings again, so an error here is logged and costs nothing else.
    """
    if not settings.CELERY_BROKER_URL:
        return
    try:
        kind = jobs.KINDS[jobs.Job.objects.values_list("kind", flat=True).get(key=key)]
        run.apply_async((key,), soft_time_limit=kind.soft, time_limit=kind.hard)
    except Exception as error:  # whatever the broker does, the request has its answer
        logger.warning("the bell of %s did not ring: %s", key, error)


@shared_task(name="commitments.run_job")
def run(key: str) -> None:
    """Run one job if the table says so. Running it five times is harmless."""
    jobs.run_job(key, clock=timezone.now, lease_seconds=settings.JOB_LEASE_SECONDS or None)


@shared_task(name="commitments.sweep")
def sweep() -> None:
    """Ring again for jobs that nobody took or whose runner died."""
    for key in jobs.sweep(now=timezone.now()):
        ring(key)
