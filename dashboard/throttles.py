"""How often one address may ask."""

import logging
from ipaddress import ip_address
from typing import Any

from django.http import HttpRequest
from redis import RedisError
from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, BaseThrottle

logger = logging.getLogger(__name__)


class PerAddress(AnonRateThrottle):
    """Count requests by address in the shared cache; a cache that is down lets them pass."""

    def allow_request(self, request: Request, view: Any) -> bool:
        try:
            return bool(super().allow_request(request, view))
        except RedisError:
            logger.warning("the cache cannot be reached: this request was not counted")
            return True

    @property
    def retry_after(self) -> str:
        """The header of a refusal: whole seconds after which the next request is taken."""
        return str(int(self.wait() or 0) + 1)


def address_of(request: HttpRequest) -> str | None:
    """The address a request comes from, behind as many proxies as are believed.

    What is no address in what a proxy says is none; then it is the one that asked.
    """
    for text in (BaseThrottle().get_ident(request), request.META.get("REMOTE_ADDR")):
        try:
            return str(ip_address(str(text).strip()))
        except ValueError:
            continue
    return None


class Burst(PerAddress):
    scope = "burst"


class Sustained(PerAddress):
    scope = "sustained"


class Reports(PerAddress):
    """Reports of errors by visitors, people at the desk excepted."""

    scope = "reports"


class Suppositions(PerAddress):
    """Suppositions kept by visitors."""

    scope = "suppositions"
    rate = "30/hour"


class Scenarios(PerAddress):
    """What-ifs saved by visitors: each costs a few seconds of a worker."""

    scope = "scenarios"
    rate = "30/hour"
