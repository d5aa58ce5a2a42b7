"""Approved cases: the list, and each with its evidence pack and hash."""

from typing import Any

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from dashboard.api import parameters
from dashboard.api.problems import BadParameter
from dashboard.api.views.base import PointView
from dashboard.decisions import decisions, illustrative_cases, pack_of, summary

BIGGEST_KEY = 2**63 - 1


class DecisionListView(PointView):
    """Changes of the register that one person proposed and another approved."""

    extra = ("after", "page_size")

    def get(self, request: Request) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        query = request.query_params
        size, rows = parameters.page_size(query), decisions(self.reading.point)
        if (after := query.get("after")) is not None:
            number = _number(after)
            if number is None:
                raise BadParameter("after", "is not a cursor of this list; follow “next”")
            rows = rows.filter(pk__lt=number)
        found = list(rows[: size + 1])
        following = None
        if len(found) > size:
            following = parameters.next_address(request.path, query, str(found[size - 1].pk))
        fictional = illustrative_cases(found)
        results = [{**summary(case), "illustrative": case.pk in fictional} for case in found[:size]]
        return Response({"meta": self.meta(), "next": following, "results": results})


class DecisionDetailView(PointView):
    """One decision with its changes, evidence, effects and the hash of all that."""

    def get(self, request: Request, key: str) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        number = _number(key)
        rows: Any = decisions(self.reading.point)
        case = rows.filter(pk=number).first() if number is not None else None
        if case is None:
            raise Http404(f"No decision “{key[:20]}” is on record at this point.")
        pack = pack_of(case)
        return Response({"meta": self.meta(), "result": pack.body, "sha256": pack.sha256})


def _number(text: str) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        return None
    return int(text) if int(text) <= BIGGEST_KEY else None
