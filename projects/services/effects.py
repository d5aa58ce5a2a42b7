"""What a case needs and would do to the totals, found by doing it and taking it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from commitments.calculations.metric import Figure, Metric, Scope
from commitments.services.cases import CaseRefused, Changes, rehearsing
from projects.metrics import BY_KEY, evaluate
from projects.metrics.financing import InstrumentSplit, cover_members, instrument_split
from projects.models import Financing
from projects.selectors import CommitmentRecord
from projects.services.decision_records import commitments_in
from projects.services.decisions import newest_point
from projects.services.requirements import StepNeeds, step_needs

ABSENT = Figure()
SHOWN = (
    "candidate_usd",
    "in_consultation_usd",
    "selected_usd",
    "signed_usd",
    "selected_share",
    "signed_share",
    "noticed_usd",
    "funded_usd",
    "required_usd_per_month",
    "trailing_90d_usd_per_month",
    "spi",
    "spi_t",
)
MOVED = (
    "disbursed_usd",
    "distributed_usd",
    "guaranteed_usd",
    "financed_gross_usd",
    "covered_usd",
    "financed_net_usd",
    "selected_less_signed_usd",
    "planned_usd",
    "schedule_variance_usd",
    "earned_schedule_days",
    "ieac_date",
    "projected_date",
)


@dataclass(frozen=True)
class Effect:
    """One metric before a case and after it; `part` is the sector or instrument of a share."""

    metric: Metric
    before: Figure
    after: Figure
    part: str = ""

    @property
    def moves(self) -> bool:
        return any(
            getattr(self.before, name) != getattr(self.after, name)
            for name in ("bounds", "note", "reason", "text")
        )


@dataclass(frozen=True)
class SplitEffect:
    """The selected amount of one project by instrument, before a case and after it."""

    project: str
    before: InstrumentSplit
    after: InstrumentSplit


@dataclass(frozen=True)
class Overshoot:
    """US dollars selected, at the high end where one is stated, and the target they pass."""

    selected: Decimal
    target: Decimal


@dataclass(frozen=True)
class Effects:
    """What some changes do to the totals of a commitment, and to the split of their projects.

    `unlimited` are financings whose covers no limit is held to, for no upper
    amount of them in US dollars is on record; `overshoot` is set where they select
    more than remains of the commitment, which is no rule and only told.
    """

    figures: tuple[Effect, ...]
    splits: tuple[SplitEffect, ...]
    unlimited: tuple[str, ...] = ()
    overshoot: Overshoot | None = None


@dataclass(frozen=True)
class Trial:
    """What some changes need, and what they would do, or why they cannot be posted."""

    needs: tuple[StepNeeds, ...]
    effects: Effects = Effects((), ())
    refused: CaseRefused | None = None


def tried(changes: Changes, *, today: date, most: int | None = None) -> Trial:
    """Return what some changes need, and would do to totals, shares, pace and their projects.

    The changes are posted and rolled back once, so what is read before and after comes
    from the one definition; totals are those of the commitment they are about, if any.
    `most` is how many steps the needs are told of.
    """
    commitments, projects = commitments_in(changes), projects_of(changes)
    point = newest_point(today)
    before = [CommitmentRecord(commitment, point) for commitment in commitments]
    found = _read(before[0], projects) if before else None
    with rehearsing(changes) as refused:
        point = newest_point(today)
        after = [CommitmentRecord(commitment, point) for commitment in commitments]
        needs = tuple(step_needs(changes, [*zip(before, after, strict=True)], most=most))
        if refused is not None or found is None:
            return Trial(needs, refused=refused)
        then = _read(after[0], projects)
        unlimited = _without_limit(changes, after[0])
        target = _most(evaluate(BY_KEY["target_usd"], after[0]))
    over = _overshoot(found, then, target)
    return Trial(needs, replace(_compared(found, then), unlimited=unlimited, overshoot=over))


def _overshoot(before: "_State", after: "_State", target: Decimal | None) -> Overshoot | None:
    """What is selected where that is raised beyond the target; None without a target."""
    then, now = (_most(state.figures["selected_usd", ""]) for state in (before, after))
    if target is None or now is None or now <= max(target, then or Decimal(0)):
        return None
    return Overshoot(now, target)


def _most(figure: Figure) -> Decimal | None:
    bounds = figure.bounds
    return bounds.low if bounds.high is None else bounds.high


def _without_limit(changes: Changes, after: CommitmentRecord) -> tuple[str, ...]:
    """The financings that some changes cover in dollars and that state no upper dollar amount."""
    covered = {
        str(change["data"].get("financing"))
        for change in changes
        if change["kind"] == "cover"
        and change["data"].get("amount_usd")
        and not change["data"].get("withdrawn")
    }
    judged = {ref: after.judged(f"financing:{ref}", "amount.signed") for ref in covered}
    return tuple(ref for ref in sorted(covered) if judged[ref].bounds.high is None)


def effects_between(
    before: CommitmentRecord, after: CommitmentRecord, *, changes: Changes
) -> Effects:
    """Return what lies between two states of a commitment, for the projects of some changes."""
    projects = projects_of(changes)
    return _compared(_read(before, projects), _read(after, projects))


@dataclass(frozen=True)
class _State:
    figures: Mapping[tuple[str, str], Figure]
    splits: Mapping[str, InstrumentSplit]


def _read(record: CommitmentRecord, projects: Sequence[str]) -> _State:
    figures = {(key, ""): evaluate(BY_KEY[key], record, Scope()) for key in (*SHOWN, *MOVED)}
    for slug in sorted({p.sector for p in record.projects}):
        figures["sector_share", slug] = evaluate(BY_KEY["sector_share"], record, Scope(sector=slug))
    financed = (*record.members("signed"), *cover_members(record))
    for slug in sorted({member.instrument for member in financed}):
        figures["instrument_share", slug] = evaluate(
            BY_KEY["instrument_share"], record, Scope(instrument=slug)
        )
    splits = {slug: instrument_split(record, Scope(project=slug)) for slug in projects}
    return _State(figures, splits)


def _compared(before: _State, after: _State) -> Effects:
    keys = [*before.figures, *(key for key in after.figures if key not in before.figures)]
    effects = [
        Effect(
            BY_KEY[key],
            before.figures.get((key, part), ABSENT),
            after.figures.get((key, part), ABSENT),
            part,
        )
        for key, part in keys
    ]
    splits = [SplitEffect(slug, before.splits[slug], split) for slug, split in after.splits.items()]
    return Effects(
        tuple(e for e in effects if e.moves or (e.metric.key in SHOWN and not e.part)),
        tuple(
            s
            for s in splits
            if s.after.lines or s.after.selected.is_stated or s.before.selected.is_stated
        ),
    )


def projects_of(changes: Changes) -> list[str]:
    """The projects some changes speak of, by slug: named in their order, then those of financings."""
    found: list[str] = []
    financings: list[str] = []
    for change in changes:
        data = change["data"]
        of, _colon, key = str(data.get("subject", "")).partition(":")
        named = [data.get("project"), *(data.get("projects") or ()), of == "project" and key]
        found += [str(slug) for slug in named if slug]
        financings += [
            str(ref) for ref in (data.get("financing"), of == "financing" and key) if ref
        ]
    if financings:
        agreed = Financing.objects.heads().filter(ref__in=financings, projects__isnull=False)
        found += agreed.order_by("ref", "projects__slug").values_list("projects__slug", flat=True)
    return list(dict.fromkeys(found))
