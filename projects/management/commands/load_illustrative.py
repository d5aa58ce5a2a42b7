"""Load the fictional scenario of `fixtures/illustrative/` beside the register."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from commitments.models import Commitment
from commitments.services.loading import LoadRefused, load_register
from projects.tasks import refresh_now

FOLDER = Path(settings.BASE_DIR) / "fixtures" / "illustrative"
SLUG = "illustrative-us-2025"
REASON = "Load of the illustrative scenario, fictional"


class Command(BaseCommand):
    help = (
        "Load fictional notices, payments and distributions into a commitment of their own, "
        "labelled illustrative everywhere. The real figures do not change."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not Commitment.objects.filter(is_default=True).exists():
            raise CommandError("Load the register first: manage.py load_register")
        steps = sorted(folder for folder in FOLDER.iterdir() if folder.is_dir())
        posted = [self._load(folder) for folder in steps]
        if any(posted):
            refresh_now()
        self.stdout.write(
            f"Fictional figures under /?commitment={SLUG}; the real ones stand as before."
        )

    def _load(self, folder: Path) -> bool:
        """Load one step, which rests on those before it; return whether anything was new."""
        try:
            report = load_register(folder, reason=REASON, answers_for=lambda _ref: False)
        except LoadRefused as refused:
            lines = "\n".join(f"  {refusal}" for refusal in refused.refusals)
            raise CommandError(f"{folder.name} was not loaded. Refused:\n{lines}") from refused
        said = f"posted as {report.revision}" if report.revision else "no revision needed"
        outcome = report.outcome
        self.stdout.write(
            f"{folder.name}: {len(outcome.added)} added, {len(outcome.unchanged)} unchanged; {said}"
        )
        return report.revision is not None
