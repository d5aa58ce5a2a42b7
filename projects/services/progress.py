"""The progress of a commitment, stored for a day and a revision: the kept record."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from commitments.calculations.dates import business_day
from commitments.models import Commitment, Job, Revision
from commitments.selectors import point_at
from commitments.services.jobs import (
    JobKind,
    Progress,
    register_daily,
    register_kind,
    subject_of,
    submit,
)
from projects.metrics import METRICS, progress
from projects.models import Snapshot
from projects.selectors import CommitmentRecord

KIND = "refresh_progress"


@dataclass(frozen=True)
class Body:
    """A snapshot's canonical JSON and its hash."""

    text: str
    sha256: str


def progress_body(commitment: Commitment, as_of: date, revision: Revision) -> Body:
    """Return every metric as canonical JSON: sorted keys, no spaces, UTF-8.

    The point sees the revision and nothing later, so the same arguments give
    the same bytes for ever.
    """
    figures = progress(CommitmentRecord(commitment, point_at(revision, as_of)))
    text = json.dumps(figures, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Body(text, hashlib.sha256(text.encode()).hexdigest())


def _compute(payload: dict[str, Any], _report: Progress) -> Body:
    return progress_body(*subject_of(payload))


def _write(payload: dict[str, Any], body: Body) -> None:
    commitment, as_of, revision = subject_of(payload)
    Snapshot.objects.get_or_create(
        commitment=commitment,
        as_of=as_of,
        revision=revision,
        defaults={
            "body": body.text,
            "sha256": body.sha256,
            "metric_versions": {m.key: m.version for m in METRICS},
        },
    )


def request_progress(
    *, as_of: date, now: datetime, commitments: Iterable[Commitment] | None = None
) -> list[Job]:
    """Ask for a snapshot of the newest revision for a day; asking twice is one job.

    Every commitment by default. Call in the transaction that changed an input;
    the caller rings the bell after commit.
    """
    revision = Revision.objects.order_by("-number").first()
    if revision is None:
        return []
    subjects = Commitment.objects.all() if commitments is None else commitments
    return [
        submit(
            KIND,
            f"progress:{commitment.slug}:{as_of}:{revision.number}",
            {
                "commitment": commitment.slug,
                "as_of": as_of.isoformat(),
                "revision": revision.number,
            },
            now=now,
        )
        for commitment in subjects
    ]


def snapshot_differences(limit: int = 100) -> list[str]:
    """Recompute the newest snapshots; return those whose bytes differ, in words.

    A snapshot of another version of a metric is left out: it says what that
    version said.
    """
    versions = {m.key: m.version for m in METRICS}
    differences = []
    newest = Snapshot.objects.select_related("commitment", "revision").order_by("-pk")
    for snapshot in newest[:limit]:
        if snapshot.metric_versions != versions:
            continue
        body = progress_body(snapshot.commitment, snapshot.as_of, snapshot.revision)
        if body.sha256 != snapshot.sha256 or body.text != snapshot.body:
            differences.append(
                f"snapshot of {snapshot.commitment} for {snapshot.as_of} at {snapshot.revision}"
            )
    return differences


def register_jobs() -> None:
    """Make the refresh known, and due every day."""
    register_kind(JobKind(KIND, _compute, _write, soft=15, hard=20, lease=25))
    register_daily(KIND, lambda now: request_progress(as_of=business_day(now), now=now))
