"""Is the process alive, is it ready."""

import shutil
from dataclasses import asdict
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from commitments.services.jobs import job_health
from projects.models import LedgerCheck

LEAST_FREE = 50 * 1024 * 1024


def livez(_request: HttpRequest) -> JsonResponse:
    """Answer that the process runs; touches nothing else."""
    return JsonResponse({"status": "ok"})


def readyz(_request: HttpRequest) -> JsonResponse:
    """Answer whether database, migrations and disk are fit. Redis, ledger and jobs are reported."""
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
    checks["ledger"] = _ledger() if ready else "not known"
    checks["jobs"] = asdict(job_health(now=timezone.now())) if ready else "not known"
    return JsonResponse(
        {"status": "ok" if ready else "not ready", **checks}, status=200 if ready else 503
    )


def _ledger() -> str:
    """What the last verification of the ledger found, and when."""
    check = LedgerCheck.objects.first()
    if check is None:
        return "not verified yet"
    when = check.checked_at.isoformat(timespec="seconds")
    return (
        f"{check.problems[0] if check.problems else 'verified'} ({check.entries} entries, {when})"
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
