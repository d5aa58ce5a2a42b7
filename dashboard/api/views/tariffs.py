"""The duty in force on a day, with what it rests on; and the categories it is asked for by."""

from typing import Any

from django.db.models import Model
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from commitments.calculations.written import read_percent
from commitments.models import Term
from dashboard.api import parameters
from dashboard.api.problems import BadParameter
from dashboard.api.views.base import PointView
from dashboard.exposure import exposure_json, no_exposure, percent
from dashboard.facts_read import DUTIES, LEVERS
from dashboard.tariffs import (
    EXPOSURE_PARAMETERS,
    RATE_PARAMETERS,
    SUPPOSED_PARAMETERS,
    day_in,
    documents_of,
    elasticity_in,
    rate_of,
    supposed_of,
)
from tariffs.models import Measure, TariffCategory
from tariffs.selectors.exposure import exposure_on
from tariffs.selectors.levers import Standing, lever_standings
from tariffs.selectors.rates import IN_FORCE, NOT_STATED, RateBook, RateOn, ScopeRate

BY_REF = parameters.Order("ref", descending=False)
LEVER_WORDS = ("ref", "title", "title_ja", "consequence", "consequence_ja")
CLAUSE = (*LEVER_WORDS, "trigger", "trigger_ja", "instrument", "instrument_ja")
READING = ("key", "reading", "is_default", "name", "name_ja", "value")
EXPLAINED = {
    "duty": "duty_usd_per_year",
    "average": "average_duty_rate",
    "extra": "extra_duty_usd_per_year",
}
BY_SLUG = parameters.Order("slug", descending=False)


class TariffView(PointView):
    """A view of duties: the measures on goods of the country that promises."""

    evidence: tuple[type[Model], ...] = (Measure,)

    def asked(self, *names: str) -> dict[str, str]:
        """The parameters of a request. Raise BadParameter for one that is empty."""
        given = {name: value.strip() for name, value in self.request.query_params.items()}
        for name in names:
            if name in given and not given[name]:
                raise BadParameter(name, "is empty")
        return given

    def book(self) -> RateBook:
        return RateBook(self.reading.point, self.reading.commitment.investor_code)


class RateView(TariffView):
    """The duty on a category of goods, or on a tariff code, on one day.

    Exactly one answer: a rate with its authority; or depends_on_scope, with the
    rate of each part in `scopes`; or not_stated. Of what has no rate, all of it or a
    part, `nearest` gives the measures beside it. The rate holds the ordinary (MFN) duty where
    that is on record; elsewhere it is the added duty only, with the reason mfn_not_on_record.
    The day may lie ahead. Of a country whose measures are not recorded the general rate is
    the one its terms state.
    """

    extra = RATE_PARAMETERS

    def get(self, request: Request) -> Response:
        asked = self.asked(*RATE_PARAMETERS)
        book = self.book()
        found = rate_of(asked, book)
        if self.is_unchanged:
            return self.unchanged()
        named = book.named(asked.get("category", ""))
        body = {
            "category": named[0].slug if len(named) == 1 else asked.get("category"),
            "hts": asked.get("hts"),
            **rate_json(found, book),
        }
        return Response({"meta": self.meta(), **body})


class CategoryListView(TariffView):
    """The categories of goods that a rate can be asked for, each with its rate on the day described."""

    extra = ("after", "page_size")

    def get(self, request: Request) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        book = self.book()
        slugs = [category.slug for category in book.categories]
        part = parameters.slice_of(slugs, request.query_params, request.path, BY_SLUG)
        results = [_category(c, book) for c in book.categories[part.start : part.end]]
        return Response({"meta": self.meta(), "next": part.following, "results": results})


class ExposureView(TariffView):
    """Static duty a year on the baseline's imports, with and without the agreement, on one day.

    Duty is imports times rate; it ignores changes in volume, exemptions and product
    mix. Where the parts of a line pay different rates its figures are ranges. Sums
    hold the lines that have a figure; the imports of the others stand beside them.
    With an elasticity, the what-if lets imports fall as duties rise without the agreement.
    """

    extra = EXPOSURE_PARAMETERS
    evidence = DUTIES

    def get(self, request: Request) -> Response:
        asked = self.asked(*EXPOSURE_PARAMETERS)
        elasticity = elasticity_in(asked.get("elasticity", ""))
        book = self.book()
        on = day_in(asked.get("on", ""), book.point.as_of)
        found = exposure_on(book, on)
        if self.is_unchanged:
            return self.unchanged()
        none = no_exposure(on, elasticity, book.point)
        body = exposure_json(found, elasticity) if found else none
        explain = {name: self._explain(key) for name, key in EXPLAINED.items()}
        return Response({"meta": self.meta(), **body, "explain": explain})

    def _explain(self, key: str) -> str:
        """The address that gives the rows of a figure, on the day and at the point asked about."""
        query = self.request.query_params.copy()
        query.pop("elasticity", None)
        address = reverse("metric-detail", args=[key], request=self.request)
        return f"{address}?{query.urlencode()}" if query else address


class LeverListView(TariffView):
    """The levers of the commitment: how each trigger stands on the day described, from which facts."""

    extra = ("after", "page_size")
    evidence = LEVERS

    def get(self, request: Request) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        found = lever_standings(self.reading.record)
        refs = [one.lever.ref for one in found]
        part = parameters.slice_of(refs, request.query_params, request.path, BY_REF)
        results = [_lever(one) for one in found[part.start : part.end]]
        return Response({"meta": self.meta(), "next": part.following, "results": results})


class SupposeView(TariffView):
    """What would follow if Japan declined a project or missed its window. Nothing is written.

    The clauses that would be hit, each as it stands and as it would stand; the duty a year
    with and without the agreement; and what the terms say of distributions.
    """

    extra = SUPPOSED_PARAMETERS
    evidence = LeverListView.evidence

    def get(self, request: Request) -> Response:
        found = supposed_of(self.asked(*SUPPOSED_PARAMETERS), self.reading.record, self.book())
        if self.is_unchanged:
            return self.unchanged()
        terms = map(self.reading.record.terms.term, ("split", "decline"))
        stated = [term for term in terms if term is not None]
        body = {
            "suppose": found.event,
            "project": found.project.slug,
            "clauses": [
                {
                    **{name: getattr(hit.after.lever, name) for name in LEVER_WORDS},
                    "reading": hit.after.reading,
                    "before": hit.before.state,
                    "after": hit.after.state,
                    "other_reading": hit.after.rival_reading,
                    "other_reading_before": hit.before.rival_state,
                    "other_reading_after": hit.after.rival_state,
                    "document": _document(hit.after.lever),
                }
                for hit in found.hits
            ],
            "exposure": exposure_json(found.exposure, None) if found.exposure else None,
            "documents": documents_of(found, stated),
            "terms": [
                {"key": term.key, "value": term.value, "document": _document(term)}
                for term in stated
            ],
        }
        return Response({"meta": self.meta(), **body})


def _document(row: Any) -> str | None:
    return row.document.slug if row.document else None


def _lever(found: Standing) -> dict[str, Any]:
    lever = found.lever
    return {
        **{name: getattr(lever, name) for name in CLAUSE},
        "rule": lever.rule,
        "readings": [
            {
                "term": term.ref,
                **{name: getattr(term, name) for name in READING},
                "document": _document(term),
            }
            for term in found.readings
        ],
        "reading": found.reading,
        "state": found.state,
        "other_reading": found.rival_reading,
        "other_reading_state": found.rival_state,
        "signs": [
            {
                "code": sign.code,
                "state": sign.state,
                "kind": sign.kind,
                "ref": sign.ref,
                "on": sign.on,
                "business_days": sign.days,
            }
            for sign in found.signs
        ],
        "document": _document(lever),
    }


def _category(category: TariffCategory, book: RateBook) -> dict[str, Any]:
    rate = book.rate_of(category, book.point.as_of)
    return {
        "slug": category.slug,
        "name": category.name,
        "name_ja": category.name_ja,
        "aliases": category.aliases,
        "headings": category.headings,
        "rate_percent": percent(rate.rate_percent),
        "basis": rate.basis,
        "status": rate.status,
        "reason": rate.reason,
    }


def rate_json(rate: RateOn, book: RateBook) -> dict[str, Any]:
    """An answer about a day as plain data; rates are decimal strings in percent."""
    terms = [_stated(rate.term, rate, book)] if rate.term else []
    by_term = rate.rate_percent is not None
    return {
        "on": rate.on,
        "rate_percent": percent(rate.rate_percent),
        "basis": rate.basis,
        "status": rate.status,
        "authority": [_measure(m, book) for m in rate.authority] + (terms if by_term else []),
        "scopes": [_scope(scope, book) for scope in rate.scopes],
        "reason": rate.reason,
        "nearest": [_measure(m, book) for m in rate.nearest] + ([] if by_term else terms),
    }


def _stated(term: Term, rate: RateOn, book: RateBook) -> dict[str, Any]:
    """A term that states a rate, told as measures are."""
    return {
        "ref": term.ref,
        "legal_authority": term.name,
        "legal_authority_ja": term.name_ja,
        "rate_percent": percent(read_percent(term.value.get("percent"))),
        "basis": term.value.get("basis", ""),
        "hts_scope": "",
        "scope": "",
        "leaves_out": "",
        "effective_from": term.effective_on,
        "effective_to": book.term_ends_on(term),
        "status": IN_FORCE if rate.rate_percent is not None else NOT_STATED,
        "replaces": [],
        "document": _document(term),
        "published_on": term.published_on,
        "note": term.value.get("text", ""),
    }


def _scope(scope: ScopeRate, book: RateBook) -> dict[str, Any]:
    return {
        "category": scope.category.slug if scope.category else None,
        "scope": scope.scope,
        "scope_ja": scope.scope_ja,
        "rate_percent": percent(scope.rate_percent),
        "basis": scope.basis,
        "reason": scope.reason,
        "authority": [_measure(measure, book) for measure in scope.authority],
    }


def _measure(measure: Measure, book: RateBook) -> dict[str, Any]:
    return {
        "ref": measure.ref,
        "legal_authority": measure.legal_authority,
        "legal_authority_ja": measure.legal_authority_ja,
        "rate_percent": percent(measure.rate_percent),
        "basis": measure.basis,
        "hts_scope": measure.hts_scope,
        "scope": measure.scope,
        "leaves_out": measure.leaves_out,
        "effective_from": measure.effective_from,
        "effective_to": book.ends_on(measure),
        "status": book.status(measure),
        "replaces": measure.replaces,
        "document": _document(measure),
        "published_on": measure.published_on,
        "note": measure.words_at(book.point.seen_until),
    }
