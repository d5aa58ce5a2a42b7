"""What moved on each rung by day, by project, sector and instrument, and the plans in force."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from projects.models import Plan
from projects.selectors import NOT_STATED, RUNG_OF_KIND, CommitmentRecord

RUNGS = ("selected", "noticed", "funded", "disbursed")
PARTS = ("sector", "instrument", "project")


@dataclass(frozen=True)
class Move:
    """An amount that came on a day, and where it belongs."""

    on: date
    amount: Decimal
    project: str
    sector: str
    instrument: str


@dataclass(frozen=True)
class Part:
    """What a pace is computed for: the whole commitment, or a sector, instrument or project."""

    dimension: str
    key: str
    budget: Decimal | None
    begin: date | None


def moves(record: CommitmentRecord, rung: str) -> list[Move]:
    """What came on a rung by as_of, by day: selected at the low end of ranges. One query at most."""
    if rung in ("selected", "noticed"):
        found = [
            Move(m.row.on, amount, m.project, m.sector, m.instrument)
            for m in record.members(rung)
            if m.row.on is not None
            and (amount := m.row.bounds.low or m.row.bounds.high) is not None
        ]
        return sorted(found, key=lambda move: move.on)
    kinds = [kind for kind, of_kind in RUNG_OF_KIND.items() if of_kind == rung]
    rows = record.entries().filter(kind__in=kinds).order_by("value_date", "project__slug")
    columns = ("value_date", "project__slug", "instrument__slug")
    sectors = {project.slug: project.sector for project in record.projects}
    return [
        Move(
            on,
            amount,
            project or NOT_STATED,
            sectors.get(project, NOT_STATED),
            instrument or NOT_STATED,
        )
        for on, project, instrument, amount in rows.values_list(*columns).annotate(
            Sum("amount_usd")
        )
    ]


def parts(record: CommitmentRecord) -> Iterator[Part]:
    """Yield the whole, then sectors, instruments and projects with an amount to be reached.

    A sector's and a project's is what is selected, an instrument's what is signed.
    """
    target, start = record.terms.usd("target"), record.terms.day("start")
    yield Part("programme", record.commitment.slug, target, start)
    selected = [m for m in moves(record, "selected") if m.project != NOT_STATED]
    sectors: defaultdict[str, Decimal] = defaultdict(Decimal)
    for move in selected:
        sectors[move.sector] += move.amount
    for sector, amount in sorted(sectors.items()):
        yield Part("sector", sector, amount, start)
    instruments: defaultdict[str, Decimal] = defaultdict(Decimal)
    for member in record.members("signed"):
        if member.instrument != NOT_STATED and member.row.bounds.low is not None:
            instruments[member.instrument] += member.row.bounds.low
    for instrument, amount in sorted(instruments.items()):
        yield Part("instrument", instrument, amount, start)
    for move in sorted(selected, key=lambda one: one.project):
        yield Part("project", move.project, move.amount, move.on)


def parts_without_target(moved: Sequence[Move], listed: Sequence[Part]) -> list[Part]:
    """The parts that an amount came to and no target is on record for, `NOT_STATED` the last.

    With them the amounts of a dimension sum to the whole.
    """
    known = {(part.dimension, part.key) for part in listed}
    found = {(dimension, getattr(move, dimension)) for move in moved for dimension in PARTS}
    order = sorted(found - known, key=lambda at: (PARTS.index(at[0]), at[1] == NOT_STATED, at[1]))
    return [Part(dimension, key, None, None) for dimension, key in order]


def plans(record: CommitmentRecord) -> list[Plan]:
    """Every baseline that was ever in force by as_of, oldest first: one query."""
    rows = Plan.objects.current(record.point).filter(commitment=record.commitment)
    rows = rows.select_related("commitment", "project", "sector", "document")
    return list(rows.order_by("effective_on", "pk"))


def part_of(plan: Plan) -> tuple[str, str]:
    """What a baseline is for: a dimension and a key, as a part names them."""
    if plan.project is not None:
        return "project", plan.project.slug
    if plan.sector is not None:
        return "sector", plan.sector.slug
    return "programme", plan.commitment.slug


def plans_in_force(record: CommitmentRecord) -> dict[tuple[str, str], Plan]:
    """The baseline in force of each part that has one: one query."""
    return {part_of(plan): plan for plan in plans(record)}
