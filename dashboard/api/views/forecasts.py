"""The forecast of a commitment as it is stored."""

import json
from dataclasses import asdict, fields
from typing import Any

from django.db.models import Max
from rest_framework.request import Request
from rest_framework.response import Response

from commitments.calculations.undefined import Reason
from dashboard.api.resources import odds_by_rung
from dashboard.api.views.base import PointView
from dashboard.api.views.figures import turn_to
from projects.models import Forecast, ForecastScore
from projects.selectors.forecasts import forecast_at, why_no_forecast
from projects.selectors.scores import Reliability, Verdict, reliability


class ForecastView(PointView):
    """The newest stored forecast of a commitment, frozen with its inputs; a prior says that it is one."""

    def state(self) -> str:
        newest, scored = (
            model._default_manager.aggregate(newest=Max("pk"))["newest"]
            for model in (Forecast, ForecastScore)
        )
        return f"{super().state()}|{newest}|{scored}"

    def get(self, request: Request, key: str) -> Response:
        turn_to(self, key)
        if self.is_unchanged:
            return self.unchanged()
        stored = forecast_at(self.reading.commitment, self.reading.point)
        reason = why_no_forecast(self.reading.record) if stored is None else None
        did = reliability(self.reading.commitment, self.reading.point)
        return Response(
            {
                "meta": self.meta(),
                "result": _stored(stored),
                "reason": reason,
                "reliability": _told(did),
            }
        )


def _told(did: Reliability) -> dict[str, Any]:
    """How published forecasts did: counts, and scores as decimal strings or why there are none."""
    few = Reason.TOO_FEW_FORECASTS if did.verdict is None else None
    scores: dict[str, float | None] = dict.fromkeys(one.name for one in fields(Verdict))
    if did.verdict is not None:
        scores = asdict(did.verdict)
    told = {name: None if value is None else f"{value:.6f}" for name, value in scores.items()}
    no_skill = Reason.ZERO_TOTAL if told["skill"] is None else None
    return {
        **{name: value for name, value in asdict(did).items() if name != "verdict"},
        **told,
        "skill": {"value": told["skill"], "reason": few or no_skill},
        "reason": few,
    }


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
