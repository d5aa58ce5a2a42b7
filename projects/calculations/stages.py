"""The ladder a project climbs, derived from its dated events."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Stage(StrEnum):
    """How far a project is. Rungs of money are never added together."""

    REPORTED = "reported"
    CANDIDATE = "candidate"
    IN_CONSULTATION = "in_consultation"
    SELECTED = "selected"
    SIGNED = "signed"
    NOTICED = "noticed"
    FUNDED = "funded"
    DISBURSED = "disbursed"
    DISTRIBUTED = "distributed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"


ORDER = tuple(Stage)
ENDS = frozenset({Stage.DECLINED, Stage.WITHDRAWN, Stage.CANCELLED})

# What each kind of event makes true. Kinds without a stage are milestones or,
# for a company's word of a decision, rival claims.
STAGE_OF_KIND: dict[str, Stage] = {
    "reported_candidate": Stage.REPORTED,
    "named_by_us_official": Stage.REPORTED,
    "under_negotiation": Stage.REPORTED,
    "candidate_listed": Stage.CANDIDATE,
    "considered_next_batch": Stage.CANDIDATE,
    "announced_second_batch": Stage.IN_CONSULTATION,
    "selected": Stage.SELECTED,
    "financing_signed": Stage.SIGNED,
    "declined": Stage.DECLINED,
    "withdrawn": Stage.WITHDRAWN,
    "cancelled": Stage.CANCELLED,
}
RIVAL_CLAIMS = frozenset({"presidential_approval_reported"})
MILESTONES = frozenset({"site_secured", "ground_broken", "tenant_announced"})


@dataclass(frozen=True)
class Step:
    """One dated event of a project, by its kind."""

    kind: str
    on: date


@dataclass(frozen=True)
class Standing:
    """Where a project stands, which stages it has reached, and when each was first reached."""

    stage: Stage | None
    reached: dict[Stage, date]

    @property
    def is_selected(self) -> bool:
        """Selected and neither declined, withdrawn nor cancelled since."""
        return Stage.SELECTED in self.reached and self.stage not in ENDS


def standing(steps: Iterable[Step]) -> Standing:
    """Return a project's standing: the firmest stage reached, or the end that came after it.

    An end counts when no later event makes a stage true again. A later step
    back (a selected project named once more as a candidate) changes nothing.
    """
    reached: dict[Stage, date] = {}
    ended: tuple[date, Stage] | None = None
    for step in sorted(steps, key=lambda s: (s.on, s.kind)):
        stage = STAGE_OF_KIND.get(step.kind)
        if stage is None:
            continue
        if stage in ENDS:
            ended = (step.on, stage)
            continue
        reached.setdefault(stage, step.on)
        if ended and step.on > ended[0] and stage == Stage.SELECTED:
            ended = None
    if ended:
        return Standing(ended[1], reached)
    firmest = max(reached, key=ORDER.index, default=None)
    return Standing(firmest, reached)
