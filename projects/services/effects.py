"""What a case would do to the totals, found by doing it and taking it back."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from commitments.calculations.metric import Figure, Metric, Scope
from commitments.models import Commitment
from commitments.services.cases import Changes, apply_changes
from projects.metrics import BY_KEY, evaluate
from projects.models import Project
from projects.selectors import CommitmentRecord
from projects.services.decisions import newest_point

SHOWN = (
    "candidate_usd",
    "in_consultation_usd",
    "selected_usd",
    "signed_usd",
    "selected_share",
    "signed_share",
)


@dataclass(frozen=True)
class Effect:
    """One metric before a case and after it."""

    metric: Metric
    before: Figure
    after: Figure

    @property
    def moves(self) -> bool:
        return self.before.bounds != self.after.bounds or self.before.note != self.after.note


def effect_of(changes: Changes, commitment: Commitment, *, today: date) -> list[Effect]:
    """Return the totals and sector shares of a commitment before and after some changes.

    The changes are posted and rolled back, so both figures come from the one
    definition. Raise CaseRefused when they cannot be posted.
    """
    before = _figures(commitment, today)
    with transaction.atomic():
        apply_changes(changes, actor=None, reason="effect on totals")
        after = _figures(commitment, today)
        transaction.set_rollback(True)
    effects = [Effect(BY_KEY[key], before[key], after[key]) for key in before]
    return [e for e in effects if e.metric.key in SHOWN or e.moves]


def _figures(commitment: Commitment, today: date) -> dict[str, Figure]:
    record = CommitmentRecord(commitment, newest_point(today))
    keys = [
        *SHOWN,
        *(key for key in BY_KEY if key.split(".")[0] in ("sector_share", "instrument_share")),
    ]
    return {key: evaluate(BY_KEY[key], record, Scope()) for key in keys}


def commitment_of(changes: Changes) -> Commitment | None:
    """The commitment some changes speak of, by name or through their project."""
    for change in changes:
        data: dict[str, Any] = dict(change["data"])
        if data.get("commitment"):
            return Commitment.objects.filter(slug=data["commitment"]).first()
    for change in changes:
        project = Project.objects.filter(slug=change["data"].get("project") or "").first()
        if project is not None:
            return project.commitment
    return None
