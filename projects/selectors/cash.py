"""Cash on the rungs of a commitment: from the roll-ups where they may answer, else the ledger."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Exists, Max, Min, Q, QuerySet, Sum

from commitments.calculations.dates import last_day_of_month
from commitments.calculations.point import PointInTime
from commitments.models import Commitment, Revision
from projects.models import LedgerDay, LedgerEntry, LedgerMonth, LedgerProject

# Interest and principal that a loan pays are distributions; a paid guarantee and a fee are no rung.
RUNG_OF_KIND = {
    "funding": "funded",
    "disbursement": "disbursed",
    "distribution": "distributed",
    "interest": "distributed",
    "principal": "distributed",
}
CASH_RUNGS = tuple(dict.fromkeys(RUNG_OF_KIND.values()))
_CELL = ("project__slug", "project__name", "instrument__slug", "kind")


@dataclass(frozen=True)
class CashDay:
    """The net cash of one value date on a rung, and the slugs of the documents it rests on."""

    on: date
    amount_usd: Decimal
    documents: tuple[str, ...]


@dataclass(frozen=True)
class CashMove:
    """The net cash of one value date in a project through an instrument, with its documents."""

    on: date
    project: str
    instrument: str
    amount_usd: Decimal
    documents: tuple[str, ...]


@dataclass
class Cash:
    """The net cash of one commitment at one point in time, read at most once."""

    commitment: Commitment
    point: PointInTime

    @cached_property
    def cells(self) -> list[dict[str, Any]]:
        """Cash by project, instrument and kind, with the documents it rests on.

        It comes from the roll-ups where they may answer.

        While no cash moved after as_of the totals answer. Else whole months are
        summed, and the month of as_of is added from the ledger unless no cash
        moved in it after as_of: then its row holds nothing else.
        """
        if not self._daily:
            return []
        last = Max("last_value_date")
        if self._next_cash_on is None:
            cells = _cells_of(self._of_projects(LedgerProject), last=last)
            return cells or _cells_of(self.entries(), last=Max("value_date"))
        month = self.point.as_of.replace(day=1)
        is_month_closed = self._next_cash_on > last_day_of_month(month)
        upto = Q(month__lte=month) if is_month_closed else Q(month__lt=month)
        cells = _cells_of(self._of_projects(LedgerMonth).filter(upto), last=last)
        if not cells:
            return _cells_of(self.entries(), last=Max("value_date"))
        if not is_month_closed:
            recent = self.entries().filter(value_date__gte=month)
            cells = _joined([*cells, *_cells_of(recent, last=Max("value_date"))])
        return cells

    @cached_property
    def _next_cash_on(self) -> date | None:
        """The first day after as_of on which cash moved; None while there is none."""
        later = LedgerDay.objects.filter(
            commitment=self.commitment, value_date__gt=self.point.as_of
        )
        first: date | None = later.aggregate(first=Min("value_date"))["first"]
        return first

    def _of_projects(self, rollup: type[LedgerMonth] | type[LedgerProject]) -> QuerySet[Any]:
        return self._kept(rollup).filter(project__commitment=self.commitment)

    def _kept(
        self, rollup: type[LedgerDay] | type[LedgerMonth] | type[LedgerProject]
    ) -> QuerySet[Any]:
        """The rows of a roll-up while nothing is posted after the point, else none.

        A roll-up answers for the newest revision only. Whether the point's is
        still that is asked in the statement that reads the rows, so a posting
        between two statements cannot slip into a figure; where none come back
        the ledger, which knows every revision, is summed instead.
        """
        if self.point.published_by is not None:
            return rollup.objects.none()
        later = Revision.objects.filter(number__gt=self.point.revision)
        return rollup.objects.filter(~Exists(later), kind__in=RUNG_OF_KIND)

    def entries(self) -> QuerySet[LedgerEntry]:
        """The ledger entries on a cash rung that count at the point."""
        return LedgerEntry.objects.known(self.point).filter(
            commitment=self.commitment, kind__in=RUNG_OF_KIND, value_date__lte=self.point.as_of
        )

    def days(self, rung: str) -> list[CashDay]:
        """Net cash of each value date on a cash rung up to as_of, oldest first."""
        return self._daily.get(rung, [])

    def moves(self, rung: str) -> list[CashMove]:
        """Net cash of each value date by project and instrument up to as_of, oldest first."""
        return self._moves.get(rung, [])

    @cached_property
    def _moves(self) -> dict[str, list[CashMove]]:
        names = ("value_date", "project__slug", "instrument__slug", "kind", "document__slug")
        rows = self.entries().order_by(*names).values_list(*names)
        found: dict[str, list[CashMove]] = {}
        for on, project, instrument, kind, document, amount in rows.annotate(Sum("amount_usd")):
            move = CashMove(on, project, instrument, amount, (document,))
            found.setdefault(RUNG_OF_KIND[kind], []).append(move)
        return found

    @cached_property
    def _daily(self) -> dict[str, list[CashDay]]:
        kept = self._kept(LedgerDay).filter(
            commitment=self.commitment, value_date__lte=self.point.as_of
        )
        names = ("kind", "value_date", "document__slug")
        days = list(kept.order_by("value_date").values_list(*names, "amount_usd"))
        if not days:
            summed = self.entries().order_by("value_date").values_list(*names)
            days = list(summed.annotate(Sum("amount_usd")))
        found: dict[str, dict[date, CashDay]] = {}
        for kind, day, document, amount in days:
            series = found.setdefault(RUNG_OF_KIND[kind], {})
            known = series.get(day, CashDay(day, Decimal(0), ()))
            documents = tuple(sorted({*known.documents, document}))
            series[day] = CashDay(day, known.amount_usd + amount, documents)
        return {rung: list(series.values()) for rung, series in found.items()}


def unreversed(entries: QuerySet[LedgerEntry]) -> QuerySet[LedgerEntry]:
    """Those among some entries that stand: neither a reversal nor reversed by one of them.

    Only a reversal is negative, and it stands on the day of what it reverses. So money stands
    in a cell, or on a day, exactly where its net is above zero.
    """
    reversals = entries.filter(reverses__isnull=False)
    return entries.filter(reverses__isnull=True).exclude(pk__in=reversals.values("reverses"))


def _cells_of(rows: QuerySet[Any], *, last: Max) -> list[dict[str, Any]]:
    """Sum rows of a roll-up or of the ledger by cell, in the order of their keys."""
    names = (*_CELL, "document__slug")
    sums = rows.order_by(*names).values(*names).annotate(total=Sum("amount_usd"), last=last)
    return _joined(
        {**cell, "rung": RUNG_OF_KIND[cell["kind"]], "documents": (cell.pop("document__slug"),)}
        for cell in sums
    )


def _joined(cells: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add up what several rows say of the same cell."""
    whole: dict[tuple[str, ...], dict[str, Any]] = {}
    for cell in cells:
        key = tuple(cell[name] for name in _CELL)
        known = whole.get(key)
        if known is not None:
            total, last = known["total"] + cell["total"], max(known["last"], cell["last"])
            documents = tuple(sorted({*known["documents"], *cell["documents"]}))
            cell = {**cell, "total": total, "last": last, "documents": documents}
        whole[key] = cell
    return [whole[key] for key in sorted(whole)]
