"""The shipped facts, loaded once a process and copied into each test that stands on them."""

from collections.abc import Callable
from functools import cache

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction

from commitments.models import guards

KEPT = "shipped_{}_{}"  # table of the copy, by name of the copy and of its table


def keep(*loads: tuple[str, Callable[[], None]]) -> None:
    """Run each load on the empty register, keep a copy of what it filled, and empty it again."""
    before = _counts()
    for name, load in loads:
        load()
        with connection.cursor() as cursor:
            for table in _changed(before):
                kept = _quoted(KEPT.format(name, table))
                cursor.execute(f"CREATE TABLE {kept} AS SELECT * FROM {_quoted(table)}")
    guards.remove(connection)
    filled = _changed(before)
    assert not any(before[table] for table in filled), "a migration's own rows would be lost"
    with transaction.atomic(), connection.cursor() as cursor:
        for table in filled:
            cursor.execute(f"DELETE FROM {_quoted(table)}")
    guards.install(connection)


def fill(name: str) -> None:
    """Copy what the load of that name filled, and let the keys go on after it."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("; ".join(_filling(name)))
        else:
            for statement in _filling(name):
                cursor.execute(statement)


@cache
def _filling(name: str) -> list[str]:
    """The statements of a fill. Postgres checks no key of rows that a load wrote and checked."""
    prefix = KEPT.format(name, "")
    with connection.cursor() as cursor:
        kept = [t for t in connection.introspection.table_names(cursor) if t.startswith(prefix)]
    copies = [
        f"INSERT INTO {_quoted(copy.removeprefix(prefix))} SELECT * FROM {_quoted(copy)}"
        for copy in kept
    ]
    filled = [m for m in apps.get_models() if prefix + m._meta.db_table in kept]
    resets = connection.ops.sequence_reset_sql(no_style(), filled)
    if connection.vendor == "postgresql":
        role = "SET LOCAL session_replication_role = {}"
        copies = [role.format("replica"), *copies, role.format("DEFAULT")]
    return [*copies, *(statement.rstrip(";") for statement in resets)]


def _counts() -> dict[str, int]:
    tables = [model._meta.db_table for model in apps.get_models()]
    with connection.cursor() as cursor:
        return {table: _count(cursor, table) for table in tables}


def _count(cursor, table: str) -> int:
    cursor.execute(f"SELECT count(*) FROM {_quoted(table)}")
    return cursor.fetchone()[0]


def _changed(before: dict[str, int]) -> list[str]:
    return [table for table, count in _counts().items() if count != before[table]]


def _quoted(table: str) -> str:
    return connection.ops.quote_name(table)
