"""The pace of a commitment and of its parts."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from commitments.calculations.undefined import Reason, Undefined
from dashboard.api.views.base import PointView
from dashboard.api.views.figures import explain, turn_to
from dashboard.points import one_of
from projects.metrics import index_shown, shown
from projects.metrics.pace_lines import PaceLine, pace_lines
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
        body = {"rung": rung, "reason": reason, "lines": [self._line(line) for line in lines]}
        return Response({"meta": self.meta(), **body})

    def _line(self, line: PaceLine) -> dict[str, Any]:
        dimension, key = line.part.dimension, line.part.key
        scope = {} if dimension == "programme" else {dimension: key}
        return {
            **_line(line),
            "indices": {
                name: {
                    "value": index_shown(name, value),
                    "reason": str(value) if isinstance(value, Reason) else None,
                    "explain": explain(self, name, **scope),
                }
                for name, value in line.values.items()
            },
        }


def _line(line: PaceLine) -> dict[str, Any]:
    return {
        "dimension": line.part.dimension,
        "key": line.part.key,
        "budget_usd": shown(line.part.budget, "usd"),
        "budget_low_usd": shown(line.part.bounds.low, "usd"),
        "budget_high_usd": shown(line.part.bounds.high, "usd"),
        "budget_basis": line.part.basis or None,
        "budget_is_approximate": line.part.is_approximate,
        "done_usd": shown(line.known, "usd"),
        "done_low_usd": shown(line.bounds.low, "usd"),
        "done_high_usd": shown(line.bounds.high, "usd"),
        "plan": line.plan_label,
        "plan_sums": [
            {"project": project, "plan": summed.label} for project, summed in line.sums.items()
        ],
    }
