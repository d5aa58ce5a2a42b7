"""What is measured, each against its floor in the same run. Times are the best of several, in seconds."""

import time
from collections.abc import Callable
from contextlib import contextmanager
from unittest import mock

from django.db import connection, transaction
from django.test import Client, RequestFactory
from rest_framework import generics, pagination, serializers

from bench.lines import Line
from commitments.models import Revision
from commitments.services.revisions import post_revision
from projects.metrics import progress
from projects.models import LedgerEntry
from projects.services import ledger
from tests.builders import make_entry, reading

PAGE = 100


def best(run: Callable[[], object], *, times: int, clock=time.perf_counter) -> float:
    """The least time of several runs: what else the machine does only ever adds."""
    run()
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

    def metrics() -> None:
        progress(reading())

    with recorded() as statements:
        metrics()

    return Line(
        "overview metrics, floor: the same SQL bare",
        size,
        best(metrics, times=15),
        best(lambda: _replay(statements), times=15),
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
    amount_usd = serializers.DecimalField(max_digits=19, decimal_places=2)
    amount = serializers.DecimalField(max_digits=19, decimal_places=2)

    class Meta:
        model = LedgerEntry
        fields = (
            *("id", "kind", "value_date", "amount_usd", "currency", "amount", "fx_rate", "fx_on"),
            *("fx_source", "published_on", "note", "reverses", "commitment", "project"),
            *("instrument", "document", "revision"),
        )


class StockPages(pagination.CursorPagination):
    ordering = ("id",)
    page_size = PAGE


class StockView(generics.ListAPIView):
    serializer_class = StockSerializer
    pagination_class = StockPages
    queryset = LedgerEntry.objects.select_related("commitment", "project", "instrument", "document")


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


def _post(count: int) -> Callable[[], None]:
    def run() -> None:
        proto = make_entry("prj-0001", "12.34")
        fresh = [
            LedgerEntry(
                **{f.attname: getattr(proto, f.attname) for f in proto._meta.concrete_fields}
            )
            for _ in range(count)
        ]
        with transaction.atomic():
            revision = post_revision(kind=Revision.Kind.IMPORT, actor=None, reason="bench")
            ledger.post_entries(fresh, revision=revision)

    return run


def posting(size: int, count: int, times: int) -> Line:
    """Posting entries against the same posting without the roll-up."""
    with_rollup = best(_post(count), times=times)
    with mock.patch.object(ledger, "add_to_rollups"):
        without = best(_post(count), times=times)
    ledger.rebuild_rollups()
    what = "posting one entry" if count == 1 else f"posting {count:,} set-wise"
    limit = 1.6 if count == 1 else None
    return Line(f"{what}, floor: without roll-up", size, with_rollup, without, limit)


def rebuild(size: int) -> Line:
    """A full rebuild of the roll-ups against one bare sum over the ledger."""

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT project_id, instrument_id, kind, sum(amount_usd) "
                "FROM projects_ledgerentry GROUP BY 1, 2, 3"
            )
            cursor.fetchall()

    took = best(ledger.rebuild_rollups, times=2)
    return Line("full rebuild, floor: one bare grouped sum", size, took, best(bare, times=3))
