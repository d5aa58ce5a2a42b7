"""Imports in the admin: send a file, read what it would do, make it one case."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import OperationalError, transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.admin import ReadOnlyAdmin
from commitments.calculations.bounds import Bounds
from commitments.models import ImportBatch, Job
from commitments.services.cases import CaseRefused
from commitments.services.register import kinds
from commitments.services.sheets import MOST_BYTES, SheetRefused
from commitments.tasks import ring
from dashboard import formats
from dashboard.admin.cases import BUSY, CONFLICT, STATUS
from dashboard.casework import shown_refusal
from dashboard.points import is_key
from projects.metrics import BY_KEY
from projects.services.imports import confirm_import, same_file, upload_file

ROWS_PER_PAGE = 100
WAITS = (Job.State.PENDING, Job.State.RUNNING)


class ImportForm(forms.Form):
    """A table and a file for it."""

    table = forms.ChoiceField(label=gettext_lazy("Table"))
    file = forms.FileField(
        label=gettext_lazy("File"),
        max_length=200,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
        help_text=gettext_lazy(
            "CSV in UTF-8 or XLSX, at most 10 MB, 50,000 rows and 100 columns. The first row "
            "names every column of the table once; columns beginning with _ are ignored. An "
            "empty cell leaves a field empty."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["table"].choices = [  # type: ignore[attr-defined]  # a choice field
            (kind, model._meta.verbose_name_plural) for kind, model in kinds().items()
        ]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 10 MB."))
        return file


@admin.register(ImportBatch)
class ImportBatchAdmin(ReadOnlyAdmin):
    list_display = ["filename", "table", "state", "progress", "created_by", "created_at", "case"]
    list_filter = ["state", "table"]
    search_fields = ["filename", "table", "created_by__username", "sha256"]
    date_hierarchy = "created_at"
    ordering = ["-pk"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("commitments.add_importbatch"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportBatch]:
        rows = super().get_queryset(request).select_related("created_by", "job", "case__revision")
        return rows.defer("content", "report", "case__changes")

    def get_urls(self) -> list[Any]:
        confirm = path(
            "<int:pk>/confirm/",
            self.admin_site.admin_view(self.confirm_view),
            name="commitments_importbatch_confirm",
        )
        return [confirm, *super().get_urls()]

    @admin.display(description=gettext_lazy("read, percent"))
    def progress(self, batch: ImportBatch) -> str:
        return "–" if batch.job is None else str(batch.job.progress)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                batch = self._upload(request, form)
            except SheetRefused as refused:
                form.add_error("file", refused.reason)
            else:
                return HttpResponseRedirect(_address(batch.pk))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import a table"),
            "opts": self.opts,
            "form": form,
        }
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/imports/form.html", context, status=status)

    def _upload(self, request: HttpRequest, form: ImportForm) -> ImportBatch:
        file, actor = form.cleaned_data["file"], request.user
        with transaction.atomic():
            batch = upload_file(
                form.cleaned_data["table"],
                file.name,
                file.read(),
                actor=actor,  # type: ignore[arg-type]  # signed in
                now=timezone.now(),
            )
            key = batch.job.key if batch.job else ""
            transaction.on_commit(lambda: ring(key))
        return batch

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        batch = self._batch(request, object_id)
        report, job = batch.report, batch.job
        is_own = batch.created_by_id == request.user.pk
        context = {
            **self.admin_site.each_context(request),
            "title": str(batch),
            "opts": self.opts,
            "batch": batch,
            "table": kinds()[batch.table]._meta.verbose_name_plural,
            "waits": job is not None and job.state in WAITS,
            "dead": job is not None and job.state == Job.State.DEAD,
            "counts": report.get("counts", {}),
            "totals": [_total(total) for total in report.get("totals", ())],
            "errors": _page(request, report.get("errors", []), "errors"),
            "rows": _page(request, report.get("rows", []), "rows"),
            "more_errors": report.get("counts", {}).get("errors", 0)
            - len(report.get("errors", [])),
            "more_rows": _unlisted(report),
            "earlier": same_file(batch),
            "is_own": is_own,
            "may_confirm": is_own
            and batch.state == ImportBatch.State.READ
            and batch.case is not None
            and request.user.has_perm("commitments.change_approvalcase"),
            **self.past_of(batch),
        }
        return TemplateResponse(request, "admin/imports/batch.html", context)

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        batch = self._batch(request, pk)
        if request.method != "POST":
            return HttpResponse(status=405, headers={"Allow": "POST"})
        try:
            case = confirm_import(
                batch.pk,
                actor=request.user,  # type: ignore[arg-type]  # signed in
                now=timezone.now(),
                reason=request.POST.get("reason", "")[:4000],
            )
        except CaseRefused as refused:
            return self._refused(request, batch, refused)
        except OperationalError:
            return self._refused(request, batch, CaseRefused("busy", _busy()))
        messages.success(request, _("Submitted; another person decides."))
        return HttpResponseRedirect(
            reverse("admin:commitments_approvalcase_change", args=[case.pk])
        )

    def _refused(
        self, request: HttpRequest, batch: ImportBatch, refused: CaseRefused
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Not done"),
            "opts": self.opts,
            "refused": shown_refusal(refused, batch.case),
            "back": _address(batch.pk),
        }
        status = BUSY if refused.code == "busy" else STATUS.get(refused.code, CONFLICT)
        return TemplateResponse(request, "admin/cases/refused.html", context, status=status)

    def _batch(self, request: HttpRequest, pk: Any) -> ImportBatch:
        """The batch, if the person may see it. Raise Http404."""
        if not is_key(pk):
            raise Http404
        if not self.has_view_permission(request):
            raise PermissionDenied
        batch = self.get_queryset(request).defer(None).defer("content", "case__changes")
        found: ImportBatch | None = batch.filter(pk=int(pk)).first()
        if found is None:
            raise Http404
        return found


def _address(pk: int) -> str:
    return reverse("admin:commitments_importbatch_change", args=[pk])


def _page(request: HttpRequest, listed: list[Any], name: str) -> Any:
    return Paginator(listed, ROWS_PER_PAGE).get_page(request.GET.get(f"{name}_page", "1")[:9])


def _unlisted(report: dict[str, Any]) -> int:
    counts = report.get("counts", {})
    differing: int = counts.get("new", 0) + counts.get("changed", 0)
    return max(0, differing - len(report.get("rows", [])))


def _total(total: dict[str, Any]) -> dict[str, Any]:
    metric = BY_KEY[total["key"]]
    return {
        "name": metric.name_ja if formats.is_japanese() else metric.name,
        "before": _amount(total["before"]),
        "after": _amount(total["after"]),
        "moves": total["before"] != total["after"],
    }


def _amount(kept: dict[str, str | None]) -> str:
    if kept["reason"]:
        return formats.reason(kept["reason"])
    low, high = (None if kept[end] is None else Decimal(kept[end]) for end in ("low", "high"))
    return formats.money_range(Bounds(low, high), places=2)


def _busy() -> str:
    return _("The register is busy with another posting. Try again in a moment.")
