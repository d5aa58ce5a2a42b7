"""Give one person a new password, and a new one-time-password device when asked."""

import secrets
from typing import Any

from axes.utils import reset
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django_otp.plugins.otp_totp.models import TOTPDevice

from commitments.services.people import renew_password


class Command(BaseCommand):
    help = "Renew a person's password, end their sessions and their lockout; shown once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--device", action="store_true", help="renew the one-time-password device as well"
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        username = options["username"]
        person = get_user_model().objects.filter(username=username).first()
        if person is None:
            raise CommandError(f"nobody is called “{username}”")
        if not person.is_active:
            raise CommandError(f"“{username}” is not active; an administrator can change that")
        password = secrets.token_urlsafe(15)
        renew_password(person, password)
        reset(username=username)
        self.stdout.write("Shown only now:")
        self.stdout.write(f"  password       {password}")
        if options["device"]:
            TOTPDevice.objects.filter(user=person).delete()
            device = TOTPDevice.objects.create(user=person, name="authenticator", confirmed=True)
            self.stdout.write(f"  authenticator  {device.config_url}")
