from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request


class SafeMethodsOnly(BasePermission):
    """Anyone may read; nobody writes here."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.method in SAFE_METHODS
