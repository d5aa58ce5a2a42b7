"""Recompute a published forecast and compare it with its hash."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from projects.models import Forecast
from projects.services.forecasts import (
    ForecastRefused,
    Published,
    read_published,
    recomputed_hash,
)


class Command(BaseCommand):
    help = (
        "Recompute a published forecast from the inputs it holds and compare the SHA-256 of inputs "
        "and results; exit 1 when they differ."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "forecast",
            help="the SHA-256 of a stored forecast, or a file with what the API answers",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        asked = options["forecast"]
        try:
            published = _stored(asked) or _in_file(Path(asked))
            found = recomputed_hash(published)
        except ForecastRefused as refused:
            raise CommandError(f"{asked}: {refused}") from refused
        if found != published.sha256:
            raise CommandError(f"published as {published.sha256}, recomputed as {found}")
        self.stdout.write(f"{found}: the same bytes from the same inputs")


def _stored(sha256: str) -> Published | None:
    stored = Forecast.objects.filter(sha256=sha256.lower()).first()
    if stored is None:
        return None
    return Published(stored.sha256, stored.model_version, json.loads(stored.body)["inputs"])


def _in_file(path: Path) -> Published:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as unread:
        raise ForecastRefused(
            f"no stored forecast, and no file that can be read: {unread}"
        ) from unread
    return read_published(text)
