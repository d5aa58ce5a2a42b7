"""Every table at a point in time as rows of cells, and as CSV or XLSX.

A file holds the columns an import takes, then columns whose name begins with
an underscore: what was computed, the revision, the source, and the point in
time the file was made for. An import ignores those, so a file of today imports
back unchanged; one of an earlier day leaves out what came only after it. A row is
stamped with the commitment it belongs to, or the one asked for where it belongs to
none, and as illustrative only where it is fiction itself.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from commitments.calculations.plain_text import guarded, without_controls
from commitments.calculations.point import PointInTime
from commitments.models import Commitment, Document, Fact
from commitments.services.one_commitment import MADE_UP, homes_of, made_up, rows_beside, ways_of
from commitments.services.register import READ, Keys, kinds, payload, plain
from commitments.services.tables import Column, columns_of
from dashboard.exports.stamps import STAMPS, owned, stamp
from dashboard.points import Reading, entity_rows, facts_beside, has_column

CHUNK = 1_000
PART_ROWS = 10_000  # of a file, so that an import takes it back: a row has some 400 bytes
EXACT_DIGITS = 15  # what a spreadsheet keeps of a number
TYPED = ("amount", "date", "whole", "yes_no")


def rows_at(kind: str, reading: Reading) -> QuerySet[Any]:
    """The rows of a table that hold at a reading's point, those of its commitment where it has one."""
    model, point = kinds()[kind], reading.point
    rows: QuerySet[Any] = entity_rows(model, reading).order_by(model.NATURAL_KEY)
    if issubclass(model, Fact):
        return facts_beside(model, reading).order_by(model.NATURAL_KEY)
    if has_column(model, "value_date"):
        rows = model.objects.known(point).filter(value_date__lte=point.as_of).order_by("ref")
    return rows.filter(rows_beside(model, reading.commitment))


def header_of(kind: str) -> list[str]:
    """The columns of a file of a table."""
    return [*(c.name for c in columns_of(kind)), *(f"_{name}" for name in _extra_names(kind))]


def _extra_names(kind: str) -> list[str]:
    model = kinds()[kind]
    names = sorted(getattr(model, "COMPUTED", frozenset()) - {"published_on"})
    if has_column(model, "revision"):
        names += ["recorded_in"]
    if has_column(model, "document"):
        names += ["source_title", "source_url"]
    return [*names, *(name.removeprefix("_") for name in STAMPS)]


def values_of(
    kind: str, reading: Reading, *, part: int = 1
) -> Iterator[list[tuple[Column | None, Any]]]:
    """Yield the cells of each row with their column; a part holds 10,000 rows."""
    start = (part - 1) * PART_ROWS
    rows = rows_at(kind, reading)[start : start + PART_ROWS]
    sources = [name for name in ("document", "ended_by") if has_column(kinds()[kind], name)]
    rows = rows.select_related(*sources) if sources else rows
    links = [f.name for f in kinds()[kind]._meta.many_to_many]
    found = iter(rows.prefetch_related(*links).iterator(chunk_size=CHUNK))
    keys = Keys()
    columns, extras = columns_of(kind), _extra_names(kind)
    stamps = stamp(reading)
    fictional = set(Commitment.objects.filter(illustrative=True).values_list("slug", flat=True))
    while chunk := list(islice(found, CHUNK)):
        homes, fiction = _homes(kind, chunk), _fiction(kind, chunk)
        for row, record in zip(chunk, _records(kind, chunk, keys, links), strict=True):
            record |= _blanks(row, reading.point)
            home = homes.get(row.pk)
            is_fictional = home in fictional or row.pk in fiction
            whose = home or reading.commitment.slug
            own = {**stamps, **owned(whose, is_fictional=is_fictional)}
            cells: list[tuple[Column | None, Any]] = [(c, record[c.name]) for c in columns]
            cells += [(None, own[f"_{n}"] if f"_{n}" in own else _extra(row, n)) for n in extras]
            yield cells


def _homes(kind: str, rows: list[Any]) -> dict[int, str]:
    """The commitment each row belongs to, by the row's key; a row of none is left out."""
    model = kinds()[kind]
    if model is Commitment:
        return {row.pk: row.slug for row in rows}
    name, path = next(iter(ways_of(model).items()), ("", ""))
    if not name:
        return {}
    if model._meta.get_field(name).many_to_many:  # a ruling belongs to that of its subject
        homes = homes_of(row.subject for row in rows)
        return {row.pk: homes[row.subject] for row in rows if row.subject in homes}
    slugs = model._default_manager.filter(pk__in=[row.pk for row in rows])
    return dict(slugs.exclude(**{path: None}).values_list("pk", f"{path}__slug"))


def _fiction(kind: str, rows: list[Any]) -> set[int]:
    """The rows, by key, that are made up whatever they belong to, or rest on a fictional document."""
    model = kinds()[kind]
    if model in MADE_UP:
        made: QuerySet[Any] = made_up(model).filter(pk__in=[row.pk for row in rows])
        return set(made.values_list("pk", flat=True))
    if not has_column(model, "document"):
        return set()
    return {row.pk for row in rows if row.document and row.document.kind == Document.FICTIONAL}


def _records(kind: str, rows: list[Any], keys: Keys, links: list[str]) -> Iterable[dict[str, Any]]:
    if kind in READ:
        found = READ[kind]([row.ref for row in rows])
        return [found[row.ref] for row in rows]
    return (
        payload(row, {name: [o.pk for o in getattr(row, name).all()] for name in links}, keys)
        for row in rows
    )


def _blanks(row: Any, point: PointInTime) -> dict[str, Any]:
    """Empty values of what a fact tells of a day after the point."""
    unseen = row.unseen(point) if isinstance(row, Fact) else ()
    fields = {f.name: f for f in row._meta.concrete_fields}
    return {name: fields[name].get_default() for name in unseen if name in fields}


def _extra(row: Any, name: str) -> Any:
    if name == "recorded_in":
        return f"r{row.revision_id}"
    if name in ("source_title", "source_url"):
        return "" if row.document is None else getattr(row.document, name.removeprefix("source_"))
    return plain(getattr(row, name))


def _words(column: Column | None, value: Any) -> str:
    if column is not None and column.sort in TYPED:
        return column.text(value)
    text = "" if value is None else (str(value) if column is None else column.text(value))
    return guarded(without_controls(text))


def csv_lines(kind: str, reading: Reading, *, part: int = 1) -> Iterator[str]:
    """Yield the lines of a CSV file in UTF-8 with its mark, text guarded against formulas."""
    kept = io.StringIO(newline="")
    writer = csv.writer(kept)

    def line(cells: Iterable[str]) -> str:
        writer.writerow(cells)
        text = kept.getvalue()
        kept.seek(0)
        kept.truncate()
        return text

    yield "\ufeff" + line(header_of(kind))
    for cells in values_of(kind, reading, part=part):
        yield line(_words(column, value) for column, value in cells)


def xlsx_file(kind: str, reading: Reading, *, part: int = 1) -> bytes:
    """Return a workbook of one table: text as text, numbers as numbers, dates as dates."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(kind[:31])
    sheet.append(header_of(kind))
    for cells in values_of(kind, reading, part=part):
        sheet.append([_typed(column, value) for column, value in cells])
    _describe(book, kind)
    return _bytes(book)


def _typed(column: Column | None, value: Any) -> Any:
    if value in (None, "") or column is None or column.sort not in TYPED:
        return _words(column, value)
    if column.sort == "date":
        return date.fromisoformat(value)
    if column.sort == "amount":
        number = Decimal(value)
        exact = len(number.normalize().as_tuple().digits) <= EXACT_DIGITS
        return float(number) if exact else column.text(value)
    return value


def template_csv(kind: str) -> str:
    """Return an empty CSV file of a table: its head."""
    return "\ufeff" + ",".join(c.name for c in columns_of(kind)) + "\r\n"


def template_xlsx(kind: str) -> bytes:
    """Return an empty workbook of a table; its second sheet says what each column holds."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    book.create_sheet(kind[:31]).append([c.name for c in columns_of(kind)])
    _describe(book, kind)
    return _bytes(book)


def _describe(book: Any, kind: str) -> None:
    sheet = book.create_sheet("columns")
    sheet.append(["column", "holds", "required", "allowed values", "meaning"])
    for column in columns_of(kind):
        allowed = "; ".join(value for value, _label in column.choices)
        required = "yes" if column.is_required else "no"
        sheet.append([column.name, holds(column), required, guarded(allowed), guarded(column.help)])


def holds(column: Column) -> str:
    """Return in a few words what the cells of a column hold."""
    return {
        "key": f"key of {column.names}",
        "keys": f"keys of {column.names}, joined by “; ”",
        "list": "list joined by “; ”",
        "json": "JSON",
        "date": "date, 2026-02-28",
        "instant": "instant with offset, 2026-02-28T09:00:00+09:00",
        "amount": f"number, at most {column.places} decimals, no commas",
        "whole": "whole number",
        "yes_no": "true or false",
    }.get(column.sort, "text")


def _bytes(book: Any) -> bytes:
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()
