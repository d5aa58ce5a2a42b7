"""Access of people to the desk: passwords and one-time codes renewed."""

from django.contrib.auth.models import AbstractUser
from django.db import transaction

from commitments.models import AuditEntry


@transaction.atomic
def renew_password(person: AbstractUser, password: str) -> None:
    """Give a person a new password; every session of theirs ends. The password is kept nowhere else."""
    person.set_password(password)
    person.save(update_fields=["password"])
    AuditEntry.objects.create(
        actor=None, action="password renewed", kind="user", ref=person.get_username()[:140]
    )
