"""A seeded register of any size: projects of skewed sizes, entries of skewed projects."""

from datetime import date
from decimal import Decimal

from django.db import connection, transaction

from commitments.models import Commitment, Document, Instrument, Revision
from commitments.services.revisions import post_revision
from projects.models import LedgerEntry, Project
from projects.services.ledger import rebuild_rollups
from tests.builders import COMMITMENT, DOCUMENT, make_project, make_register, merged, record

FIRST, LAST = date(2025, 10, 1), date(2026, 11, 20)
KINDS = ("funding", "disbursement", "distribution")
CHUNK = 50_000


def generate(projects: int, entries: int) -> Commitment:
    """Fill an empty database: projects through the register, entries by INSERT … SELECT.

    Amounts are spread over three orders of magnitude; a few projects hold most
    entries. The same numbers give the same rows.
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
    """Add entries chunk by chunk, each a revision and one INSERT … SELECT, then the roll-ups once."""
    for start in range(0, count, CHUNK):
        _add_chunk(start, min(CHUNK, count - start))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    rebuild_rollups()


@transaction.atomic
def _add_chunk(start: int, count: int) -> None:
    columns = [f.column for f in LedgerEntry._meta.concrete_fields if not f.primary_key]
    revision = post_revision(kind=Revision.Kind.IMPORT, actor=None, reason="generated")
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(%s)", [1 / (2 + start)])
        cursor.execute(
            f"INSERT INTO projects_ledgerentry ({', '.join(columns)}) "
            f"SELECT {', '.join(_value(c) for c in columns)} FROM ("
            "SELECT n, random() AS a, random() AS b, random() AS c "
            "FROM generate_series(%(start)s + 1, %(start)s + %(count)s) AS n) AS draws",
            {
                "start": start,
                "count": count,
                "ids": list(Project.objects.order_by("slug").values_list("pk", flat=True)),
                "kinds": list(KINDS),
                "commitment": Commitment.objects.get(slug=COMMITMENT).pk,
                "instruments": list(Instrument.objects.values_list("pk", flat=True)),
                "document": Document.objects.get(slug=DOCUMENT).pk,
                "revision": revision.number,
                "first": FIRST,
                "days": (LAST - FIRST).days,
            },
        )


def _value(column: str) -> str:
    """What fills a column. Seals only link each entry to the one before: a chain takes them singly."""
    skewed = "(%(ids)s::bigint[])[1 + floor(cardinality(%(ids)s::bigint[]) * power(a, 3))::int]"
    amount = "(exp(12 + 3 * b) * 100)::bigint"
    seal = "encode(sha256(convert_to({}::text, 'UTF8')), 'hex')"
    return {
        "ref": "'generated-' || n",
        "number": "n",
        "commitment_id": "%(commitment)s",
        "project_id": skewed,
        "instrument_id": "(%(instruments)s::bigint[])[1 + floor(3 * random())::int]",
        "kind": "(%(kinds)s::text[])[1 + (n %% 3)::int]",
        "value_date": "%(first)s::date + floor(%(days)s * c)::int",
        "amount_usd": amount,
        "amount": amount,
        "currency": "'USD'",
        "fx_source": "''",
        "locator": "''",
        "late_reason": "''",
        "override_reason": "'generated'",
        "note": "''",
        "previous_sha256": seal.format("(n - 1)"),
        "sha256": seal.format("n"),
        "revision_id": "%(revision)s",
        "document_id": "%(document)s",
        "document_on": "%(first)s::date",
        "published_on": "%(first)s::date",
    }.get(column, "NULL")
