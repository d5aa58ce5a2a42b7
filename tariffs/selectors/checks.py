"""What the measures on record leave open, and where they contradict each other."""

from dataclasses import dataclass
from datetime import date

from commitments.calculations.point import PointInTime
from commitments.calculations.undefined import Reason
from tariffs.models import Measure, TradeFlow
from tariffs.selectors.rates import RateBook


@dataclass(frozen=True)
class Stretch:
    """Days of a category on which no rate is given, and the measures that stand nearest."""

    category: str
    begins: date
    ends: date
    reason: Reason
    measures: tuple[str, ...]

    def __str__(self) -> str:
        nearest = ", ".join(self.measures) or "none"
        return f"{self.category} {self.begins} to {self.ends}: {self.reason} (measures: {nearest})"


def stretches_without_rate(book: RateBook, first: date, last: date) -> list[Stretch]:
    """The days from one to another on which a category, or a part of it, has no rate."""
    found: list[Stretch] = []
    for category in book.categories:
        for change in book.changes(category, first, last):
            rate = change.rate
            parts = [(s.reason, s.authority) for s in rate.scopes if s.rate_percent is None]
            if not rate.scopes and rate.rate_percent is None:
                parts = [(rate.reason, rate.nearest)]
            for reason, measures in parts:
                refs = tuple(measure.ref for measure in measures)
                if reason is not None:
                    found.append(Stretch(category.slug, change.begins, change.ends, reason, refs))
    return _joined(found)


def contradicted_statuses(book: RateBook) -> list[str]:
    """The measures whose listed status does not follow from acts and dates on the day described."""
    return [
        f"{measure.ref} is listed as {measure.listed_status}, but is {derived} on {book.point.as_of}"
        for measures in book.measures.values()
        for measure in measures
        if (derived := book.status(measure)) != measure.listed_status
        if not _is_later(measure, book.point.as_of)
    ]


def sums_that_do_not_add(point: PointInTime) -> list[str]:
    """The totals of trade from which the sum of their parts differs."""
    flows = list(TradeFlow.objects.current(point))
    wrong = []
    for total in (f for f in flows if any(p.part_of == f.line for p in flows)):
        parts = [f.value_usd for f in flows if (f.part_of, f.year) == (total.line, total.year)]
        if sum(parts) != total.value_usd:
            wrong.append(f"{total.ref}: the parts add to {sum(parts)}, not {total.value_usd}")
    return wrong


def _is_later(measure: Measure, on: date) -> bool:
    """The compilers wrote with hindsight: on an earlier day the status need not be theirs yet."""
    return measure.document_on is not None and measure.document_on > on


def _joined(found: list[Stretch]) -> list[Stretch]:
    """Neighbouring stretches of one category, reason and measures as one."""
    joined: list[Stretch] = []
    for one in found:
        last = joined[-1] if joined else None
        if (
            last is not None
            and (last.category, last.reason, last.measures)
            == (
                one.category,
                one.reason,
                one.measures,
            )
            and (one.begins - last.ends).days == 1
        ):
            joined[-1] = Stretch(one.category, last.begins, one.ends, one.reason, one.measures)
        else:
            joined.append(one)
    return joined
