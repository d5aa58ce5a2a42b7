"""The fan of a stored forecast and the pace of every part, to take away."""

import json
from collections.abc import Iterable
from datetime import date

from commitments.calculations.undefined import Reason
from dashboard.exports.grids import Grid
from dashboard.points import Reading
from projects.metrics.pace_lines import INDICES, PaceLine
from projects.models import Forecast

STAMP = ("_as_of", "_revision", "_commitment", "_illustrative")


def fan_grid(stored: Forecast, reading: Reading) -> Grid:
    """Return a row for each variant, basis and month: the mean and the levels, in whole US dollars."""
    results = json.loads(stored.body)["results"]
    levels = list(results["variants"]["all"]["funded"])
    head = ("month_end", "donors", "basis", *(f"usd_{level}" for level in levels))
    stamp = _stamp(reading, stored.as_of, stored.revision_id)
    label = "prior" if stored.is_prior else "forecast"
    rows = [
        [
            month,
            donors,
            basis,
            *(str(fan[level][n]) for level in levels),
            label,
            stored.model_version,
            *stamp,
        ]
        for donors, variant in results["variants"].items()
        for basis in ("funded", "selected")
        for fan in [variant[basis]]
        for n, month in enumerate(results["months"])
    ]
    return Grid("forecast", (*head, "_label", "_model", *STAMP), rows)


def pace_grid(lines: Iterable[PaceLine], reading: Reading) -> Grid:
    """Return a row for each part; an index without an answer is empty and its reason stands beside it."""
    head = ["dimension", "key", "rung", "plan", "budget_usd", "done_usd"]
    for name in INDICES:
        head += [name, f"{name}_reason"]
    stamp = _stamp(reading, reading.point.as_of, reading.point.revision)
    rows = []
    for line in lines:
        budget = "" if line.part.budget is None else str(round(line.part.budget, 2))
        row = [line.part.dimension, line.part.key, line.rung, line.plan_label, budget]
        row.append(str(round(line.done, 2)))
        for name in INDICES:
            value = line.values[name]
            if isinstance(value, Reason):
                row += ["", str(value)]
            elif isinstance(value, date):
                row += [value.isoformat(), ""]
            else:
                row += [f"{round(value, 2 if 'usd' in name else 4):f}", ""]
        rows.append([*row, *stamp])
    return Grid("pace", (*head, *STAMP), rows)


def _stamp(reading: Reading, as_of: date, revision: int) -> list[str]:
    commitment = reading.commitment
    is_fictional = "true" if commitment.illustrative else "false"
    return [as_of.isoformat(), f"r{revision}", commitment.slug, is_fictional]
