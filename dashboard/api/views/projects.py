"""Projects: a list derived from their events and claims, paged by slug."""

from decimal import Decimal
from typing import Any

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from dashboard.api import parameters
from dashboard.api.amounts import financing_amounts, judged_amount
from dashboard.api.problems import BadParameter
from dashboard.api.views.base import PointView
from dashboard.points import (
    instrument_slugs,
    one_of,
    search_words,
    sector_slugs,
    state_codes,
)
from dashboard.project_filters import (
    amount_in,
    batch_of,
    batches,
    holds_words,
    instruments_of,
    is_within,
)
from projects.calculations.stages import Stage, firmness
from projects.models import Project
from projects.selectors import NOT_STATED, CommitmentRecord, ProjectRecord


class ProjectListView(PointView):
    """Projects with their derived stage and judged amounts."""

    filters = ("stage", "sector", "state", "instrument", "batch", "min", "max")
    ordering = ("slug", "stage", "amount")
    extra = (*filters, *parameters.PAGE_PARAMETERS)

    def get(self, request: Request) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        query = request.query_params
        order = parameters.order_of(query, self.ordering)
        stage = query.get("stage")
        if stage is not None and stage not in {str(s) for s in Stage}:
            raise BadParameter("stage", f"must be one of: {', '.join(Stage)}")
        for name, choices in (
            ("sector", sector_slugs),
            ("state", state_codes),
            ("instrument", instrument_slugs),
        ):
            if name in query:
                one_of(name, query[name], choices())
        if "batch" in query and (known := batches(self.reading.commitment)):
            one_of("batch", query["batch"], known)
        for name in ("min", "max"):
            amount_in(name, query.get(name, ""))
        words = search_words(query)
        record = self.reading.record
        found = [p for p in record.projects if _fits(p, record, query, words)]
        found.sort(key=_PROJECT_ORDER[order.column], reverse=order.descending)
        part = parameters.slice_of([p.slug for p in found], query, request.path, order)
        results = [_project(p) for p in found[part.start : part.end]]
        return Response(
            {"meta": self.meta(count=len(found)), "next": part.following, "results": results}
        )


_PROJECT_ORDER: dict[str, Any] = {
    "slug": lambda p: p.slug,
    "stage": lambda p: (firmness(p.standing.stage), p.slug),
    "amount": lambda p: (
        max((j.bounds.high or Decimal(0) for j in p.amounts.values()), default=Decimal(0)),
        p.slug,
    ),
}


def _fits(project: ProjectRecord, record: CommitmentRecord, query: Any, words: list[str]) -> bool:
    instrument = query.get("instrument")
    least, most = (amount_in(name, query.get(name, "")) for name in ("min", "max"))
    return (
        (query.get("stage") is None or project.is_at(query["stage"]))
        and query.get("sector") in (None, project.sector)
        and (query.get("state") is None or query["state"] in (project.states or (NOT_STATED,)))
        and query.get("batch") in (None, batch_of(project))
        and is_within(project, least, most)
        and (instrument is None or instrument in instruments_of(record, project.slug))
        and holds_words(project, words, record)
    )


def _project(project: ProjectRecord) -> dict[str, Any]:
    profile = project.profile
    return {
        "slug": project.slug,
        "name": project.project.name,
        "name_ja": project.project.name_ja,
        "stage": project.standing.stage,
        "reached": {str(stage): day for stage, day in project.standing.reached.items()},
        "sector": project.sector,
        "states": list(project.states),
        "location": profile.location if profile else "",
        "batch": profile.batch if profile else "",
        "count_in_totals": project.counts,
        "continued_as": project.continued_as,
        "merged_into": project.merged_into,
        "amounts": {rung: judged_amount(judged, "USD") for rung, judged in project.amounts.items()},
        "said": {name: judged_amount(judged, "USD") for name, judged in project.said.items()},
        "documents": list(
            dict.fromkeys(event.document.slug for event in project.events if event.document)
        ),
    }


class ProjectDetailView(PointView):
    """One project."""

    def get(self, request: Request, key: str) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        project = self.reading.record.by_slug.get(key)
        if project is None:
            known = Project.objects.filter(slug=key).exists()
            detail = "is not on record at this point" if known else "is not known"
            raise Http404(f"Project “{key[:80]}” {detail}.")
        result = _project(project)
        result["financings"] = financing_amounts(self.reading.record, project.slug)
        return Response({"meta": self.meta(), "result": result})
