"""Posting to the ledger: the chain that seals entries, and the roll-ups kept with them.

An entry is a row of stored values: minor units as integers, keys as numbers.
Everything that posts, one entry or 50,000, comes through `append`; `entries`
judges the rows before, the rules of the register what they add up to after.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import islice
from operator import itemgetter
from typing import Any

from django.db import connection, models, transaction
from django.db.models.functions import TruncMonth

from commitments.calculations.dates import last_possible_day
from commitments.models import Document, Revision
from commitments.services.revisions import locked_head
from projects.models import LedgerDay, LedgerEntry, LedgerMonth, LedgerProject

BATCH = 500
COPY_FROM = 1_000  # entries from which Postgres takes them by COPY
FIELDS = {f.attname: f for f in LedgerEntry._meta.concrete_fields if not f.primary_key}
MONTH = TruncMonth("value_date")
SEALED = sorted(FIELDS.keys() - {"sha256"})
VALUES = itemgetter(*SEALED)
CANONICAL = "{" + ",".join(f'"{name}":%s' for name in SEALED) + "}"

Row = dict[str, Any]


def append(rows: Sequence[Row], *, revision: Revision) -> None:
    """Append sound rows under a revision and add them to the roll-ups, set by set.

    The caller's transaction holds the lock on the head of revisions, so
    postings never interleave and the chain has one writer.
    """
    documents = Document.objects.in_bulk({row["document_id"] for row in rows})
    published = {
        pk: last_possible_day(document.date, document.date_precision)
        for pk, document in documents.items()
    }
    last = LedgerEntry.objects.order_by("-number").values_list("number", "sha256").first()
    number, previous = last or (0, "")
    for row in rows:
        number += 1
        row["number"], row["previous_sha256"] = number, previous
        row["revision_id"] = revision.number
        row["document_on"] = documents[row["document_id"]].date
        day = published[row["document_id"]]
        row["published_on"] = day and max(day, row["value_date"])
        previous = row["sha256"] = sealed(row)
    _insert(rows)
    add_to_rollups(rows)


def sealed(row: Mapping[str, Any]) -> str:
    """Return the SHA-256 that seals an entry: of the one before it and its stored values.

    Canonical JSON of every column but the hash itself: sorted keys, minor units
    as integers, dates in ISO form, no spaces, UTF-8. The hash before it is one
    of the columns.
    """
    texts = ["null" if v is None else v if type(v) is int else _text(str(v)) for v in VALUES(row)]
    return hashlib.sha256((CANONICAL % tuple(texts)).encode()).hexdigest()


_text = json.JSONEncoder(ensure_ascii=False).encode


def _insert(rows: Sequence[Row]) -> None:
    """Write the rows: by COPY where Postgres takes many, else in batches."""
    columns = [str(f.column) for f in FIELDS.values()]
    values = map(itemgetter(*FIELDS), rows)
    table, names = LedgerEntry._meta.db_table, ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) >= COPY_FROM:
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for line in values:
                    copy.write_row(line)
            return
        marks = ", ".join(["%s"] * len(columns))
        statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608  # names of our own model
        while batch := [_sent(line) for line in islice(values, BATCH)]:
            cursor.executemany(statement, batch)


def _sent(line: Sequence[Any]) -> Sequence[Any]:
    """SQLite takes dates and decimals as text."""
    if connection.vendor == "postgresql":
        return line
    return [str(v) if isinstance(v, (date, Decimal)) else v for v in line]


ROLLUPS: dict[type[models.Model], tuple[str, ...]] = {
    LedgerDay: ("commitment_id", "kind", "value_date", "document_id"),
    LedgerMonth: ("project_id", "instrument_id", "kind", "month", "document_id"),
    LedgerProject: ("project_id", "instrument_id", "kind", "document_id"),
}
"""Each roll-up and the columns whose values make one of its cells.

A sum names its documents, so the cells are per document: they grow with the
documents that evidence cash, not with its entries.
"""


def add_to_rollups(rows: Sequence[Row]) -> None:
    """Add posted rows to the roll-ups: one upsert per cell, not per entry."""
    months = {day: day.replace(day=1) for day in {row["value_date"] for row in rows}}
    for row in rows:
        row["month"] = months[row["value_date"]]
    for model, key in ROLLUPS.items():
        cell_of = itemgetter(*key)
        totals: defaultdict[tuple[Any, ...], int] = defaultdict(int)
        last: dict[tuple[Any, ...], date] = {}
        for row in rows:
            cell, day = cell_of(row), row["value_date"]
            totals[cell] += row["amount_usd"]
            if day > last.get(cell, date.min):
                last[cell] = day
        dated = _has_last_value_date(model)
        cells = [
            [*cell, cents, *((last[cell],) if dated else ())] for cell, cents in totals.items()
        ]
        _upsert(model, list(key), cells)


def _has_last_value_date(model: type[models.Model]) -> bool:
    return any(field.name == "last_value_date" for field in model._meta.concrete_fields)


def _upsert(model: type[models.Model], key: list[str], rows: list[list[Any]]) -> None:
    """Insert cells or add to them. Column names come from the model, never from outside."""
    known = [str(f.column) for f in model._meta.concrete_fields if not f.primary_key]
    columns = [*key, "amount_usd", *(c for c in known if c not in (*key, "amount_usd"))]
    table = model._meta.db_table
    greater = "GREATEST" if connection.vendor == "postgresql" else "MAX"
    updates = [f"amount_usd = {table}.amount_usd + excluded.amount_usd"]
    if "last_value_date" in columns:
        updates.append(
            f"last_value_date = {greater}({table}.last_value_date, excluded.last_value_date)"
        )
    marks = f"({', '.join(['%s'] * len(columns))})"
    with connection.cursor() as cursor:
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) "  # noqa: S608  # names of our own model
                f"VALUES {', '.join([marks] * len(batch))} "
                f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {', '.join(updates)}",
                [value for row in batch for value in _sent(row)],
            )


@transaction.atomic
def rebuild_rollups() -> None:
    """Recompute the roll-ups from the ledger: after a restore, or when a check finds them off.

    Nothing is posted meanwhile: a posting waits for the head row.
    """
    locked_head()
    last = models.Max("value_date")
    for model, key in ROLLUPS.items():
        _refill(model, key, **({"last_value_date": last} if _has_last_value_date(model) else {}))


def _refill(model: type[models.Model], key: tuple[str, ...], **more: models.Max) -> None:
    """Empty a roll-up and fill it in one statement. Names come from the models."""
    model._default_manager.all().delete()
    cells = LedgerEntry.objects.order_by().annotate(month=MONTH).values_list(*key)
    query, values = cells.annotate(total=models.Sum("amount_usd"), **more).query.sql_with_params()
    columns = ", ".join([*key, "amount_usd", *more])
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {model._meta.db_table} ({columns}) {query}", values)


def rollup_differences() -> list[str]:
    """Compare the roll-ups with the ledger to the cent; return what differs, in words."""
    grouped = LedgerEntry.objects.order_by()
    differences = []
    for model, key in ROLLUPS.items():
        by_month = grouped.annotate(month=MONTH)
        summed = by_month.values_list(*key).annotate(total=models.Sum("amount_usd"))
        ledger = {tuple(row[:-1]): row[-1] for row in summed}
        stored = {
            tuple(r[:-1]): r[-1] for r in model._default_manager.values_list(*key, "amount_usd")
        }
        for cell in sorted(ledger.keys() | stored.keys(), key=str):
            ours, theirs = stored.get(cell, Decimal(0)), ledger.get(cell, Decimal(0))
            if ours != theirs:
                differences.append(f"{model.__name__} {cell}: {ours} kept, {theirs} in the ledger")
    return differences
