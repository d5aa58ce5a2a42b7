"""Test the forecast on operations whose later payments are known."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from projects.calculations.analogue import VERSION
from projects.calculations.backtest import (
    ALTERNATIVES,
    ENOUGH_TASKS,
    NEAR_PUBLISHED,
    PORTFOLIOS,
    Portfolio,
    Row,
    backtest,
    chance_points,
)
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
        "shares of the commitments, 26 months ahead; then whether each row keeps its claim, "
        "and each reading of the model that was chosen beside the other way."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tasks", type=int, help=f"of each kind of programme; {TASKS}")
        parser.add_argument("--paths", type=int, help=f"of each task; {PATHS}")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--small", action="store_true", help=f"a quick look: {SMALL_TASKS} tasks"
        )
        parser.add_argument(
            "--keep", action="store_true", help="write the table for the method page"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        count, paths = _size(options)
        operations, library = development_operations(), donor_library()
        self.total, self.done = count * (len(PORTFOLIOS) + len(ALTERNATIVES)), 0

        def row_of(portfolio: Portfolio) -> Row:
            row = backtest(
                operations,
                library,
                portfolio,
                count=count,
                paths=paths,
                seed=options["seed"],
                report=lambda done: self._show(done, portfolio.name),
            )
            self.done += count
            return row

        rows = [row_of(portfolio) for portfolio in PORTFOLIOS]
        tried = [row_of(replace(one.portfolio, readings=one.otherwise)) for one in ALTERNATIVES]
        self.stderr.write("")
        self.stdout.write(HEADER)
        for row in rows:
            self.stdout.write(_line(row))
        self.stdout.write("\n" + "\n".join(verdicts(rows)))
        readings = _readings(rows, tried)
        self.stdout.write("\n" + "\n".join(_reading_line(reading) for reading in readings))
        if options["keep"]:
            kept = {"model": VERSION, "tasks": count, "paths": paths, "seed": options["seed"]}
            kept["rows"] = [_kept(row) for row in rows]
            kept["readings"] = readings
            RESULTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")

    def _show(self, done: int, name: str) -> None:
        """Draw the bar anew, on a terminal in its place."""
        share = (self.done + done) / self.total
        bar = "█" * round(share * BAR)
        end = "" if sys.stderr.isatty() else "\n"
        if sys.stderr.isatty() or (self.done + done) % max(self.total // 20, 1) == 0:
            self.stderr.write(f"\r{bar:·<{BAR}} {share:4.0%}  {name:22}", ending=end)
            self.stderr.flush()


def _size(options: dict[str, Any]) -> tuple[int, int]:
    """Return tasks and paths. Raise CommandError for sizes that contradict or are below 1."""
    for name in ("tasks", "paths"):
        told = options[name]
        if told is not None and options["small"]:
            raise CommandError(f"--{name} and --small: give one of them")
        if told is not None and told < 1:
            raise CommandError(f"--{name}: a whole number from 1 is needed")
    if options["small"]:
        return SMALL_TASKS, SMALL_PATHS
    return options["tasks"] or TASKS, options["paths"] or PATHS


def verdicts(rows: list[Row]) -> list[str]:
    """Return for each row whether the claim holds, and whether the run is large enough to judge it."""
    lines = [
        "The claim: a smaller error than every baseline, 70-92 % inside the 80 % interval, and "
        f"CRPS within {NEAR_PUBLISHED:.0%} of what is published."
    ]
    for row in rows:
        beats = "beats every baseline" if row.beats_baselines else "does NOT beat every baseline"
        covers = "within 70-92 %" if row.covers else "NOT within 70-92 %"
        holds = row.beats_baselines and row.covers and row.is_near_published
        verdict = "holds" if holds else "does NOT hold"
        said = [beats, f"{row.in_80:.0%} is {covers}", *_beside_published(row)]
        lines.append(f"{row.portfolio.name:22}  {verdict}: {'; '.join(said)}")
    fewest = min(row.tasks for row in rows)
    if fewest < ENOUGH_TASKS:
        lines.append(
            f"Too small to judge: with {fewest} tasks a row chance alone moves coverage by up to "
            f"{chance_points(fewest):.0f} points; {ENOUGH_TASKS} tasks or more decide."
        )
    return lines


def _beside_published(row: Row) -> list[str]:
    """Say how CRPS stands to the published value, nothing where none is."""
    published = row.portfolio.published_crps
    if published is None:
        return []
    near = "within" if row.is_near_published else "NOT within"
    return [f"CRPS {row.crps:.3f} is {near} {NEAR_PUBLISHED:.0%} of {published:.3f}"]


def _kept(row: Row) -> dict[str, Any]:
    """A row's means, rounded as they are shown."""
    names = ("run_rate", "earned_schedule", "mean_curve", "analogue", "crps", "in_80", "in_90")
    means = {name: getattr(row, name) for name in names}
    return {
        "portfolio": row.portfolio.name,
        "published_crps": row.portfolio.published_crps,
        **{name: None if value is None else round(value, 3) for name, value in means.items()},
    }


def _readings(rows: Sequence[Row], tried: Sequence[Row]) -> list[dict[str, Any]]:
    """Each reading with its scores as chosen and the other way, on the same tasks."""
    by_name = {row.portfolio.name: row for row in rows}
    return [
        {
            "reading": one.reading,
            "portfolio": one.portfolio.name,
            "chosen": _scores(by_name[one.portfolio.name]),
            "otherwise": _scores(other),
        }
        for one, other in zip(ALTERNATIVES, tried, strict=True)
    ]


def _scores(row: Row) -> dict[str, float]:
    return {name: round(getattr(row, name), 4) for name in ("analogue", "crps", "in_80")}


def _reading_line(reading: dict[str, Any]) -> str:
    chosen, otherwise = reading["chosen"], reading["otherwise"]
    return (
        f"{reading['portfolio']:22}  {reading['reading']}: CRPS {chosen['crps']:.4f}, "
        f"80 % holds {chosen['in_80']:.0%}; the other way {otherwise['crps']:.4f}, "
        f"{otherwise['in_80']:.0%}"
    )


def _line(row: Row) -> str:
    tenths = " ".join(f"{count / row.tasks:.0%}"[:-1] for count in pit_histogram(row.pits))
    return (
        f"{row.portfolio.name:22}  {row.tasks:>5}  {row.run_rate:>8.3f}  "
        f"{_share(row.earned_schedule):>6}  {_share(row.mean_curve):>6}  {row.analogue:>8.3f}  "
        f"{row.crps:>6.3f}  {row.in_80:>5.0%}  {row.in_90:>5.0%}  {tenths}"
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
