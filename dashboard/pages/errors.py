"""Pages for what cannot be answered."""

from difflib import get_close_matches

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from commitments.models import Document
from dashboard import formats
from dashboard.figures import BY_KEY
from dashboard.pages.figures import metric_name
from dashboard.pages.frame import page_context
from dashboard.problems import MEDIA_TYPE, problem_body
from projects.models import Project

API = "/api/"


def problem(status: int, detail: str, request: HttpRequest) -> JsonResponse:
    """Return an error of the API as problem+json with the request's id."""
    return JsonResponse(
        problem_body(status, detail, getattr(request, "request_id", None)),
        status=status,
        content_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store"},
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say what of a request cannot be read, where that is known."""
    too_long = isinstance(exception, RequestDataTooBig)
    status = 413 if too_long else 400
    if request.path.startswith(API):
        detail = "The body is longer than 2.5 MB." if too_long else "The request cannot be read."
        return problem(status, detail, request)
    words = ""
    if too_long:
        words = _("What was sent is longer than 2.5 MB; nothing of it was kept.")
    elif isinstance(exception, TooManyFieldsSent):
        words = _("What was sent holds more than 1,000 fields; nothing of it was kept.")
    context = page_context(request, None, title=_("This request cannot be read"), words=words)
    return render(request, "dashboard/error.html", context, status=status)


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
    """Figures, projects and documents whose address is near: names and addresses, none fictional."""
    asked = path.rstrip("/").rsplit("/", 1)[-1][:120]
    found = {key: (metric_name(BY_KEY[key]), reverse("figure", args=[key])) for key in BY_KEY}
    for project in Project.objects.exclude(commitment__illustrative=True):
        name = formats.said_name(project, "name")
        found[project.slug] = (name, reverse("project", args=[project.slug]))
    for document in Document.objects.exclude(kind=Document.FICTIONAL).exclude(title=""):
        found[document.slug] = (
            formats.said_title(document),
            reverse("source", args=[document.slug]),
        )
    return [found[slug] for slug in get_close_matches(asked, found, n=5, cutoff=0.5)]


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer without touching the database."""
    if request.path.startswith(API):
        return problem(500, "The answer could not be made.", request)
    return HttpResponse(render_to_string("500.html"), status=500)
