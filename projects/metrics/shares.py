"""Shares of what was decided, beside the ranges that were published."""

from collections.abc import Collection
from dataclasses import replace

from commitments.calculations.bounds import Bounds, total
from commitments.calculations.metric import (
    Figure,
    Row,
    Scope,
    nothing,
)
from commitments.calculations.undefined import Reason, Undefined
from projects.metrics.rungs import ratio_figure, rung_figure, scoped_figure
from projects.selectors import CommitmentRecord


def published_shares(record: CommitmentRecord, aspect: str) -> tuple[Row, ...]:
    """Claims about a share, as context: fractions, weakest rank last."""
    judged = record.judged_whole(aspect)
    claims = [*judged.used, *judged.others]
    return tuple(
        Row(
            label=claim.who,
            kind="claim",
            ref=claim.ref,
            bounds=Bounds(
                None if claim.low is None else claim.low / 100,
                None if claim.high is None else claim.high / 100,
            ),
            documents=(claim.document.slug,) if claim.document else (),
            on=claim.stated_on,
            counts=False,
            unit="fraction",
            note=str(claim.get_rank_display()),
            is_recalled=claim.is_recalled,
            is_rival=True,
        )
        for claim in claims
    )


def share_figure(
    record: CommitmentRecord, rung: str, scope: Scope, published: tuple[Row, ...] = ()
) -> Figure:
    """The share of a rung's amount that lies in a scope, with published ranges beside it.

    Low is divided by low and high by high. Undefined while the rung is empty.
    """
    whole = rung_figure(record.members(rung))
    if not whole.bounds.is_stated or whole.bounds.high == 0:
        return nothing(Reason.NO_OBSERVATIONS, rows=published)
    part = scoped_figure(record, rung, scope)
    divided = ratio_figure(part, whole)
    return replace(divided, rows=(*divided.rows, *published))


def share_of_sectors(record: CommitmentRecord, sectors: Collection[str]) -> Figure:
    """The share of the selected amount that lies in any of some sectors, as `share_figure`.

    Not stated where an amount reaches into one of them and no document says how much.
    """
    whole = rung_figure(record.members("selected"))
    parts = [scoped_figure(record, "selected", Scope(sector=sector)) for sector in sectors]
    if not whole.bounds.is_stated or whole.bounds.high == 0 or not parts:
        return nothing(Reason.NO_OBSERVATIONS)
    if not all(part.bounds.is_stated for part in parts):
        return nothing(Reason.NOT_STATED)
    part = Figure(
        bounds=total(part.bounds for part in parts),
        rows=tuple(row for part in parts for row in part.rows),
        unstated_count=sum(part.unstated_count for part in parts),
    )
    return ratio_figure(part, whole)


def sector_share(record: CommitmentRecord, scope: Scope) -> Figure:
    if scope.sector is None:
        raise Undefined(Reason.SCOPE_NOT_DEFINED)
    mapped = (m.published_as for m in record.sector_mappings if scope.sector in m.sectors)
    names = dict.fromkeys((scope.sector, *mapped))
    published = tuple(
        row for name in names for row in published_shares(record, f"share.sector.{name}")
    )
    return share_figure(record, "selected", scope, published)
