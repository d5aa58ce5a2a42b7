"""Simple forecasts that stand beside the analogue forecast, each a single amount.

US dollars as floats, cumulative at the horizon; months counted from the year 0.
Curves are mean shares by age, flat after their last age. Definitions: forecast
of the method page.
"""

from collections.abc import Sequence

import numpy as np

from projects.calculations.donors import Floats, Operation, share_paid

RATE_MONTHS = 12


def paid_usd(operations: Sequence[Operation], month: int) -> float:
    """Return the dollars paid by the end of a month."""
    return sum(share_paid(o, month) * o.commitment for o in operations)


def run_rate(operations: Sequence[Operation], *, month: int, horizon: int) -> float:
    """Return what is paid if the last twelve months go on, at most what is committed."""
    paid = paid_usd(operations, month)
    last_months = paid - paid_usd(operations, month - RATE_MONTHS)
    committed = sum(o.commitment for o in operations)
    return min(paid + last_months / RATE_MONTHS * horizon, committed)


def earned_schedule(
    operations: Sequence[Operation], curve: Floats, *, month: int, horizon: int
) -> float:
    """Return the mean curve's plan at the date that the schedule index so far points to.

    The plan is every commitment paid along the curve from its approval on; what
    is paid lies on it at ES, and time goes on at SPI(t) = ES / AT.
    """
    begin = min((o.approved for o in operations), default=month + 1) - 1
    actual = month - begin
    if actual <= 0:
        return paid_usd(operations, month)
    plan = np.zeros(actual + horizon + len(curve) + 1)
    for operation in operations:
        ages = np.arange(len(plan)) + begin - operation.approved
        plan += operation.commitment * along(curve, ages)
    earned = _earned_months(plan, paid_usd(operations, month))
    reached = (actual + horizon) * earned / actual
    return float(np.interp(reached, np.arange(len(plan)), plan))


def mean_curve_rest(
    operations: Sequence[Operation], curve: Floats, *, month: int, horizon: int
) -> float:
    """Return Bornhuetter-Ferguson on what is not yet paid, project by project.

    s + (1 - s) (F(a + h) - F(a)) / (1 - F(a)); where the curve has reached 1
    nothing more is paid.
    """
    total = 0.0
    for operation in operations:
        share = share_paid(operation, month)
        age = month - operation.approved
        now, then = along(curve, np.array([age, age + horizon]))
        step = (1 - share) * (then - now) / (1 - now) if now < 1 else 0.0
        total += operation.commitment * (share + step)
    return total


def along(curve: Floats, ages: np.ndarray) -> Floats:
    """Return the curve at some ages: 0 before the approval, flat after its last age."""
    found: Floats = curve[np.clip(ages, 0, len(curve) - 1)]
    return found * (ages >= 0)


def _earned_months(plan: Floats, earned: float) -> float:
    """Return the months after which the plan holds what was earned; a plateau gets full credit."""
    if earned <= 0:
        return 0.0
    if earned >= plan[-1]:
        return float(np.argmax(plan >= plan[-1]))
    last = int(np.flatnonzero(plan <= earned)[-1])
    return last + float((earned - plan[last]) / (plan[last + 1] - plan[last]))
