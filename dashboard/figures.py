"""The parts of a share: what pages and API offer where it has no value for the whole."""

from dataclasses import dataclass, replace

from commitments.calculations.metric import Figure, Metric
from commitments.models import Instrument, Sector
from dashboard.points import Reading
from projects.metrics import evaluate

DIMENSIONS = {"sector": Sector, "instrument": Instrument}


@dataclass(frozen=True)
class Part:
    """One sector or instrument, and the share it has."""

    metric: Metric
    dimension: str
    slug: str
    entity: Sector | Instrument
    figure: Figure


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
