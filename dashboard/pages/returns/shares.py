"""How the distributions of one investment are shared: the chart and the table of its steps."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from dashboard import formats
from dashboard.charts.frame import Table
from dashboard.charts.shares import SharesWords, Stretch, shares_chart
from dashboard.pages.overview.words import ChartWords
from projects.calculations.waterfall import Balance, Step, Waterfall, switch_after

TAIL = Decimal("0.15")  # of the dollars shown, for the second tier not reached yet


@dataclass(frozen=True)
class StepRow:
    """One distribution in words, US dollars to the cent."""

    day: str
    cells: tuple[str, ...]


def exact(amount: Decimal) -> str:
    """Return an amount to the cent, digits only."""
    return formats.plain(amount, 2)


def dollars(amount: Decimal) -> str:
    """Return an amount in words, nothing as $0.00."""
    return formats.money(amount) if amount else formats.nothing()


def step_rows(result: Waterfall) -> list[StepRow]:
    """Every distribution: what was owed before, both tiers, both sides, what is owed after."""
    return [
        StepRow(
            formats.day(step.on),
            tuple(
                exact(amount)
                for amount in (
                    *(step.amount, step.before.daa, step.tier1, step.japan_tier1, step.us_tier1),
                    *(step.tier2, step.japan_tier2, step.us_tier2, step.after.daa),
                )
            ),
        )
        for step in result.steps
    ]


def totals(result: Waterfall) -> tuple[str, ...]:
    """The sums under the table; what is owed is no sum and stays empty."""

    def whole(name: str) -> str:
        return exact(sum((getattr(step, name) for step in result.steps), Decimal(0)))

    return (
        whole("amount"),
        "",
        *(whole(name) for name in ("tier1", "japan_tier1", "us_tier1")),
        *(whole(name) for name in ("tier2", "japan_tier2", "us_tier2")),
        "",
    )


def chart(result: Waterfall, investor: str) -> ChartWords:
    """Who gets each dollar paid out, and each still to come until the second tier.

    For an investment that paid nothing out, all of it lies ahead.
    """
    switch, stretches = _stretches(result, investor)
    ahead = [s for s in stretches if s.ahead]
    paid = sum((step.amount for step in result.steps), Decimal(0))
    title = _("Who gets each distributed dollar")
    where = {"amount": formats.money(Decimal(str(switch)))}
    switched = (
        _("90%% to the United States from %(amount)s")
        if not ahead
        else _("90%% would begin at %(amount)s")
    ) % where
    end = {"amount": formats.money(Decimal(str(stretches[-1].end)))}
    words = SharesWords(
        title=title,
        description=_(
            "%(paid)s distributed: %(japan)s to %(investor)s, %(us)s to the United States."
        )
        % {
            "paid": dollars(paid),
            "japan": dollars(result.japan),
            "us": dollars(result.us),
            "investor": investor,
        },
        zero=_("$0"),
        switch=switched,
        end=_("%(amount)s paid out") % end,
    )
    drawn = shares_chart(
        stretches,
        words,
        _table(result, investor),
        payments=list(_payments(result.steps)),
        switch=switch,
    )
    subtitle = _("Along the dollars paid out; pale: still to come") if ahead else ""
    return ChartWords(drawn, title, subtitle or _("Along the dollars paid out, US dollars"))


def _payments(steps: tuple[Step, ...]) -> Iterator[tuple[float, float]]:
    done = Decimal(0)
    for step in steps:
        yield float(done), float(done + step.amount)
        done += step.amount


def _stretches(result: Waterfall, investor: str) -> tuple[float, list[Stretch]]:
    """The areas, and the dollar at which the second tier began, or would begin from here."""
    first, second = result.shares.us_tier1, result.shares.us_tier2
    parts: list[tuple[Decimal, Decimal, bool]] = []
    for step in result.steps:
        parts += [(step.tier1, first, False), (step.tier2, second, False)]
    paid = sum((length for length, _us, _ahead in parts), Decimal(0))
    if not any(step.tier2 for step in result.steps):
        to_come = switch_after(result.balance, result.reading, result.shares)
        parts += [
            (to_come, first, True),
            (max((paid + to_come) * TAIL, Decimal(1)), second, True),
        ]
    merged: list[tuple[Decimal, Decimal, bool]] = []
    for length, us, ahead in parts:
        if merged and merged[-1][1:] == (us, ahead):
            merged[-1] = (merged[-1][0] + length, us, ahead)
        elif length:
            merged.append((length, us, ahead))
    done, stretches, switch = Decimal(0), [], Decimal(0)
    for length, us, ahead in merged:
        if us != first and not any(s.us != float(first) for s in stretches):
            switch = done
        stretches.append(_stretch(done, done + length, us, investor, ahead=ahead))
        done += length
    return float(switch), stretches


def _stretch(begin: Decimal, end: Decimal, us: Decimal, investor: str, *, ahead: bool) -> Stretch:
    share, rest = formats.percent(us, 0), formats.percent(1 - us, 0)
    return Stretch(
        begin=float(begin),
        end=float(end),
        us=float(us),
        us_words=_("United States %(share)s") % {"share": share},
        us_short=share,
        investor_words=f"{investor} {rest}",
        investor_short=rest,
        ahead=ahead,
    )


def _table(result: Waterfall, investor: str) -> Table:
    return Table(
        _("Distributions, US dollars"),
        (_("Date"), _("Distributed"), investor, _("United States"), _("Owed after")),
        tuple(
            (
                formats.day(step.on),
                exact(step.amount),
                exact(step.japan),
                exact(step.us),
                exact(step.after.daa),
            )
            for step in result.steps
        ),
    )


def balance_words(balance: Balance) -> str:
    """What is still owed: principal and deemed interest, to the cent."""
    return _("$%(owed)s: principal %(principal)s, deemed interest %(interest)s") % {
        "owed": exact(balance.daa),
        "principal": exact(balance.principal),
        "interest": exact(balance.interest),
    }
