"""How the published forecasts of a commitment did, once the months they spoke of had come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from commitments.calculations.point import PointInTime
from commitments.models import Commitment
from projects.calculations.scoring import base_rate_brier, pit_histogram, skill
from projects.models import ForecastScore

FEWEST_ORIGINS = 8  # days that forecasts were made on, under which there is no verdict


@dataclass(frozen=True)
class Verdict:
    """Means over the months that are scored, as shares of the target, and what they are held against.

    `skill` is that of the CRPS over the run rate, None where the run rate erred by nothing.
    """

    crps_share: float
    run_rate_share: float
    skill: float | None
    pinball_share: float
    brier: float
    base_rate_brier: float


@dataclass(frozen=True)
class Reliability:
    """What of the months scored came as forecast: counts, and no verdict while they are few.

    `origins` are the days that the forecasts were made on. Of the forecasts of one
    day, which differ by what was posted on it, the last alone counts: the one that is
    shown for the day.
    """

    origins: int
    months: int
    reached: int
    in_50: int
    in_80: int
    in_90: int
    pit_histogram: tuple[int, ...]
    verdict: Verdict | None


def reliability(commitment: Commitment, point: PointInTime) -> Reliability:
    """Return how the forecasts did whose months had come by the point's day and were scored by its revision."""
    scored = ForecastScore.objects.filter(
        forecast__commitment=commitment,
        due_on__lte=point.as_of,
        revision__number__lte=point.revision,
    )
    rows = _last_of_each_day(scored.select_related("forecast"))
    origins = len({score.forecast.as_of for score in rows})
    return Reliability(
        origins=origins,
        months=len(rows),
        reached=sum(score.is_reached for score in rows),
        in_50=sum(score.in_50 for score in rows),
        in_80=sum(score.in_80 for score in rows),
        in_90=sum(score.in_90 for score in rows),
        pit_histogram=tuple(pit_histogram([score.pit for score in rows]).tolist()),
        verdict=_verdict(rows) if origins >= FEWEST_ORIGINS else None,
    )


def _last_of_each_day(scored: Iterable[ForecastScore]) -> list[ForecastScore]:
    rows = sorted(scored, key=lambda score: (score.forecast.revision_id, score.forecast_id))
    last: dict[date, int] = {score.forecast.as_of: score.forecast_id for score in rows}
    return [score for score in rows if last[score.forecast.as_of] == score.forecast_id]


def _verdict(rows: Sequence[ForecastScore]) -> Verdict:
    crps, run_rate = _mean(rows, "crps_share"), _mean(rows, "run_rate_share")
    return Verdict(
        crps_share=crps,
        run_rate_share=run_rate,
        skill=skill(crps, run_rate) if run_rate else None,
        pinball_share=_mean(rows, "pinball_share"),
        brier=_mean(rows, "brier"),
        base_rate_brier=base_rate_brier([score.is_reached for score in rows]),
    )


def _mean(rows: Sequence[ForecastScore], name: str) -> float:
    return float(np.mean([getattr(score, name) for score in rows]))
