"""Work on the progress and forecast of every commitment, asked for by whoever changed an input."""

from django.db import transaction
from django.utils import timezone

from commitments.calculations.dates import business_day
from commitments.services.jobs import ask_posted
from commitments.tasks import ring
from projects.services.forecasts import request_forecasts
from projects.services.progress import request_progress


def refresh_now() -> int:
    """Ask for today's snapshots, forecasts and what else a posting calls for.

    The bell rings after commit. Return how many jobs were asked for.
    """
    now = timezone.now()
    today = business_day(now)
    with transaction.atomic():
        requested = [
            *request_progress(as_of=today, now=now),
            *request_forecasts(as_of=today, now=now),
            *ask_posted(now=now),
        ]
        keys = [job.key for job in requested]
        transaction.on_commit(lambda: ring(*keys))
    return len(requested)
