"""Giving a job that failed for good another chance, by hand."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from commitments.models import AuditEntry, Job


@transaction.atomic
def run_again(job_ids: Iterable[int], *, actor: User, now: datetime) -> list[Job]:
    """Put dead jobs back in line with fresh attempts; leave all others alone.

    Return the jobs put back. The next sweep rings for them.
    """
    dead = Job.objects.select_for_update().filter(pk__in=list(job_ids), state=Job.State.DEAD)
    jobs = list(dead)
    for job in jobs:
        before = {"state": job.state, "attempts": job.attempts}
        job.state, job.attempts, job.progress = Job.State.PENDING, 0, 0
        job.available_at, job.leased_until, job.rung_at = now, None, None
        job.started_at = job.finished_at = None
        job.save()
        AuditEntry.objects.create(
            actor=actor,
            action="run again",
            kind="job",
            ref=str(job.pk),
            before=before,
            after={"state": job.state, "attempts": 0},
            reason=job.last_error,
        )
    return jobs
