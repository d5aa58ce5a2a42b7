"""Is the process alive, is it ready."""

import shutil
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

LEAST_FREE = 50 * 1024 * 1024


def livez(_request: HttpRequest) -> JsonResponse:
    """Answer that the process runs; touches nothing else."""
    return JsonResponse({"status": "ok"})


def readyz(_request: HttpRequest) -> JsonResponse:
    """Answer whether database, migrations and disk are fit. Redis is reported, not required."""
    checks: dict[str, Any] = {"database": "ok", "migrations": "ok", "disk": "ok"}
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            checks["migrations"] = "not applied"
    except DatabaseError:
        checks["database"] = checks["migrations"] = "not reached"
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(settings.VAR_DIR).free < LEAST_FREE:
        checks["disk"] = "nearly full"
    ready = all(value == "ok" for value in checks.values())
    checks["redis"] = _redis()
    return JsonResponse(
        {"status": "ok" if ready else "not ready", **checks}, status=200 if ready else 503
    )


def _redis() -> str:
    if not settings.REDIS_URL:
        return "not used"
    try:
        client = redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1
        )
        client.ping()
    except redis.RedisError:
        return "not reached"
    return "ok"
