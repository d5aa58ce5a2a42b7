"""Load the curated facts of `fixtures/` into the register."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from commitments.services.loading import LoadRefused, load_register
from projects.tasks import refresh_now

ILLUSTRATIVE = "illustrative-"  # in every ref of the fictional scenario


def is_real(ref: str) -> bool:
    return ILLUSTRATIVE not in ref


class Command(BaseCommand):
    help = "Bring the register up to the JSON files of fixtures/, as one revision or none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder", nargs="?", default=settings.BASE_DIR / "fixtures" / "register"
        )
        parser.add_argument("--reason", default="Load of the curated facts")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(options["folder"])
        if not folder.is_dir():
            raise CommandError(f"{folder} is not a folder")
        try:
            report = load_register(folder, reason=options["reason"], answers_for=is_real)
        except LoadRefused as refused:
            lines = "\n".join(f"  {refusal}" for refusal in refused.refusals)
            raise CommandError(f"Nothing was loaded. Refused:\n{lines}") from refused
        refresh_now()
        outcome = report.outcome
        for name in ("relabelled", "superseded", "withdrawn", "gone"):
            for line in getattr(outcome, name):
                self.stdout.write(f"{name}: {line}")
        if outcome.gone:
            self.stdout.write(
                "What is gone from the files stays on record; to retract a fact, "
                'keep its record and set "withdrawn": true.'
            )
        posted = f"posted as {report.revision}" if report.revision else "no revision needed"
        self.stdout.write(
            f"{len(outcome.added)} added, {len(outcome.unchanged)} unchanged, "
            f"{len(outcome.relabelled)} relabelled, {len(outcome.superseded)} superseded, "
            f"{len(outcome.withdrawn)} withdrawn, 0 refused, "
            f"{len(outcome.gone)} gone from the files; {posted}"
        )
