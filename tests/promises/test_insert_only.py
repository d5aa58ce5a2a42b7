"""A posted fact is never changed or removed, by whatever way it is tried."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from commitments.models import Claim, Fact
from commitments.models.guards import guarded_models
from commitments.models.revisions import AuditEntry, Revision
from projects.models import LedgerEntry, Snapshot
from tests.desk import load_small_register

pytestmark = pytest.mark.django_db


def refused(act):
    with pytest.raises(DatabaseError, match="insert-only"), transaction.atomic():
        act()


def sql(statement, *values):
    def act():
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    return act


def test_the_orm_cannot_change_or_remove_a_fact():
    load_small_register()
    claim = Claim.objects.get(ref="clm-gas")
    claim.who = "somebody else"

    refused(claim.save)
    refused(claim.delete)
    refused(lambda: Claim.objects.update(who="somebody else"))
    refused(lambda: Claim.objects.filter(ref="clm-gas").delete())
    assert Claim.objects.get().who == "Commerce"


def test_sql_cannot_change_or_remove_a_fact():
    load_small_register()
    replacing = (
        "INSERT INTO commitments_revision (number, recorded_at, kind, reason) "
        "VALUES (1, '2020-01-01', 'load', 'forged') ON CONFLICT (number) "
        "DO UPDATE SET reason = 'forged'"
    )

    refused(sql("UPDATE commitments_claim SET who = %s", "somebody else"))
    refused(sql("DELETE FROM commitments_claim"))
    refused(sql("DELETE FROM commitments_revision"))
    refused(sql(replacing))
    if connection.vendor == "sqlite":
        refused(
            sql(
                "INSERT OR REPLACE INTO commitments_revision (number, recorded_at, kind, reason) "
                "VALUES (1, '2020-01-01', 'load', 'forged')"
            )
        )
    else:
        sql("SET CONSTRAINTS ALL IMMEDIATE")()  # TRUNCATE waits for no open check
        refused(sql("TRUNCATE commitments_claim CASCADE"))
    assert Revision.objects.get().reason == "small register"


@pytest.mark.parametrize(
    "model",
    [
        pytest.param(model, id=model._meta.label)
        for model in apps.get_models()
        if issubclass(model, Fact) or model in (LedgerEntry, Snapshot, AuditEntry, Revision)
    ],
)
def test_every_posted_table_has_its_guards_in_the_database(model):
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table]
            )
            wanted = {f"{table}_no_update", f"{table}_no_delete"}
        else:
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal",
                [table],
            )
            wanted = {f"{table}_no_change", f"{table}_no_truncate"}
        found = {row[0] for row in cursor.fetchall()}
    assert wanted <= found


def test_links_of_facts_are_guarded_too():
    links = {
        f.remote_field.through
        for model in apps.get_models()
        if issubclass(model, Fact)
        for f in model._meta.many_to_many
    }

    assert links
    assert links <= set(guarded_models())
    assert all(issubclass(link, models.Model) for link in links)
