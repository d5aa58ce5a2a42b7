"""What to beware of when reading a commitment's figures: the edge cases that apply now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from commitments.calculations.bounds import Bounds
from commitments.calculations.metric import NO_BOUNDS
from projects.calculations import pace
from projects.metrics.baselines import plan_from
from projects.metrics.rungs import ZERO, ratio_figure, rung_figure
from projects.selectors import NOT_STATED, CommitmentRecord

CONCENTRATED = Decimal("0.4")  # one project's share of all selected, above which to warn


@dataclass(frozen=True)
class Flag:
    """One thing to beware of.

    Codes: `deadline_met` (on a day), `deadline_missed` (by US dollars),
    `concentration` (a project and its share of selected), `over_funded` (a
    project and the US dollars funded beyond what stands selected) and
    `plan_short` (the US dollars the plan in force leaves out).
    """

    code: str
    project: str = ""
    amount_usd: Decimal | None = None
    on: date | None = None
    share: Bounds = NO_BOUNDS


def flags(record: CommitmentRecord) -> list[Flag]:
    """Return every flag that applies at the record's point, the deadline's first."""
    return [*_deadline(record), *_concentration(record), *_over_funded(record), *_plan(record)]


def _deadline(record: CommitmentRecord) -> Iterable[Flag]:
    deadline, target = record.terms.day("deadline"), record.terms.usd("target")
    if deadline is None or target is None or record.point.as_of < deadline:
        return
    flows = [(on, amount) for on, amount in record.daily("funded") if on <= deadline]
    met_on = pace.completed_on(flows, target)
    if met_on is not None:
        yield Flag("deadline_met", on=met_on)
    else:
        reached = sum((amount for _on, amount in flows), ZERO)
        yield Flag("deadline_missed", amount_usd=target - reached)


def _concentration(record: CommitmentRecord) -> Iterable[Flag]:
    members = record.members("selected")
    whole = rung_figure(members)
    if len(members) < 2 or not whole.bounds.low or not whole.bounds.high:
        return
    for member in members:
        share = ratio_figure(rung_figure([member]), whole).bounds
        if share.low is not None and share.low > CONCENTRATED:
            yield Flag("concentration", project=member.project, share=share)


def _over_funded(record: CommitmentRecord) -> Iterable[Flag]:
    funded: dict[str, Decimal] = {}
    for member in record.members("funded"):
        funded[member.project] = funded.get(member.project, ZERO) + (
            member.row.bounds.value or ZERO
        )
    selected: dict[str, Bounds] = {
        member.project: member.row.bounds for member in record.members("selected")
    }
    for project, amount in sorted(funded.items()):
        stated = selected.get(project, Bounds(ZERO, ZERO))
        if project != NOT_STATED and stated.high is not None and amount > stated.high:
            yield Flag("over_funded", project=project, amount_usd=amount - stated.high)


def _plan(record: CommitmentRecord) -> Iterable[Flag]:
    start, target, stored = record.terms.day("start"), record.terms.usd("target"), record.plan
    if start is None or target is None or stored is None:
        return
    budget = plan_from(stored, start).budget
    if budget < target:
        yield Flag("plan_short", amount_usd=target - budget)
