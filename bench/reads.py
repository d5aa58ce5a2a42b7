"""What pages and lists cost: their queries at two sizes, and what stands on top of the queries."""

import time
from collections.abc import Callable
from contextlib import contextmanager
from datetime import date
from functools import cache, partial

from django.db import connection
from django.test import Client, RequestFactory
from rest_framework import generics, pagination, serializers

from bench.lines import Line
from bench.timing import race, seconds
from commitments.models import Revision
from projects.metrics import progress
from projects.models import LedgerEntry
from projects.selectors import CommitmentRecord
from tests.builders import reading

PAGE = 100
MID_HISTORY = date(2026, 5, 15)
LIST = f"/api/v1/ledger-entries/?page_size={PAGE}"

Statements = tuple[tuple[str, object], ...]


@contextmanager
def recorded():
    """The statements Django sends inside the block, with their parameters."""
    statements: list[tuple[str, object]] = []

    def keep(execute, sql, params, many, context):
        statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        yield statements


def _replay(statements: Statements) -> None:
    """Send statements bare through psycopg, and fetch what they find."""
    with connection.connection.cursor() as cursor:
        for sql, params in statements:
            cursor.execute(sql, params)
            cursor.fetchall()


@cache
def _statements(address: str) -> Statements:
    """What a page or list sends to the database, once it is warm."""
    client = Client()
    _get(client, address)
    with recorded() as statements:
        _get(client, address)
    return tuple(statements)


def _get(client: Client, address: str) -> bytes:
    answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answers {answer.status_code}")
    return answer.content


def overview_queries() -> float:
    """The least seconds that every query of the overview takes, sent bare."""
    return min(seconds(partial(_replay, _statements("/"))) for _ in range(5))


def overview_queries_words(size: int) -> str:
    return f"overview, its {len(_statements('/'))} queries bare; floor: at {size:,} entries"


def overview_queries_mid_history() -> float:
    """The same on a day inside an earlier month."""
    statements = _statements(f"/?as_of={MID_HISTORY}")
    return min(seconds(partial(_replay, statements)) for _ in range(5))


def overview_queries_mid_history_words(size: int) -> str:
    return f"the same as of {MID_HISTORY}; floor: at {size:,} entries"


def overview(size: int) -> Line:
    """Every metric of the first page against its own statements sent bare through psycopg."""
    return _metrics("overview metrics; floor: the same SQL bare", size, reading)


def overview_mid_history(size: int) -> Line:
    """The same on a day inside an earlier month, whose entries are added to the roll-up."""
    what = f"the same as of {MID_HISTORY}; floor: the same SQL bare"
    return _metrics(what, size, lambda: reading(MID_HISTORY))


def overview_as_known_before(size: int) -> Line:
    """The same at an older revision, which sums the ledger."""
    before = Revision.objects.latest("number").number - 1
    what = "the same at an older revision; floor: the same SQL bare"
    return _metrics(what, size, lambda: reading(revision=before))


def _metrics(what: str, size: int, read: Callable[[], CommitmentRecord]) -> Line:
    with recorded() as statements:
        progress(read())
    bare = tuple(statements)
    return Line(what, size, *race(lambda: progress(read()), lambda: _replay(bare), times=10))


def first_page(size: int) -> Line:
    """The whole first page against its metrics alone."""
    client = Client()
    best = race(lambda: _get(client, "/"), lambda: progress(reading()), times=10)
    return Line("overview page; floor: its metrics", size, *best)


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
    """The CPU time our list takes of the application, against a stock view of the same rows.

    The stock view is called without middleware, which only favours it.
    """
    client, factory, stock_view = Client(), RequestFactory(), StockView.as_view()

    def ours() -> None:
        if len(client.get(LIST).json()["results"]) != PAGE:
            raise RuntimeError("the list is short")

    def stock() -> None:
        response = stock_view(factory.get("/"))
        response.render()
        if len(response.data["results"]) != PAGE:
            raise RuntimeError("the stock list is short")

    best = race(ours, stock, times=40, clock=time.process_time)
    return Line("list endpoint, CPU of the app; floor: stock DRF", size, *best, limit=0.6)


def list_queries(size: int) -> Line:
    """Our list, end to end, against its own statements sent bare through psycopg."""
    client, statements = Client(), _statements(LIST)
    best = race(lambda: _get(client, LIST), lambda: _replay(statements), times=20)
    return Line("list endpoint; floor: the same SQL bare", size, *best)
