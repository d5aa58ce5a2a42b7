"""Known candidates: when they may be selected, and for how much.

The time to the next stage is exponential, its hazard a gamma over days at risk,
success a beta; waits not yet over count as exposure. Amounts are US dollars.
Definitions: forecast of the method page, step 4.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from projects.calculations.donors import Floats

DAYS_PER_MONTH = 30.4375  # 365.25 / 12
STAGES = ("candidate", "in_consultation")  # what a project passes before it is selected


class Outcome(StrEnum):
    """How a wait at a stage stands."""

    MOVED = "moved"
    FAILED = "failed"
    WAITING = "waiting"


@dataclass(frozen=True)
class Wait:
    """One project's days at a stage, and how they ended, if they did."""

    stage: str
    days: int
    outcome: Outcome


@dataclass(frozen=True)
class StageOdds:
    """What is held of a stage: moves in days at risk, successes and failures, as weights."""

    stage: str
    moves: float
    days: float
    successes: float
    failures: float


@dataclass(frozen=True)
class Candidate:
    """A project that may be selected, its stage and range; None where no amount is stated.

    One that has `ended` is declined: it is drawn as before and brings nothing.
    """

    id: str
    stage: str
    low: float | None
    high: float | None
    ended: bool = False


def updated(prior: StageOdds, waits: Iterable[Wait]) -> StageOdds:
    """Return a stage's odds after what was seen of it.

    A failure ends a wait as a move does: both say how long decisions take.
    """
    seen = [wait for wait in waits if wait.stage == prior.stage]
    moved = sum(wait.outcome is Outcome.MOVED for wait in seen)
    failed = sum(wait.outcome is Outcome.FAILED for wait in seen)
    return replace(
        prior,
        moves=prior.moves + moved + failed,
        days=prior.days + sum(wait.days for wait in seen),
        successes=prior.successes + moved,
        failures=prior.failures + failed,
    )


def draw_selections(
    rng: np.random.Generator,
    candidates: Sequence[Candidate],
    odds: Sequence[StageOdds],
    paths: int,
    *,
    pace: float = 1.0,
) -> Floats:
    """Draw the month ahead in which each candidate is selected; infinity for never.

    A row for each path, a column for each candidate. A path has one hazard and
    one chance of success for each stage: what is not known of them is shared.
    """
    months = np.zeros((paths, len(candidates)))
    for stage in odds:
        hazard = rng.gamma(stage.moves, 1 / stage.days, paths) * pace
        success = rng.beta(stage.successes, stage.failures, paths)
        waits = rng.exponential(1.0, months.shape) / hazard[:, None]
        succeeds = rng.random(months.shape) < success[:, None]
        passes = np.array([_has_yet_to_pass(one, stage.stage) for one in candidates], dtype=bool)
        step = np.where(succeeds, waits / DAYS_PER_MONTH, np.inf)
        months += np.where(passes, step, 0.0)
    return months


def draw_amounts(
    rng: np.random.Generator, candidates: Sequence[Candidate], paths: int
) -> tuple[Floats, NDArray[np.bool_]]:
    """Draw each candidate's amount within its range, and which candidates state none.

    A ceiling alone leaves everything below it possible; a floor alone is taken
    as it stands. Amounts that are not stated come back as 0.
    """
    lows = np.array([one.low if one.low is not None else 0.0 for one in candidates])
    highs = np.array(
        [
            one.high if one.high is not None else low
            for one, low in zip(candidates, lows, strict=True)
        ]
    )
    amounts = lows + (highs - lows) * rng.random((paths, len(candidates)))
    unstated = np.array([one.low is None and one.high is None for one in candidates], dtype=bool)
    return amounts, unstated


def _has_yet_to_pass(candidate: Candidate, stage: str) -> bool:
    return STAGES.index(candidate.stage) <= STAGES.index(stage)
