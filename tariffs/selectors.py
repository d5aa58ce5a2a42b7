"""Reads of duties, levers and trade at a point in time."""

from datetime import date

from django.db.models import Q, QuerySet

from commitments.calculations.point import PointInTime
from commitments.models import Commitment
from tariffs.models import CounterfactualRate, Lever, Measure

# Rows that never give the rate on a date, whatever their dates say.
NEVER_CHARGED = ("superseded_retroactively", "threatened_not_applied", "pending")


def measures_by_category(point: PointInTime) -> dict[str, list[Measure]]:
    """Every measure that is or was charged, by category, oldest first; scheduled ones included."""
    measures: dict[str, list[Measure]] = {}
    rows = Measure.objects.current(point).exclude(listed_status__in=NEVER_CHARGED)
    rows = rows.filter(effective_from__isnull=False, rate_percent__isnull=False)
    for measure in rows.select_related("category", "document").order_by(
        "category__position", "effective_from", "pk"
    ):
        measures.setdefault(measure.category.slug, []).append(measure)
    return measures


def in_force(measures: list[Measure], on: date) -> list[Measure]:
    """The measures of one category whose dates cover a day; several where scopes differ."""
    return [
        m
        for m in measures
        if m.effective_from is not None
        and m.effective_from <= on
        and (m.effective_to is None or on <= m.effective_to)
    ]


def announced(point: PointInTime) -> list[Measure]:
    """Measures that are investigated, or scheduled for a day after the one described."""
    rows = Measure.objects.current(point).filter(
        Q(listed_status="pending") | Q(effective_from__gt=point.as_of, rate_percent__isnull=False)
    )
    rows = rows.exclude(listed_status="threatened_not_applied")
    return list(rows.select_related("category", "document").order_by("effective_from", "ref"))


def levers(point: PointInTime, commitment: Commitment) -> QuerySet[Lever]:
    """The clauses and statements under which a rate can return."""
    found: QuerySet[Lever] = Lever.objects.current(point).filter(commitment=commitment)
    return found.select_related("document")


def counterfactuals(point: PointInTime) -> dict[str, CounterfactualRate]:
    """The rate without the agreement on the day described, by category."""
    rows = CounterfactualRate.objects.current(point).filter(period_from__lte=point.as_of)
    return {
        row.category.slug: row
        for row in rows.select_related("category", "document").order_by("period_from")
        if row.period_to is None or row.period_to >= point.as_of
    }
