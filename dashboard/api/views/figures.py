"""The commitments, their metrics and their progress."""

from datetime import date
from typing import Any

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from commitments.calculations.metric import Figure, Metric, Row
from commitments.models import Commitment
from commitments.selectors import entities_at
from dashboard.api import parameters
from dashboard.api.problems import BadParameter
from dashboard.api.views.base import PointView
from dashboard.facts_read import facts_of, undated
from dashboard.figures import (
    BY_KEY,
    FIGURE_PARAMETERS,
    LIST_PARAMETERS,
    METRICS,
    Part,
    asked_metric,
    day_of_duties,
    figure_of,
    parts_of,
)
from dashboard.points import SCOPE_PARAMETERS, check_scope, reading_of
from projects.metrics import figure_json, metric_on, progress, shown

BY_KEY_UP = parameters.Order("key", descending=False)


class CommitmentListView(PointView):
    """The commitments on record, the default one first."""

    takes_commitment = False
    extra = ("after", "page_size")

    def get(self, request: Request) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        found = list(entities_at(Commitment, self.reading.point))
        slugs = [commitment.slug for commitment in found]
        part = parameters.slice_of(slugs, request.query_params, request.path, BY_KEY_UP)
        results = [_commitment(c, request) for c in found[part.start : part.end]]
        return Response({"meta": self.meta(), "next": part.following, "results": results})


class CommitmentDetailView(PointView):
    """One commitment."""

    def get(self, request: Request, key: str) -> Response:
        turn_to(self, key)
        if self.is_unchanged:
            return self.unchanged()
        found = entities_at(Commitment, self.reading.point).filter(slug=key).first()
        if found is None:
            raise Http404(f"No commitment is called “{key[:80]}” at this point.")
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
        check_scope(self.reading.scope)


def explain(view: PointView, key: str, **scope: str) -> str:
    """The address that explains a metric of the part a view is asked about, or of a part of that.

    A rung that is asked for is kept where the metric is told on it.
    """
    address = reverse("metric-detail", args=[key], request=view.request)
    query = view.request.query_params.copy()
    query["commitment"] = view.reading.commitment.slug
    if "rung" in query and metric_on(key, query["rung"]) is None:
        del query["rung"]
    for name, value in scope.items():
        query[name] = value
    return f"{address}?{query.urlencode()}"


def turn_to(view: PointView, key: str) -> None:
    """Let a view answer about the commitment its address names.

    Raise Http404 for none of that name, BadParameter where the parameter names another.
    """
    found = Commitment.objects.filter(slug=key).first()
    if found is None:
        raise Http404(f"No commitment is called “{key[:80]}”.")
    asked = view.request.query_params.get("commitment")
    if asked not in (None, key):
        raise BadParameter("commitment", "contradicts the address")
    if found != view.reading.commitment:
        query = view.request._request.GET.copy()
        query["commitment"] = key
        view.request._request.GET = query
        view.reading = reading_of(view.request._request)


class ProgressView(ScopedView):
    """Every metric of one commitment."""

    def get(self, request: Request, key: str) -> Response:
        turn_to(self, key)
        if self.is_unchanged:
            return self.unchanged()
        metrics = progress(self.reading.record, self.reading.scope)
        for name, figure in metrics.items():
            figure["explain"] = explain(self, name)
        return Response({"meta": self.meta(), "metrics": metrics})


class MetricListView(ScopedView):
    """Every metric with its definition and value."""

    extra = (*LIST_PARAMETERS, "after", "page_size")

    def get(self, request: Request) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        keys = [metric.key for metric in METRICS]
        part = parameters.slice_of(keys, request.query_params, request.path, BY_KEY_UP)
        on = day_of_duties(request.query_params, self.reading)
        results = [
            _metric(m, figure_of(m, self.reading.record, self.reading.scope, on=on))
            for m in METRICS[part.start : part.end]
        ]
        return Response({"meta": self.meta(), "next": part.following, "results": results})


class MetricDetailView(ScopedView):
    """One metric with the rows that make it: their signed bounds re-sum to it.

    The pace of a part is told on the rung asked for, funded by default.
    """

    extra = FIGURE_PARAMETERS

    def undated_dropped(self) -> int:
        return undated(self.reading, facts_of(BY_KEY[self.kwargs["key"]]))

    def get(self, request: Request, key: str) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        if key not in BY_KEY:
            raise Http404(f"No metric is called “{key[:80]}”.")
        metric = asked_metric(key, request.query_params.get("rung"))
        on = day_of_duties(request.query_params, self.reading, key)
        figure = figure_of(metric, self.reading.record, self.reading.scope, on=on)
        body = _metric(metric, figure)
        body["division"] = _division(figure)
        body["rows"] = [_row(row) for row in figure.rows if row.counts]
        body["context"] = [_row(row) for row in figure.rows if not row.counts]
        body["inputs"] = [self._input(name, metric, on) for name in metric.inputs]
        body["parts"] = [self._part(part) for part in parts_of(metric, self.reading)]
        return Response({"meta": self.meta(), "result": body})

    def _input(self, key: str, of: Metric, on: date | None) -> dict[str, Any]:
        metric = metric_on(key, of.rung) or BY_KEY[key]
        figure = figure_of(metric, self.reading.record, self.reading.scope, on=on)
        return {"key": key, **figure_json(metric, figure), "explain": explain(self, key)}

    def _part(self, part: Part) -> dict[str, Any]:
        return {
            "dimension": part.dimension,
            "part": part.slug,
            **figure_json(part.metric, part.figure),
            "explain": explain(self, part.metric.key, **{part.dimension: part.slug}),
        }


def _metric(metric: Metric, figure: Figure) -> dict[str, Any]:
    return {
        "key": metric.key,
        "name": metric.name,
        "name_ja": metric.name_ja,
        "definition": metric.definition,
        "definition_ja": metric.definition_ja,
        "formula": metric.formula,
        "formula_ja": metric.formula_ja,
        "literature": metric.literature,
        "version": metric.version,
        **figure_json(metric, figure),
    }


def _division(figure: Figure) -> dict[str, Any] | None:
    """The two sides of a share or rate, and what their quotient is multiplied by.

    The rows of each `part` re-sum to its side.
    """
    division = figure.division
    if division is None:
        return None
    sides = {"numerator": division.numerator, "denominator": division.denominator}
    told = {
        name: {"low": shown(bounds.low, unit), "high": shown(bounds.high, unit), "unit": unit}
        for (name, bounds), unit in zip(sides.items(), division.units, strict=True)
    }
    return {**told, "factor": str(division.factor)}


def _row(row: Row) -> dict[str, Any]:
    return {
        "label": row.label,
        "kind": row.kind,
        "ref": row.ref,
        "sign": row.sign,
        "low": row.text or shown(row.bounds.low, row.unit),
        "high": row.text or shown(row.bounds.high, row.unit),
        "unit": row.unit,
        "part": row.part,
        "date": row.on,
        "documents": list(row.documents),
        "note": row.note,
        "is_recalled": row.is_recalled,
        "is_derived": row.is_derived,
    }
