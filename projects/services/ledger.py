"""Posting to the ledger: entries, reversals, and the roll-ups kept with them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection, models, transaction

from commitments.calculations.dates import business_day, last_possible_day
from commitments.models import Document, Revision
from projects.models import LedgerDay, LedgerEntry, LedgerProject

BATCH = 2_000


class LedgerError(ValueError):
    """An entry that cannot be posted, and why."""


@transaction.atomic
def post_entries(entries: Sequence[LedgerEntry], *, revision: Revision) -> list[LedgerEntry]:
    """Append entries under a revision and add them to the roll-ups, set by set.

    The revision's head row is locked by the caller's transaction, so postings
    never interleave. Raise LedgerError for a value date after the revision, a
    yen amount with decimals, or a zero amount.
    """
    documents = Document.objects.in_bulk({entry.document_id for entry in entries})
    for entry in entries:
        _check(entry, revision)
        document = documents[entry.document_id]
        entry.revision = revision
        entry.document_on = document.date
        entry.published_on = last_possible_day(document.date, document.date_precision)
    posted = LedgerEntry.objects.bulk_create(entries, batch_size=BATCH)
    add_to_rollups(posted)
    return posted


@transaction.atomic
def reverse_entry(entry_id: int, *, revision: Revision, document: Document) -> LedgerEntry:
    """Cancel an entry by posting its opposite; nothing is overwritten.

    The reversal takes the value date of the original, so figures as known
    before this revision stay reproducible. Raise LedgerError if the entry was
    reversed before, or is itself a reversal.
    """
    original = LedgerEntry.objects.get(pk=entry_id)
    if original.reverses_id or hasattr(original, "reversal"):
        raise LedgerError(f"entry {original.pk} cannot be reversed")
    opposite = LedgerEntry(
        commitment_id=original.commitment_id,
        project_id=original.project_id,
        instrument_id=original.instrument_id,
        notice_id=original.notice_id,
        kind=original.kind,
        value_date=original.value_date,
        amount_usd=-original.amount_usd,
        currency=original.currency,
        amount=-original.amount,
        fx_rate=original.fx_rate,
        fx_on=original.fx_on,
        fx_source=original.fx_source,
        reverses=original,
        document=document,
    )
    return post_entries([opposite], revision=revision)[0]


def _check(entry: LedgerEntry, revision: Revision) -> None:
    if not entry.amount_usd:
        raise LedgerError("amount_usd: an entry of zero says nothing")
    if entry.value_date > business_day(revision.recorded_at):
        raise LedgerError(f"value_date: {entry.value_date} lies in the future")
    if entry.currency == "JPY" and entry.amount != entry.amount.to_integral_value():
        raise LedgerError("amount: yen have no decimals")


def add_to_rollups(entries: Sequence[LedgerEntry]) -> None:
    """Add posted entries to both roll-ups: one upsert per cell, not per entry."""
    days: defaultdict[tuple[int, str, date], Decimal] = defaultdict(Decimal)
    projects: defaultdict[tuple[int, int, str], Decimal] = defaultdict(Decimal)
    last: dict[tuple[int, int, str], date] = {}
    for entry in entries:
        days[entry.commitment_id, entry.kind, entry.value_date] += entry.amount_usd
        cell = (entry.project_id, entry.instrument_id, entry.kind)
        projects[cell] += entry.amount_usd
        last[cell] = max(last.get(cell, entry.value_date), entry.value_date)
    _upsert(
        LedgerDay,
        ["commitment_id", "kind", "value_date"],
        [(*cell, amount) for cell, amount in days.items()],
    )
    _upsert(
        LedgerProject,
        ["project_id", "instrument_id", "kind"],
        [(*cell, amount, last[cell]) for cell, amount in projects.items()],
    )


def _upsert(model: type[models.Model], key: list[str], rows: list[tuple[Any, ...]]) -> None:
    """Insert cells or add to them. Column names come from the model, never from outside."""
    fields = [f for f in model._meta.concrete_fields if not f.primary_key]
    by_column = {str(f.column): f for f in fields}
    columns = [*key, "amount_usd", *(c for c in by_column if c not in (*key, "amount_usd"))]
    table = model._meta.db_table
    values = [
        [by_column[c].get_db_prep_save(v, connection) for c, v in zip(columns, row, strict=True)]
        for row in rows
    ]
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
        cursor.executemany(statement, values)


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
