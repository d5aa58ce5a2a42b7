"""Roles as groups: one table says who may do what in the admin."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AbstractUser, Group
from django.db import transaction

ROOMS = ("commitments", "projects", "tariffs")
VIEW_THE_ROOMS = "view_the_rooms"

DESK = (
    "commitments.add_intakeitem",
    "commitments.change_intakeitem",
    "commitments.change_inboxitem",
)

ROLES: Mapping[str, tuple[str, ...]] = {
    "viewer": (VIEW_THE_ROOMS,),
    "editor": (
        VIEW_THE_ROOMS,
        *DESK,
        "commitments.add_approvalcase",
        "commitments.change_approvalcase",
        "commitments.add_importbatch",
    ),
    "approver": (VIEW_THE_ROOMS, "commitments.decide_case", "commitments.change_inboxitem"),
    "administrator": (
        VIEW_THE_ROOMS,
        *DESK,
        "commitments.add_approvalcase",
        "commitments.change_approvalcase",
        "commitments.add_importbatch",
        "commitments.force_case",
        "commitments.change_job",
        "auth.view_user",
        "auth.add_user",
        "auth.change_user",
        "auth.view_group",
        "axes.view_accessattempt",
        "axes.delete_accessattempt",
    ),
}


def grant_roles(apps: Any) -> None:
    """Create the role groups with exactly the permissions of ROLES. Harmless when repeated.

    `apps` is the registry to read models from: a migration's own, or Django's.
    Raise LookupError when a permission of the table does not exist.
    """
    group_model = apps.get_model("auth", "Group")
    permission_model = apps.get_model("auth", "Permission")
    stored = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in permission_model.objects.select_related("content_type")
    }
    views = {
        name for name in stored if name.split(".")[0] in ROOMS and name.split(".")[1][:5] == "view_"
    }
    for role, wanted in ROLES.items():
        names = {name for name in wanted if name != VIEW_THE_ROOMS}
        if missing := names - stored.keys():
            raise LookupError(f"no permission {', '.join(sorted(missing))}")
        group, _ = group_model.objects.get_or_create(name=role)
        group.permissions.set([stored[name] for name in names | views])


@transaction.atomic
def create_person(
    user_model: type[AbstractUser], username: str, *, role: str, password: str
) -> AbstractUser:
    """Create a person who may open the admin, with one role.

    Raise LookupError for a role that is not in ROLES or a username that is taken.
    """
    if role not in ROLES:
        raise LookupError(f"“{role}” is no role; choose from {', '.join(ROLES)}")
    if user_model._default_manager.filter(username=username).exists():
        raise LookupError(f"a person called “{username}” exists")
    person = user_model._default_manager.create_user(username, password=password, is_staff=True)
    person.groups.add(Group.objects.get(name=role))
    return person
