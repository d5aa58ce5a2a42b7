"""Compare what is kept with a recomputation."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from projects.services.forecasts import forecast_differences
from projects.services.ledger import rebuild_rollups, rollup_differences
from projects.services.progress import snapshot_differences


class Command(BaseCommand):
    help = (
        "Compare roll-ups, snapshots and forecasts with a recomputation; exit 1 when they differ."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--snapshots", type=int, default=100, help="how many, newest first")
        parser.add_argument("--rebuild", action="store_true", help="rebuild the roll-ups first")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["rebuild"]:
            rebuild_rollups()
        differences = [
            *rollup_differences(),
            *snapshot_differences(options["snapshots"]),
            *forecast_differences(),
        ]
        if differences:
            raise CommandError("\n".join(differences))
        self.stdout.write("what is kept equals what is recomputed")
