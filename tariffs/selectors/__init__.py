"""Reads of duties, levers and trade at a point in time."""

from django.db.models import Q

from commitments.calculations.point import PointInTime
from tariffs.models import BY_START, Measure


def announced(point: PointInTime) -> list[Measure]:
    """Measures investigated or scheduled for a later day, as documents of the day described say."""
    rows = Measure.objects.current(point).filter(
        Q(listed_status="pending") | Q(effective_from__gt=point.as_of, rate_percent__isnull=False)
    )
    rows = rows.exclude(listed_status="threatened_not_applied")
    return list(rows.select_related("category", "document").order_by(BY_START, "ref"))
