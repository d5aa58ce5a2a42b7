"""Projects, their money and what was computed from them: to read and follow."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from commitments.admin import (
    MOST_AT_ONCE,
    EntityAdmin,
    FactAdmin,
    LinksInline,
    Listed,
    ReadOnlyAdmin,
    as_posted,
    proposal,
)
from commitments.services.register import kinds, record_fields
from projects.models import (
    ClosedPeriod,
    Cover,
    DeemedRate,
    Financing,
    FinancingProject,
    FinancingProvider,
    Forecast,
    ForecastScore,
    FundingNotice,
    LedgerCheck,
    LedgerDay,
    LedgerEntry,
    LedgerMonth,
    LedgerProject,
    Plan,
    Project,
    ProjectLink,
    ProjectParty,
    ProjectProfile,
    Scenario,
    Snapshot,
    StageEvent,
    Valuation,
)
from projects.services.entries import KIND, reversal_record


@admin.register(Project)
class ProjectAdmin(EntityAdmin):
    list_display = ["slug", "name", "commitment"]
    list_filter = ["commitment"]
    search_fields = ["slug", "name", "name_ja"]
    list_select_related = ["commitment"]

    def versions_of(self, obj: Project) -> list[Any]:
        """Its own row and those of every fact and entry about it, the newest revision first."""
        rows = list(super().versions_of(obj))
        for model in kinds().values():
            if of := _about_project(model, obj):
                rows += as_posted(model._default_manager.filter(of).distinct())[: MOST_AT_ONCE + 1]
        return sorted(rows, key=lambda row: -row.revision_id)

    def past_of(self, obj: Project) -> dict[str, Any]:
        past = super().past_of(obj)
        versions = past["versions"]
        left_out = len(versions) > MOST_AT_ONCE
        return {**past, "versions": versions[:MOST_AT_ONCE], "versions_left_out": left_out}


def _about_project(model: Any, project: Project) -> Q | None:
    """The rows of a kind that name a project; None for a kind that names none."""
    fields = record_fields(model)
    if "subject" in fields:
        return Q(subject=f"project:{project.slug}")
    name = next((n for n in ("project", "projects") if n in fields), None)
    return Q(**{name: project}) if name else None


@admin.register(ProjectProfile)
class ProjectProfileAdmin(FactAdmin):
    about = ("project", "sector", "batch", "count_in_totals")
    filters = ("sector", "batch", "count_in_totals")
    relations = ("project", "sector")
    search_fields = ["ref", "project__name", "location", "sector_text"]


@admin.register(StageEvent)
class StageEventAdmin(FactAdmin):
    about = ("project", "kind", "occurred_on")
    filters = ("kind",)
    relations = ("project",)
    search_fields = ["ref", "project__name", "note"]
    date_hierarchy = "occurred_on"


@admin.register(ProjectParty)
class ProjectPartyAdmin(FactAdmin):
    about = ("project", "party", "role")
    relations = ("project", "party")
    search_fields = ["ref", "project__name", "party__name", "role"]


@admin.register(ProjectLink)
class ProjectLinkAdmin(FactAdmin):
    about = ("project", "relation", "other")
    filters = ("relation",)
    relations = ("project", "other")
    search_fields = ["ref", "project__name", "other__name"]


class FinancingProjects(LinksInline):
    model = FinancingProject


class FinancingProviders(LinksInline):
    model = FinancingProvider


@admin.register(Financing)
class FinancingAdmin(FactAdmin):
    about = ("commitment", "instrument", "signed_on", "cover_status")
    filters = ("instrument", "cover_status")
    relations = ("commitment", "instrument")
    date_hierarchy = "signed_on"
    inlines = [FinancingProjects, FinancingProviders]


@admin.register(Cover)
class CoverAdmin(FactAdmin):
    about = ("financing", "insurer", "in_force_on", "ends_on", "amount_usd")
    relations = ("financing", "insurer")
    search_fields = ["ref", "insurer__name"]
    date_hierarchy = "in_force_on"


@admin.register(FundingNotice)
class FundingNoticeAdmin(FactAdmin):
    about = ("project", "number", "received_on", "amount_usd", "instrument", "default_reading")
    filters = ("instrument",)
    relations = ("project", "instrument")
    search_fields = ["ref", "number", "project__name"]
    date_hierarchy = "received_on"


@admin.register(Plan)
class PlanAdmin(FactAdmin):
    about = ("commitment", "project", "label", "effective_on")
    relations = ("commitment", "project")
    search_fields = ["ref", "label"]


@admin.register(DeemedRate)
class DeemedRateAdmin(FactAdmin):
    about = ("commitment", "project", "effective_on", "annual_rate")
    relations = ("commitment", "project")
    search_fields = ["ref", "project__name", "benchmark"]
    date_hierarchy = "effective_on"


@admin.register(Valuation)
class ValuationAdmin(FactAdmin):
    about = ("project", "valued_on", "amount_usd")
    relations = ("project",)
    search_fields = ["ref", "project__name", "method"]
    date_hierarchy = "valued_on"


def _reversed_cells(entry: LedgerEntry) -> tuple[str, ...]:
    paid = "" if entry.currency == "USD" else f"{-entry.amount:,.0f} {entry.currency}"
    return (
        entry.ref,
        entry.value_date.isoformat(),
        entry.get_kind_display(),
        entry.project.slug,
        f"{-entry.amount_usd:,.2f}",
        paid,
        str(entry.document),
    )


REVERSED = Listed(
    (
        gettext_lazy("Entry to reverse"),
        gettext_lazy("Value date"),
        gettext_lazy("Kind"),
        gettext_lazy("Project"),
        gettext_lazy("Amount of the reversal, US dollars"),
        gettext_lazy("In its currency"),
        gettext_lazy("Document"),
    ),
    _reversed_cells,
)


class StandingOut(admin.SimpleListFilter):
    """Entries that stand out: late, forced, reversing or reversed."""

    title = gettext_lazy("standing out")
    parameter_name = "out"
    CHOICES = {
        "late": (gettext_lazy("posted into a closed period"), ~Q(late_reason="")),
        "forced": (gettext_lazy("let through a limit"), ~Q(override_reason="")),
        "reversal": (gettext_lazy("reversals"), Q(reverses__isnull=False)),
        "reversed": (gettext_lazy("reversed"), Q(reversal__isnull=False)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(key, words) for key, (words, _rows) in self.CHOICES.items()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = self.CHOICES.get(self.value() or "")
        return queryset.filter(chosen[1]) if chosen else queryset


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    list_display = [
        "number",
        "ref",
        "value_date",
        "kind",
        "project",
        "instrument",
        "notice",
        "amount_usd",
        "currency",
        "amount",
        "fx_rate",
        "reverses",
        "document",
        "revision",
        "late_reason",
        "override_reason",
        "seal",
    ]
    list_filter = ["kind", StandingOut, "currency", "instrument", "commitment"]
    actions = ["propose_reversal"]
    search_fields = ["ref", "project__slug", "project__name", "notice__number", "note"]
    list_select_related = ["project", "instrument", "notice", "reverses", "document", "revision"]
    date_hierarchy = "value_date"
    ordering = ["-number"]

    def versions_of(self, obj: LedgerEntry) -> QuerySet[LedgerEntry]:
        """The entry with what reverses it, or what it reverses."""
        return as_posted(
            LedgerEntry.objects.filter(Q(pk=obj.pk) | Q(reverses=obj) | Q(reversal=obj))
        )

    @admin.action(
        permissions=["propose"], description=gettext_lazy("Propose to reverse the selected…")
    )
    def propose_reversal(
        self, request: HttpRequest, queryset: QuerySet[LedgerEntry]
    ) -> HttpResponse | None:
        """Show what would be reversed, then keep it as a draft case, where its document is named.

        Only entries of one commitment are taken: the totals before and after are those of one.
        How many of the selected are left out is told.
        """
        open_ones = queryset.filter(reverses=None, reversal=None).select_related(
            "document", "project", "commitment"
        )
        entries = list(open_ones.order_by("number")[:MOST_AT_ONCE])
        if len({entry.commitment_id for entry in entries}) > 1:
            self.message_user(
                request, _("Select entries of one commitment at a time."), messages.WARNING
            )
            return None
        if (left_out := queryset.count() - len(entries)) and entries:
            words = ngettext(
                "%(count)d selected entry is left out: it is a reversal or was reversed, or"
                " stands beyond the first %(most)d.",
                "%(count)d selected entries are left out: they are reversals or were reversed, or"
                " stand beyond the first %(most)d.",
                left_out,
            )
            given = {"count": left_out, "most": MOST_AT_ONCE}
            self.message_user(request, words % given, messages.WARNING)
        changes = [
            {"kind": KIND, "data": reversal_record(entry, entry.document)} for entry in entries
        ]
        title = _("Reverse %(count)d ledger entries") % {"count": len(entries)}
        return proposal(self, request, entries, changes, title=title, listed=REVERSED)

    @admin.display(description=gettext_lazy("seal"))
    def seal(self, entry: LedgerEntry) -> str:
        return f"{entry.sha256[:12]}…"


@admin.register(ClosedPeriod)
class ClosedPeriodAdmin(FactAdmin):
    about = ("commitment", "ends_on")
    filters = ("commitment",)
    relations = ("commitment",)


@admin.register(LedgerCheck)
class LedgerCheckAdmin(ReadOnlyAdmin):
    list_display = ["checked_at", "entries", "first_broken", "problems", "last_sha256"]
    list_filter = [("first_broken", admin.EmptyFieldListFilter)]
    search_fields = ["last_sha256"]
    date_hierarchy = "checked_at"
    ordering = ["-pk"]


@admin.register(LedgerDay)
class LedgerDayAdmin(ReadOnlyAdmin):
    list_display = ["commitment", "kind", "value_date", "amount_usd"]
    list_filter = ["kind", "commitment"]
    search_fields = ["commitment__slug", "commitment__name", "kind"]
    list_select_related = ["commitment"]
    date_hierarchy = "value_date"
    ordering = ["-value_date", "pk"]


@admin.register(LedgerProject)
class LedgerProjectAdmin(ReadOnlyAdmin):
    list_display = ["project", "instrument", "kind", "amount_usd", "last_value_date"]
    list_filter = ["kind", "instrument"]
    search_fields = ["project__slug", "project__name"]
    list_select_related = ["project", "instrument"]
    ordering = ["project__slug", "pk"]


@admin.register(LedgerMonth)
class LedgerMonthAdmin(ReadOnlyAdmin):
    list_display = ["project", "instrument", "kind", "month", "amount_usd"]
    list_filter = ["kind", "instrument"]
    search_fields = ["project__slug", "project__name"]
    list_select_related = ["project", "instrument"]
    date_hierarchy = "month"
    ordering = ["project__slug", "pk"]


@admin.register(Snapshot)
class SnapshotAdmin(ReadOnlyAdmin):
    list_display = ["commitment", "as_of", "revision", "sha256", "computed_at"]
    list_filter = ["commitment"]
    search_fields = ["commitment__slug", "commitment__name", "sha256"]
    list_select_related = ["commitment", "revision"]
    date_hierarchy = "as_of"
    ordering = ["-as_of", "-revision_id"]


@admin.register(Forecast)
class ForecastAdmin(ReadOnlyAdmin):
    list_display = ["commitment", "as_of", "revision", "model_version", "is_prior", "computed_at"]
    list_filter = ["is_prior", "model_version", "commitment"]
    search_fields = ["commitment__slug", "commitment__name", "model_version", "sha256"]
    list_select_related = ["commitment", "revision"]
    date_hierarchy = "as_of"
    ordering = ["-as_of", "-revision_id"]


@admin.register(ForecastScore)
class ForecastScoreAdmin(ReadOnlyAdmin):
    list_display = [
        "forecast",
        "due_on",
        "months_ahead",
        "outcome_usd",
        "crps_share",
        "brier",
        "in_90",
    ]
    list_filter = ["in_90", "months_ahead", "forecast__commitment"]
    search_fields = ["forecast__commitment__slug", "forecast__model_version"]
    list_select_related = ["forecast"]
    date_hierarchy = "due_on"
    ordering = ["-due_on", "-pk"]


@admin.register(Scenario)
class ScenarioAdmin(ReadOnlyAdmin):
    list_display = ["name", "key", "commitment", "forecast", "created_at"]
    list_filter = ["commitment"]
    search_fields = ["name", "key", "commitment__slug"]
    list_select_related = ["commitment", "forecast"]
    date_hierarchy = "created_at"
    ordering = ["-pk"]
