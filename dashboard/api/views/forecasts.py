"""The forecast of a commitment as it is stored."""

import json
from typing import Any

from django.db.models import Max
from rest_framework.request import Request
from rest_framework.response import Response

from dashboard.api.resources import odds_by_rung
from dashboard.api.views.base import PointView
from dashboard.api.views.figures import turn_to
from projects.models import Forecast
from projects.selectors.forecasts import forecast_at, why_no_forecast


class ForecastView(PointView):
    """The newest stored forecast of a commitment, frozen with its inputs; a prior says that it is one."""

    def state(self) -> str:
        newest = Forecast.objects.aggregate(newest=Max("pk"))["newest"]
        return f"{super().state()}|{newest}"

    def get(self, request: Request, key: str) -> Response:
        turn_to(self, key)
        if self.is_unchanged:
            return self.unchanged()
        stored = forecast_at(self.reading.commitment, self.reading.point)
        reason = why_no_forecast(self.reading.record) if stored is None else None
        body = {"meta": self.meta(), "result": _stored(stored), "reason": reason}
        return Response(body)


def _stored(stored: Forecast | None) -> dict[str, Any] | None:
    if stored is None:
        return None
    body = json.loads(stored.body)
    return {
        **beside(stored),
        "sha256": stored.sha256,
        "odds": odds_by_rung(body["results"]["variants"]["all"], body["inputs"]["paths"]),
        **body,
    }


def beside(stored: Forecast) -> dict[str, Any]:
    """Return what is stored of a forecast beside its inputs and results."""
    return {
        "as_of": stored.as_of.isoformat(),
        "revision": stored.revision_id,
        "model_version": stored.model_version,
        "is_prior": stored.is_prior,
        "seed": stored.seed,
    }
