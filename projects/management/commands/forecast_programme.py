"""Forecast programmes that a JSON file describes."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from projects.calculations.analogue import Programme
from projects.selectors.donors import donor_library
from projects.services.programmes import ProgrammeRefused, forecast_of, read_programmes


class Command(BaseCommand):
    help = (
        "Forecast the programmes of a JSON file, an object or a list: print, for each, mean, median "
        "and quantiles of the cumulative US dollars paid by its horizon."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="a JSON file, or - for standard input")
        parser.add_argument(
            "--known-then",
            action="store_true",
            help="only donors observed by each programme's as_of; by default the whole library",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["file"]
        try:
            text = Path("/dev/stdin" if name == "-" else name).read_text(encoding="utf-8-sig")
        except (OSError, ValueError) as unread:
            raise CommandError(f"{name} cannot be read: {unread}") from unread
        answers = []
        try:
            programmes = read_programmes(text, warn=self._warn)
            for n, programme in enumerate(programmes, start=1):
                answers.append(_answer(programme, n, known_then=options["known_then"]))
        except ProgrammeRefused as refused:
            raise CommandError(f"{name}: {refused}") from refused
        self.stdout.write(json.dumps(answers))

    def _warn(self, line: str) -> None:
        self.stderr.write(f"warning: {line}")


def _answer(programme: Programme, n: int, *, known_then: bool) -> dict[str, Any]:
    try:
        return forecast_of(programme, donor_library(), known_then=known_then)
    except ProgrammeRefused as refused:
        raise ProgrammeRefused(f"programme {n}: {refused}") from refused
