"""What came on a rung by day and where it belongs: decisions and notices, or cash."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from commitments.calculations.metric import Row
from projects.selectors.cash import CashDay, CashMove
from projects.selectors.members import Member
from projects.selectors.projects import NOT_STATED


@dataclass(frozen=True)
class Move:
    """An amount that came on a day, where it belongs, and the documents it rests on.

    `row` is the decision or notice whose amount it counts; cash needs none.
    """

    on: date
    amount: Decimal
    project: str
    sector: str
    instrument: str
    documents: tuple[str, ...]
    row: Row | None = None


def moves_of(members: Iterable[Member]) -> list[Move]:
    """The amounts of decisions or notices by their days, each at what counts of it."""
    found = [
        Move(m.row.on, amount, m.project, m.sector, m.instrument, m.row.documents, m.row)
        for m in members
        if m.row.on is not None and (amount := counted(m)) is not None
    ]
    return sorted(found, key=lambda move: move.on)


def moves_of_cash(cash: Iterable[CashMove], sectors: Mapping[str, str]) -> list[Move]:
    """Cash by its days, with the sector of the project it moved in."""
    return [
        Move(
            on=move.on,
            amount=move.amount_usd,
            project=move.project,
            sector=sectors.get(move.project, NOT_STATED),
            instrument=move.instrument,
            documents=move.documents,
        )
        for move in cash
    ]


def counted(member: Member) -> Decimal | None:
    """What of an amount counts: the low end, or the ceiling where only that is stated."""
    return member.row.bounds.low or member.row.bounds.high


def by_day(moves: Iterable[Move]) -> list[CashDay]:
    """The net amount of each day, oldest first."""
    found: dict[date, CashDay] = {}
    for move in moves:
        known = found.get(move.on, CashDay(move.on, Decimal(0), ()))
        documents = tuple(dict.fromkeys((*known.documents, *move.documents)))
        found[move.on] = CashDay(move.on, known.amount_usd + move.amount, documents)
    return [found[on] for on in sorted(found)]
