"""A request id on every request and answer; health answered whatever the host."""

import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from dashboard.health import livez, readyz

HEALTH = {"/livez": livez, "/readyz": readyz}


def request_id(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Give each request an id of our own; it stands in logs, errors and a header."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]  # ours
        response = get_response(request)
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]  # ours
        return response

    return middleware


def health(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer probes here: they come by address, with a host no list of hosts can name."""

    def middleware(request: HttpRequest) -> HttpResponse:
        answer = HEALTH.get(request.path_info, get_response)
        return answer(request)

    return middleware
