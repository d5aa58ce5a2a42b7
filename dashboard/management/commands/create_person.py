"""Create one person for the admin, with a role and a one-time-password device."""

import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django_otp.plugins.otp_totp.models import TOTPDevice

from commitments.services.roles import ROLES, create_person


class Command(BaseCommand):
    help = "Create a person; print the password and the one-time-password address once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--role", choices=sorted(ROLES), required=True)

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        password = secrets.token_urlsafe(15)
        try:
            person = create_person(
                get_user_model(), options["username"], role=options["role"], password=password
            )
        except LookupError as refused:
            raise CommandError(refused.args[0]) from refused
        device = TOTPDevice.objects.create(user=person, name="authenticator", confirmed=True)
        self.stdout.write("Shown only now:")
        self.stdout.write(f"  password       {password}")
        self.stdout.write(f"  authenticator  {device.config_url}")
