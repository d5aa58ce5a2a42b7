"""An error of the API as problem+json (RFC 9457), with the request's id."""

from http import HTTPStatus
from typing import Any

MEDIA_TYPE = "application/problem+json"


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
