"""Posting to the ledger: entries, reversals, the chain that seals them, the roll-ups kept with them.

An entry is a row of stored values: minor units as integers, keys as numbers.
Everything that posts, one entry or 50,000, comes through `append`.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection, models, transaction

from commitments.calculations.dates import business_day, last_possible_day
from commitments.models import Document, Revision
from projects.models import ClosedPeriod, LedgerDay, LedgerEntry, LedgerProject
from projects.services.limits import cash_problems

BATCH = 500
COPY_FROM = 1_000  # entries from which Postgres takes them by COPY
FIELDS = {f.attname: f for f in LedgerEntry._meta.concrete_fields if not f.primary_key}
SEALED = sorted(FIELDS.keys() - {"sha256"})

Row = dict[str, Any]


class LedgerError(ValueError):
    """Entries that cannot be posted; `problems` says of each field what is wrong."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problems))


def post_entries(entries: Sequence[LedgerEntry], *, revision: Revision) -> None:
    """Append entries under a revision. Raise LedgerError as `append` does."""
    append([row_of(entry) for entry in entries], revision=revision)


def row_of(entry: LedgerEntry) -> Row:
    """Return an entry's stored values by column: minor units as integers, a rate with 8 decimals."""
    row = {name: getattr(entry, name) for name in FIELDS}
    for name in ("amount", "amount_usd"):
        row[name] = FIELDS[name].get_prep_value(row[name])
    if row["fx_rate"] is not None:
        row["fx_rate"] = round(Decimal(row["fx_rate"]), 8)
    return row


@transaction.atomic
def append(rows: Sequence[Row], *, revision: Revision) -> None:
    """Append rows to the ledger under a revision and add them to the roll-ups, set by set.

    The revision's head row is locked by the caller's transaction, so postings
    never interleave: limits are checked on what everybody before has posted.
    Raise LedgerError, with every problem, for a zero amount, a value date after
    the revision, a yen amount with decimals, a closed period without a reason,
    or a limit passed without one.
    """
    documents = Document.objects.in_bulk({row["document_id"] for row in rows})
    published = {
        pk: last_possible_day(document.date, document.date_precision)
        for pk, document in documents.items()
    }
    problems = [p for row in rows for p in _problems_of(row, revision)]
    problems += _late_problems(rows)
    if problems:
        raise LedgerError(problems)
    last = LedgerEntry.objects.order_by("-number").values_list("number", "sha256").first()
    number, previous = last or (0, "")
    for row in rows:
        number += 1
        row["number"], row["previous_sha256"] = number, previous
        row["revision_id"] = revision.number
        row["document_on"] = documents[row["document_id"]].date
        row["published_on"] = published[row["document_id"]]
        previous = row["sha256"] = sealed(row)
    _insert(rows)
    add_to_rollups(rows)
    if over := cash_problems({row["project_id"] for row in rows}):
        raise LedgerError(over)


def sealed(row: Mapping[str, Any]) -> str:
    """Return the SHA-256 that seals an entry: of the one before it and its stored values.

    Canonical JSON of every column but the hash itself: sorted keys, minor units
    as integers, dates in ISO form, no spaces, UTF-8. The hash before it is one
    of the columns.
    """
    text = json.dumps(
        {name: row[name] for name in SEALED}, default=str, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(text.encode()).hexdigest()


def reverse_entry(
    entry_id: int, *, revision: Revision, document: Document, ref: str = "", late_reason: str = ""
) -> LedgerEntry:
    """Cancel an entry by posting its opposite; nothing is overwritten.

    The reversal takes the value date of the original, so figures as known
    before this revision stay reproducible. Raise LedgerError if the entry was
    reversed before, or is itself a reversal.
    """
    original = LedgerEntry.objects.get(pk=entry_id)
    if original.reverses_id or hasattr(original, "reversal"):
        raise LedgerError([f"entry {original.ref} cannot be reversed"])
    opposite = LedgerEntry(
        **{name: getattr(original, name) for name in FIELDS if name not in _OWN},
        ref=ref or f"{original.ref}-reversed",
        amount_usd=-original.amount_usd,
        amount=-original.amount,
        reverses=original,
        document=document,
        late_reason=late_reason,
    )
    post_entries([opposite], revision=revision)
    return LedgerEntry.objects.get(reverses=original)


_OWN = {
    *("ref", "number", "amount_usd", "amount", "reverses_id", "revision_id", "document_id"),
    *("document_on", "published_on", "locator", "late_reason", "override_reason", "note"),
    *("previous_sha256", "sha256"),
}


def _problems_of(row: Row, revision: Revision) -> Iterable[str]:
    ref = row["ref"]
    if not row["amount_usd"]:
        yield f"ledgerentry {ref}, amount_usd: an entry of zero says nothing"
    if row["value_date"] > business_day(revision.recorded_at):
        yield f"ledgerentry {ref}, value_date: {row['value_date']} lies in the future"
    if row["currency"] == "JPY" and row["amount"] % 100:
        yield f"ledgerentry {ref}, amount: yen have no decimals"


def _late_problems(rows: Sequence[Row]) -> Iterable[str]:
    closed: dict[int, date] = {}
    for period in ClosedPeriod.objects.heads().filter(withdrawn=False):
        closed[period.commitment_id] = max(
            closed.get(period.commitment_id, period.ends_on), period.ends_on
        )
    for row in rows:
        until = closed.get(row["commitment_id"])
        if until is not None and row["value_date"] <= until and not row["late_reason"]:
            yield (
                f"ledgerentry {row['ref']}, late_reason: the period up to {until} is closed; "
                "say why this is posted into it"
            )


def _insert(rows: Sequence[Row]) -> None:
    """Write the rows: by COPY where Postgres takes many, else in batches."""
    columns = [str(f.column) for f in FIELDS.values()]
    values = [[row[name] for name in FIELDS] for row in rows]
    table, names = LedgerEntry._meta.db_table, ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) >= COPY_FROM:
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for line in values:
                    copy.write_row(line)
            return
        marks = ", ".join(["%s"] * len(columns))
        statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608  # names of our own model
        for start in range(0, len(values), BATCH):
            cursor.executemany(statement, [_sent(line) for line in values[start : start + BATCH]])


def _sent(line: list[Any]) -> list[Any]:
    """SQLite takes dates and decimals as text."""
    if connection.vendor == "postgresql":
        return line
    return [str(v) if isinstance(v, (date, Decimal)) else v for v in line]


def add_to_rollups(rows: Sequence[Row]) -> None:
    """Add posted rows to both roll-ups: one upsert per cell, not per entry."""
    days: defaultdict[tuple[int, str, date], int] = defaultdict(int)
    projects: defaultdict[tuple[int, int, str], int] = defaultdict(int)
    last: dict[tuple[int, int, str], date] = {}
    for row in rows:
        days[row["commitment_id"], row["kind"], row["value_date"]] += row["amount_usd"]
        cell = (row["project_id"], row["instrument_id"], row["kind"])
        projects[cell] += row["amount_usd"]
        last[cell] = max(last.get(cell, row["value_date"]), row["value_date"])
    _upsert(
        LedgerDay,
        ["commitment_id", "kind", "value_date"],
        [[*cell, cents] for cell, cents in days.items()],
    )
    _upsert(
        LedgerProject,
        ["project_id", "instrument_id", "kind"],
        [[*cell, cents, last[cell]] for cell, cents in projects.items()],
    )


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
    statement = (
        f"INSERT INTO {table} ({', '.join(columns)}) "  # noqa: S608  # names of our own model
        f"VALUES ({', '.join(['%s'] * len(columns))}) "
        f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {', '.join(updates)}"
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, [_sent(row) for row in rows])


@transaction.atomic
def rebuild_rollups() -> None:
    """Recompute both roll-ups from the ledger: after a restore, or when a check finds them off."""
    LedgerDay.objects.all().delete()
    LedgerProject.objects.all().delete()
    grouped = LedgerEntry.objects.order_by()
    amount = models.Sum("amount_usd")
    LedgerDay.objects.bulk_create(
        LedgerDay(**row)
        for row in grouped.values("commitment_id", "kind", "value_date").annotate(amount_usd=amount)
    )
    LedgerProject.objects.bulk_create(
        LedgerProject(**row)
        for row in grouped.values("project_id", "instrument_id", "kind").annotate(
            amount_usd=amount, last_value_date=models.Max("value_date")
        )
    )


def rollup_differences() -> list[str]:
    """Compare both roll-ups with the ledger to the cent; return what differs, in words."""
    grouped = LedgerEntry.objects.order_by()
    differences = []
    for model, key in (
        (LedgerDay, ("commitment_id", "kind", "value_date")),
        (LedgerProject, ("project_id", "instrument_id", "kind")),
    ):
        summed = grouped.values_list(*key).annotate(total=models.Sum("amount_usd"))
        ledger = {tuple(row[:-1]): row[-1] for row in summed}
        stored = {tuple(r[:-1]): r[-1] for r in model.objects.values_list(*key, "amount_usd")}
        for cell in sorted(ledger.keys() | stored.keys(), key=str):
            ours, theirs = stored.get(cell, Decimal(0)), ledger.get(cell, Decimal(0))
            if ours != theirs:
                differences.append(f"{model.__name__} {cell}: {ours} kept, {theirs} in the ledger")
    return differences
