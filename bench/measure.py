"""What is measured, each against its floor in the same run. Times are the best of several, in seconds."""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from unittest import mock

from django.db import connection, transaction
from django.test import Client, RequestFactory
from rest_framework import generics, pagination, serializers

from bench.generate import FIRST, LAST
from bench.lines import Line
from commitments.models import Revision
from commitments.services.revisions import post_revision
from projects.metrics import progress
from projects.models import LedgerEntry, Project
from projects.selectors import CommitmentRecord
from projects.services import ledger
from tests.builders import make_entry, post, reading

PAGE = 100
MID_HISTORY = date(2026, 5, 15)


def best(run: Callable[[], object], *, times: int, clock=time.perf_counter) -> float:
    """The least time of several runs: what else the machine does only ever adds."""
    taken = []
    for _ in range(times):
        begin = clock()
        run()
        taken.append(clock() - begin)
    return min(taken)


@contextmanager
def recorded():
    """The statements Django sends inside the block, with their parameters."""
    statements: list[tuple[str, object]] = []

    def keep(execute, sql, params, many, context):
        statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        yield statements


def _replay(statements: list[tuple[str, object]]) -> None:
    with connection.connection.cursor() as cursor:
        for sql, params in statements:
            cursor.execute(sql, params)
            cursor.fetchall()


def overview(size: int) -> Line:
    """Every metric of the first page against its own statements sent bare through psycopg."""
    return _metrics("overview metrics, floor: the same SQL bare", size, reading)


def overview_mid_history(size: int) -> Line:
    """The same on a day inside an earlier month, whose entries are added to the roll-up."""
    what = f"the same as of {MID_HISTORY}, floor: the same SQL bare"
    return _metrics(what, size, lambda: reading(MID_HISTORY))


def overview_as_known_before(size: int) -> Line:
    """The same at an older revision, which sums the ledger."""
    before = Revision.objects.latest("number").number - 1
    what = "the same at an older revision, floor: the same SQL bare"
    return _metrics(what, size, lambda: reading(revision=before))


def _metrics(what: str, size: int, read: Callable[[], CommitmentRecord]) -> Line:
    with recorded() as statements:
        progress(read())
    return Line(
        what,
        size,
        best(lambda: progress(read()), times=10),
        best(lambda: _replay(statements), times=10),
    )


def page(size: int) -> Line:
    """The whole first page against its metrics alone."""
    client = Client()

    def whole() -> None:
        answer = client.get("/")
        if answer.status_code != 200:
            raise RuntimeError(f"the first page answers {answer.status_code}")

    metrics = best(lambda: progress(reading()), times=10)
    return Line("first page, floor: its metrics", size, best(whole, times=10), metrics)


class StockSerializer(serializers.ModelSerializer):
    commitment = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    project = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    instrument = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    document = serializers.SlugRelatedField(slug_field="slug", read_only=True)
    notice = serializers.SlugRelatedField(slug_field="ref", read_only=True)
    reverses = serializers.SlugRelatedField(slug_field="ref", read_only=True)
    amount_usd = serializers.DecimalField(max_digits=19, decimal_places=2)
    amount = serializers.DecimalField(max_digits=19, decimal_places=2)

    class Meta:
        model = LedgerEntry
        fields = (
            *("id", "ref", "number", "kind", "value_date", "amount_usd", "currency", "amount"),
            *("fx_rate", "fx_on", "fx_source", "published_on", "locator", "note", "late_reason"),
            *("override_reason", "previous_sha256", "sha256", "reverses", "commitment", "project"),
            *("instrument", "notice", "document", "revision"),
        )


class StockPages(pagination.CursorPagination):
    ordering = ("id",)
    page_size = PAGE


class StockView(generics.ListAPIView):
    serializer_class = StockSerializer
    pagination_class = StockPages
    queryset = LedgerEntry.objects.select_related(
        "commitment", "project", "instrument", "document", "notice", "reverses"
    )


def list_endpoint(size: int) -> Line:
    """Our list's CPU time against a stock serializer and paginator on the same rows."""
    client, factory = Client(), RequestFactory()
    address = f"/api/v1/ledger-entries/?page_size={PAGE}"

    def ours() -> None:
        if len(client.get(address).json()["results"]) != PAGE:
            raise RuntimeError("the list is short")

    stock_view = StockView.as_view()

    def stock() -> None:
        response = stock_view(factory.get("/"))
        response.render()
        if len(response.data["results"]) != PAGE:
            raise RuntimeError("the stock list is short")

    clock = time.process_time
    return Line(
        "list endpoint, CPU, floor: stock DRF",
        size,
        best(ours, times=40, clock=clock),
        best(stock, times=40, clock=clock),
        limit=0.6,
    )


def list_queries(size: int) -> Line:
    """Our list, end to end, against its own statements sent bare through psycopg."""
    client = Client()
    address = f"/api/v1/ledger-entries/?page_size={PAGE}"
    client.get(address)
    with recorded() as statements:
        client.get(address)

    took = best(lambda: client.get(address), times=20)
    return Line(
        "list endpoint, floor: the same SQL bare",
        size,
        took,
        best(lambda: _replay(statements), times=20),
    )


def _appending(count: int) -> Callable[[], None]:
    """Append entries of many projects and days as one revision: the ledger's own part of a posting."""
    projects = list(Project.objects.values_list("pk", flat=True))
    last = LedgerEntry.objects.latest("number")
    common = {name: getattr(last, name) for name in ledger.FIELDS}
    refs = itertools.count(last.number)

    def rows() -> Iterator[ledger.Row]:
        for n in range(count):
            day = FIRST + timedelta(days=n % (LAST - FIRST).days)
            yield {
                **common,
                "ref": f"bench-{count}-{next(refs)}",
                "project_id": projects[n % len(projects)],
                "value_date": day,
                "amount_usd": 1_234_500 + n,
                "amount": 1_234_500 + n,
            }

    def run() -> None:
        made = list(rows())
        with transaction.atomic():
            revision = post_revision(kind=Revision.Kind.IMPORT, actor=None, reason="bench")
            ledger.append(made, revision=revision)

    return run


def _posting(what: str, size: int, count: int, *, times: int, limit: float | None) -> Line:
    with_rollup = best(_appending(count), times=times)
    with mock.patch.object(ledger, "add_to_rollups"):
        without = best(_appending(count), times=times)
    ledger.rebuild_rollups()
    return Line(what, size, with_rollup, without, limit)


def posting_one(size: int) -> Line:
    """Appending one entry against the same without the roll-up."""
    what = "posting one entry, floor: without roll-up"
    return _posting(what, size, 1, times=60, limit=1.6)


def posting_many(size: int) -> Line:
    """Appending 100,000 entries as one set against the same without the roll-up."""
    what = "posting 100,000 set-wise, floor: without roll-up"
    return _posting(what, size, 100_000, times=1, limit=None)


def posting_by_the_rules(size: int) -> Line:
    """Posting one entry as a record, judged by the rules and limits, against appending it."""

    def by_the_rules() -> None:
        post([make_entry("prj-0001", "12.34")])

    return Line(
        "posting one entry by the rules, floor: appending it",
        size,
        best(by_the_rules, times=10),
        best(_appending(1), times=10),
    )


def rebuild(size: int) -> Line:
    """A full rebuild of the roll-ups against one bare sum over the ledger."""

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT project_id, instrument_id, kind, date_trunc('month', value_date), "
                "sum(amount_usd) FROM projects_ledgerentry GROUP BY 1, 2, 3, 4"
            )
            cursor.fetchall()

    took = best(ledger.rebuild_rollups, times=2)
    return Line("full rebuild, floor: one bare grouped sum", size, took, best(bare, times=3))
