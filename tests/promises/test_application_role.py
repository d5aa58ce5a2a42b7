"""On Postgres the role the application runs as holds no right to change what was posted."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from commitments.models import Revision, guards
from commitments.services.loading import load_register
from projects.models import Project

pytestmark = pytest.mark.pg


@pytest.fixture
def application_role(db, monkeypatch):
    """This connection acts as the application's role until the test's transaction ends."""
    monkeypatch.setenv("APP_PASSWORD", "kept in the environment")
    call_command("grant_rights", "tracker_under_test", verbosity=0)
    call_command("grant_rights", "tracker_under_test", verbosity=0)  # harmless when repeated
    guards.remove(connection)  # so that only the rights stand in the way
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE tracker_under_test")


def load():
    return load_register(Path(settings.BASE_DIR) / "fixtures" / "register", reason="test")


def test_the_application_role_loads_the_whole_register(application_role):
    load()
    assert Revision.objects.count() == 1
    assert Project.objects.exists()


def test_the_application_role_may_change_no_guarded_table(application_role):
    load()
    for model in guards.guarded_models():
        table = connection.ops.quote_name(model._meta.db_table)
        column = connection.ops.quote_name(model._meta.pk.column)
        for statement in (
            f"UPDATE {table} SET {column} = {column}",
            f"DELETE FROM {table}",
            f"TRUNCATE {table} CASCADE",
        ):
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)


def test_the_owner_cannot_be_made_the_application_role(db, monkeypatch):
    monkeypatch.setenv("APP_PASSWORD", "x")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        owner = cursor.fetchone()[0]
    with pytest.raises(CommandError, match="whom no right can bind"):
        call_command("grant_rights", owner)


def test_a_role_without_a_password_is_refused(db, monkeypatch):
    monkeypatch.delenv("APP_PASSWORD", raising=False)
    with pytest.raises(CommandError, match="APP_PASSWORD is not set"):
        call_command("grant_rights", "tracker_under_test")
