"""A head and rows of text as a file: CSV, or XLSX with numbers as numbers and days as days."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from commitments.calculations.plain_text import guarded, without_controls
from dashboard.exports.tables import EXACT_DIGITS

NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True)
class Grid:
    """What a file holds, whichever its format: cells of text under a head."""

    name: str
    head: Sequence[str]
    rows: Iterable[Sequence[str]]


def grid_csv(grid: Grid) -> str:
    """Return UTF-8 text with its mark; text is guarded against formulas, numbers are as they are."""
    kept = io.StringIO(newline="")
    writer = csv.writer(kept)
    writer.writerow(grid.head)
    writer.writerows([_text(cell) for cell in row] for row in grid.rows)
    return "\ufeff" + kept.getvalue()


def grid_xlsx(grid: Grid) -> bytes:
    """Return a workbook of one sheet; a number of more digits than a spreadsheet keeps stays text."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(grid.name[:31])
    sheet.append(list(grid.head))
    for row in grid.rows:
        sheet.append([_typed(cell) for cell in row])
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _text(cell: str) -> str:
    return cell if NUMBER.fullmatch(cell) else guarded(without_controls(cell))


def _typed(cell: str) -> float | date | str | None:
    if NUMBER.fullmatch(cell):
        digits = sum(c.isdigit() for c in cell)
        return float(cell) if digits <= EXACT_DIGITS else cell
    if DAY.fullmatch(cell):
        return date.fromisoformat(cell)
    return _text(cell) or None
