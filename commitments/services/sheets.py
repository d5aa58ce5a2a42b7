"""Files of rows that anybody may send: CSV and XLSX, looked at before they are opened.

A sheet comes out as text, row by row, exactly as it stands in the file: nothing
is guessed, so `NA` stays `NA` and `007` stays `007`.
"""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath
from typing import Any

from django.utils.translation import gettext as _

MOST_BYTES = 10 * 2**20
MOST_ROWS = 50_000
MOST_COLUMNS = 100
MOST_ENTRIES = 200
MOST_UNPACKED = 100 * 2**20
MOST_RATIO = 100
REPORT_ROWS = 500
SUFFIXES = (".csv", ".xlsx")
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
BINARY = (ZIP, OLE, b"MZ", b"\x7fELF", b"%PDF", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")
ENTITY = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)

Report = Callable[[int], None]


class SheetRefused(Exception):
    """A file that is not read at all, or a row that cannot be told apart: where and why."""

    def __init__(self, reason: str, *, row: int | None = None, column: str = "") -> None:
        self.reason, self.row, self.column = reason, row, column
        super().__init__(reason)


@dataclass(frozen=True)
class Sheet:
    """The head of a file and its rows, each with its number as a spreadsheet shows it.

    Rows longer or shorter than the head stand apart, each with how many cells it has.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    ragged: tuple[tuple[int, int], ...] = ()


def suspicious(content: bytes, filename: str) -> str:
    """Return why a file is not even opened: its size, name, first bytes or packing; else ""."""
    suffix = _suffix(filename)
    if suffix not in SUFFIXES:
        return _("The file must be called .csv or .xlsx.")
    if len(content) > MOST_BYTES:
        return _("The file is larger than 10 MB.")
    if not content:
        return _("The file is empty.")
    if suffix == ".csv":
        if content.startswith(BINARY):
            return _("The file is called .csv but does not hold text.")
        return ""
    if content.startswith(OLE):
        return _("The workbook is encrypted or of the old .xls kind; save it as plain .xlsx.")
    if not content.startswith(ZIP):
        return _("The file is called .xlsx but is no workbook.")
    return _packed_badly(content)


def _packed_badly(content: bytes) -> str:
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return _("The workbook is damaged.")
    unpacked = sum(entry.file_size for entry in entries)
    if any(entry.flag_bits & 1 for entry in entries):
        return _("The workbook is encrypted; save it without a password.")
    if len(entries) > MOST_ENTRIES:
        return _("The workbook holds more than 200 parts.")
    if unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * len(content):
        return _("The workbook unpacks to far more than its size: it is not opened.")
    if "xl/workbook.xml" not in {entry.filename for entry in entries}:
        return _("The file is called .xlsx but is no workbook.")
    return ""


def read_sheet(content: bytes, filename: str, report: Report) -> Sheet:
    """Return the rows of a CSV or the first sheet of an XLSX, blank rows left out.

    `report` is told the percentage read. Raise SheetRefused for a suspicious
    file, text that is not UTF-8, a formula, more than 50,000 rows or more
    than 100 columns.
    """
    if reason := suspicious(content, filename):
        raise SheetRefused(reason)
    if _suffix(filename) == ".csv":
        lines, total = _csv_rows(content), content.count(b"\n") + 1
    else:
        lines, total = _xlsx_rows(content), None
    header: tuple[str, ...] = ()
    rows: list[tuple[int, tuple[str, ...]]] = []
    ragged: list[tuple[int, int]] = []
    for number, cells in enumerate(lines, start=1):
        if number > MOST_ROWS + 1:
            raise SheetRefused(_("The file holds more than 50,000 rows."), row=number)
        if len(cells) > MOST_COLUMNS:
            raise SheetRefused(_("The file holds more than 100 columns."), row=number)
        if number == 1:
            header = tuple(cell.strip() for cell in cells)
        elif any(cells) and len(cells) != len(header):
            ragged.append((number, len(cells)))
        elif any(cells):
            rows.append((number, tuple(cells)))
        if number % REPORT_ROWS == 0:
            report(min(100 * number // (total or MOST_ROWS), 100))
    if not any(header):
        raise SheetRefused(_("The first row must name the columns."), row=1)
    return Sheet(header, tuple(rows), tuple(ragged))


def _suffix(filename: str) -> str:
    return PurePath(filename).suffix.lower()


def _csv_rows(content: bytes) -> Iterator[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        raise SheetRefused(
            _("The text is not UTF-8; save the file as “CSV UTF-8”."), row=row
        ) from error
    if "\x00" in text:
        row = text.count("\n", 0, text.index("\x00")) + 1
        raise SheetRefused(_("The text holds a NUL character."), row=row)
    lines, number = csv.reader(io.StringIO(text, newline=""), strict=True), 0
    try:
        for cells in lines:
            number += 1
            yield cells
    except csv.Error as error:
        words = _("The row cannot be read: a quotation mark stands open, or a cell is too long.")
        raise SheetRefused(words, row=number + 1) from error


def _xlsx_rows(content: bytes) -> Iterator[list[str]]:
    from openpyxl import load_workbook

    try:
        _without_entities(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        width = 0
        for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
            cells = [_cell_text(value, number) for value in _stated(values)]
            while len(cells) > width and not cells[-1]:
                cells.pop()
            width = width or len(cells)
            yield [*cells, *[""] * (width - len(cells))]
    except SheetRefused:
        raise
    except Exception as error:  # a damaged workbook fails in many ways, all of them the file's
        raise SheetRefused(_("The workbook is damaged.")) from error


def _stated(values: Sequence[Any]) -> Sequence[Any]:
    """Return the cells of a row up to the last that holds anything, 101 at most."""
    last = len(values)
    while last and values[last - 1] is None:
        last -= 1
    return values[:last] if last <= MOST_COLUMNS else ["?"] * (MOST_COLUMNS + 1)


def _without_entities(content: bytes) -> None:
    """Refuse a workbook any part of which declares entities; none ever needs to."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for entry in packed.infolist():
            if entry.filename.endswith((".xml", ".rels")):
                with packed.open(entry) as part:
                    if ENTITY.search(part.read(4096)):
                        raise SheetRefused(_("The workbook declares entities: it is not opened."))


def _cell_text(value: Any, number: int) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == value.min.time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    text = str(value)
    if text.startswith("=") or not isinstance(value, (str, int)):
        raise SheetRefused(_("A cell holds a formula; paste its value instead."), row=number)
    return text
