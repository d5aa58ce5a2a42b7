"""A what-if of one investment as an address asks for it: for the page and its file alike."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from commitments.calculations.dates import months_after
from commitments.calculations.money import cents
from commitments.calculations.written import AMOUNT
from commitments.selectors import PointError, day_asked
from dashboard import formats
from projects.calculations.investment import Flow, Flows, events_of
from projects.calculations.performance import xnpv
from projects.calculations.waterfall import Reading, Waterfall, waterfall
from projects.calculations.yale import fund_years

WHAT_IF_PARAMETERS = (
    *("amount", "funded_on", "rate", "spread", "distributions"),
    *("reading", "capitalise", "discount"),
)
CAPITALISE = ("true", "false")
PERCENT = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,6})?")
GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3}){1,4}(\.[0-9]{1,2})?")
BASIS_POINTS = re.compile(r"[0-9]{1,5}")
SEPARATOR = re.compile(r"[\n;]|,(?=\s*[0-9]{4}-)")  # other commas group digits
DISTRIBUTION = re.compile(r"(\S+?)(?:\s+|\s*[:=]\s*)(\S+)")
MOST_DISTRIBUTIONS = 60
LONGEST_TEXT = 2000  # days and amounts of that length fit an address of 4,094 characters, encoded
FIRST_YEAR, LAST_YEAR = 2000, 2100
MOST_PERCENT = 100
HUNDRED, TEN_THOUSAND = Decimal(100), Decimal(10_000)

# The worked example of the method page: two distributions, the second beyond the first tier.
DEFAULTS: Mapping[str, str] = {
    "amount": "300000000.00",
    "funded_on": "2027-03-15",
    "rate": "5.25",
    "spread": "0",
    "distributions": "2027-09-15 50000000.00\n2028-03-15 700000000.00",
    "reading": str(Reading.JAPAN_SHARE),
    "capitalise": CAPITALISE[0],
    "discount": "",  # at the deemed rate
}


@dataclass(frozen=True)
class WhatIf:
    """One investment as asked for, and how its distributions are shared.

    `discount` is the rate a year of its net present value, the deemed rate unless chosen.
    """

    flows: Flows
    rate: Decimal
    discount: Decimal
    reading: Reading
    capitalise: bool
    result: Waterfall

    @property
    def npv_japan(self) -> Decimal:
        """Net present value to Japan on the day of funding, US dollars."""
        return self._present((step.on, step.japan) for step in self.result.steps)

    @property
    def npv_project(self) -> Decimal:
        """Net present value of the whole investment on the day of funding, US dollars."""
        return self._present(self.flows.distributions)

    def _present(self, received: Iterable[Flow]) -> Decimal:
        paid = ((on, -amount) for on, amount in self.flows.contributions)
        return cents(xnpv(self.discount, (*paid, *received)))

    @property
    def last_on(self) -> date:
        return self.result.balances[-1][0]


@dataclass(frozen=True)
class FundCase:
    """The amount of a what-if as a private fund would call it and pay it back, and how that is shared."""

    days: tuple[date, ...]
    flows: Flows
    values: tuple[Decimal, ...]
    result: Waterfall


def as_a_fund(asked: WhatIf) -> FundCase:
    """Return the same amount by the Yale model: a year apart from the day of funding, to the cent."""
    [(funded_on, amount)] = asked.flows.contributions
    years = fund_years(amount)
    days = tuple(months_after(funded_on, 12 * n) for n in range(len(years)))
    called = ((day, cents(year.called)) for day, year in zip(days, years, strict=True))
    paid = ((day, cents(year.paid_out)) for day, year in zip(days, years, strict=True))
    flows = Flows(
        contributions=tuple(flow for flow in called if flow[1]),
        distributions=tuple(flow for flow in paid if flow[1]),
        rates=asked.flows.rates,
    )
    events = events_of(flows, until=days[-1], capitalise=asked.capitalise)
    result = waterfall(events, asked.reading, until=days[-1])
    return FundCase(days, flows, tuple(cents(year.value) for year in years), result)


def given(asked: Mapping[str, str]) -> dict[str, str]:
    """The parameters of a what-if as asked, the worked example's where one is left out."""
    return {name: asked.get(name, DEFAULTS[name]).strip() for name in WHAT_IF_PARAMETERS}


def what_if(asked: Mapping[str, str]) -> WhatIf:
    """Compute a what-if. Raise PointError naming the parameter that cannot be used."""
    text = given(asked)
    funded_on = _day("funded_on", text["funded_on"])
    paid_in = _amount("amount", text["amount"])
    rate = _rate(text["rate"], text["spread"])
    discount = discount_in(text["discount"])
    paid_out = _distributions(text["distributions"], funded_on)
    reading = Reading(_chosen("reading", text["reading"], tuple(Reading)))
    capitalise = _chosen("capitalise", text["capitalise"], CAPITALISE) == CAPITALISE[0]
    flows = Flows(
        contributions=((funded_on, paid_in),),
        distributions=paid_out,
        rates=((funded_on, rate),),
    )
    until = paid_out[-1][0]
    events = events_of(flows, until=until, capitalise=capitalise)
    return WhatIf(
        flows=flows,
        rate=rate,
        discount=rate if discount is None else discount,
        reading=reading,
        capitalise=capitalise,
        result=waterfall(events, reading, until=until),
    )


def discount_in(text: str) -> Decimal | None:
    """Read a discount rate in percent a year as a fraction; None where nothing is written."""
    return _percent("discount", text.strip()) if text.strip() else None


def _day(name: str, text: str) -> date:
    return day_asked(name, text, first=FIRST_YEAR, last=LAST_YEAR)


def _amount(name: str, text: str) -> Decimal:
    digits = text.replace(",", "") if GROUPED.fullmatch(text) else text
    if not AMOUNT.fullmatch(digits) or not Decimal(digits):
        words = _(
            "“%(text)s” is not an amount above zero like 300000000.00: "
            "digits, at most two decimals, commas only between groups of three"
        )
        raise PointError(name, words % {"text": text[:40]})
    return Decimal(digits)


def _rate(percent: str, spread: str) -> Decimal:
    """The deemed rate a year: the benchmark in percent plus a spread in basis points.

    A benchmark may lie below zero, as some have; the two together may not: deemed
    interest adds to what is owed.
    """
    benchmark = _percent("rate", percent, lowest=-MOST_PERCENT)
    if not BASIS_POINTS.fullmatch(spread) or Decimal(spread) > TEN_THOUSAND:
        words = _("“%(text)s” is not a whole number of basis points from 0 to 10000")
        raise PointError("spread", words % {"text": spread[:40]})
    rate = benchmark + Decimal(spread) / TEN_THOUSAND
    if rate < 0:
        words = _(
            "%(rate)s with the spread is below zero: deemed interest adds to what is owed, "
            "so only the benchmark alone may be negative"
        )
        raise PointError("rate", words % {"rate": formats.rate(rate * HUNDRED)})
    return rate


def _percent(name: str, text: str, *, lowest: int = 0) -> Decimal:
    if not PERCENT.fullmatch(text) or not lowest <= Decimal(text) <= MOST_PERCENT:
        words = _("“%(text)s” is not a percentage from %(lowest)s to %(most)s like 5.25")
        limits = {"lowest": lowest, "most": MOST_PERCENT}
        raise PointError(name, words % {"text": text[:40], **limits})
    return Decimal(text) / HUNDRED


def _distributions(text: str, funded_on: date) -> tuple[Flow, ...]:
    """Distributions by day, oldest first; those of one day are one."""
    parts = [part.strip(" \t\r,") for part in SEPARATOR.split(text[: LONGEST_TEXT + 1])]
    written = [part for part in parts if part]
    if not written:
        raise PointError("distributions", _("is required: a day and an amount on each line"))
    if len(text) > LONGEST_TEXT or len(written) > MOST_DISTRIBUTIONS:
        words = _("holds more than %(most)s distributions or %(longest)s characters")
        limits = {"most": MOST_DISTRIBUTIONS, "longest": f"{LONGEST_TEXT:,}"}
        raise PointError("distributions", words % limits)
    by_day: dict[date, Decimal] = {}
    for part in written:
        found = DISTRIBUTION.fullmatch(part)
        if not found:
            words = _("“%(text)s” is not a day and an amount like 2027-09-15 50000000.00")
            raise PointError("distributions", words % {"text": part[:60]})
        day, amount = _day("distributions", found[1]), _amount("distributions", found[2])
        if day < funded_on:
            words = _("“%(text)s” lies before the funding")
            raise PointError("distributions", words % {"text": part[:60]})
        by_day[day] = by_day.get(day, Decimal(0)) + amount
    return tuple(sorted(by_day.items()))


def _chosen(name: str, text: str, choices: tuple[str, ...]) -> str:
    if text not in choices:
        words = _("must be one of: %(names)s")
        raise PointError(name, words % {"names": ", ".join(choices)})
    return text
