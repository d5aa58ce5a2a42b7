"""The shipped facts, loaded once a process, under every test that stands on them.

They are copied into the register in a transaction around the tests, and a test is one within it:
what it writes goes when it ends, what it stands on only when a test stands on something else.
"""

from collections.abc import Callable
from functools import cache

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction

from commitments.models import guards

KEPT = "shipped_{}_{}"  # table of the copy, by name of the copy and of its table

_ground: tuple[str, transaction.Atomic] | None = None  # what tests stand on now


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


def stand_on(name: str | None) -> None:
    """Have what the load of that name filled, and nothing else, in the register from here on."""
    global _ground
    if _ground is not None:
        held, around = _ground
        if held == name:
            return
        transaction.set_rollback(True)
        around.__exit__(None, None, None)
        _ground = None
    if name is not None:
        around = transaction.atomic()
        around.__enter__()
        _ground = name, around
        _fill(name)


def _fill(name: str) -> None:
    """Copy what the load of that name filled, and let the keys go on after it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # which ends what is idle in a transaction for long
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
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
