"""Funding notices as they stood at a point: what came in, and how each reading judges them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from commitments.calculations.bounds import Bounds
from commitments.calculations.calendars import CALENDARS, Calendar, business_day_after
from commitments.selectors import Terms
from projects.calculations.notices import (
    NATURES,
    Clock,
    Nature,
    Receipt,
    Standing,
    UnfundedEffect,
    standing,
)
from projects.models import FundingNotice, LedgerEntry


@dataclass(frozen=True)
class NoticeRecord:
    """A notice as it stood: its clock, its standing under each reading, its effect.

    `default` is the reading it was recorded with: its own, or that of the terms;
    `effect` what the notice did to what is selected of its project and not called yet.
    """

    notice: FundingNotice
    clock: Clock
    standings: Mapping[Nature, Standing]
    default: Nature
    effect: UnfundedEffect

    @property
    def standing(self) -> Standing:
        """How it stands under the reading it was recorded with."""
        return self.standings[self.default]

    def under(self, nature: Nature | None) -> Standing:
        """How it stands under a reading; without one, under the reading it was recorded with."""
        return self.standings[nature or self.default]

    @property
    def is_declined(self) -> bool:
        """Whether Japan has declined it, or a part of it."""
        return self.clock.declined_on is not None


def nature_of(terms: Terms) -> Nature:
    """The reading of the window that the terms make the default: earliest where they are silent."""
    named = terms.value("funding_window", "nature")
    return next((nature for nature in NATURES if nature == named), NATURES[0])


def stated_calendar(terms: Terms) -> Calendar | None:
    """The calendar that the terms name for their business days; None where they name none."""
    named = terms.value("calendar", "calendar")
    return next((calendar for calendar in CALENDARS if calendar == named), None)


def receipts_of(entries: Any) -> dict[int, tuple[Receipt, ...]]:
    """Net receipts by notice and day among some ledger entries: one query.

    The keys are those of the notices' first versions.
    """
    days = (
        entries.filter(kind=LedgerEntry.Kind.FUNDING, notice__isnull=False)
        .order_by("value_date")
        .values_list("notice_id", "value_date")
        .annotate(Sum("amount_usd"))
    )
    found: dict[int, tuple[Receipt, ...]] = {}
    for notice, day, amount in days:
        found[notice] = (*found.get(notice, ()), Receipt(day, amount))
    return found


def notice_records(
    notices: Iterable[FundingNotice],
    receipts: Mapping[int, tuple[Receipt, ...]],
    selected: Mapping[str, Bounds],
    *,
    as_of: date,
    calendar: Calendar | None = None,
) -> list[NoticeRecord]:
    """Notices with their standing on a day, by day of receipt and ref.

    `selected` holds the selected amount by project. With a calendar the windows
    are computed anew under it; without, they stand as they were recorded.
    """
    records = []
    noticed: dict[str, Decimal] = {}
    for notice in sorted(notices, key=lambda n: (n.received_on, n.ref)):
        clock = _clock(notice, receipts.get(notice.root_key, ()), calendar, as_of=as_of)
        slug = notice.project.slug
        effect = UnfundedEffect(
            selected=selected.get(slug, Bounds()),
            noticed_before=noticed.get(slug, Decimal(0)),
            this_notice=clock.called_usd,
        )
        noticed[slug] = effect.noticed_before + effect.this_notice
        standings = {nature: standing(clock, nature, as_of=as_of) for nature in NATURES}
        default = next((n for n in NATURES if n == notice.default_reading), NATURES[0])
        records.append(NoticeRecord(notice, clock, standings, default, effect))
    return records


def _clock(
    notice: FundingNotice,
    receipts: tuple[Receipt, ...],
    calendar: Calendar | None,
    *,
    as_of: date,
) -> Clock:
    kept = next((c for c in CALENDARS if c == notice.calendar), CALENDARS[0])
    declined = notice.declined_by(as_of)
    earliest = notice.earliest_on
    if calendar is not None:
        earliest = business_day_after(notice.received_on, notice.window_days, calendar)
    return Clock(
        received_on=notice.received_on,
        earliest_on=earliest,
        amount_usd=notice.amount_usd,
        specified_on=notice.specified_on,
        declined_on=notice.declined_on if declined else None,
        declined_usd=declined,
        receipts=receipts,
        calendar=calendar or kept,
    )
