"""Pages for what cannot be answered."""

from difflib import get_close_matches
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from commitments.models import Document
from dashboard.pages.frame import page_context
from projects.metrics import BY_KEY
from projects.models import Project

API = "/api/"


def problem(status: int, detail: str, request: HttpRequest) -> JsonResponse:
    """Return an error of the API as problem+json with the request's id."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "request_id": getattr(request, "request_id", None),
    }
    return JsonResponse(
        body,
        status=status,
        content_type="application/problem+json",
        headers={"Cache-Control": "no-store"},
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(API):
        return problem(400, "The request cannot be read.", request)
    context = page_context(request, None, title=_("This request cannot be read"), words="")
    return render(request, "dashboard/error.html", context, status=400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say what was not found and offer the nearest names."""
    words = str(exception.args[0]) if exception.args and isinstance(exception.args[0], str) else ""
    if request.path.startswith(API):
        return problem(404, words or "No such address.", request)
    context = page_context(
        request,
        None,
        title=_("There is no such page"),
        words=words,
        near=_nearest(request.path),
    )
    return render(request, "dashboard/error.html", context, status=404)


def _nearest(path: str) -> list[tuple[str, str]]:
    name = path.rstrip("/").rsplit("/", 1)[-1][:120]
    addresses = {key: reverse("figure", args=[key]) for key in BY_KEY}
    addresses |= {
        s: reverse("project", args=[s]) for s in Project.objects.values_list("slug", flat=True)
    }
    addresses |= {
        s: reverse("source", args=[s]) for s in Document.objects.values_list("slug", flat=True)
    }
    return [(n, addresses[n]) for n in get_close_matches(name, addresses, n=5, cutoff=0.5)]


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer without touching the database."""
    if request.path.startswith(API):
        return problem(500, "The answer could not be made.", request)
    return HttpResponse(render_to_string("500.html"), status=500)
