"""The fan of a stored forecast, the pace of every part and the record so far, to take away."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from commitments.calculations.bounds import Bounds
from commitments.calculations.metric import Figure
from commitments.calculations.undefined import Reason
from dashboard.exports.grids import Grid
from dashboard.exports.stamps import STAMPS, stamp
from dashboard.points import Reading
from projects.metrics import index_shown, shown
from projects.metrics.baselines import published_plan
from projects.metrics.pace_lines import INDICES, PaceLine
from projects.models import Forecast, Scenario
from projects.selectors.forecasts import record_drawn_from
from projects.services.forecasts import FAN_LEVELS

LEVELS = ("mean", *(f"{level:g}" for level in FAN_LEVELS))
LEVEL_COLUMNS = tuple(f"usd_{level}" for level in LEVELS)
MONTH, RUNG = 0, 2  # where a row of a fan tells them


def fan_grid(stored: Forecast, reading: Reading, *, rung: str = "", donors: str = "") -> Grid:
    """Return a row for each variant, rung and month: the mean and the levels, in whole US dollars.

    Of one rung, or of the draws for one choice of donors, where that is named. A
    row of what is funded has what the plan holds by then that was published when
    the forecast was drawn, none without one.
    """
    results = json.loads(stored.body)["results"]
    plan = published_plan(record_drawn_from(stored))
    planned = {
        ("funded", day): f"{plan.planned_by(date.fromisoformat(day)):.0f}"
        for day in (results["months"] if plan else ())
    }
    label = "prior" if stored.is_prior else "forecast"
    rows = [
        [
            *row,
            planned.get((row[RUNG], row[MONTH]), ""),
            label,
            stored.model_version,
            *_stamp_of(stored, reading),
        ]
        for name, variant in results["variants"].items()
        if donors in ("", name)
        for row in _fan_rows(name, variant, results["months"])
        if rung in ("", row[RUNG])
    ]
    head = ("month_end", "donors", "rung", *LEVEL_COLUMNS, "planned_usd")
    return Grid("forecast", (*head, "_label", "_model", *STAMPS), rows)


def scenario_grid(scenarios: Iterable[Scenario], reading: Reading) -> Grid:
    """Return a row for each drawn scenario, rung and month: the mean and the levels, in whole US dollars."""
    rows = [
        [
            *row,
            one.name,
            "scenario of a prior" if one.forecast.is_prior else "scenario",
            one.forecast.model_version,
            *_stamp_of(one.forecast, reading),
        ]
        for one in scenarios
        if one.results is not None
        for row in _fan_rows(one.key, one.results, one.results["months"])
    ]
    head = ("month_end", "scenario", "rung", *LEVEL_COLUMNS)
    return Grid("scenarios", (*head, "_name", "_label", "_model", *STAMPS), rows)


def _stamp_of(stored: Forecast, reading: Reading) -> Iterable[str]:
    return stamp(reading, as_of=stored.as_of, revision=stored.revision_id).values()


def _fan_rows(name: str, variant: Mapping[str, Any], months: Sequence[str]) -> Iterator[list[str]]:
    for rung in ("funded", "selected"):
        fan = variant[rung]
        for n, month in enumerate(months):
            yield [month, name, rung, *(str(fan[level][n]) for level in LEVELS)]


def pace_grid(lines: Iterable[PaceLine], reading: Reading) -> Grid:
    """Return a row for each part; an index without an answer is empty and its reason stands beside it."""
    head = ["dimension", "key", "rung", "plan", "plan_sums"]
    head += ["budget_usd", "budget_low_usd", "budget_high_usd", "budget_basis"]
    head += ["budget_is_approximate", "done_usd", "done_low_usd", "done_high_usd"]
    for name in INDICES:
        head += [name, f"{name}_reason"]
    point = stamp(reading).values()
    rows = []
    for line in lines:
        sums = "; ".join(f"{project}: {one.label}" for project, one in line.sums.items())
        part = line.part
        row = [part.dimension, part.key, line.rung, line.plan_label, sums]
        row += _dollars(part.budget, part.bounds)
        row += [part.basis, "true" if part.is_approximate else "false"]
        row += _dollars(line.known, line.bounds)
        for name, value in line.values.items():
            reason = str(value) if isinstance(value, Reason) else ""
            row += [index_shown(name, value) or "", reason]
        rows.append([*row, *point])
    return Grid("pace", (*head, *STAMPS), rows)


def _dollars(counted: Decimal | None, bounds: Bounds) -> list[str]:
    """What counts of an amount, and its low and high as stated; empty where one is not."""
    return [shown(usd, "usd") or "" for usd in (counted, bounds.low, bounds.high)]


def record_grid(past: Mapping[date, Mapping[str, Figure]], reading: Reading) -> Grid:
    """Return a row for each day and rung or stage: US dollars, a bound nobody stated empty."""
    point = stamp(reading).values()
    rows = [
        [
            day.isoformat(),
            rung,
            *(
                "" if bound is None else f"{bound:.2f}"
                for bound in (figure.bounds.low, figure.bounds.high)
            ),
            str(figure.unstated_count),
            *point,
        ]
        for day, figures in past.items()
        for rung, figure in figures.items()
    ]
    return Grid("record", ("day", "rung", "low_usd", "high_usd", "unstated_count", *STAMPS), rows)
