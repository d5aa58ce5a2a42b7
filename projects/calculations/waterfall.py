"""Who receives a distribution: the deemed allocation amount and its waterfall.

One investment at a time, never pooled. Amounts are Decimal US dollars to the
cent, rates fractions a year (0.0525), days counted actual/360, rounding
half-even. Definitions: returns of the method page.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from commitments.calculations.money import cents

DAYS_OF_YEAR = 360


class Rounding(StrEnum):
    """Where an odd cent goes: each payment rounded by itself, or what is left over carried on."""

    EACH = "each"
    CARRIED = "carried"


class Reading(StrEnum):
    """What of a first-tier payment reduces the deemed allocation amount."""

    JAPAN_SHARE = "JAPAN_SHARE"
    TOTAL = "TOTAL"


@dataclass(frozen=True)
class Shares:
    """Japan's part of each tier; the United States receive the rest. Both lie above 0."""

    japan_tier1: Decimal = Decimal("0.5")
    japan_tier2: Decimal = Decimal("0.1")

    @property
    def us_tier1(self) -> Decimal:
        return 1 - self.japan_tier1

    @property
    def us_tier2(self) -> Decimal:
        return 1 - self.japan_tier2


AGREED = Shares()  # as the memorandum of September 2025 has them


class Kind(StrEnum):
    """What happens on a day, in the order in which one day's events are taken."""

    RATE = "rate"
    CAPITALISE = "capitalise"
    CONTRIBUTION = "contribution"
    DISTRIBUTION = "distribution"


@dataclass(frozen=True)
class Event:
    """One event: `value` is a rate for RATE, dollars for money, nothing for CAPITALISE."""

    on: date
    kind: Kind
    value: Decimal = Decimal(0)


@dataclass(frozen=True)
class Balance:
    """What Japan is still owed: unreturned principal and unpaid deemed interest."""

    principal: Decimal = Decimal(0)
    interest: Decimal = Decimal(0)

    @property
    def daa(self) -> Decimal:
        """The deemed allocation amount."""
        return self.principal + self.interest


@dataclass(frozen=True)
class Paid:
    """What earlier payments gave in each tier, and Japan's part of it."""

    tier1: Decimal = Decimal(0)
    japan_tier1: Decimal = Decimal(0)
    tier2: Decimal = Decimal(0)
    japan_tier2: Decimal = Decimal(0)


NOTHING_PAID = Paid()


@dataclass(frozen=True)
class Step:
    """One distribution, split: both tiers, both sides, and the balance around it."""

    on: date
    amount: Decimal
    before: Balance
    tier1: Decimal
    japan_tier1: Decimal
    us_tier1: Decimal
    tier2: Decimal
    japan_tier2: Decimal
    us_tier2: Decimal
    after: Balance

    @property
    def japan(self) -> Decimal:
        return self.japan_tier1 + self.japan_tier2

    @property
    def us(self) -> Decimal:
        return self.us_tier1 + self.us_tier2


@dataclass(frozen=True)
class Waterfall:
    """Every distribution split, the balances day by day, and what is left at the end."""

    reading: Reading
    steps: tuple[Step, ...]
    balances: tuple[tuple[date, Balance], ...]
    shares: Shares = AGREED

    @property
    def japan(self) -> Decimal:
        return sum((step.japan for step in self.steps), Decimal(0))

    @property
    def us(self) -> Decimal:
        return sum((step.us for step in self.steps), Decimal(0))

    @property
    def balance(self) -> Balance:
        return self.balances[-1][1] if self.balances else Balance()


def in_order(events: Iterable[Event]) -> list[Event]:
    """Return events by day, and within a day rate, capitalise, contribution, distribution."""
    order = list(Kind)
    return sorted(events, key=lambda event: (event.on, order.index(event.kind)))


def accrued(principal: Decimal, rate: Decimal, days: int) -> Decimal:
    """Return simple interest for some days of a 360-day year, to the cent."""
    return cents(principal * rate * days / DAYS_OF_YEAR)


def switch_after(
    balance: Balance, reading: Reading, shares: Shares = AGREED, carried: Paid = NOTHING_PAID
) -> Decimal:
    """Return the dollars that a balance leaves in the first tier: the second begins beyond them.

    An odd cent that was `carried` moves it by that cent.
    """
    if reading is Reading.TOTAL:
        return balance.daa
    return cents((balance.daa + carried.japan_tier1) / shares.japan_tier1) - carried.tier1


def split(
    on: date,
    amount: Decimal,
    before: Balance,
    reading: Reading,
    shares: Shares = AGREED,
    *,
    carried: Paid = NOTHING_PAID,
) -> Step:
    """Split one distribution between the two sides.

    The first tier is shared, equally as agreed, until the deemed allocation
    amount is reached: by what Japan receives (JAPAN_SHARE) or by the whole
    payment (TOTAL). What lies beyond goes 10 to 90 as agreed. Japan's half-cent
    is rounded half-even and the United States receive the remainder, so the
    four parts sum to the amount. With `carried`, what was paid before, the sum
    of all payments of a tier is rounded, and Japan receives what it has not had
    of its part. Interest is paid before principal.
    """
    tier1 = min(amount, switch_after(before, reading, shares, carried))
    tier2 = amount - tier1
    japan_tier1 = cents(shares.japan_tier1 * (carried.tier1 + tier1)) - carried.japan_tier1
    japan_tier2 = cents(shares.japan_tier2 * (carried.tier2 + tier2)) - carried.japan_tier2
    credit = min(japan_tier1, before.daa) if reading is Reading.JAPAN_SHARE else tier1
    to_interest = min(credit, before.interest)
    return Step(
        on=on,
        amount=amount,
        before=before,
        tier1=tier1,
        japan_tier1=japan_tier1,
        us_tier1=tier1 - japan_tier1,
        tier2=tier2,
        japan_tier2=japan_tier2,
        us_tier2=tier2 - japan_tier2,
        after=Balance(
            principal=before.principal - (credit - to_interest),
            interest=before.interest - to_interest,
        ),
    )


def waterfall(
    events: Iterable[Event],
    reading: Reading,
    *,
    until: date | None = None,
    shares: Shares = AGREED,
    rounding: Rounding = Rounding.EACH,
) -> Waterfall:
    """Replay an investment's events from the start, and let interest accrue to the day `until`.

    Until an event sets a rate nothing accrues. Interest is simple between two
    days with events, the first day included and the last not, and joins the
    principal only where an event says so. A correction is a replay of the
    corrected list. Payments are rounded one by one; with CARRIED no odd cent is
    lost between them, and at a zero rate it does not matter in how many
    payments money comes. Raise ValueError for money that is not positive: what was
    paid back is left out of the list, never fed to the rule.
    """
    balance, rate, paid = Balance(), Decimal(0), NOTHING_PAID
    steps: list[Step] = []
    balances: list[tuple[date, Balance]] = []
    for event in in_order(events):
        if event.kind in (Kind.CONTRIBUTION, Kind.DISTRIBUTION) and event.value <= 0:
            raise ValueError(f"a {event.kind} must be positive: {event.value} on {event.on}")
        if balances:
            interest = accrued(balance.principal, rate, (event.on - balances[-1][0]).days)
            balance = Balance(balance.principal, balance.interest + interest)
        match event.kind:
            case Kind.RATE:
                rate = event.value
            case Kind.CAPITALISE:
                balance = Balance(principal=balance.daa)
            case Kind.CONTRIBUTION:
                balance = Balance(balance.principal + event.value, balance.interest)
            case Kind.DISTRIBUTION:
                step = split(event.on, event.value, balance, reading, shares, carried=paid)
                steps.append(step)
                balance = step.after
                if rounding is Rounding.CARRIED:
                    paid = _paid_with(paid, step)
        balances.append((event.on, balance))
    if until is not None and balances and balances[-1][0] < until:
        days = (until - balances[-1][0]).days
        interest = balance.interest + accrued(balance.principal, rate, days)
        balances.append((until, Balance(balance.principal, interest)))
    return Waterfall(reading, tuple(steps), tuple(balances), shares)


def _paid_with(paid: Paid, step: Step) -> Paid:
    return Paid(
        tier1=paid.tier1 + step.tier1,
        japan_tier1=paid.japan_tier1 + step.japan_tier1,
        tier2=paid.tier2 + step.tier2,
        japan_tier2=paid.japan_tier2 + step.japan_tier2,
    )
