"""Score published forecasts once the months they spoke of have come."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np

from commitments.calculations.dates import business_day
from commitments.calculations.point import PointInTime
from commitments.models import Job, Revision
from commitments.services.jobs import JobKind, Progress, register_daily, register_kind, submit
from projects.calculations.pace import required_usd_by
from projects.calculations.quantiles import odds_told
from projects.calculations.scoring import brier, crps, pinball, pit
from projects.models import Forecast, ForecastScore
from projects.selectors import CommitmentRecord
from projects.services.forecasts import programme_of, run_rate_usd

KIND = "score_forecasts"
INTERVALS = {"in_50": ("0.25", "0.75"), "in_80": ("0.1", "0.9"), "in_90": ("0.05", "0.95")}


@dataclass(frozen=True)
class Due:
    """A month that a stored forecast spoke of and that is over.

    `needed` is on the straight path from what was funded at the forecast to its
    target, `odds` those that funding is there or above, and `run_rate` what the
    twelve months before the forecast came to if they went on: US dollars.
    """

    forecast: Forecast
    months_ahead: int
    due_on: date
    quantiles: dict[str, int]
    target: float
    needed: Decimal
    odds: float
    run_rate: float


def due_scores(as_of: date) -> Iterator[Due]:
    """Yield what is to be scored by a day: months that are over, each once."""
    scored = set(ForecastScore.objects.values_list("forecast_id", "months_ahead"))
    for forecast in Forecast.objects.filter(as_of__lt=as_of).select_related("commitment"):
        body = json.loads(forecast.body)
        for ahead, quantiles in body["results"]["variants"]["all"]["scored"].items():
            due_on = date.fromisoformat(body["results"]["months"][int(ahead) - 1])
            if due_on < as_of and (forecast.pk, int(ahead)) not in scored:
                yield _due(forecast, body, int(ahead), due_on, quantiles)


def _due(
    forecast: Forecast, body: dict[str, Any], ahead: int, due_on: date, quantiles: dict[str, int]
) -> Due:
    inputs, drawn = body["inputs"], body["results"]["variants"]["all"]
    target = Decimal(inputs["target_usd"])
    needed = required_usd_by(
        due_on,
        target,
        Decimal(body["results"]["paid_usd"]),
        as_of=forecast.as_of,
        deadline=date.fromisoformat(inputs["deadline"]),
    )
    if ahead == len(body["results"]["months"]):  # the odds of the target, as they were published
        odds = odds_told(drawn["reached"]["funded"], inputs["paths"])
    else:
        on_path = sum(usd >= needed for usd in quantiles.values())
        odds = odds_told(on_path, len(quantiles))
    run_rate = run_rate_usd(programme_of(inputs), ahead)
    return Due(forecast, ahead, due_on, quantiles, float(target), round(needed, 2), odds, run_rate)


def score_of(due: Due, outcome: Decimal) -> dict[str, Any]:
    """Return the scores of what was forecast for a month, given what was funded by its end.

    The forecast is its stored quantiles, taken as a sample; CRPS, pinball loss and
    the error of the run rate, which is the CRPS of a single value, are shares of the
    target. The Brier score is of the odds that funding is on the path it needs: at
    the deadline that is the target, of which the odds were published.
    """
    is_reached = outcome >= due.needed
    sample = np.array(list(due.quantiles.values()), dtype=np.float64)
    funded = float(outcome)
    losses = [pinball(value, float(level), funded) for level, value in due.quantiles.items()]
    inside = {
        name: due.quantiles[low] <= funded <= due.quantiles[high]
        for name, (low, high) in INTERVALS.items()
    }
    return {
        "outcome_usd": outcome,
        "crps_share": crps(sample, funded) / due.target,
        "pinball_share": float(np.mean(losses)) / due.target,
        "pit": pit(sample, funded),
        "needed_usd": due.needed,
        "odds": due.odds,
        "is_reached": is_reached,
        "brier": brier([due.odds], [is_reached]),
        "run_rate_share": abs(due.run_rate - funded) / due.target,
        **inside,
    }


def funded_by(due: Due, revision: Revision) -> Decimal:
    """Return the cumulative dollars funded by the end of the month, as known at a revision."""
    point = PointInTime(
        as_of=due.due_on,
        revision=revision.number,
        today=due.due_on,
        known_at=revision.recorded_at,
        recorded_at=revision.recorded_at,
    )
    record = CommitmentRecord(due.forecast.commitment, point)
    return sum((amount for _on, amount in record.daily("funded")), Decimal(0))


def _compute(payload: dict[str, Any], _report: Progress) -> list[tuple[Due, dict[str, Any]]]:
    revision = Revision.objects.get(number=payload["revision"])
    return [
        (due, score_of(due, funded_by(due, revision)))
        for due in due_scores(date.fromisoformat(payload["as_of"]))
    ]


def _write(payload: dict[str, Any], scored: list[tuple[Due, dict[str, Any]]]) -> None:
    revision = Revision.objects.get(number=payload["revision"])
    for due, score in scored:
        ForecastScore.objects.get_or_create(
            forecast=due.forecast,
            months_ahead=due.months_ahead,
            defaults={"due_on": due.due_on, "revision": revision, **score},
        )


def request_scores(*, as_of: date, now: datetime) -> list[Job]:
    """Ask for the scores that are due; one job a day, and none before anything is recorded."""
    revision = Revision.objects.order_by("-number").first()
    if revision is None:
        return []
    payload = {"as_of": as_of.isoformat(), "revision": revision.number}
    return [submit(KIND, f"{KIND}:{as_of}", payload, now=now)]


def register_jobs() -> None:
    """Make the scoring known, and due every day."""
    register_kind(JobKind(KIND, _compute, _write, soft=60, hard=80, lease=100))
    register_daily(KIND, lambda now: request_scores(as_of=business_day(now), now=now))
