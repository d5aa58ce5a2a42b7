"""Duties, trade and levers: to read and follow."""

from django.contrib import admin

from commitments.admin import EntityAdmin, FactAdmin, ReadOnlyAdmin
from tariffs.models import (
    CounterfactualRate,
    Lever,
    LeverState,
    Measure,
    Supposition,
    TariffCategory,
    TradeFlow,
)


@admin.register(TariffCategory)
class TariffCategoryAdmin(EntityAdmin):
    list_display = ["slug", "name", "name_ja", "position"]
    search_fields = ["slug", "name", "name_ja"]
    ordering = ["position", "slug"]


@admin.register(Measure)
class MeasureAdmin(FactAdmin):
    about = ("category", "country", "rate_percent", "basis", "effective_from", "effective_to")
    filters = ("category", "basis", "country")
    relations = ("category",)
    search_fields = ["ref", "legal_authority", "hts_scope"]
    date_hierarchy = "effective_from"


@admin.register(Lever)
class LeverAdmin(FactAdmin):
    about = ("commitment", "title", "stated_on")
    filters = ("commitment",)
    relations = ("commitment",)
    search_fields = ["ref", "title", "trigger", "consequence"]


@admin.register(CounterfactualRate)
class CounterfactualRateAdmin(FactAdmin):
    about = ("category", "period_from", "period_to", "with_percent", "without_percent", "kind")
    filters = ("category", "kind")
    relations = ("category",)


@admin.register(TradeFlow)
class TradeFlowAdmin(FactAdmin):
    about = ("line", "label", "year", "value_usd", "country", "flow", "category")
    filters = ("year", "flow", "category")
    relations = ("category",)
    search_fields = ["ref", "line", "label"]


@admin.register(LeverState)
class LeverStateAdmin(ReadOnlyAdmin):
    list_display = ["lever", "as_of", "state", "previous", "revision", "judged_at"]
    list_filter = ["state", "lever__commitment"]
    search_fields = ["lever__ref", "lever__title"]
    list_select_related = ["lever", "revision"]
    date_hierarchy = "as_of"
    ordering = ["-as_of", "-pk"]


@admin.register(Supposition)
class SuppositionAdmin(ReadOnlyAdmin):
    list_display = ["name", "commitment", "event", "project", "as_of", "revision", "created_at"]
    list_filter = ["event", "commitment"]
    list_select_related = ["commitment", "project", "revision"]
    search_fields = ["name", "project__slug", "project__name"]
    date_hierarchy = "created_at"
