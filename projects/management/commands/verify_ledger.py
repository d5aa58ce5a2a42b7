"""Recompute the ledger's chain, limits and sums."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from projects.services.verification import keep_verdict, verify_ledger


class Command(BaseCommand):
    help = (
        "Recompute the chain, limits, splits, roll-ups and sums of the ledger and keep the result; "
        "exit 1 and name the first entry that was changed, lost or moved."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.shown = 0
        verdict = verify_ledger(self._show)
        keep_verdict(verdict)
        if verdict.findings:
            raise CommandError("\n".join(map(str, verdict.findings)))
        self.stdout.write(f"{verdict.entries} entries hold: chain, limits, splits and sums")

    def _show(self, percent: int) -> None:
        """Tell every tenth of a long ledger."""
        if percent >= self.shown + 10:
            self.shown = percent - percent % 10
            self.stdout.write(f"{self.shown:3d} %")
