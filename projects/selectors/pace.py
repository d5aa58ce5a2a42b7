"""The parts of a commitment that a pace is computed for, each with the amount to be reached."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from commitments.calculations.bounds import Bounds, exactly, total
from commitments.calculations.metric import Row
from projects.models import Plan
from projects.selectors import NOT_STATED, CommitmentRecord, Member
from projects.selectors.moves import Move, counted

RUNGS = ("selected", "noticed", "funded", "disbursed")
PARTS = ("sector", "instrument", "project")


@dataclass(frozen=True)
class Part:
    """What a pace is computed for: the whole commitment, or a sector, instrument or project.

    `budget` is what counts of the amount to be reached, `basis` what that is: the
    target, what is selected or what is signed of the part. `rows` are those that
    sum to its `bounds`, none for the target. `begin` is the day a straight line
    to it starts.
    """

    dimension: str
    key: str
    budget: Decimal | None = None
    begin: date | None = None
    basis: str = ""
    rows: tuple[Row, ...] = ()

    @property
    def bounds(self) -> Bounds:
        """The amount to be reached as it is stated: a range stays one."""
        if self.rows or self.budget is None:
            return total(row.bounds for row in self.rows)
        return exactly(self.budget)

    @property
    def is_approximate(self) -> bool:
        """True where a document gives an amount that counts only as about so much."""
        return any(row.is_approximate for row in self.rows)


def whole(record: CommitmentRecord) -> Part:
    """The whole commitment: its target, from its start."""
    target, start = record.terms.usd("target"), record.terms.day("start")
    return Part("programme", record.commitment.slug, target, start, "target" if target else "")


def parts(record: CommitmentRecord) -> list[Part]:
    """The whole, then sectors, instruments and projects with an amount to be reached.

    A sector's and a project's is what is selected. Selections name no instrument,
    so an instrument's is what is signed so far.
    """
    start = record.terms.day("start")
    selected = [m for m in record.members("selected") if m.row.on is not None]
    projects = [_part("project", m.project, [m], "selected", m.row.on) for m in selected]
    return [
        whole(record),
        *_grouped("sector", selected, "selected", start),
        *_grouped("instrument", record.members("signed"), "signed", start),
        *sorted((p for p in projects if p.rows), key=lambda part: part.key),
    ]


def _grouped(
    dimension: str, members: Iterable[Member], basis: str, begin: date | None
) -> list[Part]:
    groups: defaultdict[str, list[Member]] = defaultdict(list)
    for member in members:
        groups[getattr(member, dimension)].append(member)
    found = [_part(dimension, key, groups[key], basis, begin) for key in sorted(groups)]
    is_split = dimension != "instrument"  # an agreement may not say through what
    return [part for part in found if part.rows and (is_split or part.key != NOT_STATED)]


def _part(
    dimension: str, key: str, members: Iterable[Member], basis: str, begin: date | None
) -> Part:
    """A part with the amounts that count towards its own."""
    found = [(m.row, amount) for m in members if (amount := counted(m)) is not None]
    budget = sum((amount for _row, amount in found), Decimal(0))
    return Part(dimension, key, budget, begin, basis, tuple(row for row, _amount in found))


def parts_without_target(moved: Sequence[Move], listed: Sequence[Part]) -> list[Part]:
    """The parts that an amount came to and no target is on record for, `NOT_STATED` the last.

    With them the amounts of a dimension sum to the whole.
    """
    known = {(part.dimension, part.key) for part in listed}
    found = {(dimension, getattr(move, dimension)) for move in moved for dimension in PARTS}
    order = sorted(found - known, key=lambda at: (PARTS.index(at[0]), at[1] == NOT_STATED, at[1]))
    return [Part(dimension, key) for dimension, key in order]


def part_of(plan: Plan) -> tuple[str, str]:
    """What a baseline is for: a dimension and a key, as a part names them."""
    if plan.project is not None:
        return "project", plan.project.slug
    if plan.sector is not None:
        return "sector", plan.sector.slug
    return "programme", plan.commitment.slug
