"""Amounts on the rungs of the ladder: sums of ranges that stay ranges."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal

from commitments.calculations.bounds import Bounds, exactly, total
from commitments.calculations.metric import (
    Division,
    Figure,
    Scope,
    amount,
    none_published,
    nothing,
)
from commitments.calculations.undefined import Reason, Undefined
from projects.metrics.terms import stated_target, term_row
from projects.selectors import CommitmentRecord, Member

Compute = Callable[[CommitmentRecord, Scope], Figure]
WHOLE = Scope()
ZERO = Decimal(0)


def rung_members(record: CommitmentRecord, rung: str, scope: Scope = WHOLE) -> list[Member]:
    """The amounts that make a rung's figure within a scope."""
    members = record.members(rung)
    return members if scope.is_whole else [m for m in members if m.is_in(scope)]


def rung_figure(members: Iterable[Member]) -> Figure:
    """Sum the amounts of one rung: low and high apart, unstated members counted."""
    found = list(members)
    if not found:
        return none_published()
    rows = tuple(member.row for member in found)
    bounds = total(row.bounds for row in rows)
    unstated = sum(not row.bounds.is_stated for row in rows)
    reason = None if bounds.is_stated else Reason.NOT_STATED
    return Figure(bounds=bounds, rows=rows, unstated_count=unstated, reason=reason)


def scoped_figure(record: CommitmentRecord, rung: str, scope: Scope) -> Figure:
    """Sum what lies in a scope of a rung: `figure_within`."""
    return figure_within(record.members(rung), scope)


def figure_within(members: Iterable[Member], scope: Scope) -> Figure:
    """Sum what lies in a scope; an amount that reaches into it unsplit adds nothing.

    Such an amount is counted as unstated and shown as context. With no other,
    the figure is not stated: neither zero nor the whole joint amount.
    """
    members = list(members)
    figure = rung_figure(member for member in members if member.is_in(scope))
    unsplit = [member for member in members if member.reaches_into(scope)]
    if not unsplit:
        return figure
    rows = (*figure.rows, *(replace(member.row, counts=False) for member in unsplit))
    unstated = figure.unstated_count + len(unsplit)
    if figure.rows:
        return replace(figure, rows=rows, unstated_count=unstated)
    return nothing(Reason.NOT_STATED, rows=rows, unstated_count=unstated)


def on_rung(rung: str) -> Compute:
    def compute(record: CommitmentRecord, scope: Scope) -> Figure:
        return scoped_figure(record, rung, scope)

    return compute


def share_of_target(rung: str) -> Compute:
    def compute(record: CommitmentRecord, scope: Scope) -> Figure:
        target = amount(exactly(stated_target(record)), rows=(term_row(record, "target"),))
        return ratio_figure(on_rung(rung)(record, scope), target)

    return compute


def ratio_figure(part: Figure, whole: Figure) -> Figure:
    """Divide low by low and high by high, and keep the rows of both sides apart.

    Raise Undefined when the whole is zero.
    """
    if whole.bounds.low == 0 or whole.bounds.high == 0:
        raise Undefined(Reason.ZERO_TOTAL)
    above = (replace(row, part="numerator") if row.counts else row for row in part.rows)
    below = (replace(row, part="denominator") for row in whole.rows if row.counts)
    return replace(
        part,
        bounds=_divided(part.bounds, whole.bounds),
        rows=(*above, *below),
        division=Division(part.bounds, whole.bounds),
    )


def _divided(part: Bounds, whole: Bounds) -> Bounds:
    low = None if part.low is None or whole.low is None else part.low / whole.low
    high = None if part.high is None or whole.high is None else part.high / whole.high
    return Bounds(low, high) if low is None or high is None or low <= high else Bounds(high, low)
