"""Alerts: a level crossed, told once, whichever way it was crossed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from commitments.models import Alert, Commitment, Revision


@dataclass(frozen=True)
class Finding:
    """Where a watched figure or clock stands: the level it is at, "" below every level.

    `facts` are plain JSON values, what the level was judged by; amounts are
    decimal strings.
    """

    rule: str
    subject: str
    level: str
    facts: dict[str, Any] = field(default_factory=dict)


def settle(
    commitment: Commitment, findings: Iterable[Finding], *, as_of: date, revision: Revision
) -> list[Alert]:
    """Store a finding whose level differs from the one stored before; return what was stored.

    A finding older than the stored one is let go: it can no longer be a
    crossing. Call in the transaction of the job: of two runs that would tell
    the same crossing, the database lets one through and the other starts anew.
    """
    last: dict[tuple[str, str], Alert] = {}
    for alert in Alert.objects.filter(commitment=commitment).order_by("number"):
        last[alert.rule, alert.subject] = alert
    stored = []
    for found in findings:
        before = last.get((found.rule, found.subject))
        if before and (as_of, revision.number) <= (before.as_of, before.revision_id):
            continue
        if found.level == (before.level if before else ""):
            continue
        stored.append(
            Alert.objects.create(
                commitment=commitment,
                rule=found.rule,
                subject=found.subject,
                number=before.number + 1 if before else 1,
                level=found.level,
                previous=before.level if before else "",
                as_of=as_of,
                revision=revision,
                facts=found.facts,
            )
        )
    return stored
