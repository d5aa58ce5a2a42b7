"""Returns as files: the distributions of an investment, split, US dollars to the cent."""

import csv
import io
from collections.abc import Iterable, Sequence

from commitments.calculations.money import cents
from projects.calculations.waterfall import Waterfall

STEP_COLUMNS = (
    *("date", "amount_usd", "daa_before_usd", "tier1_usd", "japan_tier1_usd", "us_tier1_usd"),
    *("tier2_usd", "japan_tier2_usd", "us_tier2_usd", "interest_after_usd", "principal_after_usd"),
)


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


def csv_text(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a CSV file in UTF-8 with its mark."""
    kept = io.StringIO(newline="")
    writer = csv.writer(kept)
    writer.writerow(header)
    writer.writerows(lines)
    return "\ufeff" + kept.getvalue()
