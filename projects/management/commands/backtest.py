"""Test the forecast on operations whose later payments are known."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from projects.calculations.analogue import VERSION
from projects.calculations.backtest import PORTFOLIOS, Row, backtest
from projects.calculations.scoring import pit_histogram
from projects.selectors.backtest import RESULTS
from projects.selectors.development import development_operations
from projects.selectors.donors import donor_library

TASKS, PATHS = 1_000, 2_000  # what a row can say is limited by its tests, not by their paths
SMALL_TASKS, SMALL_PATHS = 40, 1_000
BAR = 30
HEADER = (
    f"{'portfolio':22}  {'tasks':>5}  {'run rate':>8}  {'sched.':>6}  {'curve':>6}  "
    f"{'analogue':>8}  {'CRPS':>6}  {'80 %':>5}  {'90 %':>5}  PIT in tenths, %"
)


class Command(BaseCommand):
    help = (
        "Rolling-origin backtest on the development data with disjoint donors: mean absolute errors "
        "of the baselines and the analogue median, CRPS, and what the intervals cover; errors as "
        "shares of the commitments, 26 months ahead."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tasks", type=int, default=TASKS, help="of each kind of programme")
        parser.add_argument("--paths", type=int, default=PATHS)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--small", action="store_true", help="a quick look: 40 tasks")
        parser.add_argument(
            "--keep", action="store_true", help="write the table for the method page"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        count = SMALL_TASKS if options["small"] else max(options["tasks"], 1)
        paths = SMALL_PATHS if options["small"] else max(options["paths"], 1)
        operations, library = development_operations(), donor_library()
        self.total, self.done = count * len(PORTFOLIOS), 0
        rows = []
        for portfolio in PORTFOLIOS:
            row = backtest(
                operations,
                library,
                portfolio,
                count=count,
                paths=paths,
                seed=options["seed"],
                report=lambda done, name=portfolio.name: self._show(done, name),
            )
            self.done += count
            rows.append(row)
        self.stderr.write("")
        self.stdout.write(HEADER)
        for row in rows:
            self.stdout.write(_line(row))
        if options["keep"]:
            kept = {"model": VERSION, "tasks": count, "paths": paths, "seed": options["seed"]}
            kept["rows"] = [_kept(row) for row in rows]
            RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")

    def _show(self, done: int, name: str) -> None:
        """Draw the bar anew, on a terminal in its place."""
        share = (self.done + done) / self.total
        bar = "█" * round(share * BAR)
        end = "" if sys.stderr.isatty() else "\n"
        if sys.stderr.isatty() or (self.done + done) % max(self.total // 20, 1) == 0:
            self.stderr.write(f"\r{bar:·<{BAR}} {share:4.0%}  {name:22}", ending=end)
            self.stderr.flush()


def _kept(row: Row) -> dict[str, Any]:
    """A row's means, rounded as they are shown."""
    names = ("run_rate", "earned_schedule", "mean_curve", "analogue", "crps", "in_80", "in_90")
    means = {name: getattr(row, name) for name in names}
    return {
        "portfolio": row.portfolio.name,
        **{name: None if value is None else round(value, 3) for name, value in means.items()},
    }


def _line(row: Row) -> str:
    tenths = " ".join(f"{count / row.tasks:.0%}"[:-1] for count in pit_histogram(row.pits))
    return (
        f"{row.portfolio.name:22}  {row.tasks:>5}  {row.run_rate:>8.3f}  "
        f"{_share(row.earned_schedule):>6}  {_share(row.mean_curve):>6}  {row.analogue:>8.3f}  "
        f"{row.crps:>6.3f}  {row.in_80:>5.0%}  {row.in_90:>5.0%}  {tenths}"
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
