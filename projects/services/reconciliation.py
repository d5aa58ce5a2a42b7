"""Every night, what is kept is compared with a recomputation.

Roll-ups that differ are rebuilt by a job. A snapshot or forecast that differs
stays as it is, for it is the record of what was shown. The desk is told of both.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from commitments.calculations.dates import business_day
from commitments.models import Job
from commitments.services.inbox import tell
from commitments.services.jobs import JobKind, Progress, register_daily, register_kind, submit
from commitments.services.revisions import locked_head
from projects.services.forecasts import forecast_differences
from projects.services.ledger import rebuild_rollups, rollup_differences
from projects.services.progress import snapshot_differences

logger = logging.getLogger(__name__)

KIND = "reconcile"
REBUILD = "rebuild_rollups"


@dataclass(frozen=True)
class Differences:
    """What is kept and differs from a recomputation, in words."""

    rollups: list[str]
    records: list[str]


def request_reconciliation(now: datetime) -> list[Job]:
    """Ask for the day's comparison; asking twice in a day is one job."""
    day = business_day(now).isoformat()
    return [submit(KIND, f"reconcile:{day}", {"day": day, "at": now.isoformat()}, now=now)]


def _compute(_payload: dict[str, Any], report: Progress) -> Differences:
    rollups = rollup_differences()
    report(30)
    snapshots = snapshot_differences()
    report(60)
    return Differences(rollups, [*snapshots, *forecast_differences()])


def _write(payload: dict[str, Any], found: Differences) -> None:
    """Tell of what differs and ask for the rebuilding; roll-ups are compared once more.

    A posting between two reads looks like a difference, so this time none may land.
    """
    rollups = found.rollups
    if rollups:
        locked_head()
        rollups = rollup_differences()
    if rollups:
        now = datetime.fromisoformat(payload["at"])
        submit(REBUILD, f"rebuild-rollups:{payload['day']}", {}, now=now)
    differences = [*rollups, *found.records]
    for words in differences:
        logger.warning("reconciliation: %s", words)
    if differences:
        tell(
            f"reconciliation:{payload['day']}",
            kind="ledger",
            title=_("What is kept differs from a recomputation: %(words)s")
            % {"words": differences[0]},
            body="\n".join(differences),
        )


def register_jobs() -> None:
    """Make the comparison known and due every day, and the rebuilding it may ask for."""
    register_kind(JobKind(KIND, _compute, _write, soft=240, hard=300, lease=330))
    register_kind(
        JobKind(
            REBUILD,
            lambda _payload, _report: None,
            lambda _payload, _result: rebuild_rollups(),
            soft=240,
            hard=300,
            lease=330,
        )
    )
    register_daily(KIND, request_reconciliation)
