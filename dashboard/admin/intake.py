"""What comes in, in the admin: items to read, and news to take note of."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from commitments.admin import ReadOnlyAdmin
from commitments.calculations.plain_text import without_controls
from commitments.models import InboxItem, IntakeItem
from commitments.services.inbox import mark_done
from commitments.services.intake import (
    WORK,
    IntakeRefused,
    add_address,
    dismiss,
    proposed_reason,
    take_into_case,
)
from dashboard.admin.fields import PlainTextField, web_address
from dashboard.points import is_key

STATUS = {"permission": 403, "reason": 400}
CONFLICT = 409


class AddressForm(forms.Form):
    """An address somebody should read."""

    url = web_address(label=gettext_lazy("Address"), widget=forms.URLInput({"class": "vURLField"}))
    text = PlainTextField(
        label=gettext_lazy("What to look for"),
        required=False,
        max_length=4000,
        widget=forms.Textarea({"class": "vLargeTextField", "rows": 4}),
    )


@admin.register(IntakeItem)
class IntakeItemAdmin(ReadOnlyAdmin):
    list_display = ["pk", "kind", "state", "what", "page", "created_at", "decided_by"]
    list_display_links = ["pk", "what"]
    list_filter = ["state", "kind"]
    search_fields = ["text", "url", "page", "reason"]
    list_select_related = ["decided_by"]
    date_hierarchy = "created_at"
    ordering = ["-pk"]
    exclude = ["contact"]

    @admin.display(description=gettext_lazy("what"))
    def what(self, item: IntakeItem) -> str:
        return str(item)

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Show how to reach a visitor only to those who work on the item."""
        return [] if request.user.has_perm(WORK) else ["contact"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("commitments.add_intakeitem"))

    def get_urls(self) -> list[Any]:
        own = [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(view),
                name=f"commitments_intakeitem_{name}",
            )
            for name, view in (("take", self.take_view), ("dismiss", self.dismiss_view))
        ]
        return [*own, *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = AddressForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            item = add_address(**form.cleaned_data, actor=request.user)  # type: ignore[arg-type]  # signed in
            messages.success(request, _("Kept in the queue."))
            return HttpResponseRedirect(_address(item.pk))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Add an address to read"),
            "opts": self.opts,
            "form": form,
        }
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/intake/form.html", context, status=status)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        item = self.get_object(request, object_id)
        works = bool(item and item.state == IntakeItem.State.OPEN and request.user.has_perm(WORK))
        given = {"item": item, "works": works, "reason": proposed_reason(item) if works else ""}
        return super().change_view(request, object_id, form_url, given)

    def take_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponse(status=405, headers={"Allow": "POST"})
        try:
            case = take_into_case(
                self._known(request, pk),
                actor=request.user,  # type: ignore[arg-type]  # signed in
                now=timezone.now(),
                reason=without_controls(request.POST.get("reason", "")[:4000]),
            )
        except IntakeRefused as refused:
            return self._refused(request, pk, refused)
        messages.success(request, _("A draft case is open: enter what follows from it."))
        return HttpResponseRedirect(
            reverse("admin:commitments_approvalcase_change", args=[case.pk])
        )

    def dismiss_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponse(status=405, headers={"Allow": "POST"})
        try:
            dismiss(
                self._known(request, pk),
                actor=request.user,  # type: ignore[arg-type]  # signed in
                now=timezone.now(),
                reason=request.POST.get("reason", "")[:4000],
            )
        except IntakeRefused as refused:
            return self._refused(request, pk, refused)
        messages.success(request, _("Dismissed."))
        return HttpResponseRedirect(reverse("admin:commitments_intakeitem_changelist"))

    def _known(self, request: HttpRequest, pk: int) -> int:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not is_key(pk) or not self.get_queryset(request).filter(pk=pk).exists():
            raise Http404
        return pk

    def _refused(self, request: HttpRequest, pk: int, refused: IntakeRefused) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Not done"),
            "opts": self.opts,
            "refused": refused,
            "back": _address(pk),
        }
        status = STATUS.get(refused.code, CONFLICT)
        return TemplateResponse(request, "admin/cases/refused.html", context, status=status)

    change_form_template = "admin/intake/item.html"


def _address(pk: int) -> str:
    return reverse("admin:commitments_intakeitem_change", args=[pk])


@admin.register(InboxItem)
class InboxItemAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "kind", "title", "mailed_at", "done_at", "done_by"]
    list_display_links = ["title"]
    list_filter = ["kind", ("done_at", admin.EmptyFieldListFilter)]
    search_fields = ["title", "body"]
    list_select_related = ["done_by"]
    date_hierarchy = "created_at"
    ordering = ["-pk"]
    actions = ["done"]

    def has_done_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("commitments.change_inboxitem"))

    @admin.action(permissions=["done"], description=gettext_lazy("Take note: nothing left to do"))
    def done(self, request: HttpRequest, queryset: QuerySet[InboxItem]) -> None:
        ids = list(queryset.values_list("pk", flat=True))
        count = mark_done(ids, actor=request.user, now=timezone.now())  # type: ignore[arg-type]  # signed in
        self.message_user(
            request,
            ngettext("%(count)d item taken note of.", "%(count)d items taken note of.", count)
            % {"count": count},
        )
