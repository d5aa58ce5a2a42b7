"""What every answer shares: its point in time, its head, its ETag."""

import hashlib
from typing import Any

from django.db import models
from django.http import Http404
from django.utils import translation
from django.utils.http import parse_etags
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from commitments.models import Revision
from dashboard.api.problems import BadParameter
from dashboard.api.resources import RESOURCES
from dashboard.points import (
    FIGURE_FACTS,
    POINT_PARAMETERS,
    SCOPE_PARAMETERS,
    Reading,
    allow_only,
    beside_others,
    reading_of,
    undated_of,
)

API_VERSION = "1.1"
CACHE = "public, max-age=0, must-revalidate"
LONGEST_KEY = 140


def holds(request: Request, etag: str) -> bool:
    """Whether a caller says that it holds the answer of an ETag."""
    given = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in given or etag in [f"W/{tag.removeprefix('W/')}" for tag in given]


class PointView(APIView):
    """A view that answers about a point in time, and says which."""

    extra: tuple[str, ...] = ()
    takes_commitment = True
    reads_all = False  # rows of the other commitments too
    evidence: tuple[type[models.Model], ...] = FIGURE_FACTS

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        allow_only(request.query_params, *self.point_parameters, *self.extra)
        for name in (*POINT_PARAMETERS, *SCOPE_PARAMETERS):
            if name in request.query_params and not request.query_params[name].strip():
                raise BadParameter(name, "is empty")
        key = str(kwargs.get("key", ""))
        if "\x00" in key or len(key) > LONGEST_KEY:
            raise Http404("No record has such a name.")
        reading = reading_of(request._request)
        self.reading: Reading = beside_others(reading) if self.reads_all else reading
        stamp = f"{API_VERSION}|{self.reading.point}|{self.state()}|{request.build_absolute_uri()}"
        self.etag = f'W/"{hashlib.sha256(stamp.encode()).hexdigest()[:32]}"'

    @property
    def point_parameters(self) -> tuple[str, ...]:
        """The parameters of the point in time, and of the commitment where one narrows the answer."""
        return tuple(n for n in POINT_PARAMETERS if self.takes_commitment or n != "commitment")

    def state(self) -> str:
        """What else the answer depends on: labels change in place, so a pinned point does not fix them."""
        if "known_at" not in self.request.query_params:
            return ""
        return str(Revision.objects.aggregate(models.Max("number"))["number__max"])

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        with translation.override("en"):  # one language: names stand in both, side by side
            response = super().dispatch(request, *args, **kwargs)
        response["Content-Language"] = "en"
        if response.status_code in (200, 304):
            response["ETag"] = self.etag
            response["Cache-Control"] = CACHE
        return response

    def undated_dropped(self) -> int:
        """How many rows of the answer's evidence published_by drops for want of a date."""
        return undated_of(self.reading.point, self.reading.commitment, self.evidence)

    @property
    def is_unchanged(self) -> bool:
        """True when the caller holds this very answer."""
        return holds(self.request, self.etag)

    def unchanged(self) -> Response:
        return Response(status=304)

    def meta(self, **more: Any) -> dict[str, Any]:
        """The head of every answer: what it describes and how far its evidence reaches."""
        point = self.reading.point
        known = point.is_recorded
        cutoff = self.reading.cutoff if known else None
        agreement = self.reading.agreement_cutoff if known else None
        tariffs = self.reading.tariffs_cutoff if known else None
        meta = {
            "as_of": point.as_of.isoformat(),
            "known_at": None if point.known_at is None else point.known_at.isoformat(),
            "revision": point.revision,
            "published_by": None if point.published_by is None else point.published_by.isoformat(),
            "data_cutoff": None if cutoff is None else cutoff.isoformat(),
            "agreement_cutoff": None if agreement is None else agreement.isoformat(),
            "tariffs_cutoff": None if tariffs is None else tariffs.isoformat(),
            "commitment": self.reading.commitment.slug,
            **more,
        }
        if point.published_by is not None:
            meta["undated_dropped"] = self.undated_dropped()
        if self.reading.commitment.illustrative:
            meta["illustrative"] = True
        return meta


class IndexView(PointView):
    """The addresses of the API."""

    def get(self, request: Request) -> Response:
        if self.is_unchanged:
            return self.unchanged()
        names = [
            "commitments",
            "metrics",
            "glossary",
            "projects",
            "decisions",
            "corrections",
            "returns",
            *(r.name for r in RESOURCES),
        ]
        links = {name: reverse(f"{name}-list", request=request) for name in names}
        links["openapi"] = reverse("openapi", request=request)
        return Response({"meta": self.meta(), "links": links})
