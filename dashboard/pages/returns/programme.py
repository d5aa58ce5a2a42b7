"""Every investment: what was paid in and out, who received it, what is owed, how it performed."""

from dataclasses import dataclass, replace
from decimal import Decimal

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from commitments.calculations.bounds import Bounds, total
from commitments.calculations.metric import Figure, Scope
from dashboard import formats
from dashboard.code_words import benchmark_words, spread_words
from dashboard.exports.returns import percent_of
from dashboard.pages.frame import Cites, with_query
from dashboard.pages.overview.figures import Figures, measure_notes, words_for
from dashboard.pages.returns.whatif import capitalise_words, investor_of, reading_words
from projects.calculations.waterfall import Reading
from projects.metrics import BY_KEY, evaluate
from projects.metrics.returns import (
    JAPAN,
    WHOLE,
    flags_of,
    japan_received,
    net_present_value,
    still_owed,
    us_received,
)
from projects.models import DeemedRate
from projects.selectors import CommitmentRecord
from projects.selectors.returns import Convention, Investment

MEASURES: tuple[tuple[str, str], ...] = (
    ("dpi_japan", "dpi_project"),
    ("rvpi_japan", "rvpi_project"),
    ("tvpi_japan", "tvpi_project"),
    ("xirr_japan", "xirr_project"),
    ("npv_japan_usd", "npv_project_usd"),
    ("", "moic"),
    ("", "pic"),
)


@dataclass(frozen=True)
class InvestmentRow:
    """One investment in words, amounts in millions of US dollars."""

    name: str
    address: str
    cells: tuple[str, ...]
    tier: str
    flags: tuple[str, ...]


@dataclass(frozen=True)
class MeasureRow:
    """One measure of performance, of Japan and of the whole."""

    name: str
    about: str
    japan: SafeString | str
    japan_notes: tuple[str, ...]
    whole: SafeString | str
    whole_notes: tuple[str, ...]


@dataclass(frozen=True)
class ConventionRow:
    """What the programme would show under one convention."""

    reading: str
    interest: str
    cells: tuple[str, ...]
    is_default: bool


@dataclass(frozen=True)
class RateRow:
    """A deemed rate on record."""

    what: SafeString | str
    since: str
    rate: str
    benchmark: str


@dataclass(frozen=True)
class ProgrammeSection:
    heading: str
    rows: list[InvestmentRow]
    totals: list[SafeString | str]
    waiting: list[tuple[str, str, str]]
    measures: list[MeasureRow]
    conventions: list[ConventionRow]
    rates: list[RateRow]
    file: str
    workbook: str


def section(figures: Figures, discount: Decimal | None) -> ProgrammeSection:
    """The investments of the commitment, their totals and their measures.

    `discount` is the rate a year of net present values, the deemed rates on record where None.
    """
    record, reading = figures.record, figures.reading
    found = record.investments
    asked = {} if discount is None else {"discount": percent_of(discount)}
    return ProgrammeSection(
        heading=_heading(figures),
        rows=[_row(figures, one) for one in found],
        totals=_totals(figures),
        waiting=_waiting(figures),
        measures=measures(figures, discount),
        conventions=_conventions(found, record.convention) if found else [],
        rates=rate_rows(figures.cites, _rates(record)),
        file=with_query(reverse("investments-file", args=["csv"]), reading, **asked),
        workbook=with_query(reverse("investments-file", args=["xlsx"]), reading, **asked),
    )


def _totals(figures: Figures) -> list[SafeString | str]:
    keys = (
        *("paid_in_usd", "distributed_usd", "japan_received_usd", "us_received_usd"),
        "deemed_allocation_usd",
    )
    return [figures.link(key, _millions_of(figures.figure(key))) for key in keys]


def _heading(figures: Figures) -> str:
    if not figures.record.investments:
        return _("No investment has received or paid out anything on record")
    return _("%(japan)s received by %(investor)s, %(us)s by the United States") % {
        "japan": figures.link_words("japan_received_usd"),
        "us": figures.link_words("us_received_usd"),
        "investor": investor_of(figures.reading),
    }


def _row(figures: Figures, one: Investment) -> InvestmentRow:
    project = one.project
    bounds = (japan_received(one), us_received(one), still_owed(one))
    return InvestmentRow(
        name=formats.said_name(project, "name"),
        address=with_query(reverse("project", args=[project.slug]), figures.reading) + "#returns",
        cells=(
            millions(one.flows.paid_in),
            millions(one.flows.paid_out),
            *(millions_range(b) for b in bounds),
        ),
        tier=tier_words(one),
        flags=tuple(flag_words(code) for code in flags_of(figures.record, one)),
    )


def millions(amount: Decimal) -> str:
    return formats.plain(amount / formats.MILLION, 1)


def millions_range(bounds: Bounds) -> str:
    """Return a range in millions without the unit."""
    low, high = bounds.low, bounds.high
    if low is None or high is None:
        known = low if low is not None else high
        if known is None:
            return _("not stated")
        words = _("over %(amount)s") if high is None else _("up to %(amount)s")
        return words % {"amount": millions(known)}
    return millions(low) if low == high else f"{millions(low)}{formats.DASH}{millions(high)}"


def _millions_of(figure: Figure) -> str:
    if figure.note == "none_published":
        return formats.DASH
    return millions_range(figure.bounds)


def tier_words(one: Investment) -> str:
    """In which tier the next dollar of an investment falls."""
    if one.shares.balance.daa > 0:
        return _("first")
    return _("second") if one.shares.steps else formats.DASH


def flag_words(code: str) -> str:
    """Return what to beware of, in words."""
    return {
        "rate_not_stated": _("no deemed rate on record"),
        "losses_silent": _("losses: the text is silent"),
    }[code]


def _waiting(figures: Figures) -> list[tuple[str, str, str]]:
    """Projects that stand selected and in which no money moved: name, address, selected amount."""
    moved = {one.project.slug for one in figures.record.investments}
    return [
        (
            formats.said_name(found.project, "name"),
            with_query(reverse("project", args=[found.slug]), figures.reading),
            formats.money_range(found.amounts["selected"].bounds)
            if "selected" in found.amounts
            else _("not stated"),
        )
        for found in figures.record.projects
        if found.standing.is_selected and found.counts and found.slug not in moved
    ]


def measures(figures: Figures, discount: Decimal | None = None, **scope: str) -> list[MeasureRow]:
    """The measures of performance of the commitment, or of one project.

    A net present value at a chosen discount rate is not that of the figure's
    own page, and not linked to it.
    """
    chosen = {
        f"npv_{name}_usd": net_present_value(side, discount)
        for name, side in (("japan", JAPAN), ("project", WHOLE))
        if discount is not None
    }

    def said(key: str) -> tuple[SafeString | str, tuple[str, ...]]:
        if not key:
            return formats.DASH, ()
        metric = BY_KEY[key]
        if key in chosen:
            metric = replace(metric, compute=chosen[key])
        figure = evaluate(metric, figures.record, Scope(**scope))
        if key in chosen:
            return words_for(key, figure), measure_notes(metric.unit, figure)
        words = words_for(key, figure)
        if BY_KEY[key].unit == "ratio" and figure.reason is None:
            words = f"{words}×"
        documents = dict.fromkeys(slug for row in figure.rows for slug in row.documents)
        return figures.cites.figure(words, key, documents, **scope), measure_notes(
            metric.unit, figure
        )

    rows = []
    for japan, whole in MEASURES:
        about = _about(whole, discount)
        rows.append(MeasureRow(_name(whole), about, *said(japan), *said(whole)))
    return rows


def _name(key: str) -> str:
    return {
        "dpi_project": "DPI",
        "rvpi_project": "RVPI",
        "tvpi_project": "TVPI",
        "xirr_project": _("Rate of return (XIRR)"),
        "npv_project_usd": _("Net present value (XNPV)"),
        "moic": "MOIC",
        "pic": "PIC",
    }[key]


def _about(key: str, discount: Decimal | None) -> str:
    if key == "npv_project_usd" and discount is not None:
        words = _("on the day of the first flow, at %(rate)s a year as chosen")
        return words % {"rate": formats.rate(discount * 100)}
    return {
        "dpi_project": _("paid out over paid in"),
        "rvpi_project": _("estimated worth over paid in"),
        "tvpi_project": _("both over paid in"),
        "xirr_project": _("a year, on the days money moved"),
        "npv_project_usd": _(
            "on the day of the first flow, each investment at its deemed rate on record"
        ),
        "moic": _("paid out and worth over what reached the project"),
        "pic": _("paid in over selected"),
    }[key]


def _conventions(found: list[Investment], default: Convention) -> list[ConventionRow]:
    rows = []
    interest = dict(zip((True, False), capitalise_words(), strict=True))
    for reading, words in reading_words().items():
        for capitalise in (True, False):
            convention = Convention(Reading(reading), capitalise)
            replayed = [replace(one, convention=convention) for one in found]
            amounts = [
                total(value(one) for one in replayed)
                for value in (japan_received, us_received, still_owed)
            ]
            rows.append(
                ConventionRow(
                    reading=words,
                    interest=interest[capitalise],
                    cells=tuple(millions_range(bounds) for bounds in amounts),
                    is_default=convention == default,
                )
            )
    return rows


def _rates(record: CommitmentRecord) -> list[DeemedRate]:
    """Every rate of the rate table that holds at the point, the newest first."""
    rates = DeemedRate.objects.current(record.point).filter(commitment=record.commitment)
    return list(rates.select_related("project", "document").order_by("-effective_on", "ref"))


def rate_rows(cites: Cites, rates: list[DeemedRate]) -> list[RateRow]:
    return [
        RateRow(
            what=formats.said_name(rate.project, "name")
            if rate.project
            else _("every other investment"),
            since=formats.day(rate.effective_on),
            rate=cites.document(
                formats.rate(rate.annual_rate * 100),
                rate.document.slug if rate.document else None,
            ),
            benchmark=_benchmark(rate),
        )
        for rate in rates
    ]


def _benchmark(rate: DeemedRate) -> str:
    named = benchmark_words(rate.benchmark) or _("benchmark not stated")
    if rate.spread_bps is None:
        return format_html(_("{benchmark}, spread not stated"), benchmark=named)
    return spread_words(named, rate.spread_bps)
