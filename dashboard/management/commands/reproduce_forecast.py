"""Recompute a published forecast and compare it with its results and its hash."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.api.resources import follows_beside
from dashboard.api.views.forecasts import beside
from projects.models import Forecast
from projects.services.forecasts import (
    ForecastRefused,
    Published,
    check_published,
    read_published,
)


class Command(BaseCommand):
    help = (
        "Recompute a published forecast from the inputs it holds and compare the results it holds, "
        "the SHA-256 of both and what is told beside them; exit 1 when they differ, naming where."
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
            check_published(published, follows_beside)
        except ForecastRefused as refused:
            raise CommandError(f"{asked}: {refused}") from refused
        said = "the same bytes from the same inputs"
        if published.body is None:
            said = "the same hash from the same inputs; no results are given to compare"
        self.stdout.write(f"{published.sha256}: {said}")


def _stored(sha256: str) -> Published | None:
    stored = Forecast.objects.filter(sha256=sha256.lower()).first()
    if stored is None:
        return None
    inputs = json.loads(stored.body)["inputs"]
    return Published(stored.sha256, stored.model_version, inputs, stored.body, beside(stored))


def _in_file(path: Path) -> Published:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as unread:
        raise ForecastRefused(
            f"no stored forecast, and no file that can be read: {unread}"
        ) from unread
    return read_published(text)
