"""The events of one investment, as its waterfall takes them: money, rates and periods.

Amounts are Decimal US dollars to the cent, rates fractions a year. Interest
periods of six months are counted from the first funding; the rate in force on
the first day of a period holds for all of it. Definitions: returns of the
method page.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import count, takewhile

from commitments.calculations.dates import months_after
from projects.calculations.waterfall import Event, Kind

PERIOD_MONTHS = 6

Flow = tuple[date, Decimal]


@dataclass(frozen=True)
class Flows:
    """What an investment received and paid out, by day, and the rates on record for it.

    Each amount is the net of its day and more than zero; what was entered and
    reversed is in neither list.
    """

    contributions: tuple[Flow, ...]
    distributions: tuple[Flow, ...]
    rates: tuple[Flow, ...] = ()

    @property
    def paid_in(self) -> Decimal:
        return sum((amount for _on, amount in self.contributions), Decimal(0))

    @property
    def paid_out(self) -> Decimal:
        return sum((amount for _on, amount in self.distributions), Decimal(0))

    @property
    def funded_on(self) -> date | None:
        """The day of the first funding, from which interest periods are counted."""
        return min((on for on, _amount in self.contributions), default=None)


def period_starts(first: date, until: date) -> list[date]:
    """Return the first day of every interest period that has begun by a day, the first included."""
    days = (months_after(first, PERIOD_MONTHS * n) for n in count())
    return list(takewhile(lambda day: day <= until, days))


def rate_on(rates: Iterable[Flow], day: date) -> Decimal | None:
    """Return the rate in force on a day: the newest that had taken effect; None before the first."""
    in_force = max(((on, rate) for on, rate in rates if on <= day), default=None)
    return None if in_force is None else in_force[1]


def events_of(flows: Flows, *, until: date, capitalise: bool) -> list[Event]:
    """Return the events of an investment up to a day, inclusive.

    With `capitalise`, interest unpaid at the end of a period joins the
    principal. Until a rate has taken effect by the first day of a period
    nothing accrues: no rate is invented.
    """
    events = [
        Event(on, kind, amount)
        for kind, listed in (
            (Kind.CONTRIBUTION, flows.contributions),
            (Kind.DISTRIBUTION, flows.distributions),
        )
        for on, amount in listed
        if on <= until
    ]
    first = flows.funded_on
    if first is None or first > until:
        return events
    starts = period_starts(first, until)
    events += _rates(flows.rates, starts)
    if capitalise:
        events += [Event(on, Kind.CAPITALISE) for on in starts[1:]]
    return events


def _rates(rates: Sequence[Flow], starts: Iterable[date]) -> list[Event]:
    events: list[Event] = []
    for start in starts:
        rate = rate_on(rates, start)
        if rate is not None and (not events or events[-1].value != rate):
            events.append(Event(start, Kind.RATE, rate))
    return events
