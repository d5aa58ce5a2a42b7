"""The exposure of a day as a file: a row for each line of the baseline, and their total."""

from decimal import Decimal
from typing import Any

from dashboard.exports.grids import Grid
from dashboard.exports.stamps import STAMPS, owned, stamp
from dashboard.exposure import exposure_json
from dashboard.points import Reading
from tariffs.selectors.exposure import Exposure

MONEY = ("duty", "duty_without", "extra")
COLUMNS = (
    *("line", "label", "category", "imports_usd", "rate_low_percent", "rate_high_percent"),
    *("basis", "reason", "added_only", "without_low_percent", "without_high_percent"),
    *(f"{name}_{bound}_usd" for name in MONEY for bound in ("low", "high")),
    *("what_if_extra_low_usd", "what_if_extra_high_usd", "authority"),
)
ASKED = ("_on", "_elasticity", "_baseline_year", "_source")


def exposure_grid(found: Exposure | None, elasticity: Decimal | None, reading: Reading) -> Grid:
    """Return a row for each line, the total last; a sum holds the lines that have the figure.

    Without a baseline there is no row. Trade and duties are real beside a
    fictional commitment too, so no row is stamped as illustrative.
    """
    columns = (*COLUMNS, *ASKED, *STAMPS)
    if found is None:
        return Grid("exposure", columns, [])
    body = exposure_json(found, elasticity)
    base = body["baseline"]
    stamps = [
        body["on"].isoformat(),
        body["elasticity"] or "",
        str(base["year"]),
        base["document"] or "",
        *(stamp(reading) | owned(reading.commitment.slug, is_fictional=False)).values(),
    ]
    whole = {**body["total"], "line": "total", "label": base["label"]}
    rows = [[*_cells(row), *stamps] for row in (*body["lines"], whole)]
    return Grid("exposure", columns, rows)


def _cells(row: dict[str, Any]) -> list[str]:
    what_if = row["what_if"] or {}
    values = {
        **row,
        **{f"what_if_{name}": value for name, value in what_if.items()},
        "authority": "; ".join(row.get("authority", ())),
        "added_only": "true" if row["added_only"] else "false",
    }
    return [str(values.get(name) or "") for name in COLUMNS]
