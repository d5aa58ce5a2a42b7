"""The lists and records of the table of resources."""

from typing import Any

from django.db import models
from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from commitments.models import Alert, Document, Fact, Reaction, Revision, StanceCoding
from commitments.selectors import codings_to, reactions_to
from dashboard.api import parameters
from dashboard.api.resources import Resource
from dashboard.api.views.base import PointView
from dashboard.facts_read import undated_rows
from dashboard.points import document_on_record, entities_named, entity_rows, facts_beside
from dashboard.subjects import coded_by
from projects.models import Forecast, ForecastScore, LedgerEntry, Scenario, Snapshot
from projects.selectors.forecasts import scenarios_at
from tariffs.models import LeverState, Supposition
from tariffs.selectors.levers import turns

JUDGED = (Alert, Forecast, LeverState, Snapshot, Supposition)  # for a day, at a revision
STORED = (*JUDGED, ForecastScore, Scenario)


class ResourceView(PointView):
    """Base of the list and detail views of one resource."""

    resource: Resource
    is_list = False

    @property
    def takes_commitment(self) -> bool:  # type: ignore[override]  # the resource knows
        return self.resource.takes_commitment

    def undated_dropped(self) -> int:
        return undated_rows(self.reading, self.resource.model)

    def state(self) -> str:
        """What is stored without a revision of its own; a scenario gets its results later."""
        if self.resource.model not in STORED:
            return super().state()
        rows = self.resource.model._default_manager
        drawn = rows.filter(results__isnull=False) if self.resource.model is Scenario else rows
        return f"{rows.aggregate(models.Max('pk'))['pk__max']}|{drawn.count()}"

    def rows(self) -> models.QuerySet[Any]:
        """The rows of the resource that hold at the point in time; a what-if is found by its key at any.

        Documents and parties are listed from their day on; by name they are found before, where
        a fact true on the day described rests on one that says so later.
        """
        resource, point = self.resource, self.reading.point
        model: Any = resource.model
        if model is Reaction:
            return reactions_to(self.reading.commitment, point)
        if model is StanceCoding:
            return codings_to(self.reading.commitment, point)
        if issubclass(model, Fact):
            return facts_beside(model, self.reading)
        elif model is LedgerEntry:
            rows = model.objects.known(point).filter(value_date__lte=point.as_of)
        elif model is Revision:
            rows = model.objects.filter(number__lte=point.revision)
        elif resource.key == "slug" and self.is_list:
            rows = entity_rows(model, self.reading)
        elif resource.key == "slug":
            rows = entities_named(model, self.reading)
        elif model is LeverState:
            rows = turns(point, self.reading.commitment)
        elif model is Alert:
            rows = model.objects.filter(revision__lte=point.revision, as_of__lte=point.seen_until)
        elif model in JUDGED:
            rows = model.objects.filter(revision__lte=point.revision, as_of__lte=point.as_of)
        elif model is Scenario and self.is_list:
            rows = scenarios_at(self.reading.commitment, point)
        elif model is Scenario:
            rows = model.objects.all()
        elif model is ForecastScore:
            rows = model.objects.filter(revision__lte=point.revision, due_on__lte=point.as_of)
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
        if "noted_on" in names:
            found = [self._as_noted(record) for record in found]
        if "coded_on" in names:
            as_of = self.reading.point.as_of
            found = [{**one, "coded_on": coded_by(one["coded_on"], as_of)} for one in found]
        if resource.convert:
            found = [resource.convert(record) for record in found]
        if resource.judge:
            for record in found:
                record["amounts"] = resource.judge(self.reading.record, record["ref"])
        if resource.extend:
            resource.extend(found, self.reading.record)
        return found, keys

    def _as_noted(self, record: dict[str, Any]) -> dict[str, Any]:
        """Leave out a note, and what came with it, of a day of which nothing can be seen yet."""
        if record["noted_on"] is None or record["noted_on"] <= self.reading.point.seen_until:
            return record
        model: Any = self.resource.model
        return {
            name: model._meta.get_field(name).get_default() if name in model.NOTED else value
            for name, value in record.items()
        }

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

    is_list = True

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.extra = (
            *parameters.PAGE_PARAMETERS,
            *self.resource.all_filters,
            *self.resource.flags,
            *self.resource.holding,
            *self.resource.wheres,
        )
        if not self.resource.search:
            self.extra = tuple(name for name in self.extra if name != "q")
        super().initial(request, *args, **kwargs)

    def get(self, request: Request) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        resource, query = self.resource, request.query_params
        size, order = parameters.page_size(query), parameters.order_of(query, resource.ordering)
        rows = parameters.filtered(self.rows(), query, resource.all_filters, resource.model)
        rows = parameters.flagged(rows, query, resource.flags)
        rows = parameters.holding(rows, query, resource.holding)
        rows = parameters.where(rows, query, resource.wheres)
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
        if self.resource.model is Document and document_on_record(self.reading, key) is None:
            raise Http404(f"No {self.resource.name} record is called “{key}” at this point.")
        if self.resource.key in ("id", "number") and not _is_id(key):
            raise Http404(f"No {self.resource.name} record is called “{key}”.")
        found, _ = self.records(self.rows().filter(**{column: key})[:1])
        if not found:
            raise Http404(f"No {self.resource.name} record is called “{key}” at this point.")
        return Response({"meta": self.meta(), "result": found[0]})


def _is_id(key: str) -> bool:
    return key.isascii() and key.isdigit() and int(key[:19]) <= parameters.BIGGEST and len(key) < 20
