"""Windows of business days: the one answer that may look ahead."""

from dataclasses import asdict

from rest_framework.request import Request
from rest_framework.response import Response

from dashboard.api.problems import BadParameter
from dashboard.api.views.base import PointView
from dashboard.windows import WINDOW_PARAMETERS, window_of


class WindowView(PointView):
    """The first day on which funds can be due after a notice, and the holidays on the way."""

    extra = WINDOW_PARAMETERS
    evidence = ()

    def get(self, request: Request) -> Response:
        for name in WINDOW_PARAMETERS:
            if name in request.query_params and not request.query_params[name].strip():
                raise BadParameter(name, "is empty")
        asked = {name: value.strip() for name, value in request.query_params.items()}
        window = window_of(asked, self.reading.record.terms)
        if self.is_unchanged:
            return self.unchanged()
        body = asdict(window)
        body["excluded"] = [
            {"date": row.on, "name": row.name, "country": row.country} for row in window.excluded
        ]
        return Response({"meta": self.meta(), **body})
