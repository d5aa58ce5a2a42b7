"""Investments as the ledger leaves them: what was paid in and out, split, and still owed."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from commitments.calculations.metric import Scope
from dashboard.api import parameters
from dashboard.api.amounts import bounds_of
from dashboard.api.parameters import Order
from dashboard.api.views.base import PointView
from dashboard.api.views.returns import cents_of, step_of
from dashboard.facts_read import RETURNS
from dashboard.points import one_of
from dashboard.returns import CAPITALISE, discount_in
from projects.calculations.waterfall import Reading
from projects.metrics import BY_KEY, METRICS, evaluate, figure_json
from projects.metrics.returns import (
    JAPAN,
    WHOLE,
    deemed_rate,
    flags_of,
    japan_received,
    japan_worth,
    net_present_value,
    present_value,
    still_owed,
    us_received,
    worth,
)
from projects.selectors.returns import Convention, Investment

BY_PROJECT = Order("project", descending=False)
CONVENTIONS = ("reading", "capitalise", "discount")


class InvestmentView(PointView):
    """A view of investments, read by the convention asked for."""

    extra = CONVENTIONS
    evidence = RETURNS

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        query = request.query_params
        default = self.reading.record.convention
        as_agreed = CAPITALISE[0] if default.capitalise else CAPITALISE[1]
        reading = one_of("reading", query.get("reading", default.reading), Reading)
        capitalise = one_of("capitalise", query.get("capitalise", as_agreed), CAPITALISE)
        self.discount = discount_in(query.get("discount", ""))
        self.convention = Convention(Reading(reading), capitalise == CAPITALISE[0])

    def investments(self) -> list[Investment]:
        found = self.reading.record.investments
        return [replace(one, convention=self.convention) for one in found]

    def measures(self, scope: Scope, keys: Iterable[str]) -> dict[str, Any]:
        """Metrics by the default convention, net present values at the rate asked for."""
        sides = {"npv_japan_usd": JAPAN, "npv_project_usd": WHOLE}
        found = {}
        for key in keys:
            metric = BY_KEY[key]
            if key in sides:
                metric = replace(metric, compute=net_present_value(sides[key], self.discount))
            found[key] = figure_json(metric, evaluate(metric, self.reading.record, scope))
        return found

    def investment(self, one: Investment) -> dict[str, Any]:
        balance = one.shares.balance
        return {
            "project": one.project.slug,
            "name": one.project.name,
            "name_ja": one.project.name_ja,
            "reading": one.convention.reading,
            "capitalise": one.convention.capitalise,
            "funded_on": one.flows.funded_on,
            "paid_in_usd": cents_of(one.flows.paid_in),
            "distributed_usd": cents_of(one.flows.paid_out),
            "japan_received_usd": bounds_of(japan_received(one)),
            "us_received_usd": bounds_of(us_received(one)),
            "deemed_allocation_usd": bounds_of(still_owed(one)),
            "principal_usd": cents_of(balance.principal),
            "interest_usd": cents_of(balance.interest),
            "tier": 1 if balance.daa > 0 else 2,
            "worth_usd": bounds_of(worth(one)),
            "japan_worth_usd": bounds_of(japan_worth(one)),
            "npv_japan_usd": bounds_of(present_value(one, JAPAN, discount=self.discount)),
            "npv_project_usd": bounds_of(present_value(one, WHOLE, discount=self.discount)),
            "discount_rate": deemed_rate(one) if self.discount is None else self.discount,
            "discount_basis": "deemed" if self.discount is None else "chosen",
            "valued_on": one.worth.valued_on if one.worth else None,
            "flags": list(flags_of(self.reading.record, one)),
        }


class InvestmentListView(InvestmentView):
    """Investments that money moved in, each split by itself, by project."""

    extra = (*CONVENTIONS, "after", "page_size")

    def get(self, request: Request) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        found = self.investments()
        slugs = [one.project.slug for one in found]
        part = parameters.slice_of(slugs, request.query_params, request.path, BY_PROJECT)
        results = [self.investment(one) for one in found[part.start : part.end]]
        return Response(
            {
                "meta": self.meta(count=len(found)),
                "next": part.following,
                "results": results,
                "measures": self.measures(Scope(), ("npv_japan_usd", "npv_project_usd")),
            }
        )


class InvestmentDetailView(InvestmentView):
    """One investment: every distribution split, the rates, and the measures of performance.

    Measures are read by the default convention, net present values at `discount`.
    """

    def get(self, request: Request, key: str) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        one = next((found for found in self.investments() if found.project.slug == key), None)
        if one is None:
            raise Http404(f"No payment into or out of “{key[:80]}” is on record at this point.")
        result = self.investment(one)
        result["steps"] = [step_of(step) for step in one.shares.steps]
        result["rates"] = [
            {"ref": rate.ref, "effective_on": rate.effective_on, "annual_rate": rate.annual_rate}
            for rate in one.rates
        ]
        kinds = (metric.key for metric in METRICS if not metric.is_kept)
        result["measures"] = self.measures(Scope(project=key), kinds)
        return Response({"meta": self.meta(), "result": result})
