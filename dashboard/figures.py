"""Every metric of the rooms below, assembled; which is asked for, and the parts of a share."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from django.utils.translation import gettext as _

from commitments.calculations.metric import Figure, Metric, Scope, nothing
from commitments.calculations.point import PointInTime
from commitments.calculations.undefined import Reason
from commitments.models import Instrument, Sector
from commitments.selectors import PointError
from dashboard.points import SCOPE_PARAMETERS, Reading
from dashboard.tariffs import day_in
from projects import metrics as of_projects
from projects.metrics import metric_on
from projects.metrics.rungs import WHOLE
from projects.selectors import CommitmentRecord
from tariffs import metrics as of_duties
from tariffs.selectors.exposure import Exposure, exposure_on
from tariffs.selectors.rates import RateBook

METRICS = (*of_projects.METRICS, *of_duties.METRICS)
BY_KEY = {metric.key: metric for metric in METRICS}
LIST_PARAMETERS = (*SCOPE_PARAMETERS, "on")
FIGURE_PARAMETERS = (*LIST_PARAMETERS, "rung")
POINTS = 64
DIMENSIONS = {"sector": Sector, "instrument": Instrument}


@dataclass(frozen=True)
class Part:
    """One sector or instrument, and the share it has."""

    metric: Metric
    dimension: str
    slug: str
    entity: Sector | Instrument
    figure: Figure


def asked_metric(key: str, rung: str | None) -> Metric:
    """A metric on record, on the rung asked for. Raise PointError where it is not told on that."""
    found = BY_KEY[key] if rung is None else metric_on(key, rung)
    if found is None:
        words = _("“%(rung)s” is no rung that this figure is told on")
        raise PointError("rung", words % {"rung": str(rung)[:60]})
    return found


def day_of_duties(asked: Mapping[str, str], reading: Reading, key: str = "") -> date | None:
    """Return the day that figures of duties are asked for, which may lie ahead; None for the one described.

    Raise PointError for what is no day, and where the metric `key` is of another kind.
    """
    text = asked.get("on", "").strip()
    if not text:
        return None
    if key and key not in of_duties.BY_KEY:
        raise PointError("on", _("is for the figures of duties; as_of is the day described"))
    return day_in(text, reading.point.as_of)


def figure_of(
    metric: Metric, record: CommitmentRecord, scope: Scope = WHOLE, *, on: date | None = None
) -> Figure:
    """Return the figure of any metric; one of duties is that of the day `on`, else of the day described."""
    if metric.key not in of_duties.BY_KEY:
        return of_projects.evaluate(metric, record, scope)
    if not record.is_recorded:
        return nothing(Reason.NOT_RECORDED_YET)
    point = record.point
    found = _exposure(point, record.commitment.investor_code, on or point.as_of)
    return of_duties.evaluate(metric, found, scope)


@lru_cache(maxsize=POINTS)
def _exposure(point: PointInTime, country: str, on: date) -> Exposure | None:
    """What a point holds of duties cannot change: read once by each process for all their figures."""
    return exposure_on(RateBook(point, country), on)


def parts_of(metric: Metric, reading: Reading) -> list[Part]:
    """Every part of a share whose scope names none, in the scope asked about; else nothing."""
    dimension = metric.splits_by
    if not dimension or getattr(reading.scope, dimension) is not None:
        return []
    return [
        Part(metric, dimension, found.slug, found, _share(metric, reading, found.slug))
        for found in DIMENSIONS[dimension].objects.all()
    ]


def _share(metric: Metric, reading: Reading, slug: str) -> Figure:
    scope = replace(reading.scope, **{metric.splits_by: slug})
    return of_projects.evaluate(metric, reading.record, scope)
