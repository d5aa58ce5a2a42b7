"""The Yale model of a private fund: what is called, paid out and left, year by year.

It is deterministic; amounts are Decimal US dollars, unrounded. Source: Takahashi
& Alexander, Illiquid Alternative Asset Fund Modeling (2001; JPM 28(2), 2002).
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Pattern:
    """How a fund calls, grows and pays out; by default as in the paper.

    `calls` are shares of what is uncalled, year by year, the last of them for
    every later year; `growth` is a year's, `least` the least share paid out, and
    `bow` bends the share (t / life) ** bow: the larger, the later.
    """

    calls: tuple[Decimal, ...] = (Decimal("0.25"), Decimal(1) / 3, Decimal("0.5"))
    life: int = 12
    bow: Decimal = Decimal("2.5")
    growth: Decimal = Decimal("0.13")
    least: Decimal = Decimal(0)

    def called_share(self, year: int) -> Decimal:
        """Return the share of what is uncalled that is called in a year, the first being 1."""
        return self.calls[min(year, len(self.calls)) - 1]

    def paid_share(self, year: int) -> Decimal:
        """Return the share of the grown value that is paid out in a year: all of it in the last."""
        return min(max(self.least, (Decimal(year) / self.life) ** self.bow), Decimal(1))


@dataclass(frozen=True)
class FundYear:
    """One year of a fund: called and paid out in it, and what it is worth at its end."""

    called: Decimal
    paid_out: Decimal
    value: Decimal


YALE = Pattern()


def fund_years(commitment: Decimal, pattern: Pattern = YALE) -> list[FundYear]:
    """Return every year of a fund's life.

    C(t) = RC(t) (CC - PIC(t)); D(t) = RD(t) NAV(t-1) (1 + G);
    NAV(t) = NAV(t-1) (1 + G) + C(t) - D(t): a call is not paid out in its own year.
    """
    years: list[FundYear] = []
    paid_in = value = Decimal(0)
    for year in range(1, pattern.life + 1):
        called = pattern.called_share(year) * (commitment - paid_in)
        grown = value * (1 + pattern.growth)
        paid_out = pattern.paid_share(year) * grown
        paid_in, value = paid_in + called, grown + called - paid_out
        years.append(FundYear(called, paid_out, value))
    return years
