"""Report the days on which no rate is on record, and measures that contradict each other."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from commitments.calculations.dates import business_day
from commitments.calculations.undefined import Reason
from commitments.selectors import point_in_time
from tariffs.selectors.checks import (
    contradicted_statuses,
    stretches_without_rate,
    sums_that_do_not_add,
)
from tariffs.selectors.rates import RateBook


class Command(BaseCommand):
    help = "List the days without a duty on record by category; exit 1 when measures contradict, or trade does not add up."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--first", type=date.fromisoformat, default=date(2025, 4, 1))
        parser.add_argument("--last", type=date.fromisoformat, default=date(2026, 12, 31))
        parser.add_argument("--country", default="JP", help="ISO 3166 code")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["last"] < options["first"]:
            raise CommandError("--last lies before --first")
        now = timezone.now()
        point = point_in_time(today=business_day(now), now=now)
        book = RateBook(point, options["country"])
        stretches = stretches_without_rate(book, options["first"], options["last"])
        for stretch in stretches:
            self.stdout.write(str(stretch))
        days = sum((s.ends - s.begins).days + 1 for s in stretches)
        self.stdout.write(f"{len(stretches)} stretches, {days} days of a category without a rate")
        wrong = [str(s) for s in stretches if s.reason is Reason.MEASURES_OVERLAP]
        wrong += [*contradicted_statuses(book), *sums_that_do_not_add(point)]
        if wrong:
            raise CommandError("\n".join(wrong))
