"""The addresses of the API, version 1."""

import hashlib
from functools import lru_cache
from pathlib import Path

from django.http import HttpResponse
from django.urls import path
from rest_framework.request import Request
from rest_framework.views import APIView

from commitments.calculations.calendars import CALENDARS
from dashboard.api.resources import RESOURCES, Resource
from dashboard.api.schema import (
    AGREEMENT,
    COMMITMENT,
    CORRECTION,
    DECISION,
    EXPLAINED_EXPOSURE,
    FIGURE,
    FORECAST,
    INVESTMENT,
    INVESTMENT_WITH_STEPS,
    LEVER,
    LINKS,
    MEASURES,
    METRIC,
    METRIC_WITH_ROWS,
    PACE,
    PACK,
    PEER,
    POINT_ALONE,
    PROJECT,
    PROJECT_WITH_FINANCINGS,
    RATE,
    SUPPOSED,
    TARIFF_CATEGORY,
    WATCH,
    WATERFALL,
    WATERFALL_QUESTION,
    WEIGHED_CLAIM,
    WINDOW,
    WORD,
    describe,
    describe_calculator,
    describe_detail,
    describe_list,
    one,
    orderings,
    page_of,
)
from dashboard.api.views import (
    base,
    calendars,
    corrections,
    decisions,
    evidence,
    figures,
    forecasts,
    glossary,
    investments,
    pace,
    projects,
    records,
    returns,
    tariffs,
)
from dashboard.compare import SORTS
from dashboard.points import SCOPE_PARAMETERS, allow_only
from dashboard.returns import CAPITALISE
from dashboard.tariffs import EXPOSURE_PARAMETERS, RATE_PARAMETERS, SUPPOSED_PARAMETERS
from dashboard.windows import WINDOW_PARAMETERS
from projects.calculations.stages import Stage
from projects.calculations.waterfall import Reading
from projects.selectors.pace import RUNGS
from tariffs.models import Supposition

CONVENTION_CHOICES = {"reading": list(Reading), "capitalise": CAPITALISE}
OPENAPI = Path(__file__).parent / "openapi.json"


@lru_cache(maxsize=1)
def _openapi() -> tuple[bytes, str]:
    """The description and its ETag."""
    text = OPENAPI.read_bytes()
    return text, f'W/"{hashlib.sha256(text).hexdigest()[:32]}"'


class OpenApiView(APIView):
    """The committed description; a test keeps it equal to the generated one."""

    schema = None

    def get(self, request: Request) -> HttpResponse:
        allow_only(request.query_params)
        text, etag = _openapi()
        response = (
            HttpResponse(status=304)
            if base.holds(request, etag)
            else HttpResponse(text, content_type="application/vnd.oai.openapi+json")
        )
        response["ETag"] = etag
        response["Cache-Control"] = base.CACHE
        return response


def _resource_paths(resource: Resource) -> list[object]:
    title = "".join(part.title() for part in resource.name.split("-"))
    attributes = {"resource": resource, "__doc__": resource.about}
    listing = describe_list(resource)(
        type(f"{title}List", (records.ResourceListView,), dict(attributes))
    )
    detail = describe_detail(resource)(
        type(f"{title}Detail", (records.ResourceDetailView,), dict(attributes))
    )
    return [
        path(f"{resource.name}/", listing.as_view(), name=f"{resource.name}-list"),
        path(f"{resource.name}/<str:key>/", detail.as_view(), name=f"{resource.name}-detail"),
    ]


def _described(view: type, operation_id: str, *names: str, **kwargs: object) -> type:
    described: type = describe(operation_id, view.__doc__ or "", *names, **kwargs)(view)  # type: ignore[arg-type]  # forwarded
    return described


urlpatterns = [
    path(
        "",
        _described(base.IndexView, "index", body={"links": LINKS}).as_view(),
        name="api-index",
    ),
    path("openapi.json", OpenApiView.as_view(), name="openapi"),
    path(
        "commitments/",
        _described(
            figures.CommitmentListView,
            "list_commitments",
            *figures.CommitmentListView.extra,
            body=page_of(COMMITMENT),
            point=POINT_ALONE,
        ).as_view(),
        name="commitments-list",
    ),
    path(
        "commitments/<str:key>/",
        _described(
            figures.CommitmentDetailView,
            "get_commitment",
            body=one(COMMITMENT),
            may_be_missing=True,
        ).as_view(),
        name="commitments-detail",
    ),
    path(
        "commitments/<str:key>/progress/",
        _described(
            figures.ProgressView,
            "get_progress",
            *SCOPE_PARAMETERS,
            body={"metrics": FIGURE},
            may_be_missing=True,
        ).as_view(),
        name="progress",
    ),
    path(
        "commitments/<str:key>/forecast/",
        _described(
            forecasts.ForecastView,
            "get_forecast",
            body=FORECAST,
            may_be_missing=True,
        ).as_view(),
        name="forecast-of",
    ),
    path(
        "commitments/<str:key>/pace/",
        _described(
            pace.PaceView,
            "get_pace",
            "rung",
            body=PACE,
            choices={"rung": list(RUNGS)},
            may_be_missing=True,
        ).as_view(),
        name="pace-of",
    ),
    path(
        "metrics/",
        _described(
            figures.MetricListView,
            "list_metrics",
            *figures.MetricListView.extra,
            body=page_of(METRIC),
        ).as_view(),
        name="metrics-list",
    ),
    path(
        "metrics/<str:key>/",
        _described(
            figures.MetricDetailView,
            "get_metric",
            *figures.MetricDetailView.extra,
            body=one(METRIC_WITH_ROWS),
            choices={"rung": list(RUNGS)},
            may_be_missing=True,
        ).as_view(),
        name="metric-detail",
    ),
    path(
        "glossary/",
        _described(
            glossary.GlossaryView,
            "list_words",
            *glossary.GlossaryView.extra,
            body=page_of(WORD),
            point=POINT_ALONE,
        ).as_view(),
        name="glossary-list",
    ),
    path(
        "projects/",
        _described(
            projects.ProjectListView,
            "list_projects",
            *projects.ProjectListView.extra,
            body=page_of(PROJECT),
            choices={
                "stage": [str(stage) for stage in Stage],
                "ordering": orderings(projects.ProjectListView.ordering),
            },
        ).as_view(),
        name="projects-list",
    ),
    path(
        "projects/<str:key>/",
        _described(
            projects.ProjectDetailView,
            "get_project",
            body=one(PROJECT_WITH_FINANCINGS),
            may_be_missing=True,
        ).as_view(),
        name="projects-detail",
    ),
    path(
        "decisions/",
        _described(
            decisions.DecisionListView,
            "list_decisions",
            *decisions.DecisionListView.extra,
            body=page_of(DECISION),
        ).as_view(),
        name="decisions-list",
    ),
    path(
        "decisions/<str:key>/",
        _described(
            decisions.DecisionDetailView,
            "get_decision",
            body=PACK,
            may_be_missing=True,
        ).as_view(),
        name="decisions-detail",
    ),
    path(
        "calendar/window/",
        _described(
            calendars.WindowView,
            "get_window",
            *WINDOW_PARAMETERS,
            body=WINDOW,
            choices={"calendar": CALENDARS},
        ).as_view(),
        name="calendar-window",
    ),
    path(
        "tariffs/rate/",
        _described(tariffs.RateView, "get_rate", *RATE_PARAMETERS, body=RATE).as_view(),
        name="tariff-rate",
    ),
    path(
        "tariffs/exposure/",
        _described(
            tariffs.ExposureView, "get_exposure", *EXPOSURE_PARAMETERS, body=EXPLAINED_EXPOSURE
        ).as_view(),
        name="tariff-exposure",
    ),
    path(
        "tariffs/levers/",
        _described(
            tariffs.LeverListView,
            "list_lever_standings",
            *tariffs.LeverListView.extra,
            body=page_of(LEVER),
        ).as_view(),
        name="tariff-levers",
    ),
    path(
        "tariffs/suppose/",
        _described(
            tariffs.SupposeView,
            "get_supposed",
            *SUPPOSED_PARAMETERS,
            body=SUPPOSED,
            choices={"suppose": Supposition.Event.values},
        ).as_view(),
        name="tariff-suppose",
    ),
    path(
        "tariffs/categories/",
        _described(
            tariffs.CategoryListView,
            "list_rates",
            *tariffs.CategoryListView.extra,
            body=page_of(TARIFF_CATEGORY),
        ).as_view(),
        name="tariff-category-rates",
    ),
    path(
        "returns/",
        _described(
            investments.InvestmentListView,
            "list_returns",
            *investments.InvestmentListView.extra,
            body={**page_of(INVESTMENT), "measures": MEASURES},
            choices=CONVENTION_CHOICES,
        ).as_view(),
        name="returns-list",
    ),
    path(
        "returns/waterfall/",
        describe_calculator(
            "compute_waterfall",
            returns.WaterfallView.__doc__ or "",
            question=WATERFALL_QUESTION,
            answer=WATERFALL,
        )(returns.WaterfallView).as_view(),
        name="waterfall",
    ),
    path(
        "claims-against-record/",
        _described(
            evidence.WeighedClaimListView,
            "list_claims_against_record",
            *evidence.WeighedClaimListView.extra,
            body=page_of(WEIGHED_CLAIM),
            choices=evidence.CHOICES,
        ).as_view(),
        name="weighed-claims",
    ),
    path(
        "watch/",
        _described(evidence.WatchView, "get_watch", body=WATCH).as_view(),
        name="watch-items",
    ),
    path(
        "reactions/agreement/",
        _described(evidence.AgreementView, "get_stance_agreement", body=AGREEMENT).as_view(),
        name="stance-agreement",
    ),
    path(
        "compare/",
        _described(
            evidence.CompareView,
            "compare_commitments",
            *evidence.CompareView.extra,
            body=page_of(PEER),
            choices={"sort": list(SORTS)},
        ).as_view(),
        name="compare-commitments",
    ),
    path(
        "returns/<str:key>/",
        _described(
            investments.InvestmentDetailView,
            "get_returns",
            *investments.CONVENTIONS,
            body=one(INVESTMENT_WITH_STEPS),
            may_be_missing=True,
            choices=CONVENTION_CHOICES,
        ).as_view(),
        name="returns-detail",
    ),
    path(
        "corrections/",
        _described(
            corrections.CorrectionListView,
            "list_corrections",
            *corrections.CorrectionListView.extra,
            body=page_of(CORRECTION),
        ).as_view(),
        name="corrections-list",
    ),
    *(address for resource in RESOURCES for address in _resource_paths(resource)),
]
