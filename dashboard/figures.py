"""Which figure is asked for: its rung, and the parts of a share that has no value for the whole."""

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from commitments.calculations.metric import Figure, Metric
from commitments.models import Instrument, Sector
from commitments.selectors import PointError
from dashboard.points import Reading
from projects.metrics import evaluate, metric_on

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
    found = metric_on(key, rung)
    if found is None:
        words = _("“%(rung)s” is no rung that this figure is told on")
        raise PointError("rung", words % {"rung": str(rung)[:60]})
    return found


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
    return evaluate(metric, reading.record, scope)
