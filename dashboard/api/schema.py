"""The OpenAPI description, made from the table of resources."""

from functools import cache
from typing import Any

from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
    inline_serializer,
)
from rest_framework import serializers

from dashboard.api.resources import BY_NAME, Resource

ABOUT = {
    "as_of": "Day described, ISO date, not after today in Tokyo.",
    "known_at": "Instant with offset, or a date meaning its end in UTC: what the register knew.",
    "published_by": "Keep only rows published by this day.",
    "commitment": "Slug of a commitment; the default one otherwise.",
    "after": "Cursor of a page: follow “next”.",
    "page_size": "Rows a page, 1 to 500; 50 by default.",
    "ordering": "Column to order by; a leading - runs down.",
    "q": "Words that must all be found.",
}


def _parameters(*names: str) -> list[OpenApiParameter]:
    return [
        OpenApiParameter(
            name,
            int if name == "page_size" else str,
            OpenApiParameter.QUERY,
            description=ABOUT.get(name, f"Keep rows with this {name}."),
        )
        for name in names
    ]


POINT = ("as_of", "known_at", "published_by", "commitment")
PAGE = ("after", "page_size", "ordering")
PROBLEM = inline_serializer(
    "Problem",
    {
        "type": serializers.CharField(),
        "title": serializers.CharField(),
        "status": serializers.IntegerField(),
        "detail": serializers.CharField(),
        "parameter": serializers.CharField(required=False),
        "request_id": serializers.CharField(allow_null=True),
    },
)
META = inline_serializer(
    "Meta",
    {
        "as_of": serializers.DateField(),
        "known_at": serializers.DateTimeField(allow_null=True),
        "revision": serializers.IntegerField(),
        "published_by": serializers.DateField(allow_null=True),
        "data_cutoff": serializers.DateField(allow_null=True),
        "commitment": serializers.CharField(),
        "illustrative": serializers.BooleanField(required=False),
        "undated_dropped": serializers.IntegerField(required=False),
        "count": serializers.IntegerField(required=False),
    },
)
FIGURE_FIELDS: dict[str, Any] = {
    "value": serializers.CharField(allow_null=True),
    "low": serializers.CharField(allow_null=True),
    "high": serializers.CharField(allow_null=True),
    "unit": serializers.CharField(),
    "rung": serializers.CharField(allow_null=True),
    "reason": serializers.CharField(allow_null=True),
    "note": serializers.CharField(allow_null=True),
    "unstated_count": serializers.IntegerField(),
}


def _errors(*codes: int) -> dict[Any, Any]:
    return {
        (code, "application/problem+json"): OpenApiResponse(PROBLEM, description="Problem")
        for code in codes
    }


@cache
def _record(resource_name: str) -> Any:
    """One serializer class a resource, so that the description names it once."""
    resource = BY_NAME[resource_name]
    fields: dict[str, Any] = {
        name: serializers.JSONField(allow_null=True) for name in resource.fields
    }
    for link in resource.links:
        fields[link] = serializers.ListField(child=serializers.CharField())
    return type(_title(resource), (serializers.Serializer,), fields)


def _title(resource: Resource) -> str:
    return "".join(part.title() for part in resource.name.split("-"))


def _on_get(**description: Any) -> Any:
    return extend_schema_view(get=extend_schema(**description))


def describe_list(resource: Resource) -> Any:
    """Return the decorator that describes a resource's list."""
    page = inline_serializer(
        f"{_title(resource)}Page",
        {
            "meta": META,
            "next": serializers.CharField(allow_null=True),
            "results": _record(resource.name)(many=True),
        },
    )
    names = (*POINT, *PAGE, *(("q",) if resource.search else ()), *resource.all_filters)
    return _on_get(
        operation_id=f"list_{resource.name}",
        description=resource.about,
        parameters=_parameters(*names),
        responses={200: page, 304: None, **_errors(400, 429)},
    )


def describe_detail(resource: Resource) -> Any:
    """Return the decorator that describes one record of a resource."""
    body = inline_serializer(
        f"{_title(resource)}Answer", {"meta": META, "result": _record(resource.name)()}
    )
    return _on_get(
        operation_id=f"get_{resource.name}",
        description=resource.about,
        parameters=_parameters(*POINT),
        responses={200: body, 304: None, **_errors(400, 404, 429)},
    )


def describe(
    operation_id: str,
    about: str,
    *names: str,
    body: dict[str, Any],
    may_be_missing: bool = False,
) -> Any:
    """Return the decorator that describes any other view."""
    answer = inline_serializer(
        "".join(p.title() for p in operation_id.split("_")), {"meta": META, **body}
    )
    errors = (400, 404, 429) if may_be_missing else (400, 429)
    return _on_get(
        operation_id=operation_id,
        description=about,
        parameters=_parameters(*POINT, *names),
        responses={200: answer, 304: None, **_errors(*errors)},
    )
