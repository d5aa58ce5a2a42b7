"""The metrics of a commitment and its projects: each number defined once.

A metric is a function of the record of a commitment at a point in time and a
scope. Pages, API, exports and jobs all read it through `evaluate`.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from commitments.calculations.metric import Figure, Metric, Scope, nothing
from commitments.calculations.money import cents
from commitments.calculations.undefined import Reason, Undefined
from projects.metrics.flags import Flag, flags
from projects.metrics.pace_lines import Value
from projects.metrics.registry import BY_KEY, METRICS, metric_on
from projects.metrics.rungs import WHOLE, rung_figure
from projects.metrics.shares import share_figure, share_of_sectors
from projects.selectors import CommitmentRecord

__all__ = [
    "BY_KEY",
    "METRICS",
    "Flag",
    "evaluate",
    "figure_json",
    "flags",
    "index_shown",
    "metric_on",
    "progress",
    "rung_figure",
    "share_figure",
    "share_of_sectors",
    "shown",
]


def evaluate(metric: Metric, record: CommitmentRecord, scope: Scope = WHOLE) -> Figure:
    """Return the figure of a metric, with a reason where it has no value."""
    if record.why_unanswered is not None:
        return nothing(record.why_unanswered)
    if metric.rung is not None and not record.is_followed:
        return nothing(Reason.NOT_STATED)
    try:
        return metric.compute(record, scope)
    except Undefined as undefined:
        return nothing(undefined.reason)


def progress(record: CommitmentRecord, scope: Scope = WHOLE) -> dict[str, dict[str, Any]]:
    """Every metric that is kept, as answers give it, by key: the body of answers and snapshots."""
    return {m.key: figure_json(m, evaluate(m, record, scope)) for m in METRICS if m.is_kept}


def figure_json(metric: Metric, figure: Figure) -> dict[str, Any]:
    """Return a figure as plain data: decimal strings, and a reason where there is no value."""
    bounds = figure.bounds
    values = [shown(number, metric.unit) for number in (bounds.value, bounds.low, bounds.high)]
    if metric.unit == "date":
        values = [figure.text] * 3
    return {
        **dict(zip(("value", "low", "high"), values, strict=True)),
        "unit": metric.unit,
        "rung": metric.rung,
        "reason": None if figure.reason is None else str(figure.reason),
        "note": figure.note,
        "unstated_count": figure.unstated_count,
        "is_approximate": figure.is_approximate,
        "is_recalled": figure.is_recalled,
        "is_derived": figure.is_derived,
    }


def index_shown(key: str, value: Value) -> str | None:
    """Return an index of pace as the figure of its metric is told; None where it has a reason."""
    if isinstance(value, Reason):
        return None
    return value.isoformat() if isinstance(value, date) else shown(value, BY_KEY[key].unit)


def shown(number: Decimal | None, unit: str) -> str | None:
    """Return a number as a decimal string: cents for money, whole days, six places for ratios."""
    if number is None:
        return None
    if unit.startswith("usd"):
        return str(cents(number))
    if unit in ("days", "count"):
        whole = number.to_integral_value()
        return str(whole if number == whole else round(number, 1))
    return str(round(number, 6))
