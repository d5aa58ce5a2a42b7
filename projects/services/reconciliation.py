"""Every night, what is kept is compared with a recomputation."""

import logging
from datetime import datetime
from typing import Any

from commitments.calculations.dates import business_day
from commitments.models import Job
from commitments.services.jobs import JobKind, Progress, register_daily, register_kind, submit
from projects.services.ledger import rollup_differences
from projects.services.progress import snapshot_differences

logger = logging.getLogger(__name__)

KIND = "reconcile"


def request_reconciliation(now: datetime) -> list[Job]:
    """Ask for the day's comparison; asking twice in a day is one job."""
    return [submit(KIND, f"reconcile:{business_day(now)}", {}, now=now)]


def _compute(_payload: dict[str, Any], report: Progress) -> list[str]:
    differences = rollup_differences()
    report(50)
    return [*differences, *snapshot_differences()]


def _write(_payload: dict[str, Any], differences: list[str]) -> None:
    for words in differences:
        logger.error("reconciliation: %s", words)


def register_jobs() -> None:
    """Make the comparison known, and due every day."""
    register_kind(JobKind(KIND, _compute, _write, soft=240, hard=300, lease=330))
    register_daily(KIND, request_reconciliation)
