"""The pace of a commitment and of its parts."""

from datetime import date
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from commitments.calculations.undefined import Reason, Undefined
from dashboard.api.views.base import PointView
from dashboard.api.views.figures import turn_to
from dashboard.points import one_of
from projects.metrics.pace_lines import PaceLine, Value, pace_lines
from projects.selectors.pace import RUNGS


class PaceView(PointView):
    """Each part against its plan on one rung: the whole, then sectors, instruments, projects."""

    extra = ("rung",)

    def get(self, request: Request, key: str) -> Response:
        turn_to(self, key)
        rung = one_of("rung", request.query_params.get("rung", "funded"), RUNGS)
        if self.is_unchanged:
            return self.unchanged()
        try:
            lines, reason = pace_lines(self.reading.record, rung), None
        except Undefined as undefined:
            lines, reason = [], str(undefined.reason)
        body = {"rung": rung, "reason": reason, "lines": [_line(line) for line in lines]}
        return Response({"meta": self.meta(), **body})


def _line(line: PaceLine) -> dict[str, Any]:
    return {
        "dimension": line.part.dimension,
        "key": line.part.key,
        "budget_usd": None if line.part.budget is None else str(round(line.part.budget, 2)),
        "done_usd": None if line.done is None else str(round(line.done, 2)),
        "plan": line.plan_label,
        "indices": {name: _index(name, value) for name, value in line.values.items()},
    }


def _index(name: str, value: Value) -> dict[str, str | None]:
    """Money to the cent, ratios and days to four places, dates; null with its reason."""
    if isinstance(value, Reason):
        return {"value": None, "reason": str(value)}
    if isinstance(value, date):
        return {"value": value.isoformat(), "reason": None}
    places = 2 if "usd" in name else 4
    return {"value": f"{round(value, places):f}", "reason": None}
