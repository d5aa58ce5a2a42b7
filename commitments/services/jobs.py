"""Work that must happen exactly once: the row is the job, a message only the bell.

A job is claimed by one UPDATE that counts the attempt first; its effect and its
end are written in one transaction, and only while the attempt is still the one
that claimed it. So a message may be lost or come five times, and a worker may
die at any moment.
"""

import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from commitments.models import Commitment, Job, Revision

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 4
RING_AGAIN = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=10)
REPORT_SECONDS = 1.0

Progress = Callable[[int], None]
Clock = Callable[[], datetime]
Watch = Callable[[Job, int], None]
Ask = Callable[[datetime], list[Job]]


@dataclass(frozen=True)
class JobKind:
    """One kind of work: `compute` without a transaction, `write` its effect in one.

    Limits in seconds: soft < hard < lease.
    """

    name: str
    compute: Callable[[dict[str, Any], Progress], Any]
    write: Callable[[dict[str, Any], Any], None]
    soft: int
    hard: int
    lease: int


KINDS: dict[str, JobKind] = {}
DAILY: dict[str, Ask] = {}
POSTED: dict[str, Ask] = {}


def register_kind(kind: JobKind) -> None:
    """Make a kind of job known; rooms call it when they are ready."""
    KINDS[kind.name] = kind


def register_daily(name: str, ask: Ask) -> None:
    """Let a room ask for work every day.

    `ask` submits jobs whose keys hold the day in Tokyo, or says what is due by
    then; it may be called at any time and any number of times in a day.
    """
    DAILY[name] = ask


def register_posted(name: str, ask: Ask) -> None:
    """Let a room ask for work after every posting, on terms as `register_daily` has them."""
    POSTED[name] = ask


def ask_daily(*, now: datetime) -> list[Job]:
    """Ask for the day's work of every room; one that fails is logged and hinders no other."""
    return _asked("daily", DAILY, now)


def ask_posted(*, now: datetime) -> list[Job]:
    """Ask for what a posting calls for in every room; one that fails hinders no other."""
    return _asked("posted", POSTED, now)


def _asked(when: str, asks: Mapping[str, Ask], now: datetime) -> list[Job]:
    asked = []
    for name, ask in asks.items():
        try:
            with transaction.atomic():
                asked += ask(now)
        except Exception:  # the rooms' own code: whatever fails in one, the others are asked
            logger.exception("%s work was not asked for: %s", when, name)
    return asked


def submit(kind: str, key: str, payload: dict[str, Any], *, now: datetime) -> Job:
    """Put a job on the table, once for a key. Call inside the business transaction.

    Raise KeyError for an unknown kind.
    """
    job, _created = Job.objects.get_or_create(
        key=key, defaults={"kind": KINDS[kind].name, "payload": payload, "available_at": now}
    )
    return job


def subject_of(payload: dict[str, Any]) -> tuple[Commitment, date, Revision]:
    """What a job is about that looks at a commitment, on a day, at a revision."""
    return (
        Commitment.objects.get(slug=payload["commitment"]),
        date.fromisoformat(payload["as_of"]),
        Revision.objects.get(number=payload["revision"]),
    )


def kind_of(key: str) -> JobKind | None:
    """The kind of a job, None where there is no such job or nobody here knows its kind."""
    name = Job.objects.filter(key=key).values_list("kind", flat=True).first()
    return KINDS.get(name) if name else None


def claim(key: str, *, now: datetime, lease_seconds: int | None = None) -> Job | None:
    """Take a job by one UPDATE, counting the attempt; None when it is not to be taken."""
    job = Job.objects.filter(key=key).first()
    if job is None or job.kind not in KINDS:
        return None
    lease = timedelta(seconds=lease_seconds or KINDS[job.kind].lease)
    free = Q(state=Job.State.PENDING) | Q(state=Job.State.RUNNING, leased_until__lt=now)
    taken = Job.objects.filter(
        free, pk=job.pk, attempts__lt=MOST_ATTEMPTS, available_at__lte=now
    ).update(
        state=Job.State.RUNNING,
        attempts=F("attempts") + 1,
        leased_until=now + lease,
        started_at=now,
        progress=0,
    )
    if not taken:
        return None
    job.refresh_from_db()
    return job


def run_job(
    key: str, *, clock: Clock, lease_seconds: int | None = None, watch: Watch | None = None
) -> Job | None:
    """Run a job if it is to be run. Return the row as it ended, None if it was not taken.

    A long job's progress goes to its row once a second, and to `watch` as often.
    """
    job = claim(key, now=clock(), lease_seconds=lease_seconds)
    if job is None:
        return None
    kind = KINDS[job.kind]
    try:
        result = kind.compute(job.payload, _reporter(job, watch))
        with transaction.atomic():
            done = _mine(job).update(
                state=Job.State.DONE, finished_at=clock(), progress=100, last_error=""
            )
            if done:
                kind.write(job.payload, result)
    except Exception as error:  # a job may fail in any way, and the row must say how
        logger.exception("job %s failed", job.key)
        _put_back(job, error, now=clock())
    job.refresh_from_db()
    return job


def _mine(job: Job) -> Any:
    return Job.objects.filter(pk=job.pk, attempts=job.attempts, state=Job.State.RUNNING)


def _reporter(job: Job, watch: Watch | None) -> Progress:
    last = [time.monotonic()]

    def report(percent: int) -> None:
        if time.monotonic() - last[0] > REPORT_SECONDS:
            last[0] = time.monotonic()
            _mine(job).update(progress=min(max(percent, 0), 99))
            if watch is not None:
                watch(job, percent)

    return report


def _put_back(job: Job, error: Exception, *, now: datetime) -> None:
    """Let the job wait and try again, or end it dead after its last attempt."""
    if job.attempts >= MOST_ATTEMPTS:
        _mine(job).update(state=Job.State.DEAD, finished_at=now, last_error=_words(error))
        return
    wait = min(timedelta(seconds=2**job.attempts), LONGEST_WAIT)
    wait *= random.uniform(0.5, 1.5)  # noqa: S311  # spreads retries, keeps no secret
    _mine(job).update(
        state=Job.State.PENDING,
        available_at=now + wait,
        leased_until=None,
        last_error=_words(error),
    )


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:2000]


def sweep(*, now: datetime) -> list[str]:
    """End jobs nobody can run and return the keys whose bell must ring again.

    Those are jobs that are due and were not rung for 15 s, and jobs whose
    lease ran out. A kind that nobody here knows has ten minutes, for a newer
    version may be starting beside this one.
    """
    expired = Q(state=Job.State.RUNNING, leased_until__lt=now)
    open_ = Q(state=Job.State.PENDING) | expired
    for key, kind in (
        Job.objects.filter(open_, available_at__lt=now - LONGEST_WAIT)
        .exclude(kind__in=KINDS)
        .values_list("key", "kind")
    ):
        Job.objects.filter(open_, key=key).update(
            state=Job.State.DEAD, finished_at=now, last_error=f"no such kind of job: {kind}"
        )
    Job.objects.filter(expired, attempts__gte=MOST_ATTEMPTS).update(
        state=Job.State.DEAD, finished_at=now, last_error="its runner died four times"
    )
    quiet = Q(rung_at__isnull=True) | Q(rung_at__lt=now - RING_AGAIN)
    waiting = Q(state=Job.State.PENDING, available_at__lte=now) & quiet
    due = Job.objects.filter(waiting | expired, kind__in=KINDS).order_by("pk")
    keys = list(due.values_list("key", flat=True)[:1000])
    Job.objects.filter(key__in=keys).update(rung_at=now)
    return keys


def due_keys(*, now: datetime) -> list[str]:
    """The keys of every job that may run now, oldest first."""
    ready = Q(state=Job.State.PENDING, available_at__lte=now)
    expired = Q(state=Job.State.RUNNING, leased_until__lt=now)
    able = {"attempts__lt": MOST_ATTEMPTS, "kind__in": KINDS}
    jobs = Job.objects.filter(ready | expired, **able).order_by("pk")
    return list(jobs.values_list("key", flat=True)[:1000])


@dataclass(frozen=True)
class JobHealth:
    """How the job table stands; the oldest pending job's age in seconds."""

    oldest_pending_seconds: float | None
    running: int
    dead: int


def job_health(*, now: datetime) -> JobHealth:
    """Return how the job table stands at an instant: what waits, runs and was given up."""
    pending = Job.objects.filter(state=Job.State.PENDING, available_at__lte=now)
    oldest = pending.order_by("available_at").values_list("available_at", flat=True).first()
    return JobHealth(
        oldest_pending_seconds=None if oldest is None else (now - oldest).total_seconds(),
        running=Job.objects.filter(state=Job.State.RUNNING).count(),
        dead=Job.objects.filter(state=Job.State.DEAD).count(),
    )
