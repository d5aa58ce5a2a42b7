"""Every kind of record as a table: its columns, and the text of a cell there and back.

Columns are the fields a record carries. Relations are natural keys, lists are
joined by "; ", JSON is JSON text. An empty cell leaves the field at its default.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, cached_property
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from commitments.calculations.plain_text import unguarded, without_controls
from commitments.models.money import ScaledDecimalField
from commitments.services.register import empty_value, filled_by, kinds, plain, record_fields
from commitments.services.sheets import REPORT_ROWS, Report, Sheet

JOINT = "; "
LONGEST = 10_000
DEEPEST = 20
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
FIRST_YEAR, LAST_YEAR = 1900, 2199
WHOLE = re.compile(r"-?\d{1,18}")
CELL_SHOWN = 200
MOST_DIGITS = 15  # of an amount, before its point


@dataclass(frozen=True)
class CellError:
    """What is wrong with a file: row as a spreadsheet numbers it, column, value and reason.

    Without a row it is wrong as a whole.
    """

    row: int | None
    column: str
    value: str
    reason: str


class _Unreadable(ValueError):
    """A cell that does not say what its column holds."""


@dataclass(frozen=True)
class Column:
    """One column of a table, as a person fills it in and the dictionary describes it."""

    name: str
    sort: str
    is_required: bool
    places: int | None
    choices: tuple[tuple[str, str], ...]
    help: str
    names: str  # the table a key stands in
    empty: Any  # what an empty cell leaves, in normal form

    def value(self, text: str) -> Any:
        """Return what the text of a cell says. Raise ValueError with the reason if nothing."""
        found = READERS[self.sort](text, self)
        if self.sort == "text" and self.choices and found not in self.allowed:
            raise _Unreadable(_("must be one of: %(values)s") % {"values": ", ".join(self.allowed)})
        return found

    @cached_property
    def allowed(self) -> tuple[str, ...]:
        return tuple(value for value, _label in self.choices)

    def text(self, value: Any) -> str:
        """Return the text of a cell for a value of a record in normal form."""
        if value is None:
            return ""
        if self.sort == "yes_no":
            return "true" if value else "false"
        if self.sort in ("list", "keys"):
            return _joined(value)
        if self.sort == "json":
            return json.dumps(value, ensure_ascii=False, sort_keys=True)
        if self.sort == "amount" and self.places == 2:
            return f"{Decimal(value):.2f}"
        return str(plain(value))


@cache
def columns_of(kind: str) -> tuple[Column, ...]:
    """The columns of a table in the order of its template."""
    return tuple(_column(f) for f in record_fields(kinds()[kind]).values())


def _column(field: Any) -> Column:
    related = field.related_model if field.is_relation else None
    return Column(
        name=field.name,
        sort=_sort(field),
        is_required=not (
            field.many_to_many
            or field.null
            or field.blank
            or field.has_default()
            or field.name in filled_by(field.model)
        ),
        places=getattr(field, "places", getattr(field, "decimal_places", None)),
        choices=tuple((str(v), label) for v, label in field.flatchoices)  # said when shown
        if getattr(field, "choices", None)
        else (),
        help=str(field.help_text),
        names=str(related._meta.model_name) if related else "",
        empty=empty_value(field),
    )


def _sort(field: Any) -> str:
    if field.many_to_many:
        return "keys"
    if field.is_relation:
        return "key"
    if isinstance(field, models.JSONField):
        return "list" if field.default is list else "json"
    for classes, sort in SORTS:
        if isinstance(field, classes):
            return sort
    return "text"


SORTS: tuple[tuple[Any, str], ...] = (
    (models.DateTimeField, "instant"),
    (models.DateField, "date"),
    ((ScaledDecimalField, models.DecimalField), "amount"),
    (models.BooleanField, "yes_no"),
    (models.IntegerField, "whole"),
)


def _joined(items: list[Any]) -> str:
    simple = all(isinstance(i, str) and i and ";" not in i and i == i.strip() for i in items)
    text = JOINT.join(items) if simple else ""
    if simple and not text.startswith(("[", "{")):
        return text
    return json.dumps(items, ensure_ascii=False, sort_keys=True)


def _read_text(text: str, column: Column) -> str:
    cleaned = without_controls(unguarded(text).replace("\r\n", "\n"))
    if len(cleaned) > LONGEST:
        raise _Unreadable(_("is longer than 10,000 characters"))
    return cleaned


def _read_key(text: str, column: Column) -> str:
    return without_controls(unguarded(text)).strip()


def _read_list(text: str, column: Column) -> Any:
    if text.lstrip().startswith(("[", "{")):
        return _read_json(text, column)
    cleaned = _read_text(text, column)
    return [item.strip() for item in cleaned.split(";") if item.strip()]


def _read_json(text: str, column: Column) -> Any:
    cleaned = _read_text(text, column)
    if _depth(cleaned) > DEEPEST:
        raise _Unreadable(_("is nested deeper than 20 levels"))
    try:
        return json.loads(cleaned, object_pairs_hook=_once_each, parse_float=str)
    except _Unreadable:
        raise
    except ValueError as error:
        raise _Unreadable(_("is not JSON")) from error


def _depth(text: str) -> int:
    depth = deepest = 0
    for c in text:
        depth += (c in "[{") - (c in "]}")
        deepest = max(deepest, depth)
    return deepest


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Unreadable(_("names a key twice"))
    return found


def _read_day(text: str, column: Column) -> str:
    text = text.strip()
    try:
        day = date.fromisoformat(text) if DAY.fullmatch(text) and text.isascii() else None
    except ValueError:
        day = None
    if day is None:
        raise _Unreadable(_("is not a date like 2026-02-28"))
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise _Unreadable(_("lies outside the years 1900 to 2199"))
    return text


def _read_instant(text: str, column: Column) -> str:
    text = text.strip()
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise _Unreadable(_("is not an instant like 2026-02-28T09:00:00+09:00")) from error
    if instant.tzinfo is None:
        raise _Unreadable(_("has no offset from UTC, like +09:00"))
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise _Unreadable(_("lies outside the years 1900 to 2199"))
    return instant.isoformat()


def _read_amount(text: str, column: Column) -> str:
    text = unguarded(text).strip()
    minus_zero = text[:1] == "-" and not text.strip("-0.")
    if minus_zero or not _amount_shape(column.places or 0).fullmatch(text):
        words = _("is not a number like 1234.50: digits, at most %(places)d decimals, no commas")
        raise _Unreadable(words % {"places": column.places or 0})
    if len(text.partition(".")[0].lstrip("-0")) > MOST_DIGITS:
        words = _("is too large: at most %(most)d digits before the point are kept")
        raise _Unreadable(words % {"most": MOST_DIGITS})
    return text


@cache
def _amount_shape(places: int) -> re.Pattern[str]:
    return re.compile(rf"-?[0-9]+(\.[0-9]{{1,{places}}})?")


def _read_whole(text: str, column: Column) -> int:
    text = text.strip()
    if not (text.isascii() and WHOLE.fullmatch(text)):
        raise _Unreadable(_("is not a whole number"))
    return int(text)


def _read_yes_no(text: str, column: Column) -> bool:
    found = {"true": True, "false": False}.get(text.strip().lower())
    if found is None:
        raise _Unreadable(_("is neither true nor false"))
    return found


READERS: Mapping[str, Callable[[str, Column], Any]] = {
    "text": _read_text,
    "key": _read_key,
    "keys": _read_list,
    "list": _read_list,
    "json": _read_json,
    "date": _read_day,
    "instant": _read_instant,
    "amount": _read_amount,
    "whole": _read_whole,
    "yes_no": _read_yes_no,
}


def header_problems(header: tuple[str, ...], kind: str) -> list[CellError]:
    """Say what is wrong with the head of a file: every column once, by its name.

    Columns whose name begins with an underscore are notes of an export and ignored.
    """
    wanted = [c.name for c in columns_of(kind)]
    problems = [
        CellError(1, name, "", _("this column is missing")) for name in wanted if name not in header
    ]
    seen: set[str] = set()
    for name in header:
        if name in seen and not name.startswith("_"):
            problems.append(CellError(1, name, name, _("this column stands twice")))
        elif name not in wanted and not name.startswith("_"):
            problems.append(
                CellError(
                    1, name[:CELL_SHOWN], name[:CELL_SHOWN], _("this table has no such column")
                )
            )
        seen.add(name)
    return problems


@dataclass(frozen=True)
class Row:
    """One row of a file as a record, with its number and its texts as they stand.

    Cells that could not be read are not in the record; `wrong` names their columns.
    """

    number: int
    record: dict[str, Any]
    header: tuple[str, ...]
    texts: tuple[str, ...]
    wrong: frozenset[str] = frozenset()

    def cell(self, column: str) -> str:
        """Return the text of a column as it stands; nothing where the file has no such column."""
        return self.texts[self.header.index(column)] if column in self.header else ""


def rows_of(sheet: Sheet, kind: str, report: Report) -> tuple[list[Row], list[CellError]]:
    """Return the rows of a sheet as records of their sound cells, and every cell that is not.

    A row longer or shorter than the head is one error, and no record.
    A row without its natural key, or with one that stands above, is an error;
    it is judged under a name of its own.
    """
    if problems := header_problems(sheet.header, kind):
        return [], problems
    key = kinds()[kind].NATURAL_KEY
    places = [
        (place, column)
        for column in columns_of(kind)
        for place, name in enumerate(sheet.header)
        if name == column.name
    ]
    rows: list[Row] = []
    words = _("The row has %(found)d cells, the head names %(width)d columns.")
    errors = [
        CellError(number, "", "", words % {"found": found, "width": len(sheet.header)})
        for number, found in sheet.ragged
    ]
    first: dict[str, int] = {}
    for done, (number, cells) in enumerate(sheet.rows):
        record, wrong = _record(number, cells, places)
        name = record.get(key)
        if name in first:
            words = _("stands in row %(row)d already") % {"row": first[name]}
            wrong.append(CellError(number, key, name[:CELL_SHOWN], words))
        elif name:
            first[name] = number
        if not wrong:
            rows.append(Row(number, record, sheet.header, cells))
        else:
            errors += wrong
            columns = frozenset(error.column for error in wrong)
            if key in columns:
                record[key] = f"row-{number}"
            rows.append(Row(number, record, sheet.header, cells, columns))
        if done % REPORT_ROWS == 0:
            report(100 * done // len(sheet.rows))
    return rows, errors


def _record(
    number: int, cells: tuple[str, ...], places: list[tuple[int, Column]]
) -> tuple[dict[str, Any], list[CellError]]:
    record: dict[str, Any] = {}
    wrong = []
    for place, column in places:
        text = cells[place]
        if not text:
            if column.is_required:
                wrong.append(CellError(number, column.name, "", _("is required")))
            continue
        try:
            record[column.name] = column.value(text)
        except _Unreadable as error:
            wrong.append(CellError(number, column.name, text[:CELL_SHOWN], str(error)))
    return record, wrong
