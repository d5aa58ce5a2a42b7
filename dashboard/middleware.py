"""A request id on every request and answer; health answered whatever the host; refused bodies read off."""

import uuid
from collections.abc import Callable
from contextlib import suppress

from django.http import HttpRequest, HttpResponse, UnreadablePostError

from dashboard.health import livez, readyz

TOO_LARGE = 413
MOST_READ_OFF = 10_000_000  # bytes
PIECE = 65_536
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


def read_off(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Read off, piece by piece and unkept, a body that is refused for its length.

    A connection that is closed while its sender still writes is broken, and the answer lost with
    it. Up to 10 MB are read so; who sends more may see the connection break.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code == TOO_LARGE:
            with suppress(UnreadablePostError):
                left = MOST_READ_OFF
                while left > 0 and (piece := request.read(PIECE)):
                    left -= len(piece)
        return response

    return middleware
