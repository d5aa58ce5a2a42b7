"""Makes the Postgres role the application runs as, which cannot change what was posted."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from psycopg import sql

from commitments.models import guards

PASSWORD = "APP_PASSWORD"  # noqa: S105  # the variable's name


class Command(BaseCommand):
    help = (
        "Create the role the application runs as on Postgres, or renew it, with the password in "
        f"{PASSWORD}: it may read and add facts, never change or remove them. Run it as the "
        "owner of the tables, after every migration."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role")

    def handle(self, *args: Any, **options: Any) -> None:
        password = os.environ.get(PASSWORD, "")
        if connection.vendor != "postgresql":
            raise CommandError("Only Postgres has roles")
        if not password:
            raise CommandError(f"{PASSWORD} is not set: the password of the role")
        with transaction.atomic():
            self._keep_role(options["role"], password)
            guards.grant(connection, options["role"])
        self.stdout.write(f"{options['role']} may read and add facts, and change none")

    def _keep_role(self, role: str, password: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT rolsuper OR rolname = current_user FROM pg_roles WHERE rolname = %s", [role]
            )
            found = cursor.fetchone()
            if found and found[0]:
                raise CommandError(f"{role} is the owner or a superuser, whom no right can bind")
            statement = sql.SQL("{verb} ROLE {role} LOGIN PASSWORD {password}").format(
                verb=sql.SQL("ALTER" if found else "CREATE"),
                role=sql.Identifier(role),
                password=sql.Literal(password),
            )
            cursor.execute(statement.as_string(cursor.connection))
