"""People and their roles: administrators add them; roles themselves are declared in code."""

from typing import Any

from axes.models import AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from commitments.models import AuditEntry

for unlisted in (User, Group, AccessLog, AccessFailureLog, TOTPDevice):
    if admin.site.is_registered(unlisted):
        admin.site.unregister(unlisted)


@admin.register(User)
class PersonAdmin(UserAdmin):
    """Nobody is deleted or renamed: the audit trail and every decision name them.

    A person who left is made inactive.
    """

    list_display = ["username", "email", "is_staff", "is_active", "last_login"]
    list_filter = ["is_active", "is_staff", "groups"]
    filter_horizontal = ["groups"]
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email")}),
        (_("Access"), {"fields": ("is_active", "is_staff", "groups")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.readonly_fields, *(("username",) if obj else ()))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        beyond = obj is not None and obj.is_superuser and not request.user.is_superuser  # type: ignore[union-attr]  # signed in
        return allowed and not beyond

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        person = form.instance
        AuditEntry.objects.create(
            actor=request.user,  # type: ignore[misc]  # signed in
            action="changed" if change else "created",
            kind="user",
            ref=person.username[:140],
            after={
                "fields": sorted(set(form.changed_data) - {"password1", "password2"}),
                "is_active": person.is_active,
                "is_staff": person.is_staff,
                "groups": sorted(person.groups.values_list("name", flat=True)),
            },
        )


@admin.register(Group)
class RoleAdmin(GroupAdmin):
    """A role and its permissions, to read: they are declared once, in code."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
