"""The clock of a funding notice: its window, when it is due, and how it stands.

The day of a notice is day 0. The agreement's 45 business days are read in two
ways: funds are due not earlier than the last day of the window ("earliest"), or
within it ("latest"). Amounts are Decimal US dollars. Definitions: business days
and readings of the method page.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from commitments.calculations.bounds import Bounds
from commitments.calculations.calendars import (
    CALENDARS,
    Calendar,
    business_day_after,
    business_days_between,
    last_day_before,
)
from projects.calculations.pace import required_usd_per_business_day, required_usd_per_month

Nature = Literal["earliest", "latest"]
NATURES: tuple[Nature, ...] = ("earliest", "latest")
REMINDERS = (30, 15, 5, 1)  # business days before the day to watch
ZERO = Decimal(0)


class Status(StrEnum):
    """How a notice stands under one reading; late is paid late, or unpaid after the due date."""

    OPEN = "open"
    FUNDED_EARLY = "funded_early"
    FUNDED_ON_TIME = "funded_on_time"
    LATE = "late"
    DECLINED = "declined"


@dataclass(frozen=True)
class Receipt:
    """Cash received against a notice on a day; negative for a reversal."""

    on: date
    amount_usd: Decimal


@dataclass(frozen=True)
class Clock:
    """A notice as its clock sees it: its days and what came in.

    `earliest_on` is the last day of the window; `declined_on` is set, and
    `declined_usd` above 0, only once that day has come.
    """

    received_on: date
    earliest_on: date
    amount_usd: Decimal
    specified_on: date | None = None
    declined_on: date | None = None
    declined_usd: Decimal = ZERO
    receipts: tuple[Receipt, ...] = ()
    calendar: Calendar = "joint"

    @property
    def received_usd(self) -> Decimal:
        return sum((r.amount_usd for r in self.receipts), ZERO)

    @property
    def called_usd(self) -> Decimal:
        """What it calls for, less what is declined."""
        return self.amount_usd - self.declined_usd

    @property
    def unfunded_usd(self) -> Decimal:
        """What is called and not received; 0 once it is declined, or paid in excess."""
        return max(self.called_usd - self.received_usd, ZERO)

    @property
    def overpaid_usd(self) -> Decimal:
        """What is received beyond what is called."""
        return max(self.received_usd - self.called_usd, ZERO)

    @property
    def funded_on(self) -> date | None:
        """The day of the receipt that completed it; None while anything is missing, or all declined.

        Where a part is declined after the last receipt, the rest is complete from that day.
        """
        day = completed_on(self.receipts, self.called_usd) if self.called_usd else None
        return max(day, self.declined_on) if day and self.declined_on else day


@dataclass(frozen=True)
class Standing:
    """How a notice stands under one reading on a day.

    `watched_on` is the due date, or where the reading gives none the first day
    on which funds may be due. `days_left` are business days to it, negative
    after it; on a weekend after it none has passed yet, and `is_past` alone
    tells. `days_off` are the business days by which it was early or late.
    `days_taken` are business days from the notice to its end.
    """

    nature: Nature
    status: Status
    due_on: date | None
    watched_on: date
    days_left: int
    is_past: bool = False
    days_off: int = 0
    days_taken: int | None = None
    ended_on: date | None = None

    @property
    def is_open(self) -> bool:
        """True while money is awaited, late or not."""
        return self.ended_on is None


def windows(received_on: date, days: int) -> dict[Calendar, date]:
    """Return the last day of a window of business days under each calendar.

    Raise ValueError outside the years the calendars cover.
    """
    return {calendar: business_day_after(received_on, days, calendar) for calendar in CALENDARS}


def due_date(clock: Clock, nature: Nature) -> date | None:
    """Return the day by which funds are due: the date the notice specifies.

    Without one, a window read as a deadline ends on its last day; a window read
    as the earliest date has no due date, and nothing can be late.
    """
    if clock.specified_on is not None:
        return clock.specified_on
    return clock.earliest_on if nature == "latest" else None


def completed_on(receipts: Iterable[Receipt], amount_usd: Decimal) -> date | None:
    """Return the day from which the cumulative receipts reach an amount, None while they do not.

    A reversal stands on the day of what it reverses, so it is netted first.
    """
    days: dict[date, Decimal] = {}
    for receipt in receipts:
        days[receipt.on] = days.get(receipt.on, ZERO) + receipt.amount_usd
    reached, running = None, ZERO
    for day in sorted(days):
        running += days[day]
        if running < amount_usd:
            reached = None
        elif reached is None:
            reached = day
    return reached


def standing(clock: Clock, nature: Nature, *, as_of: date) -> Standing:
    """Return how a notice stands under a reading on a day, which sees nothing later.

    Days early or late are business days of the clock's calendar, joint unless
    another is asked for.
    """
    due = due_date(clock, nature)
    watched = due or clock.earliest_on
    funded = clock.funded_on
    ended = funded or (None if clock.called_usd else clock.declined_on)
    status, days_off = Status.OPEN, 0
    if funded is not None:
        status, days_off = _funded(funded, watched, due, clock.calendar)
    elif not clock.called_usd:
        status = Status.DECLINED
    elif due is not None and as_of > due:
        status, days_off = Status.LATE, business_days_between(due, as_of, clock.calendar)
    return Standing(
        nature=nature,
        status=status,
        due_on=due,
        watched_on=watched,
        days_left=_signed_days(as_of, watched, clock.calendar),
        is_past=as_of > watched,
        days_off=days_off,
        days_taken=(
            None
            if ended is None
            else business_days_between(clock.received_on, ended, clock.calendar)
        ),
        ended_on=ended,
    )


def _funded(
    funded: date, watched: date, due: date | None, calendar: Calendar
) -> tuple[Status, int]:
    if funded < watched:
        return Status.FUNDED_EARLY, business_days_between(funded, watched, calendar)
    if due is not None and funded > due:
        return Status.LATE, business_days_between(due, funded, calendar)
    return Status.FUNDED_ON_TIME, 0


def _signed_days(begin: date, end: date, calendar: Calendar) -> int:
    if begin <= end:
        return business_days_between(begin, end, calendar)
    return -business_days_between(end, begin, calendar)


def reminder_due(days_left: int) -> int | None:
    """Return which reminder a number of business days left calls for: the nearest one not passed.

    None while more than the first reminder's days are left.
    """
    return min((days for days in REMINDERS if days_left <= days), default=None)


@dataclass(frozen=True)
class UnfundedEffect:
    """What a notice does to the unfunded commitment, as capital-call notices state it (ILPA).

    Ranges stay ranges: what is selected less what was noticed before and what
    this notice calls is left to be called.
    """

    selected: Bounds
    noticed_before: Decimal
    this_notice: Decimal

    @property
    def before(self) -> Bounds:
        return _less(self.selected, self.noticed_before)

    @property
    def after(self) -> Bounds:
        return _less(self.selected, self.noticed_before + self.this_notice)


def _less(bounds: Bounds, amount: Decimal) -> Bounds:
    low = None if bounds.low is None else bounds.low - amount
    high = None if bounds.high is None else bounds.high - amount
    return Bounds(low, high)


@dataclass(frozen=True)
class Candidate:
    """A day on which a notice could be issued: when it could be funded, and what would be left.

    `left_usd` is still to be noticed after it if calls go evenly from the day
    described to the last safe day, None where that has passed. If nothing is
    called before it, `usd_per_month` and `usd_per_business_day` are the pace that
    from then on calls everything by the last safe day, None where no time is left.
    """

    on: date
    earliest_on: date
    in_time: bool
    is_last_safe: bool
    left_usd: Decimal | None
    usd_per_month: Decimal | None
    usd_per_business_day: Decimal | None


def candidates(
    missing_usd: Decimal, *, as_of: date, deadline: date, days: int, calendar: Calendar
) -> tuple[Candidate, ...]:
    """Return month ends after a day up to the deadline, and the last safe day, as days of notice.

    `missing_usd` is what is not noticed yet. Nothing is left to choose once the
    deadline has passed.
    """
    last_safe = last_day_before(deadline, days, calendar)
    ends = [day for day in _month_ends(as_of, deadline) if day > as_of]
    chosen = sorted({*ends, *([last_safe] if last_safe > as_of else [])})
    found = []
    for day in chosen:
        left, month, business_day = None, None, None
        if as_of < last_safe:
            share = Decimal(max((last_safe - day).days, 0)) / (last_safe - as_of).days
            left = max(missing_usd, ZERO) * share
        if day < last_safe:
            month = required_usd_per_month(missing_usd, ZERO, as_of=day, deadline=last_safe)
        if day < last_safe and business_days_between(day, last_safe, calendar):
            business_day = required_usd_per_business_day(
                missing_usd, ZERO, as_of=day, deadline=last_safe, calendar=calendar
            )
        found.append(
            Candidate(
                on=day,
                earliest_on=business_day_after(day, days, calendar),
                in_time=day <= last_safe,
                is_last_safe=day == last_safe,
                left_usd=left,
                usd_per_month=month,
                usd_per_business_day=business_day,
            )
        )
    return tuple(found)


def _month_ends(begin: date, until: date) -> Iterable[date]:
    day = begin
    while day <= until:
        day = day.replace(day=monthrange(day.year, day.month)[1])
        if day <= until:
            yield day
        day += timedelta(days=1)
