"""Returns as files: the distributions of an investment, split, US dollars to the cent."""

from decimal import Decimal

from commitments.calculations.bounds import Bounds
from commitments.calculations.money import cents
from dashboard.exports.stamps import STAMPS, stamp
from dashboard.points import Reading
from dashboard.returns import WhatIf
from projects.metrics.returns import (
    JAPAN,
    WHOLE,
    deemed_rate,
    flags_of,
    japan_received,
    present_value,
    still_owed,
    us_received,
)

STEP_COLUMNS = (
    *("date", "amount_usd", "daa_before_usd", "tier1_usd", "japan_tier1_usd", "us_tier1_usd"),
    *("tier2_usd", "japan_tier2_usd", "us_tier2_usd", "interest_after_usd", "principal_after_usd"),
    *("_npv_japan_usd", "_npv_project_usd", "_discount_percent"),
)

INVESTMENT_COLUMNS = (
    *("project", "name", "paid_in_usd", "distributed_usd", "japan_received_low_usd"),
    *("japan_received_high_usd", "us_received_low_usd", "us_received_high_usd"),
    *("deemed_allocation_low_usd", "deemed_allocation_high_usd", "flags"),
    *("npv_japan_usd", "npv_project_usd", "discount_percent"),
    *STAMPS,
)


def investment_lines(reading: Reading, discount: Decimal | None = None) -> list[tuple[str, ...]]:
    """Every investment that money moved in; an empty cell is a bound nobody stated.

    Net present values are those of an investment's own first day, at the
    fraction a year `discount` or else at its own deemed rate.
    """
    record, stamps = reading.record, stamp(reading).values()
    return [
        (
            one.project.slug,
            one.project.name,
            str(cents(one.flows.paid_in)),
            str(cents(one.flows.paid_out)),
            *_cells(japan_received(one)),
            *_cells(us_received(one)),
            *_cells(still_owed(one)),
            "; ".join(flags_of(record, one)),
            *(_cells(present_value(one, side, discount=discount))[0] for side in (JAPAN, WHOLE)),
            percent_of(deemed_rate(one) if discount is None else discount),
            *stamps,
        )
        for one in record.investments
    ]


def _cells(bounds: Bounds) -> tuple[str, str]:
    low, high = bounds.low, bounds.high
    return "" if low is None else str(cents(low)), "" if high is None else str(cents(high))


def percent_of(rate: Decimal | None) -> str:
    return "" if rate is None else f"{(rate * 100).normalize():f}"


def step_lines(found: WhatIf) -> list[tuple[str, ...]]:
    """Every distribution of a what-if with its two tiers, and its net present value on each line."""
    stamp = (str(found.npv_japan), str(found.npv_project), percent_of(found.discount))
    return [
        (
            step.on.isoformat(),
            *(
                str(cents(amount))
                for amount in (
                    *(step.amount, step.before.daa, step.tier1, step.japan_tier1, step.us_tier1),
                    *(step.tier2, step.japan_tier2, step.us_tier2),
                    *(step.after.interest, step.after.principal),
                )
            ),
            *stamp,
        )
        for step in found.result.steps
    ]
