"""A 50,000-row file of the ledger, taken in and then approved, against COPY of the same rows.

Of each three rows one is received on a notice, one is paid on and one is a fee, so all limits count.
"""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache, partial
from secrets import token_urlsafe

from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection, transaction

from bench.lines import Line
from bench.timing import seconds
from commitments.models import ApprovalCase, ImportBatch
from commitments.services.cases import approve_case
from commitments.services.jobs import run_job
from commitments.services.roles import create_person, grant_roles
from commitments.services.tables import columns_of
from projects.models import LedgerEntry
from projects.services.imports import confirm_import, upload_file
from projects.services.ledger import FIELDS
from tests.builders import COMMITMENT, evidence_of, make_notice, make_project, merged, record

ROWS = 50_000
ROUNDS = 3
PROJECTS = [f"imp-{n:02d}" for n in range(50)]
MOST = "1000000000.00"
TABLE = LedgerEntry._meta.db_table
COLUMNS = [str(f.column) for f in FIELDS.values()]


def importing(size: int) -> Line:
    """Take a file in: read, judged by writing it and taking it back, drafted, submitted."""
    floor, taken, _posted = _measured()
    return Line(f"importing {ROWS:,} rows to a case; floor: COPY", size, taken, floor, limit=4.0)


def approving(size: int) -> Line:
    """Approve the case of such a file as another person: checked once more and posted."""
    floor, _taken, posted = _measured()
    return Line(f"posting a case of {ROWS:,} rows; floor: COPY", size, posted, floor, limit=4.0)


@cache
def _measured() -> tuple[float, float, float]:
    """Return the best seconds of COPY, of taking a file in and of posting it, by turns."""
    _projects()
    grant_roles(apps)
    editor, approver = (
        create_person(User, f"bench-{role}", role=role, password=token_urlsafe())
        for role in ("editor", "approver")
    )
    taken, posted, floors = [], [], []
    for round_ in range(ROUNDS):
        content = _file(round_)
        taken.append(seconds(partial(_take_in, content, editor)))
        posted.append(seconds(partial(_approve, ApprovalCase.objects.latest("pk"), approver)))
        floors.append(_copy())
    return min(floors), min(taken), min(posted)


def _projects() -> None:
    """Record the projects of the files, each with a notice for more than all files pay."""
    made = [make_project(slug, low=MOST, high=MOST) for slug in PROJECTS]
    notices = [make_notice(slug, MOST) for slug in PROJECTS]
    record(merged(*made, {"fundingnotice": notices}))


def _file(round_: int) -> bytes:
    kept = io.StringIO(newline="")
    writer = csv.writer(kept)
    names = [column.name for column in columns_of("ledgerentry")]
    writer.writerow(names)
    for row in _cells(round_):
        writer.writerow(row.get(name, "") for name in names)
    return kept.getvalue().encode()


def _cells(round_: int) -> Iterator[dict[str, str]]:
    for n in range(ROWS):
        three, place = divmod(n, 3)
        slug = PROJECTS[three % len(PROJECTS)]
        month = three % 3 + (4 if place == 0 else 7)  # received before it is paid on
        yield {
            "ref": f"imp-{round_}-{n}",
            "commitment": COMMITMENT,
            "project": slug,
            "instrument": "loan",
            "notice": f"ntc-{slug}" if place == 0 else "",
            "kind": ("funding", "disbursement", "fee")[place],
            "value_date": f"2026-{month:02d}-{n % 28 + 1:02d}",
            "amount_usd": f"{three + 1}.25",
            "document": evidence_of(("funding", "disbursement", "fee")[place]),
        }


def _take_in(content: bytes, editor: User) -> ApprovalCase:
    now = datetime.now(UTC)
    batch = upload_file("ledgerentry", "bench.csv", content, actor=editor, now=now)
    run_job(f"import:{batch.pk}", clock=partial(datetime.now, UTC))
    batch = ImportBatch.objects.defer("content").get(pk=batch.pk)
    if batch.state != ImportBatch.State.READ:
        raise RuntimeError(f"the file was not taken: {batch.report or batch.job}")
    return confirm_import(batch.pk, actor=editor, now=now)


def _approve(case: ApprovalCase, approver: User) -> None:
    approve_case(case.pk, actor=approver, version=case.version, now=datetime.now(UTC))


def _copy() -> float:
    """Return the seconds COPY takes for the newest 50,000 entries under other refs and numbers.

    They are committed elsewhere already, so these are taken back, their keys checked before.
    """
    newest = LedgerEntry.objects.latest("number").number
    given = {"ref": "ref || '-copied'", "number": f"number + {ROWS}"}
    chosen = ", ".join(given.get(column, column) for column in COLUMNS)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {chosen} FROM {TABLE} WHERE number > %s", [newest - ROWS])
        rows = cursor.fetchall()
        took = seconds(partial(_sent, cursor, rows))
        transaction.set_rollback(True)
    return took


def _sent(cursor, rows: list[tuple[object, ...]]) -> None:
    with cursor.copy(f"COPY {TABLE} ({', '.join(COLUMNS)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
