"""The ladder a project climbs, derived from its dated events, and what each rung needs.

Source: the ladder of the agreement, where a rung is reached only on its own kind
of evidence.
"""

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
FIRMNESS = (*(s for s in ORDER if s in ENDS), *(s for s in ORDER if s not in ENDS))

STATEMENTS = frozenset(
    {
        "agreement",
        "announcement",
        "company_release",
        "fact_sheet",
        "joint_announcement",
        "joint_fact_sheet",
        "joint_statement",
        "mou",
        "policy_announcement",
        "presidential_memorandum",
        "statement",
    }
)
DECISIONS = frozenset(
    {
        "decision",
        "executive_order",
        "fact_sheet",
        "joint_fact_sheet",
        "presidential_memorandum",
        "proclamation",
    }
)
LENDING = frozenset({"agreement", "announcement", "lender_release", "news", "report", "statement"})
FIRST_HAND = frozenset({"us", "japan", "joint", "other"})  # neither the press nor an article
NAMED_SIDES = FIRST_HAND | {"press"}  # all but an article
OF_THE_US = frozenset({"us", "joint"})
OF_JAPAN = frozenset({"japan", "joint"})
NOT_ENDED = frozenset(ORDER) - ENDS
BEFORE_SELECTION = frozenset({Stage.REPORTED, Stage.CANDIDATE, Stage.IN_CONSULTATION})


@dataclass(frozen=True)
class Requirement:
    """What one kind of event makes true, and all it needs for that.

    `after` are stages of which one must have been reached on its day; `kinds`
    the kinds of document that evidence it, None for any; `sides` whose document
    it must be. `once` says that it is not made true again while it stands. `aspect` names the claim its amount becomes, None where it
    carries none. `is_decision` marks what the decision form offers.
    """

    stage: Stage | None = None
    after: frozenset[Stage] = frozenset()
    kinds: frozenset[str] | None = None
    sides: frozenset[str] = NAMED_SIDES
    aspect: str | None = None
    is_decision: bool = False
    once: bool = False


# The ladder's transitions and their evidence, read by the forms, the rules of
# posting and the pages. Kinds without a stage are milestones or, for a company's
# word of a decision, rival claims. After an end nothing comes but what is forced.
REQUIREMENTS: dict[str, Requirement] = {
    "reported_candidate": Requirement(Stage.REPORTED),
    "named_by_us_official": Requirement(Stage.REPORTED),
    "under_negotiation": Requirement(Stage.REPORTED),
    "candidate_listed": Requirement(
        Stage.CANDIDATE, kinds=STATEMENTS, aspect="amount.candidate", is_decision=True
    ),
    "considered_next_batch": Requirement(Stage.CANDIDATE),
    "announced_second_batch": Requirement(
        Stage.IN_CONSULTATION, aspect="amount.in_consultation", is_decision=True
    ),
    "presidential_approval_reported": Requirement(),
    "selected": Requirement(
        Stage.SELECTED,
        kinds=DECISIONS,
        sides=OF_THE_US,
        aspect="amount.selected",
        is_decision=True,
        once=True,
    ),
    "financing_signed": Requirement(
        Stage.SIGNED,
        after=frozenset({Stage.SELECTED}),
        kinds=LENDING,
        aspect="amount.signed",
        is_decision=True,
    ),
    "site_secured": Requirement(),
    "ground_broken": Requirement(),
    "tenant_announced": Requirement(),
    "declined": Requirement(
        Stage.DECLINED,
        after=BEFORE_SELECTION,
        kinds=STATEMENTS | DECISIONS | {"letter"},
        sides=OF_JAPAN,
        is_decision=True,
    ),
    "withdrawn": Requirement(Stage.WITHDRAWN, after=NOT_ENDED, is_decision=True),
    "cancelled": Requirement(Stage.CANCELLED, after=NOT_ENDED, is_decision=True),
}


@dataclass(frozen=True)
class Evidence:
    """The kinds of document that money rests on, and the sides whose document it must be."""

    kinds: frozenset[str]
    sides: frozenset[str] = FIRST_HAND


# What a notice, a cover and each kind of ledger entry rests on: a rung of money is reached only on
# its own kind of evidence. Read by the rules of posting, the needs of a case and the pages.
EVIDENCE: dict[str, Evidence] = {
    "fundingnotice": Evidence(frozenset({"funding_notice"})),
    "cover": Evidence(LENDING, NAMED_SIDES),
    "funding": Evidence(frozenset({"receipt"})),
    **{
        kind: Evidence(frozenset({"payment_record"}))
        for kind in (
            "disbursement",
            "guarantee_call",
            "principal",
            "interest",
            "distribution",
            "fee",
        )
    },
}
STAGE_OF_KIND = {kind: need.stage for kind, need in REQUIREMENTS.items() if need.stage}
NEEDS_ONE_OF = {kind: need.after for kind, need in REQUIREMENTS.items() if need.after}
RIVAL_CLAIMS = frozenset({"presidential_approval_reported"})
MILESTONES = frozenset({"site_secured", "ground_broken", "tenant_announced"})


def firmness(stage: Stage | None) -> int:
    """Return the place of a stage in an order of projects: what has ended stands at nothing.

    A project without a stage is the least firm.
    """
    return -1 if stage is None else FIRMNESS.index(stage)


@dataclass(frozen=True)
class Step:
    """One dated event of a project, by its kind; `forced` when a rule was set aside for it."""

    kind: str
    on: date
    forced: bool = False
    ref: str = ""


@dataclass(frozen=True)
class Misstep:
    """An event that its project's earlier events do not allow, with a code for why.

    Codes: needs (with the stages of which one is missing), ended (with the end), again, passed
    (with the stage it comes after), selected.
    """

    step: Step
    code: str
    stages: frozenset[Stage] = frozenset()


@dataclass(frozen=True)
class Standing:
    """Where a project stands, which stages it has reached, and when each was first reached.

    `ended_on` is the day of the end it stands at, None while it has not ended.
    """

    stage: Stage | None
    reached: dict[Stage, date]
    ended_on: date | None = None

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
        return Standing(ended[1], reached, ended_on=ended[0])
    firmest = max(reached, key=ORDER.index, default=None)
    return Standing(firmest, reached)


def missteps(steps: Iterable[Step]) -> list[Misstep]:
    """Return the events that come out of order; forced ones are let through.

    A selected project is cancelled, not declined, and is no candidate any more.
    """
    found: list[Misstep] = []
    before: list[Step] = []
    for step in sorted(steps, key=lambda s: (s.on, _rank(s.kind), s.kind)):
        then, stage = standing(before), STAGE_OF_KIND.get(step.kind)
        before.append(step)
        if stage is None or step.forced:
            continue
        needed = NEEDS_ONE_OF.get(step.kind, frozenset())
        if then.stage in ENDS:
            found.append(Misstep(step, "ended", frozenset({then.stage})))
        elif REQUIREMENTS[step.kind].once and stage in then.reached:
            found.append(Misstep(step, "again"))
        elif stage in BEFORE_SELECTION and then.is_selected:
            found.append(Misstep(step, "passed", frozenset({Stage.SELECTED})))
        elif needed and not needed & then.reached.keys():
            found.append(Misstep(step, "needs", needed))
        elif stage == Stage.DECLINED and then.is_selected:
            found.append(Misstep(step, "selected"))
    return found


def _rank(kind: str) -> int:
    """Events of one day in the order of the ladder, ends last."""
    stage = STAGE_OF_KIND.get(kind)
    return -1 if stage is None else ORDER.index(stage)
