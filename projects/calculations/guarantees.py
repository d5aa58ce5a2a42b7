"""What is left of guarantees and covers once claims were paid under them.

Amounts are Decimal US dollars. No document says under which of several guarantees of a
project a claim was paid, so a convention does: claims draw in the order in which they were
posted, each on those of its project that stand on its day: first on one whose amount is
stated, then on the one for the fewest projects, then on the one that ends first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True)
class Guarantee:
    """A guarantee or a cover: of which projects, from which to which day, for how much.

    An amount of None is not stated: it bears any claim.
    """

    ref: str
    projects: frozenset[str]
    begins: date
    ends: date
    amount: Decimal | None

    def stands(self, project: str, day: date) -> bool:
        """Whether it is one of a project, and stands on a day."""
        return project in self.projects and self.begins <= day <= self.ends


@dataclass(frozen=True)
class ClaimPaid:
    """One claim paid under a guarantee of a project, with the document it rests on."""

    ref: str
    project: str
    on: date
    amount: Decimal
    document: str = ""


@dataclass(frozen=True)
class Drawn:
    """What a claim drew: dollars of each guarantee by ref, and those that none was left for.

    `stood` says whether any stood for its project on its day.
    """

    claim: ClaimPaid
    of: dict[str, Decimal]
    beyond: Decimal
    stood: bool


def drawn(guarantees: Iterable[Guarantee], claims: Iterable[ClaimPaid]) -> list[Drawn]:
    """Return what each claim draws on guarantees, in the order given."""
    by_preference = sorted(
        guarantees, key=lambda g: (g.amount is None, len(g.projects), g.ends, g.ref)
    )
    left = {g.ref: g.amount for g in by_preference}
    found = []
    for claim in claims:
        standing = [g for g in by_preference if g.stands(claim.project, claim.on)]
        beyond, of = claim.amount, dict[str, Decimal]()
        for guarantee in standing:
            room = left[guarantee.ref]
            part = beyond if room is None else min(beyond, room)
            if part:
                of[guarantee.ref] = part
                beyond -= part
                left[guarantee.ref] = None if room is None else room - part
        found.append(Drawn(claim, of, beyond, bool(standing)))
    return found
