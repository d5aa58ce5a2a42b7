"""The admin site: queues first, and a one-time password where the register is in production."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ERROR_FLAG
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_otp import devices_for_user
from django_otp.forms import OTPAuthenticationFormMixin

from commitments.calculations.dates import business_day
from commitments.selectors import PointError
from dashboard.points import check_characters, is_key, search_words
from dashboard.queues import queues_for
from projects.services.decisions import newest_point

SEARCHES = ("q", "term")  # of a list, and of a field that completes what is typed


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

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Wrap a view of the desk: what its address asks for is done, or refused by name.

        Django drops a filter it cannot use and shows the whole list, as if nothing had been asked.
        """

        @wraps(view)
        def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            is_form = request.method == "POST" and ACTION_CHECKBOX_NAME not in request.POST
            try:
                if not all(map(is_key, request.POST.getlist(ACTION_CHECKBOX_NAME))):
                    raise PointError("rows", gettext("what is ticked is no row of this list"))
                check_characters(request.POST)
                for name in SEARCHES:
                    search_words(request.GET, name)
                answer = view(request, *args, **kwargs)
                if _is_dropped(request, answer):
                    names = _unusable(request, lambda: view(request, *args, **kwargs))
                    raise PointError(names, gettext("cannot be used to filter this list"))
            except PointError as error:
                context = {
                    **self.each_context(request),
                    "title": gettext("This form") if is_form else gettext("This list"),
                    "error": error,
                    "is_form": is_form,
                }
                return TemplateResponse(request, "admin/unusable.html", context, status=400)
            return answer

        return super().admin_view(asked, cacheable)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        queues = queues_for(request.user, newest_point(business_day(timezone.now())))
        return super().index(request, {**(extra_context or {}), "queues": queues})


def _is_dropped(request: HttpRequest, answer: HttpResponse) -> bool:
    return answer.get("Location") == f"{request.path}?{ERROR_FLAG}=1"


def _unusable(request: HttpRequest, ask: Callable[[], HttpResponse]) -> str:
    """Name the parameters that a list refuses each for itself; all of them where none is."""
    given, wrong = request.GET, list[str]()
    for name in given:
        alone = QueryDict(mutable=True)
        alone.setlist(name, given.getlist(name))
        request.GET = alone  # type: ignore[assignment]  # asked once more, with this alone
        if _is_dropped(request, ask()):
            wrong.append(name[:60])
    return ", ".join(wrong or [name[:60] for name in given])
