"""Approved cases: the list, and each with its evidence pack and hash."""

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from dashboard.api import parameters
from dashboard.api.problems import BadParameter
from dashboard.api.views.base import PointView
from dashboard.decisions import decision_in, decisions_listed, illustrative_cases, pack_of, summary
from dashboard.points import is_key


class DecisionListView(PointView):
    """Changes of the register that one person proposed and another approved."""

    extra = ("after", "page_size")

    def get(self, request: Request) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        query = request.query_params
        size, after = parameters.page_size(query), query.get("after")
        if after is not None and not is_key(after):
            raise BadParameter("after", "is not a cursor of this list; follow “next”")
        asked = query.get("commitment", "").strip()
        found = decisions_listed(self.reading, asked=asked, after=after or "", size=size + 1)
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
        found = decision_in(
            self.reading, key, asked=request.query_params.get("commitment", "").strip()
        )
        if found is None:
            raise Http404(f"No decision “{key[:20]}” is on record at this point.")
        case, self.reading = found
        pack = pack_of(case)
        return Response({"meta": self.meta(), "result": pack.body, "sha256": pack.sha256})
