"""What the views of the API raise, as problems (RFC 9457) with the request's id."""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from commitments.selectors import PointError
from dashboard.problems import MEDIA_TYPE, problem_body

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
