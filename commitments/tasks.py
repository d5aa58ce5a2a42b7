"""The bell: Celery tasks that only say "look at the table"."""

import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from commitments.services import inbox, jobs

logger = logging.getLogger(__name__)


# A request waits for the bell at most about this long, however Redis fares.
BELL_SECONDS = 1
IMPATIENT = {
    "socket_timeout": BELL_SECONDS,
    "socket_connect_timeout": BELL_SECONDS,
    "retry_on_timeout": False,
}


def ring(*keys: str) -> None:
    """Publish keys of jobs to the workers; without a broker, or when it fails, do nothing.

    One connection for all; the first failure ends it. The sweep rings again,
    so an error here is logged and costs nothing else.
    """
    if not settings.CELERY_BROKER_URL or not keys:
        return
    kind_of = dict(jobs.Job.objects.filter(key__in=keys).values_list("key", "kind"))
    try:
        with run.app.connection_for_write(
            settings.CELERY_BROKER_URL, transport_options=IMPATIENT
        ) as connection:
            for key in keys:
                kind = jobs.KINDS.get(kind_of.get(key, ""))
                if kind is None:  # the sweep ends it, and says why
                    continue
                run.apply_async(
                    (key,),
                    connection=connection,
                    retry=False,
                    soft_time_limit=kind.soft,
                    time_limit=kind.hard,
                )
    except Exception as error:  # whatever the broker does, the request has its answer
        logger.warning("the bell did not ring: %s", error)


@shared_task(name="commitments.run_job")
def run(key: str) -> None:
    """Run one job if the table says so. Running it five times is harmless."""
    jobs.run_job(key, clock=timezone.now, lease_seconds=settings.JOB_LEASE_SECONDS or None)


@shared_task(name="commitments.sweep")
def sweep() -> None:
    """Ring again for jobs that nobody took or whose runner died."""
    ring(*jobs.sweep(now=timezone.now()))


@shared_task(name="commitments.ask_daily")
def ask_daily() -> None:
    """Ask for the day's work; the next sweep rings for it. Asking every hour is still one a day."""
    jobs.ask_daily(now=timezone.now())


@shared_task(name="commitments.mail_news")
def mail_news() -> None:
    """Mail what waits for it, where mail is configured: reminders at once, alerts once a day."""
    now = timezone.now()
    inbox.mail_unsent("notice", recipients=settings.MAIL_TO, now=now)
    inbox.mail_digest(("alert", "lever"), recipients=settings.MAIL_TO, now=now)
