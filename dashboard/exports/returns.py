"""Returns as files: the distributions of an investment, split, US dollars to the cent."""

from commitments.calculations.bounds import Bounds
from commitments.calculations.money import cents
from projects.calculations.waterfall import Waterfall
from projects.metrics.returns import flags_of, japan_received, still_owed, us_received
from projects.selectors import CommitmentRecord

STEP_COLUMNS = (
    *("date", "amount_usd", "daa_before_usd", "tier1_usd", "japan_tier1_usd", "us_tier1_usd"),
    *("tier2_usd", "japan_tier2_usd", "us_tier2_usd", "interest_after_usd", "principal_after_usd"),
)

INVESTMENT_COLUMNS = (
    *("project", "name", "paid_in_usd", "distributed_usd", "japan_received_low_usd"),
    *("japan_received_high_usd", "us_received_low_usd", "us_received_high_usd"),
    *("deemed_allocation_low_usd", "deemed_allocation_high_usd", "flags"),
    *("_as_of", "_revision", "_commitment", "_illustrative"),
)


def investment_lines(record: CommitmentRecord) -> list[tuple[str, ...]]:
    """Every investment that money moved in; an empty cell is a bound nobody stated."""
    point, commitment = record.point, record.commitment
    stamp = (
        point.as_of.isoformat(),
        f"r{point.revision}",
        commitment.slug,
        "true" if commitment.illustrative else "false",
    )
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
            *stamp,
        )
        for one in record.investments
    ]


def _cells(bounds: Bounds) -> tuple[str, str]:
    low, high = bounds.low, bounds.high
    return "" if low is None else str(cents(low)), "" if high is None else str(cents(high))


def step_lines(result: Waterfall) -> list[tuple[str, ...]]:
    """Every distribution of an investment with its two tiers, as cells of text."""
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
        )
        for step in result.steps
    ]
