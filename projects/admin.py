"""Projects, their money and what was computed from them: to read and follow."""

from django.contrib import admin

from commitments.admin import EntityAdmin, FactAdmin, ReadOnlyAdmin
from projects.models import (
    Cover,
    Financing,
    FundingNotice,
    LedgerDay,
    LedgerEntry,
    LedgerProject,
    Plan,
    Project,
    ProjectLink,
    ProjectParty,
    ProjectProfile,
    Snapshot,
    StageEvent,
)


@admin.register(Project)
class ProjectAdmin(EntityAdmin):
    list_display = ["slug", "name", "commitment"]
    list_filter = ["commitment"]
    search_fields = ["slug", "name", "name_ja"]
    list_select_related = ["commitment"]


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


@admin.register(Financing)
class FinancingAdmin(FactAdmin):
    about = ("commitment", "instrument", "signed_on", "cover_status")
    filters = ("instrument", "cover_status")
    relations = ("commitment", "instrument")
    date_hierarchy = "signed_on"


@admin.register(Cover)
class CoverAdmin(FactAdmin):
    about = ("financing", "insurer", "in_force_on", "ends_on", "amount_usd")
    relations = ("financing", "insurer")
    search_fields = ["ref", "insurer__name"]
    date_hierarchy = "in_force_on"


@admin.register(FundingNotice)
class FundingNoticeAdmin(FactAdmin):
    about = ("project", "number", "received_on", "amount_usd", "instrument")
    filters = ("instrument",)
    relations = ("project", "instrument")
    search_fields = ["ref", "number", "project__name"]
    date_hierarchy = "received_on"


@admin.register(Plan)
class PlanAdmin(FactAdmin):
    about = ("commitment", "project", "label", "effective_on")
    relations = ("commitment", "project")
    search_fields = ["ref", "label"]


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    list_display = [
        "pk",
        "value_date",
        "kind",
        "project",
        "instrument",
        "amount_usd",
        "currency",
        "amount",
        "reverses",
        "revision",
    ]
    list_filter = ["kind", "currency", "instrument"]
    search_fields = ["project__slug", "project__name", "note"]
    list_select_related = ["project", "instrument", "revision", "reverses"]
    date_hierarchy = "value_date"
    ordering = ["-value_date", "-pk"]


@admin.register(LedgerDay)
class LedgerDayAdmin(ReadOnlyAdmin):
    list_display = ["commitment", "kind", "value_date", "amount_usd"]
    list_filter = ["kind"]
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


@admin.register(Snapshot)
class SnapshotAdmin(ReadOnlyAdmin):
    list_display = ["commitment", "as_of", "revision", "sha256", "computed_at"]
    list_filter = ["commitment"]
    list_select_related = ["commitment", "revision"]
    date_hierarchy = "as_of"
    ordering = ["-as_of", "-revision"]
