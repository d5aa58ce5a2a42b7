"""The read endpoints: every resource, the commitments, their metrics and progress."""

import hashlib
import re
from decimal import Decimal
from typing import Any

from django.db import models
from django.http import Http404
from django.utils import translation
from django.utils.http import parse_etags
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from commitments.calculations.metric import Figure, Metric, Row
from commitments.models import Claim, Commitment, Fact, Instrument, Revision, Sector, Term
from commitments.selectors import undated_count
from dashboard.api import parameters
from dashboard.api.problems import BadParameter
from dashboard.api.resources import RESOURCES, Resource
from dashboard.points import POINT_PARAMETERS, SCOPE_PARAMETERS, Reading, reading_of
from projects.calculations.stages import Stage
from projects.metrics import BY_KEY, METRICS, evaluate, figure_json, progress, shown
from projects.models import (
    Financing,
    FundingNotice,
    LedgerEntry,
    Project,
    ProjectProfile,
    Snapshot,
    StageEvent,
)
from projects.selectors import NOT_STATED, ProjectRecord

API_VERSION = "1.1"
LONGEST_KEY = 140
STATE = re.compile(r"[A-Z]{2}|not-stated")
FIGURE_FACTS = (Claim, Term, ProjectProfile, StageEvent, Financing, FundingNotice, LedgerEntry)


class PointView(APIView):
    """A view that answers about a point in time, and says which."""

    extra: tuple[str, ...] = ()
    evidence: tuple[type[models.Model], ...] = FIGURE_FACTS

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        parameters.allow_only(request.query_params, *POINT_PARAMETERS, *self.extra)
        for name in (*POINT_PARAMETERS, *SCOPE_PARAMETERS):
            if name in request.query_params and not request.query_params[name].strip():
                raise BadParameter(name, "is empty")
        key = str(kwargs.get("key", ""))
        if "\x00" in key or len(key) > LONGEST_KEY:
            raise Http404("No record has such a name.")
        self.reading: Reading = reading_of(request._request)
        stamp = f"{API_VERSION}|{self.reading.point}|{self.state()}|{request.build_absolute_uri()}"
        self.etag = f'W/"{hashlib.sha256(stamp.encode()).hexdigest()[:32]}"'

    def state(self) -> str:
        """What else the answer depends on: labels change in place, so a pinned point does not fix them."""
        if "known_at" not in self.request.query_params:
            return ""
        return str(Revision.objects.aggregate(models.Max("number"))["number__max"])

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        with translation.override("en"):  # one language: names stand in both, side by side
            response = super().dispatch(request, *args, **kwargs)
        response["Content-Language"] = "en"
        if response.status_code in (200, 304):
            response["ETag"] = self.etag
            response["Cache-Control"] = "public, max-age=0, must-revalidate"
        return response

    @property
    def is_unchanged(self) -> bool:
        """True when the caller holds this very answer."""
        given = parse_etags(self.request.headers.get("If-None-Match", ""))
        return "*" in given or self.etag in [f"W/{tag.removeprefix('W/')}" for tag in given]

    def unchanged(self) -> Response:
        return Response(status=304)

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
        if point.published_by is not None:
            meta["undated_dropped"] = undated_count(point, self.evidence)
        if self.reading.commitment.illustrative:
            meta["illustrative"] = True
        return meta


class IndexView(PointView):
    """The addresses of the API."""

    def get(self, request: Request) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        names = ["commitments", "metrics", "projects", *(r.name for r in RESOURCES)]
        links = {name: reverse(f"{name}-list", request=request) for name in names}
        links["openapi"] = reverse("openapi", request=request)
        return Response({"meta": self.meta(), "links": links})


class ResourceView(PointView):
    """Base of the list and detail views of one resource."""

    resource: Resource

    @property
    def evidence(self) -> tuple[type[models.Model], ...]:  # type: ignore[override]  # the resource's own rows
        model = self.resource.model
        return (model,) if issubclass(model, (Fact, LedgerEntry)) else ()

    def state(self) -> str:
        """Snapshots are stored without a revision of their own."""
        if self.resource.model is not Snapshot:
            return super().state()
        return str(Snapshot.objects.aggregate(models.Max("pk"))["pk__max"])

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

    def records(self, rows: models.QuerySet[Any]) -> tuple[list[dict[str, Any]], list[int]]:
        """Rows as plain data with their primary keys: one query, and one a kind of link."""
        resource = self.resource
        names, paths = list(resource.fields), list(resource.fields.values())
        values = list(rows.values_list(*paths, "pk"))
        keys = [row[-1] for row in values]
        found = [dict(zip(names, row, strict=False)) for row in values]
        for link in resource.links:
            self._add_links(link, found, keys)
        if resource.convert:
            found = [resource.convert(record) for record in found]
        return found, keys

    def _add_links(self, link: str, found: list[dict[str, Any]], keys: list[int]) -> None:
        field: Any = self.resource.model._meta.get_field(link)
        natural = field.related_model.NATURAL_KEY
        here, there = field.m2m_field_name(), field.m2m_reverse_field_name()
        pairs = field.remote_field.through._default_manager.filter(**{f"{here}__in": keys})
        linked: dict[int, list[str]] = {}
        for owner, name in pairs.order_by("pk").values_list(f"{here}_id", f"{there}__{natural}"):
            linked.setdefault(owner, []).append(name)
        for key, record in zip(keys, found, strict=True):
            record[link] = linked.get(key, [])


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
        records, keys = self.records(rows.order_by(*order.by)[: size + 1])
        following = None
        if len(records) > size:
            records = records[:size]
            value = records[-1][order.column]  # what is ordered by is always shown
            after = parameters.cursor(order, value, keys[size - 1])
            following = parameters.next_address(request.path, query, after)
        return Response({"meta": self.meta(), "next": following, "results": records})


class ResourceDetailView(ResourceView):
    """One record of a resource, by its natural key."""

    def get(self, request: Request, key: str) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        column = self.resource.fields[self.resource.key]
        if self.resource.key in ("id", "number") and not _is_id(key):
            raise Http404(f"No {self.resource.name} record is called “{key}”.")
        found, _ = self.records(self.rows().filter(**{column: key})[:1])
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

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        scope = self.reading.scope
        for name, model in (("project", Project), ("sector", Sector), ("instrument", Instrument)):
            slug = getattr(scope, name)
            if slug in (None, NOT_STATED):
                continue
            if not model.objects.filter(slug=slug).exists():
                raise BadParameter(name, f"“{slug}” is not on record")
        if scope.state is not None and not STATE.fullmatch(scope.state):
            raise BadParameter("state", "must be two capitals, as in OH, or not-stated")


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
    ordering = ("slug", "stage", "amount")
    extra = (*filters, *parameters.PAGE_PARAMETERS)

    def get(self, request: Request) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        query = request.query_params
        size = parameters.page_size(query)
        order = parameters.order_of(query, self.ordering)
        stage = query.get("stage")
        if stage is not None and stage not in {str(s) for s in Stage}:
            raise BadParameter("stage", f"must be one of: {', '.join(Stage)}")
        words = parameters.words(query)
        found = [p for p in self.reading.record.projects if _fits(p, query, words)]
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


def _fits(project: ProjectRecord, query: Any, words: list[str]) -> bool:
    text = f"{project.project.name} {project.project.name_ja} {project.slug}".lower()
    batch = project.profile.batch if project.profile else ""
    return (
        (query.get("stage") is None or project.is_at(query["stage"]))
        and query.get("sector") in (None, project.sector)
        and (query.get("state") is None or query["state"] in project.states)
        and query.get("batch") in (None, batch)
        and all(word.lower() in text for word in words)
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
            known = Project.objects.filter(slug=key).exists()
            detail = "is not on record at this point" if known else "is not known"
            raise Http404(f"Project “{key[:80]}” {detail}.")
        return Response({"meta": self.meta(), "result": _project(project)})
