"""Database triggers that refuse to change or remove what has been posted.

The guarded tables are generated from the models: every fact, its link rows,
revisions, ledger entries and the audit trail. Both databases refuse UPDATE
and DELETE row by row; Postgres also refuses TRUNCATE, and there the role the
application runs as owns no table and holds no right to change a guarded one.
"""

from collections.abc import Iterable

from django.apps import apps
from django.db import models

from commitments.models.revisions import AuditEntry, Fact, Revision

GUARDED_ATTRIBUTE = "insert_only"


def guarded_models(app_label: str | None = None) -> list[type[models.Model]]:
    """Every insert-only model: facts, revisions, the audit trail, and those marked `insert_only`."""
    found = [
        model
        for model in apps.get_models()
        if issubclass(model, (Fact, Revision, AuditEntry))
        or getattr(model, GUARDED_ATTRIBUTE, False)
    ]
    return [model for model in found if app_label in (None, model._meta.app_label)]


def install(connection, app_label: str | None = None) -> None:
    """Create the triggers for every guarded table that exists. Harmless when repeated."""
    _run(connection, app_label, _create)


def remove(connection, app_label: str | None = None) -> None:
    """Drop the triggers: for a test's flush and for migrations, nothing else."""
    _run(connection, app_label, _drop)


def grant(connection, role: str) -> None:
    """Give a Postgres role what the application needs: of guarded tables to read and add alone.

    The owner of the tables runs this after every migration. Harmless when repeated.
    """
    quote = connection.ops.quote_name
    name = quote(role)
    guarded = {model._meta.db_table for model in guarded_models()}
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}")
        for table in connection.introspection.table_names(cursor):
            rights = "SELECT, INSERT" if table in guarded else "SELECT, INSERT, UPDATE, DELETE"
            if table == "django_migrations":
                rights = "SELECT"
            cursor.execute(f"REVOKE ALL ON {quote(table)} FROM {name}")
            cursor.execute(f"GRANT {rights} ON {quote(table)} TO {name}")


def _run(connection, app_label, statements) -> None:
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for model in guarded_models(app_label):
            table = model._meta.db_table
            if table in existing:
                for statement in statements(connection.vendor, table):
                    cursor.execute(statement)


def _create(vendor: str, table: str) -> Iterable[str]:
    yield from _drop(vendor, table)
    message = f"{table} is insert-only"
    if vendor == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            yield (
                f'CREATE TRIGGER "{table}_no_{verb.lower()}" BEFORE {verb} ON "{table}" '
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
        return
    yield (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is insert-only', TG_TABLE_NAME "
        "USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    yield (
        f'CREATE TRIGGER "{table}_no_change" BEFORE UPDATE OR DELETE ON "{table}" '
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    yield (
        f'CREATE TRIGGER "{table}_no_truncate" BEFORE TRUNCATE ON "{table}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _drop(vendor: str, table: str) -> Iterable[str]:
    if vendor == "sqlite":
        yield f'DROP TRIGGER IF EXISTS "{table}_no_update"'
        yield f'DROP TRIGGER IF EXISTS "{table}_no_delete"'
    else:
        yield f'DROP TRIGGER IF EXISTS "{table}_no_change" ON "{table}"'
        yield f'DROP TRIGGER IF EXISTS "{table}_no_truncate" ON "{table}"'
