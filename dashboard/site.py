"""The admin site: queues first, and a one-time password where the register is in production."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_otp import devices_for_user
from django_otp.forms import OTPAuthenticationFormMixin

from commitments.calculations.dates import business_day
from dashboard.queues import queues_for
from projects.services.decisions import newest_point


class OneTimePasswordForm(OTPAuthenticationFormMixin, AdminAuthenticationForm):
    """Sign-in with a password and the code of the person's own authenticator."""

    otp_token = forms.CharField(
        label=_("One-time code"),
        max_length=10,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        self.clean_otp(self.get_user())
        return cleaned

    def _chosen_device(self, user: Any) -> Any:
        return next(iter(devices_for_user(user)), None)

    def _update_form(self, user: Any) -> None:
        """Leave the form as it is: there is no device to choose."""


class TrackerAdminSite(admin.AdminSite):
    site_header = _("550 Tracker: the register's desk")
    site_title = _("550 Tracker admin")
    index_title = _("What waits, and what is recorded")
    enable_nav_sidebar = True

    @property
    def login_form(self) -> Any:  # type: ignore[override]  # the base holds a class
        return OneTimePasswordForm if settings.PRODUCTION else AdminAuthenticationForm

    def has_permission(self, request: HttpRequest) -> bool:
        allowed = super().has_permission(request)
        if settings.PRODUCTION:
            return allowed and request.user.is_verified()  # type: ignore[union-attr]  # set by the OTP middleware
        return allowed

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        queues = queues_for(request.user, newest_point(business_day(timezone.now())))
        return super().index(request, {**(extra_context or {}), "queues": queues})
