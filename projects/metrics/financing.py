"""Two dimensions of finance: who provides the money, and who bears the risk of it.

A covered bank loan is a loan and a guarantee at once. Gross counts both, net
counts it once; they differ by exactly the cover that is linked to a financing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from commitments.calculations.bounds import Bounds
from commitments.calculations.metric import Figure, Row, Scope, none_published, nothing
from commitments.calculations.undefined import Reason, Undefined
from projects.metrics.rungs import (
    WHOLE,
    figure_within,
    ratio_figure,
    rung_figure,
    rung_members,
    scoped_figure,
)
from projects.metrics.shares import published_shares
from projects.models import Financing
from projects.selectors import CommitmentRecord, Member

COVER_NOT_STATED = "cover not stated"  # the note of a row for a financing of unknown cover


@dataclass(frozen=True)
class SplitLine:
    """What is signed through one instrument."""

    instrument: str
    bounds: Bounds
    members: tuple[Member, ...]


@dataclass(frozen=True)
class InstrumentSplit:
    """The selected amount by instrument; the lines and the rest add to it at low and at high.

    `rest_low` and `rest_high` are what no document gives an instrument: None
    where that bound of the selected or the signed amount is not stated, below
    zero where more is signed than selected.
    """

    selected: Bounds
    lines: tuple[SplitLine, ...]
    signed: Bounds
    rest_low: Decimal | None
    rest_high: Decimal | None
    unstated_count: int

    @property
    def is_overrun(self) -> bool:
        """True where more is signed than is selected, at every end that is stated."""
        stated = [rest for rest in (self.rest_low, self.rest_high) if rest is not None]
        return bool(stated) and max(stated) < 0


def instrument_split(record: CommitmentRecord, scope: Scope = WHOLE) -> InstrumentSplit:
    """The instruments of a scope, and the rest of its selected amount.

    An agreement for several projects together is in the whole and in none of them.
    """
    members = rung_members(record, "signed", scope)
    lines = []
    for slug in sorted({member.instrument for member in members}):
        found = tuple(member for member in members if member.instrument == slug)
        lines.append(SplitLine(slug, rung_figure(found).bounds, found))
    selected = rung_figure(rung_members(record, "selected", scope)).bounds
    signed = rung_figure(members)
    return InstrumentSplit(
        selected=selected,
        lines=tuple(lines),
        signed=signed.bounds,
        rest_low=_less(selected.low, signed.bounds.low, members),
        rest_high=_less(selected.high, signed.bounds.high, members),
        unstated_count=signed.unstated_count,
    )


def _less(whole: Decimal | None, part: Decimal | None, members: Sequence[Member]) -> Decimal | None:
    if whole is None:
        return None
    if part is None:
        return whole if not any(m.row.bounds.is_stated for m in members) else None
    return whole - part


def unsplit_members(record: CommitmentRecord, scope: Scope) -> list[Member]:
    """What is selected or signed as a whole of which part may lie in a scope."""
    members = (*record.members("selected"), *record.members("signed"))
    return [member for member in members if member.reaches_into(scope)]


def selected_less_signed(record: CommitmentRecord, scope: Scope) -> Figure:
    """Selected less signed, at low and at high; the rows of both make it, with their signs.

    Not stated where a project or an agreement reaches into the scope with a part
    of its amount: no document says how much of it lies there.
    """
    split = instrument_split(record, replace(scope, instrument=None))
    if scope.instrument is not None:
        raise Undefined(Reason.SCOPE_NOT_DEFINED)
    selected = rung_members(record, "selected", scope)
    unsplit = unsplit_members(record, scope)
    if not selected and not unsplit:
        return none_published()
    signed = tuple(replace(m.row, sign=-1) for line in split.lines for m in line.members)
    rows = (*(m.row for m in selected), *signed)
    if unsplit:
        context = (replace(row, counts=False) for row in (*rows, *(m.row for m in unsplit)))
        unstated = split.unstated_count + len(unsplit)
        return nothing(Reason.NOT_STATED, rows=tuple(context), unstated_count=unstated)
    bounds = Bounds(split.rest_low, split.rest_high)
    reason = None if bounds.is_stated else Reason.NOT_STATED
    return Figure(bounds=bounds, rows=rows, reason=reason, unstated_count=split.unstated_count)


def cover_members(record: CommitmentRecord) -> list[Member]:
    """Cover in force, and an amount nobody stated for each financing whose cover is not known."""
    covered = {cover.financing_id for cover in record.covers}
    unknown = [
        replace(
            member,
            row=replace(member.row, bounds=Bounds(), note=COVER_NOT_STATED),
            instrument="guarantee",
        )
        for member, financing in zip(record.members("signed"), record.financings, strict=True)
        if financing.cover_status != Financing.CoverStatus.NONE
        and financing.root_key not in covered
    ]
    return [*record.members("guaranteed"), *unknown]


def covered_usd(record: CommitmentRecord, scope: Scope) -> Figure:
    """What is guaranteed, with a row for each financing whose cover nobody stated.

    Cover is no loan and no equity: of those it is undefined, and not zero.
    """
    if scope.instrument not in (None, "guarantee"):
        raise Undefined(Reason.SCOPE_NOT_DEFINED)
    return figure_within(cover_members(record), scope)


def gross_usd(record: CommitmentRecord, scope: Scope) -> Figure:
    """What is signed and what is guaranteed together; not stated where neither is followed."""
    if not record.is_followed:
        raise Undefined(Reason.NOT_STATED)
    return figure_within([*record.members("signed"), *cover_members(record)], scope)


def net_usd(record: CommitmentRecord, scope: Scope) -> Figure:
    return scoped_figure(record, "signed", scope)


def instrument_share(record: CommitmentRecord, scope: Scope) -> Figure:
    """The share of an instrument in the gross amount, beside the published ranges.

    Undefined while the cover of everything signed is unknown: the published
    shares overlap, so a share of the signed amount alone would be another thing.
    """
    if scope.instrument is None:
        raise Undefined(Reason.SCOPE_NOT_DEFINED)
    published: tuple[Row, ...] = published_shares(record, f"share.instrument.{scope.instrument}")
    everything = replace(scope, instrument=None)
    whole, cover = gross_usd(record, everything), covered_usd(record, everything)
    if whole.note == "none_published":
        return nothing(Reason.NO_OBSERVATIONS, rows=published)
    if cover.reason is not None or whole.reason is not None:
        return nothing(Reason.NOT_STATED, rows=published, unstated_count=whole.unstated_count)
    divided = ratio_figure(gross_usd(record, scope), whole)
    return replace(divided, rows=(*divided.rows, *published), unstated_count=whole.unstated_count)
