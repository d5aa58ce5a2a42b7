"""The forecast of a commitment as it is stored."""

import json
from typing import Any

from django.db.models import Max
from rest_framework.request import Request
from rest_framework.response import Response

from dashboard.api.resources import odds_by_rung
from dashboard.api.views.base import PointView
from dashboard.api.views.figures import turn_to
from dashboard.points import Reading
from projects.models import Forecast
from projects.selectors.forecasts import forecast_at


class ForecastView(PointView):
    """The newest stored forecast of a commitment, frozen with its inputs; a prior says that it is one."""

    def state(self) -> str:
        newest = Forecast.objects.aggregate(newest=Max("pk"))["newest"]
        return f"{super().state()}|{newest}"

    def get(self, request: Request, key: str) -> Response:
        turn_to(self, key)
        if self.is_unchanged:
            return self.unchanged()
        point = self.reading.point
        stored = forecast_at(self.reading.commitment, point) if point.published_by is None else None
        reason = reason_for_none(self.reading) if stored is None else None
        body = {"meta": self.meta(), "result": _stored(stored), "reason": reason}
        return Response(body)


def reason_for_none(reading: Reading) -> str:
    """Return the reason code for no forecast at a point."""
    deadline = reading.record.terms.day("deadline")
    if deadline is None or reading.record.terms.usd("target") is None:
        return "not_stated"
    return "deadline_passed" if deadline <= reading.point.as_of else "not_recorded_yet"


def _stored(stored: Forecast | None) -> dict[str, Any] | None:
    if stored is None:
        return None
    body = json.loads(stored.body)
    return {
        "as_of": stored.as_of.isoformat(),
        "revision": stored.revision_id,
        "model_version": stored.model_version,
        "is_prior": stored.is_prior,
        "seed": stored.seed,
        "sha256": stored.sha256,
        "odds": odds_by_rung(body["results"]["variants"]["all"], body["inputs"]["paths"]),
        **body,
    }
