"""What posting costs with the roll-ups kept, against the same without them."""

import itertools
from datetime import timedelta
from functools import partial
from unittest import mock

from django.db import connection, transaction

from bench.generate import FIRST, LAST
from bench.lines import Line
from bench.timing import race
from commitments.models import Revision
from commitments.services.revisions import post_revision
from projects.models import LedgerEntry, Project
from projects.services import ledger
from tests.builders import make_entry, post

SET = 100_000
REFS = itertools.count()


def posting_one(size: int) -> Line:
    """Appending one entry against the same without the roll-up."""
    return _posting("posting one entry; floor: without roll-up", size, 1, times=200, limit=1.6)


def posting_many(size: int) -> Line:
    """Appending 100,000 entries as one set against the same without the roll-up."""
    what = f"posting {SET:,} set-wise; floor: without roll-up"
    return _posting(what, size, SET, times=1, limit=1.6)


def posting_by_the_rules(size: int) -> Line:
    """Posting one entry as a record, judged by the rules and limits, against appending it."""

    def by_the_rules(_rows: list[ledger.Row]) -> None:
        post([make_entry("prj-0001", "12.34", ref=f"bench-{next(REFS)}")])

    best = race(by_the_rules, _append, times=10, prepare=partial(_rows, 1))
    return Line("posting one entry by the rules; floor: appending it", size, *best)


def rebuild(size: int) -> Line:
    """A full rebuild of the roll-ups against one bare sum over the ledger."""
    best = race(ledger.rebuild_rollups, _grouped_sum, times=2)
    return Line("full rebuild of roll-ups; floor: one bare grouped sum", size, *best)


def _posting(what: str, size: int, count: int, *, times: int, limit: float) -> Line:
    """Append sets of entries by turns with and without the roll-up, which is put right at the end."""

    def bare(rows: list[ledger.Row]) -> None:
        with mock.patch.object(ledger, "add_to_rollups"):
            _append(rows)

    best = race(_append, bare, times=times, prepare=partial(_rows, count))
    ledger.rebuild_rollups()
    return Line(what, size, *best, limit)


def _append(rows: list[ledger.Row]) -> None:
    """The ledger's own part of a posting, as one revision."""
    with transaction.atomic():
        revision = post_revision(kind=Revision.Kind.IMPORT, actor=None, reason="bench")
        ledger.append(rows, revision=revision)


def _rows(count: int) -> list[ledger.Row]:
    """Rows of many projects and days, their refs never used before."""
    projects = list(Project.objects.values_list("pk", flat=True))
    last = LedgerEntry.objects.latest("number")
    common = {name: getattr(last, name) for name in ledger.FIELDS}
    return [
        {
            **common,
            "ref": f"bench-{next(REFS)}",
            "project_id": projects[n % len(projects)],
            "value_date": FIRST + timedelta(days=n % (LAST - FIRST).days),
            "amount_usd": 1_234_500 + n,
            "amount": 1_234_500 + n,
        }
        for n in range(count)
    ]


def _grouped_sum() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT project_id, instrument_id, kind, date_trunc('month', value_date), "
            "sum(amount_usd) FROM projects_ledgerentry GROUP BY 1, 2, 3, 4"
        )
        cursor.fetchall()
