"""The exposure of a day as a file: a row for each line of the baseline, and their total."""

import csv
import io
from decimal import Decimal
from typing import Any

from commitments.calculations.plain_text import guarded, without_controls
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
STAMPS = (
    "on",
    "elasticity",
    "baseline_year",
    "source",
    "as_of",
    "revision",
    "commitment",
    "illustrative",
)
HEADER = (*COLUMNS, *(f"_{name}" for name in STAMPS))


def exposure_rows(found: Exposure, elasticity: Decimal | None, reading: Reading) -> list[list[str]]:
    """Return the rows of the file, its total last; a sum holds the lines that have the figure."""
    body = exposure_json(found, elasticity)
    base = body["baseline"]
    stamps = [
        body["on"].isoformat(),
        body["elasticity"] or "",
        str(base["year"]),
        base["document"] or "",
        reading.point.as_of.isoformat(),
        f"r{reading.point.revision}",
        reading.commitment.slug,
        str(reading.commitment.illustrative),
    ]
    whole = {**body["total"], "line": "total", "label": base["label"]}
    return [[*_cells(row), *stamps] for row in (*body["lines"], whole)]


def _cells(row: dict[str, Any]) -> list[str]:
    what_if = row["what_if"] or {}
    values = {
        **row,
        **{f"what_if_{name}": value for name, value in what_if.items()},
        "authority": "; ".join(row.get("authority", ())),
        "added_only": "true" if row["added_only"] else "false",
    }
    return [str(values.get(name) or "") for name in COLUMNS]


def exposure_csv(rows: list[list[str]]) -> str:
    """Return a CSV file in UTF-8 with its mark, text guarded against formulas."""
    kept = io.StringIO(newline="")
    writer = csv.writer(kept)
    writer.writerow(HEADER)
    writer.writerows(
        [_typed_text(n, cell) for n, cell in zip(HEADER, row, strict=True)] for row in rows
    )
    return "\ufeff" + kept.getvalue()


def exposure_xlsx(rows: list[list[str]]) -> bytes:
    """Return a workbook: numbers as numbers, text as text."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("exposure")
    sheet.append(HEADER)
    for row in rows:
        sheet.append([_typed(n, cell) for n, cell in zip(HEADER, row, strict=True)])
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _is_number(name: str) -> bool:
    return name.endswith(("_usd", "_percent"))


def _typed_text(name: str, cell: str) -> str:
    return cell if _is_number(name) else guarded(without_controls(cell))


def _typed(name: str, cell: str) -> Any:
    if _is_number(name):
        return float(cell) if cell else None
    return _typed_text(name, cell)
