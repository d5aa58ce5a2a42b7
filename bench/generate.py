"""A seeded register of any size: projects of skewed sizes, entries of skewed projects."""

from datetime import date
from decimal import Decimal

from django.db import connection, transaction

from commitments.models import Commitment, Revision
from commitments.services.revisions import post_revision
from projects.models import LedgerEntry, Project
from projects.services.ledger import rebuild_rollups
from tests.builders import COMMITMENT, DOCUMENT, make_project, make_register, merged, record

FIRST, LAST = date(2025, 10, 1), date(2026, 11, 20)
KINDS = ("funding", "disbursement", "distribution")


def generate(projects: int, entries: int) -> Commitment:
    """Fill an empty database: projects through the register, entries by one INSERT … SELECT.

    Amounts are log-normal; a few projects hold most entries. The same numbers
    give the same rows.
    """
    make_register()
    made = [
        make_project(
            f"prj-{n:04d}",
            low=str(Decimal(1_000_000_000) / (n + 1)).split(".")[0],
            high=str(Decimal(1_200_000_000) / (n + 1)).split(".")[0],
            sector=("energy", "metals")[n % 2],
            states=[("OH", "TX", "GA", "PA")[n % 4]],
        )
        for n in range(projects)
    ]
    record(merged(*made))
    add_entries(entries)
    return Commitment.objects.get(slug=COMMITMENT)


def add_entries(count: int) -> None:
    """Add entries in one statement, then rebuild the roll-ups."""
    ids = list(Project.objects.order_by("slug").values_list("pk", flat=True))
    columns = [f.column for f in LedgerEntry._meta.concrete_fields if not f.primary_key]
    with transaction.atomic():
        revision = post_revision(kind=Revision.Kind.IMPORT, actor=None, reason="generated")
        with connection.cursor() as cursor:
            cursor.execute("SELECT setseed(0.55)")
            cursor.execute(
                f"INSERT INTO projects_ledgerentry ({', '.join(columns)}) "
                f"SELECT {', '.join(_value(c) for c in columns)} FROM ("
                "SELECT n, random() AS a, random() AS b, random() AS c, random() AS d "
                "FROM generate_series(1, %(count)s) AS n) AS draws",
                {
                    "count": count,
                    "ids": ids,
                    "kinds": list(KINDS),
                    "commitment": Commitment.objects.get(slug=COMMITMENT).pk,
                    "instruments": _ids("commitments_instrument"),
                    "document": _document(),
                    "revision": revision.number,
                    "first": FIRST,
                    "days": (LAST - FIRST).days,
                },
            )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    rebuild_rollups()


def _value(column: str) -> str:
    skewed = "(%(ids)s::bigint[])[1 + floor(cardinality(%(ids)s::bigint[]) * power(a, 3))::int]"
    amount = "(exp(12 + 3 * b) * 100)::bigint"
    return {
        "commitment_id": "%(commitment)s",
        "project_id": skewed,
        "instrument_id": "(%(instruments)s::bigint[])[1 + (n %% 3)::int]",
        "kind": "(%(kinds)s::text[])[1 + (n %% 3)::int]",
        "value_date": "%(first)s::date + floor(%(days)s * c)::int",
        "amount_usd": amount,
        "amount": amount,
        "currency": "'USD'",
        "fx_source": "''",
        "note": "''",
        "revision_id": "%(revision)s",
        "document_id": "%(document)s",
        "document_on": "%(first)s::date",
        "published_on": "%(first)s::date",
    }.get(column, "NULL")


def _ids(table: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {table} ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def _document() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM commitments_document WHERE slug = %s", [DOCUMENT])
        return cursor.fetchone()[0]
