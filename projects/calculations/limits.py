"""Sums of US dollars held to limits by day, and what of their excess no reason was given for.

A sum may stand beyond its limit where an authorised reason let it through. So what is judged
is not an excess but its growth: no revision may leave a sum further beyond its limit on any
day than it found it, but by what it gives a reason for; nor what carries no reason of all that
makes the sum, so that nothing takes the place of what was let through. Sums and limits are
amounts on the same days, oldest first, the last of them the end; a limit of None is not known
and holds nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)
Amounts = Sequence[Decimal]
Limits = Sequence[Decimal | None]
Moves = Sequence[tuple[date, Decimal]]


@dataclass(frozen=True)
class Passed:
    """The day on which a sum stands beyond its limit, `date.max` where it does so in the end.

    `later` is the day on which the limit reached that sum.
    """

    on: date
    amount: Decimal
    limit: Decimal | None
    later: date | None = None

    @classmethod
    def at(cls, place: int, days: Sequence[date], sums: Amounts, limits: Limits) -> "Passed":
        """The sum and the limit at one place of some days."""
        if place == len(days) - 1:
            return cls(date.max, sums[place], limits[place])
        reached = (
            day
            for day, limit in zip(days[place:], limits[place:], strict=True)
            if limit is None or limit >= sums[place]
        )
        return cls(days[place], sums[place], limits[place], next(reached, None))


def running(moves: Iterable[tuple[date, Decimal]], days: Sequence[date]) -> list[Decimal]:
    """Return the sum of dated amounts by each of some days."""
    sums, sum_, place = [], ZERO, 0
    dated = sorted(moves)
    for day in days:
        while place < len(dated) and dated[place][0] <= day:
            sum_ += dated[place][1]
            place += 1
        sums.append(sum_)
    return sums


def higher_of(one: Moves, other: Moves) -> list[tuple[date, Decimal]]:
    """Return the dated amounts whose sum by each day is the higher of two such sums."""
    days = sorted({day for day, _amount in (*one, *other)})
    highest = [max(pair) for pair in zip(running(one, days), running(other, days), strict=True)]
    return [
        (day, high - before)
        for day, high, before in zip(days, highest, [ZERO, *highest], strict=False)
    ]


def beyond(sums: Amounts, limits: Limits) -> list[Decimal]:
    """Return by how much sums stand beyond their limits; none where they do not."""
    return [
        ZERO if limit is None else max(ZERO, sum_ - limit)
        for sum_, limit in zip(sums, limits, strict=True)
    ]


def less(amounts: Amounts, others: Amounts) -> list[Decimal]:
    """Return amounts without others of the same days."""
    return [amount - other for amount, other in zip(amounts, others, strict=True)]


def more(amounts: Amounts, others: Amounts) -> list[Decimal]:
    """Return amounts with others of the same days."""
    return [amount + other for amount, other in zip(amounts, others, strict=True)]


def unreasoned(stood: Amounts, before: Amounts, now: Amounts) -> list[Decimal]:
    """Return the excess of each day that no reason was given for, after a revision.

    `stood` is what had none before it; the other two are the excess that it found and the one
    it left, both without what it gave a reason for. What comes within its limit again is
    forgiven.
    """
    return [
        min(after, max(ZERO, without + after - was))
        for without, was, after in zip(stood, before, now, strict=True)
    ]


def worst(one: Amounts, other: Amounts) -> list[Decimal]:
    """Return the higher of two amounts of the same days."""
    return [max(pair) for pair in zip(one, other, strict=True)]


def first_passed(faults: Amounts) -> int | None:
    """Return the place of a fault: the end where it stands there, else the first day."""
    if faults and faults[-1]:
        return len(faults) - 1
    return next((place for place, fault in enumerate(faults) if fault), None)
