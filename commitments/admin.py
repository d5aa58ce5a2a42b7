"""The agreement and its evidence in the admin: to read, search and follow, never to edit."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from commitments.models import (
    Alert,
    AuditEntry,
    Claim,
    Commitment,
    Contradiction,
    Document,
    Event,
    Fact,
    Gap,
    Institution,
    InstitutionStatement,
    Instrument,
    Job,
    Party,
    Reaction,
    RevisionHead,
    Ruling,
    RulingClaim,
    Sector,
    SectorMapping,
    StanceCoding,
    Term,
)
from commitments.services.cases import draft_once, stored_records
from commitments.services.reruns import run_again


@dataclass(frozen=True)
class Posted:
    """A row that a revision posted, as a history tells of it, and what became of it in a word."""

    row: Any
    state: str

    @property
    def kind(self) -> str:
        return str(self.row._meta.verbose_name)

    @property
    def address(self) -> str:
        opts = self.row._meta
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[self.row.pk])


def as_posted(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Some rows with what a history tells of each, the newest first: by whom, in what case, why."""
    told = ["revision__actor", "revision__case__created_by"]
    told += [n for n in ("document", "successor", "reversal") if hasattr(rows.model, n)]
    return (
        rows.select_related(*told).defer("revision__case__changes").order_by("-revision_id", "-pk")
    )


def state_of(row: Any) -> str:
    """What became of a row that a revision posted; nothing of what has no versions."""
    if isinstance(row, Fact):
        superseded = getattr(row, "successor", None) is not None
        newest = _("withdrawn") if row.withdrawn else _("newest")
        return _("superseded") if superseded else newest
    if getattr(row, "reverses_id", None):
        return _("reversal")
    return _("reversed") if getattr(row, "reversal", None) else ""


class ReadOnlyAdmin(admin.ModelAdmin):
    """A list and a detail page; whatever the role, nothing is added, changed or removed here."""

    change_form_template = "admin/register/change_form.html"
    list_per_page = 50
    show_full_result_count = False
    formfield_overrides: Any = {models.URLField: {"assume_scheme": "https"}}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_propose_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("commitments.add_approvalcase"))

    def versions_of(self, obj: Any) -> Iterable[Any]:
        """The rows that revisions posted of this thing, newest first; nothing for what has none."""
        return ()

    def audit_of(self, obj: Any) -> QuerySet[AuditEntry]:
        """What people and loads did to this thing."""
        key = getattr(obj, getattr(self.model, "NATURAL_KEY", "pk"))
        trail = AuditEntry.objects.filter(kind=self.opts.model_name, ref=str(key))
        told = trail.select_related("actor", "revision__case__created_by")
        return told.defer("revision__case__changes")

    def past_of(self, obj: Any) -> dict[str, Any]:
        posted = [Posted(row, state_of(row)) for row in self.versions_of(obj)]
        return {"versions": posted, "audit": list(self.audit_of(obj))}

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        obj = self.get_object(request, object_id)
        past = self.past_of(obj) if obj is not None and self.has_view_permission(request) else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **past})

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the versions and the audit trail: the history the register keeps itself."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": _("History: %(object)s") % {"object": obj},
            "object": obj,
            "opts": self.opts,
            **self.past_of(obj),
        }
        return TemplateResponse(request, "admin/register/history.html", context)


class LinksInline(admin.TabularInline):
    """What a fact names by a table of links, on the fact's own page."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class EntityAdmin(ReadOnlyAdmin):
    """An identity. Its labels change by a load or a case, each change in the audit trail."""

    list_display: Any = ["slug", "name"]
    list_filter: Any = ["revision__kind"]
    search_fields: Any = ["slug", "name"]
    ordering: Any = ["slug"]

    def versions_of(self, obj: Any) -> Iterable[Any]:
        return as_posted(self.model._default_manager.filter(pk=obj.pk))


class VersionFilter(admin.SimpleListFilter):
    """Newest versions by default; all of them, or what was withdrawn, when asked."""

    title = gettext_lazy("version")
    parameter_name = "version"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("all", _("every version")), ("withdrawn", _("withdrawn"))]

    def choices(self, changelist: Any) -> Iterable[Any]:
        first, *others = super().choices(changelist)
        yield {**first, "display": _("newest")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "all":
            return queryset
        if self.value() == "withdrawn":
            return queryset.heads().filter(withdrawn=True)
        return queryset.heads()


MOST_AT_ONCE = 200
Preview = Callable[[Sequence[Mapping[str, Any]]], dict[str, Any]]
PREVIEWS: list[Preview] = []


@dataclass(frozen=True)
class Listed:
    """What is proposed as a table: the heads of its columns, and the cells of each row."""

    heads: tuple[str, ...]
    cells: Callable[[Any], tuple[str, ...]]


def register_preview(preview: Preview) -> None:
    """Let a room above tell on a proposal's page what its changes would do to the totals."""
    PREVIEWS.append(preview)


def proposal(
    desk: ReadOnlyAdmin,
    request: HttpRequest,
    rows: list[Any],
    changes: list[dict[str, Any]],
    *,
    title: str,
    listed: Listed | None = None,
) -> HttpResponse | None:
    """Preview changes to the selected rows; once confirmed with a reason, keep them as a draft.

    The page tells what they would do, or why the register would refuse them.
    """
    if not rows:
        desk.message_user(
            request, _("Nothing selected can be proposed for this."), messages.WARNING
        )
        return None
    reason = request.POST.get("reason", "").strip()[:4000]
    if "confirm" in request.POST and reason:
        case = draft_once(changes, title=title[:200], actor=request.user, reason=reason)  # type: ignore[arg-type]  # signed in
        desk.message_user(request, _("Draft kept. Read it, then submit it for approval."))
        return HttpResponseRedirect(
            reverse("admin:commitments_approvalcase_change", args=[case.pk])
        )
    context = {
        **desk.admin_site.each_context(request),
        "title": title,
        "opts": desk.opts,
        "rows": [(row, listed.cells(row) if listed else ()) for row in rows],
        "heads": listed.heads if listed else (),
        "action": request.POST.get("action", ""),
        "missing": "confirm" in request.POST,
    }
    for preview in PREVIEWS:
        context |= preview(changes)
    return TemplateResponse(request, "admin/cases/proposal.html", context)


class FactAdmin(ReadOnlyAdmin):
    """A fact with every version of it. Facts enter by a load or an approved case."""

    actions: Any = ["propose_withdrawal"]
    about: tuple[str, ...] = ()
    filters: tuple[Any, ...] = ()
    relations: tuple[str, ...] = ()
    search_fields: Any = ["ref", "note", "document__slug", "document__title"]

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return ["ref", *self.about, "document", "published_on", "revision"]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [VersionFilter, *self.filters, "confidence"]

    def get_list_select_related(self, request: HttpRequest) -> list[str]:
        return ["document", "revision", *self.relations]

    @admin.action(
        permissions=["propose"], description=gettext_lazy("Propose to withdraw the selected…")
    )
    def propose_withdrawal(
        self, request: HttpRequest, queryset: QuerySet[Any]
    ) -> HttpResponse | None:
        """Show what would be withdrawn, then keep it as a draft case: another person decides."""
        facts = list(queryset.filter(withdrawn=False, successor__isnull=True)[:MOST_AT_ONCE])
        kind = str(self.opts.model_name)
        stored = stored_records([{"kind": kind, "data": {"ref": fact.ref}} for fact in facts])
        changes = [
            {"kind": kind, "data": {**stored[kind, fact.ref], "withdrawn": True}} for fact in facts
        ]
        title = _("Withdraw %(count)d of %(what)s") % {
            "count": len(facts),
            "what": self.opts.verbose_name_plural,
        }
        return proposal(self, request, facts, changes, title=title)

    def versions_of(self, obj: Fact) -> QuerySet[Any]:
        rows = self.model._default_manager.filter(ref=obj.ref)
        return as_posted(rows)


@admin.register(Commitment)
class CommitmentAdmin(EntityAdmin):
    list_display = ["slug", "name", "investor", "host_code", "is_default", "illustrative"]
    list_filter = ["illustrative", "host_code"]
    search_fields = ["slug", "name", "name_ja", "investor"]
    ordering = ["-is_default", "slug"]


@admin.register(Institution)
class InstitutionAdmin(EntityAdmin):
    list_display = ["slug", "name", "short", "country", "kind", "illustrative"]
    list_filter = ["illustrative", "country", "kind"]
    search_fields = ["slug", "name", "name_ja", "short"]


@admin.register(Party)
class PartyAdmin(EntityAdmin):
    list_display = ["slug", "name", "name_ja", "illustrative"]
    list_filter = ["illustrative", *EntityAdmin.list_filter]


@admin.register(Sector)
class PositionedAdmin(EntityAdmin):
    list_display = ["slug", "name", "name_ja", "position"]
    search_fields = ["slug", "name", "name_ja"]
    ordering = ["position", "slug"]


@admin.register(Instrument)
class InstrumentAdmin(PositionedAdmin):
    list_filter = ["is_cash"]


@admin.register(Document)
class DocumentAdmin(EntityAdmin):
    list_display = ["slug", "title", "kind", "issuer", "date", "side", "access", "confidence"]
    list_filter = ["side", "access", "confidence", "kind"]
    search_fields = ["slug", "title", "issuer", "url", "citation"]
    date_hierarchy = "date"
    ordering = ["-date", "slug"]


@admin.register(Term)
class TermAdmin(FactAdmin):
    about = ("commitment", "key", "reading", "is_default", "effective_on")
    filters = ("is_default", "commitment")
    relations = ("commitment",)
    search_fields = ["ref", "key", "name", "name_ja", "clause"]


@admin.register(Event)
class EventAdmin(FactAdmin):
    about = ("commitment", "occurred_on", "title")
    filters = ("commitment",)
    relations = ("commitment",)
    search_fields = ["ref", "title", "title_ja"]
    date_hierarchy = "occurred_on"


@admin.register(Claim)
class ClaimAdmin(FactAdmin):
    about = (
        "subject",
        "aspect",
        "low",
        "high",
        "unit",
        "qualifier",
        "who",
        "rank",
        "stated_on",
        "effective_on",
    )
    filters = ("rank", "unit", "qualifier", "side")
    search_fields = ["ref", "subject", "aspect", "who", "text"]
    date_hierarchy = "stated_on"


class RulingClaims(LinksInline):
    model = RulingClaim


@admin.register(Ruling)
class RulingAdmin(FactAdmin):
    about = ("subject", "aspect")
    inlines = [RulingClaims]
    search_fields = ["ref", "subject", "aspect", "reason"]


@admin.register(Contradiction)
class ContradictionAdmin(FactAdmin):
    about = ("topic",)
    search_fields = ["ref", "topic", "statement_a", "statement_b"]


@admin.register(Gap)
class GapAdmin(FactAdmin):
    about = ("area", "question")
    filters = ("area",)
    search_fields = ["ref", "question", "text"]


@admin.register(Reaction)
class ReactionAdmin(FactAdmin):
    about = ("occurred_on", "country", "actor", "actor_type", "stance", "subject")
    filters = ("stance", "country", "actor_type")
    search_fields = ["ref", "actor", "subject", "summary"]
    date_hierarchy = "occurred_on"


@admin.register(StanceCoding)
class StanceCodingAdmin(FactAdmin):
    about = ("reaction", "stance", "coder", "coded_on")
    relations = ("reaction",)
    filters = ("stance",)
    search_fields = ["ref", "coder", "reaction__ref"]


@admin.register(InstitutionStatement)
class InstitutionStatementAdmin(FactAdmin):
    about = ("institution", "text")
    relations = ("institution",)
    search_fields = ["ref", "text", "institution__name"]


@admin.register(SectorMapping)
class SectorMappingAdmin(FactAdmin):
    about = ("label", "share_low", "share_high", "fit")
    search_fields = ["ref", "label"]


@admin.register(RevisionHead)
class RevisionHeadAdmin(ReadOnlyAdmin):
    list_display = ["number", "recorded_at"]
    search_fields = ["number"]


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "actor", "action", "kind", "ref", "revision", "reason"]
    list_filter = ["action", "kind"]
    search_fields = ["ref", "reason", "actor__username"]
    list_select_related = ["actor", "revision"]
    date_hierarchy = "at"
    ordering = ["-pk"]


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ["key", "kind", "state", "attempts", "progress", "took", "last_error"]
    list_filter = ["state", "kind"]
    search_fields = ["key", "last_error"]
    date_hierarchy = "created_at"
    ordering = ["-pk"]
    actions = ["run_again"]

    def has_rerun_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("commitments.change_job"))

    @admin.action(permissions=["rerun"], description=gettext_lazy("Run again what failed for good"))
    def run_again(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        ids = list(queryset.values_list("pk", flat=True))
        jobs = run_again(ids, actor=request.user, now=timezone.now())
        self.message_user(
            request,
            ngettext(
                "%(count)d job is back in line.", "%(count)d jobs are back in line.", len(jobs)
            )
            % {"count": len(jobs)},
        )

    @admin.display(description=gettext_lazy("took, seconds"))
    def took(self, job: Job) -> str:
        if job.started_at is None or job.finished_at is None:
            return "–"
        return f"{(job.finished_at - job.started_at).total_seconds():.1f}"


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    list_display = ["rule", "subject", "level", "previous", "commitment", "as_of", "revision"]
    list_filter = ["rule", "commitment"]
    list_select_related = ["commitment", "revision"]
    search_fields = ["subject"]
    date_hierarchy = "as_of"
