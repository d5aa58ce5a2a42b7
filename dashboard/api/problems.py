"""Errors as problem+json (RFC 9457), each with the request's id."""

import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from commitments.selectors import PointError

MEDIA_TYPE = "application/problem+json"
logger = logging.getLogger(__name__)


class BadParameter(exceptions.APIException):
    """A parameter that cannot be used: its name and why."""

    status_code = 400

    def __init__(self, parameter: str, message: str) -> None:
        self.parameter = parameter
        super().__init__(message)


class Unavailable(exceptions.APIException):
    """The database is away or took too long; the same request may work later."""

    status_code = 503
    default_detail = "The register cannot be read at the moment. Try again shortly."
    wait = 5


class TooLarge(exceptions.APIException):
    """A body longer than an address takes; it is refused by its stated length, unread."""

    status_code = 413

    def __init__(self, most: int) -> None:
        super().__init__(f"The body is longer than {most:,} bytes.")


def problem_body(
    status: int, detail: str, request_id: str | None, *, parameter: str | None = None
) -> dict[str, Any]:
    """Return the members of a problem, in characters that can be sent.

    What was sent may be quoted in it, and JSON can name half a character, which
    no encoding writes: it is shown as its escape, like \\ud800.
    """
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": _writable(detail),
        "request_id": request_id,
    }
    return body if parameter is None else {**body, "parameter": _writable(parameter)}


def _writable(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn what a view raised into a problem; None leaves it to the 500 page."""
    if isinstance(error, PointError):
        error = BadParameter(error.parameter, error.message)
    if isinstance(error, Http404):
        error = exceptions.NotFound(str(error) or "No such record.")
    if isinstance(error, (OperationalError, InterfaceError)):
        logger.error("the database failed a request", exc_info=error)
        error = Unavailable()
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    set_rollback()
    body = problem_body(
        error.status_code,
        str(error.detail),
        getattr(context["request"]._request, "request_id", None),
        parameter=error.parameter if isinstance(error, BadParameter) else None,
    )
    headers = {"Cache-Control": "no-store"}
    wait = getattr(error, "wait", None)
    if wait:
        headers["Retry-After"] = str(int(wait) + 1)
    return Response(body, status=error.status_code, headers=headers, content_type=MEDIA_TYPE)
