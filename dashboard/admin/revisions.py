"""Revisions in the admin: what posted them, and taking one back as a whole."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.admin import ReadOnlyAdmin
from commitments.models import ApprovalCase, Revision
from commitments.services.cases import CaseRefused
from commitments.services.undo import REVERSIBLE, propose_undo
from dashboard.admin.cases import CONFLICT, STATUS
from dashboard.casework import shown_refusal


@admin.register(Revision)
class RevisionAdmin(ReadOnlyAdmin):
    list_display = ["number", "recorded_at", "kind", "actor", "reason"]
    list_filter = ["kind"]
    search_fields = ["reason", "actor__username"]
    list_select_related = ["actor"]
    date_hierarchy = "recorded_at"
    ordering = ["-number"]
    readonly_fields = ["by"]
    change_form_template = "admin/register/revision.html"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Name the actor in words: accounts are for administrators to open."""
        return [name for name in super().get_fields(request, obj) if name != "actor"]

    @admin.display(description=gettext_lazy("actor"))
    def by(self, revision: Revision) -> str:
        return str(revision.actor or "–")

    def get_urls(self) -> list[Any]:
        take_back = path(
            "<int:pk>/take-back/",
            self.admin_site.admin_view(self.take_back_view),
            name="commitments_revision_take_back",
        )
        return [take_back, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        revision = self.get_object(request, object_id)
        may = request.user.has_perm("commitments.add_approvalcase")
        offered = revision is not None and may and revision.kind in REVERSIBLE
        context = {**(extra_context or {}), "may_take_back": offered}
        return super().change_view(request, object_id, form_url, context)

    def take_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Submit the case that takes a revision back, or say what stands in the way."""
        if request.method != "POST":
            return HttpResponse(status=405, headers={"Allow": "POST"})
        revision = self.get_object(request, str(pk))
        if not self.has_view_permission(request):
            raise PermissionDenied
        if revision is None:
            raise Http404
        reason = request.POST.get("reason", "")[:4000]
        try:
            case = propose_undo(revision.pk, actor=request.user, reason=reason, now=timezone.now())  # type: ignore[arg-type]  # signed in
        except CaseRefused as refused:
            context = {
                **self.admin_site.each_context(request),
                "title": _("Not done"),
                "opts": self.opts,
                "refused": shown_refusal(refused),
                "back": reverse("admin:commitments_revision_change", args=[pk]),
            }
            status = STATUS.get(refused.code, CONFLICT)
            return TemplateResponse(request, "admin/cases/refused.html", context, status=status)
        if case.state == ApprovalCase.State.DRAFT:
            messages.warning(
                request,
                _("Kept as a draft: it would break a rule, which a public reason sets aside."),
            )
        else:
            messages.success(request, _("Submitted; another person decides."))
        return HttpResponseRedirect(
            reverse("admin:commitments_approvalcase_change", args=[case.pk])
        )
