"""The addresses of the API, version 1."""

from functools import lru_cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.urls import path
from rest_framework import serializers

from dashboard.api import views
from dashboard.api.resources import RESOURCES, Resource
from dashboard.api.schema import describe, describe_detail, describe_list
from dashboard.points import SCOPE_PARAMETERS

OPENAPI = Path(__file__).parent / "openapi.json"
ANYTHING = serializers.DictField
ROWS = {"next": serializers.CharField(allow_null=True), "results": serializers.ListField()}


@lru_cache(maxsize=1)
def _openapi() -> bytes:
    return OPENAPI.read_bytes()


def openapi(_request: HttpRequest) -> HttpResponse:
    """The committed description; a test keeps it equal to the generated one."""
    return HttpResponse(_openapi(), content_type="application/vnd.oai.openapi+json")


def _resource_paths(resource: Resource) -> list[object]:
    title = "".join(part.title() for part in resource.name.split("-"))
    attributes = {"resource": resource, "__doc__": resource.about}
    listing = describe_list(resource)(
        type(f"{title}List", (views.ResourceListView,), dict(attributes))
    )
    detail = describe_detail(resource)(
        type(f"{title}Detail", (views.ResourceDetailView,), dict(attributes))
    )
    return [
        path(f"{resource.name}/", listing.as_view(), name=f"{resource.name}-list"),
        path(f"{resource.name}/<str:key>/", detail.as_view(), name=f"{resource.name}-detail"),
    ]


def _described(view: type, operation_id: str, *names: str, **kwargs: object) -> type:
    described: type = describe(operation_id, view.__doc__ or "", *names, **kwargs)(view)  # type: ignore[arg-type]  # forwarded
    return described


ONE = {"result": ANYTHING()}
FIGURE = {"metrics": serializers.DictField(child=serializers.DictField())}

urlpatterns = [
    path(
        "",
        _described(views.IndexView, "index", body={"links": ANYTHING()}).as_view(),
        name="api-index",
    ),
    path("openapi.json", openapi, name="openapi"),
    path(
        "commitments/",
        _described(views.CommitmentListView, "list_commitments", body=ROWS).as_view(),
        name="commitments-list",
    ),
    path(
        "commitments/<str:key>/",
        _described(
            views.CommitmentDetailView, "get_commitment", body=ONE, may_be_missing=True
        ).as_view(),
        name="commitments-detail",
    ),
    path(
        "commitments/<str:key>/progress/",
        _described(
            views.ProgressView, "get_progress", *SCOPE_PARAMETERS, body=FIGURE, may_be_missing=True
        ).as_view(),
        name="progress",
    ),
    path(
        "metrics/",
        _described(views.MetricListView, "list_metrics", *SCOPE_PARAMETERS, body=ROWS).as_view(),
        name="metrics-list",
    ),
    path(
        "metrics/<str:key>/",
        _described(
            views.MetricDetailView,
            "get_metric",
            *SCOPE_PARAMETERS,
            body=ONE,
            may_be_missing=True,
        ).as_view(),
        name="metric-detail",
    ),
    path(
        "projects/",
        _described(
            views.ProjectListView,
            "list_projects",
            *views.ProjectListView.extra,
            body=ROWS,
        ).as_view(),
        name="projects-list",
    ),
    path(
        "projects/<str:key>/",
        _described(views.ProjectDetailView, "get_project", body=ONE, may_be_missing=True).as_view(),
        name="projects-detail",
    ),
    *(address for resource in RESOURCES for address in _resource_paths(resource)),
]
