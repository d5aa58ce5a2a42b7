"""Create the first two people of an embedded installation: one enters, one approves."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from commitments.services.roles import create_person

FIRST = {"editor": "editor", "approver": "approver"}  # username: role


class Command(BaseCommand):
    help = "First run of the embedded mode: create an editor and an approver, passwords shown once."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError(
                "Production starts without accounts. Create each person: "
                "manage.py create_person NAME --role ROLE"
            )
        if get_user_model().objects.exists():
            self.stdout.write("The first people exist already; nothing was created.")
            return
        self.stdout.write("Sign in at /admin/ with these, shown only now:")
        for username, role in FIRST.items():
            password = secrets.token_urlsafe(12)
            create_person(get_user_model(), username, role=role, password=password)
            self.stdout.write(f"  {username:<10} {password}")
