"""The read endpoints: every resource, the commitments, their metrics and progress."""

import hashlib
from decimal import Decimal
from typing import Any

from django.db import models
from django.http import Http404
from django.utils.cache import patch_vary_headers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from commitments.calculations.metric import Figure, Metric, Row
from commitments.models import Commitment, Fact, Revision
from commitments.selectors import undated_count
from dashboard.api import parameters
from dashboard.api.problems import BadParameter
from dashboard.api.resources import RESOURCES, Resource
from dashboard.points import POINT_PARAMETERS, SCOPE_PARAMETERS, Reading, reading_of
from projects.calculations.stages import Stage
from projects.metrics import BY_KEY, METRICS, evaluate, figure_json, progress, shown
from projects.models import LedgerEntry, Project
from projects.selectors import ProjectRecord

API_VERSION = "1.0"


class PointView(APIView):
    """A view that answers about a point in time, and says which."""

    extra: tuple[str, ...] = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        parameters.allow_only(request.query_params, *POINT_PARAMETERS, *self.extra)
        self.reading: Reading = reading_of(request._request)
        point = self.reading.point
        stamp = f"{API_VERSION}|{point}|{request.get_full_path()}"
        self.etag = f'W/"{hashlib.sha256(stamp.encode()).hexdigest()[:32]}"'

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().dispatch(request, *args, **kwargs)
        if response.status_code == 200 and hasattr(self, "etag"):
            response["ETag"] = self.etag
            response["Cache-Control"] = "public, max-age=0, must-revalidate"
        patch_vary_headers(response, ["Accept"])
        return response

    @property
    def is_unchanged(self) -> bool:
        """True when the caller holds this very answer."""
        given = self.request.headers.get("If-None-Match", "")
        return self.etag in [tag.strip() for tag in given.split(",")]

    def unchanged(self) -> Response:
        return Response(status=304, headers={"ETag": self.etag})

    def meta(self, **more: Any) -> dict[str, Any]:
        """The head of every answer: what it describes and how far its evidence reaches."""
        point = self.reading.point
        cutoff = self.reading.cutoff if point.is_recorded else None
        meta = {
            "as_of": point.as_of.isoformat(),
            "known_at": None if point.known_at is None else point.known_at.isoformat(),
            "revision": point.revision,
            "published_by": None if point.published_by is None else point.published_by.isoformat(),
            "data_cutoff": None if cutoff is None else cutoff.isoformat(),
            "commitment": self.reading.commitment.slug,
            **more,
        }
        if self.reading.commitment.illustrative:
            meta["illustrative"] = True
        return meta


class IndexView(PointView):
    """The addresses of the API."""

    def get(self, request: Request) -> Response:
        names = ["commitments", "metrics", "projects", *(r.name for r in RESOURCES)]
        links = {name: reverse(f"{name}-list", request=request) for name in names}
        links["openapi"] = reverse("openapi", request=request)
        return Response({"meta": self.meta(), "links": links})


class ResourceView(PointView):
    """Base of the list and detail views of one resource."""

    resource: Resource

    def rows(self) -> models.QuerySet[Any]:
        """The rows of the resource that hold at the point in time."""
        resource, point = self.resource, self.reading.point
        model: Any = resource.model
        if issubclass(model, Fact):
            rows = model.objects.current(point)
        elif model is LedgerEntry:
            rows = model.objects.known(point).filter(value_date__lte=point.as_of)
        elif model is Revision:
            rows = model.objects.filter(number__lte=point.revision)
        elif resource.key == "slug":
            rows = model.objects.all()
        else:
            rows = model.objects.filter(revision__lte=point.revision)
        if resource.commitment:
            rows = rows.filter(**{resource.commitment: self.reading.commitment})
        return rows

    def records(self, rows: models.QuerySet[Any]) -> list[dict[str, Any]]:
        """Rows as plain data, links included: one query, and one for each kind of link."""
        resource = self.resource
        names, paths = list(resource.fields), list(resource.fields.values())
        found = [
            dict(zip(names, values, strict=False)) | {"_pk": values[-1]}
            for values in rows.values_list(*paths, "pk")
        ]
        for link in resource.links:
            self._add_links(link, found)
        for record in found:
            del record["_pk"]
            if resource.convert:
                resource.convert(record)
        return found

    def _add_links(self, link: str, found: list[dict[str, Any]]) -> None:
        field: Any = self.resource.model._meta.get_field(link)
        key = field.related_model.NATURAL_KEY
        here, there = field.m2m_field_name(), field.m2m_reverse_field_name()
        pairs = field.remote_field.through._default_manager.filter(
            **{f"{here}__in": [record["_pk"] for record in found]}
        ).order_by("pk")
        linked: dict[int, list[str]] = {}
        for owner, name in pairs.values_list(f"{here}_id", f"{there}__{key}"):
            linked.setdefault(owner, []).append(name)
        for record in found:
            record[link] = linked.get(record["_pk"], [])


class ResourceListView(ResourceView):
    """A page of one resource."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.extra = (*parameters.PAGE_PARAMETERS, *self.resource.all_filters)
        if not self.resource.search:
            self.extra = tuple(name for name in self.extra if name != "q")
        super().initial(request, *args, **kwargs)

    def get(self, request: Request) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        resource, query = self.resource, request.query_params
        size, order = parameters.page_size(query), parameters.order_of(query, resource.ordering)
        rows = parameters.filtered(self.rows(), query, resource.all_filters, resource.model)
        rows = parameters.searched(rows, query, resource.search)
        rows = parameters.after_cursor(rows, query, order, resource.model)
        records = self.records(rows.order_by(*order.by)[: size + 1])
        following = None
        if len(records) > size:
            records = records[:size]
            following = self._next(request, order, records[-1])
        more: dict[str, Any] = {}
        if self.reading.point.published_by and issubclass(resource.model, Fact):
            more["undated_dropped"] = undated_count(self.reading.point, [resource.model])
        return Response({"meta": self.meta(**more), "next": following, "results": records})

    def _next(self, request: Request, order: parameters.Order, last: dict[str, Any]) -> str:
        lookup = {self.resource.fields[self.resource.key]: last[self.resource.key]}
        pk, value = self.rows().filter(**lookup).values_list("pk", order.column).order_by("-pk")[0]
        cursor = parameters.cursor(order, value, pk)
        return parameters.next_address(request.path, request.query_params, cursor)


class ResourceDetailView(ResourceView):
    """One record of a resource, by its natural key."""

    def get(self, request: Request, key: str) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        column = self.resource.fields[self.resource.key]
        if (
            "\x00" in key
            or len(key) > 140
            or (self.resource.key in ("id", "number") and not _is_id(key))
        ):
            raise Http404(f"No {self.resource.name} record is called that.")
        found = self.records(self.rows().filter(**{column: key})[:1])
        if not found:
            raise Http404(f"No {self.resource.name} record is called “{key}” at this point.")
        return Response({"meta": self.meta(), "result": found[0]})


def _is_id(key: str) -> bool:
    return key.isascii() and key.isdigit() and int(key[:19]) <= parameters.BIGGEST and len(key) < 20


class CommitmentListView(PointView):
    """The commitments on record."""

    def get(self, request: Request) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        results = [_commitment(c, request) for c in Commitment.objects.all()]
        return Response({"meta": self.meta(), "next": None, "results": results})


class CommitmentDetailView(PointView):
    """One commitment."""

    def get(self, request: Request, key: str) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        found = Commitment.objects.filter(slug=key).first()
        if found is None:
            raise Http404(f"No commitment is called “{key[:80]}”.")
        return Response({"meta": self.meta(), "result": _commitment(found, request)})


def _commitment(c: Commitment, request: Request) -> dict[str, Any]:
    return {
        "slug": c.slug,
        "name": c.name,
        "name_ja": c.name_ja,
        "investor": c.investor,
        "investor_ja": c.investor_ja,
        "investor_code": c.investor_code,
        "host_code": c.host_code,
        "is_default": c.is_default,
        "illustrative": c.illustrative,
        "progress": reverse("progress", args=[c.slug], request=request),
    }


class ScopedView(PointView):
    """A view of metrics: the commitment may be narrowed to a scope."""

    extra = SCOPE_PARAMETERS


class ProgressView(ScopedView):
    """Every metric of one commitment."""

    def get(self, request: Request, key: str) -> Response:
        found = Commitment.objects.filter(slug=key).first()
        if found is None:
            raise Http404(f"No commitment is called “{key[:80]}”.")
        asked = request.query_params.get("commitment")
        if asked not in (None, key):
            raise BadParameter("commitment", "contradicts the address")
        if found != self.reading.commitment:
            query = request._request.GET.copy()
            query["commitment"] = key
            request._request.GET = query
            self.reading = reading_of(request._request)
        if self.is_unchanged:
            return self.unchanged()
        metrics = progress(self.reading.record, self.reading.scope)
        for name, figure in metrics.items():
            figure["explain"] = self._explain(name)
        return Response({"meta": self.meta(), "metrics": metrics})

    def _explain(self, name: str) -> str:
        address = reverse("metric-detail", args=[name], request=self.request)
        query = self.request.query_params.copy()
        query["commitment"] = self.reading.commitment.slug
        return f"{address}?{query.urlencode()}"


class MetricListView(ScopedView):
    """Every metric with its definition and value."""

    def get(self, request: Request) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        results = [
            _metric(m, evaluate(m, self.reading.record, self.reading.scope)) for m in METRICS
        ]
        return Response({"meta": self.meta(), "next": None, "results": results})


class MetricDetailView(ScopedView):
    """One metric with the rows that make it: their signed bounds re-sum to it."""

    def get(self, request: Request, key: str) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        metric = BY_KEY.get(key)
        if metric is None:
            raise Http404(f"No metric is called “{key[:80]}”.")
        figure = evaluate(metric, self.reading.record, self.reading.scope)
        body = _metric(metric, figure)
        body["rows"] = [_row(metric, row) for row in figure.rows if row.counts]
        body["context"] = [_row(metric, row) for row in figure.rows if not row.counts]
        return Response({"meta": self.meta(), "result": body})


def _metric(metric: Metric, figure: Figure) -> dict[str, Any]:
    return {
        "key": metric.key,
        "name": metric.name,
        "name_ja": metric.name_ja,
        "definition": metric.definition,
        "definition_ja": metric.definition_ja,
        "formula": metric.formula,
        "version": metric.version,
        **figure_json(metric, figure),
    }


def _row(metric: Metric, row: Row) -> dict[str, Any]:
    unit = (
        "usd" if row.kind in ("term", "ledger", "notice", "project", "financing") else metric.unit
    )
    return {
        "label": row.label,
        "kind": row.kind,
        "ref": row.ref,
        "sign": row.sign,
        "low": shown(row.bounds.low, unit),
        "high": shown(row.bounds.high, unit),
        "date": row.on,
        "documents": list(row.documents),
        "note": row.note,
    }


class ProjectListView(PointView):
    """Projects with their derived stage and judged amounts."""

    filters = ("stage", "sector", "state", "batch")
    extra = (*filters, *parameters.PAGE_PARAMETERS)

    def get(self, request: Request) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        query = request.query_params
        size = parameters.page_size(query)
        order = parameters.order_of(query, ("slug", "stage", "amount"))
        stage = query.get("stage")
        if stage is not None and stage not in {str(s) for s in Stage}:
            raise BadParameter("stage", f"must be one of: {', '.join(Stage)}")
        found = [p for p in self.reading.record.projects if _fits(p, query)]
        found.sort(key=_PROJECT_ORDER[order.column], reverse=order.descending)
        start = _start(found, query.get("after"))
        shown_projects = found[start : start + size]
        following = None
        if start + size < len(found):
            after = parameters.cursor(order, None, shown_projects[-1].slug)
            following = parameters.next_address(request.path, query, after)
        results = [_project(p) for p in shown_projects]
        return Response(
            {"meta": self.meta(count=len(found)), "next": following, "results": results}
        )


_PROJECT_ORDER: dict[str, Any] = {
    "slug": lambda p: p.slug,
    "stage": lambda p: (list(Stage).index(p.standing.stage) if p.standing.stage else -1, p.slug),
    "amount": lambda p: (
        max((j.bounds.high or Decimal(0) for j in p.amounts.values()), default=Decimal(0)),
        p.slug,
    ),
}


def _fits(project: ProjectRecord, query: Any) -> bool:
    words = f"{project.project.name} {project.slug}".lower()
    text = query.get("q", "")
    if len(text) > parameters.LONGEST_SEARCH or len(text.split()) > parameters.MOST_WORDS:
        raise BadParameter("q", "is too long")
    batch = project.profile.batch if project.profile else ""
    return (
        (query.get("stage") is None or project.is_at(query["stage"]))
        and query.get("sector") in (None, project.sector)
        and (query.get("state") is None or query["state"] in project.states)
        and query.get("batch") in (None, batch)
        and all(word in words for word in text.lower().split())
    )


def _start(found: list[ProjectRecord], after: str | None) -> int:
    if after is None:
        return 0
    slugs = [project.slug for project in found]
    slug = parameters.slug_in(after)
    if slug not in slugs:
        raise BadParameter("after", "is not a cursor of this list; follow “next”")
    return slugs.index(slug) + 1


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
        "amounts": {
            rung: {
                "low": shown(judged.bounds.low, "usd"),
                "high": shown(judged.bounds.high, "usd"),
                "currency": "USD",
                "ruling": judged.ruling.ref if judged.ruling else None,
                "claims": [claim.ref for claim in judged.used],
                "rival_claims": [claim.ref for claim in judged.others],
            }
            for rung, judged in project.amounts.items()
        },
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
            known = Project.objects.filter(slug=key[:120]).exists() if "\x00" not in key else False
            detail = "is not on record at this point" if known else "is not known"
            raise Http404(f"Project “{key[:80]}” {detail}.")
        return Response({"meta": self.meta(), "result": _project(project)})
