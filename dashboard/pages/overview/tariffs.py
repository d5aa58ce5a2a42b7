"""Watch item 3: what is charged now, and what could move it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dashboard import formats
from dashboard.pages.frame import with_query
from dashboard.pages.overview import kept
from dashboard.pages.overview.figures import Figures
from dashboard.pages.overview.words import ChartWords
from dashboard.pages.tariffs.charts import FIRST, Frame, legend, rate_chart
from dashboard.pages.tariffs.levers import TAGS, state_words
from dashboard.pages.tariffs.words import (
    answer_words,
    authority_words,
    category_name,
    percent_words,
    status_words,
)
from dashboard.terms import basis_words
from tariffs.models import CounterfactualRate, Measure, TariffCategory
from tariffs.selectors.rates import RateBook, RateOn

CHARTED = (
    "general",
    "autos",
    "auto_parts",
    "steel_aluminium",
    "pharmaceuticals",
    "civil_aircraft",
)


@dataclass(frozen=True)
class RateRow:
    category: str
    rate: SafeString | str
    basis: str
    authority: str
    since: str
    without: str
    without_basis: str


@dataclass(frozen=True)
class LeverLine:
    """What could move the rates: a lever with its state, or an announced measure without one."""

    title: str
    text: str
    source: SafeString | str
    state: str = ""
    tag: str = ""


@dataclass(frozen=True)
class TariffSection:
    heading: str
    sub: str
    legend: list[tuple[str, str]]
    charts: list[ChartWords]
    rows: list[RateRow]
    levers: list[LeverLine]
    address: str


def section(figures: Figures) -> TariffSection:
    """Rates over time and in force, the rate without the agreement, and the levers."""
    point, book = figures.reading.point, figures.rates
    current = {c: book.rate_of(c, figures.as_of) for c in book.categories}
    without = kept.counterfactuals(point)
    rows = [
        _row(figures, category, rate, without.get(category.slug))
        for category, rate in current.items()
        if rate.high is not None
    ]
    frame = Frame(figures.as_of, figures.reading.tariffs_cutoff or figures.as_of, figures.as_of)
    charted = [c for slug in CHARTED for c in book.categories if c.slug == slug]
    keys = legend(book, charted, figures.as_of)
    charts = [
        rate_chart(
            c,
            book.changes(c, FIRST, frame.until),
            frame,
            figures.cites,
            keys=keys,
            in_full=False,
        )
        for c in charted
    ]
    return TariffSection(
        heading=heading(general_rate(figures)),
        sub=_(
            "Thick lines are all-in rates, thin lines come on top of the ordinary duty. Where parts "
            "pay different rates each has its line. One scale, but where a chart says it has its "
            "own. The strip below each chart is the legal authority."
        ),
        legend=keys,
        charts=[chart for chart in charts if chart is not None],
        rows=rows,
        levers=[*_levers(figures), *(_announced(figures, m) for m in kept.announced(point))],
        address=with_query(reverse("tariffs"), figures.reading),
    )


def _levers(figures: Figures) -> Iterator[LeverLine]:
    """What each clause or statement could bring back, and how its trigger stands."""
    for found in kept.levers(figures.reading.point, figures.reading.commitment):
        lever = found.lever
        slug = lever.document.slug if lever.document else None
        yield LeverLine(
            title=formats.said(lever, "title"),
            text=formats.said(lever, "consequence"),
            source=figures.cites.document(formats.said(lever, "instrument"), slug),
            state=state_words(found.state),
            tag=TAGS[found.state],
        )


def _announced(figures: Figures, measure: Measure) -> LeverLine:
    """A duty under investigation, or scheduled for a later day."""
    slug = measure.document.slug if measure.document else None
    if measure.effective_from is None or measure.rate_percent is None:
        text = _("Under investigation; no rate or day is stated.")
    else:
        text = _("%(rate)s %(basis)s, scheduled from %(day)s.") % {
            "rate": formats.rate(measure.rate_percent),
            "basis": basis_words(measure.basis),
            "day": formats.day(measure.effective_from),
        }
    title = _("%(category)s: a new duty") % {"category": category_name(measure.category)}
    source = figures.cites.document(formats.said(measure, "legal_authority"), slug)
    return LeverLine(title, text, source)


def heading(rate: RateOn | None) -> str:
    """Return the heading: the general rate now and its authority."""
    if rate is None or rate.rate_percent is None:
        return _("No rate on general goods is on record for the day")
    if rate.term is not None:
        return _("General goods pay %(rate)s by the terms") % {"rate": answer_words(rate)}
    return _("General goods pay %(rate)s under %(authority)s") % {
        "rate": formats.rate(rate.rate_percent),
        "authority": authority_words(rate.authority[0]),
    }


def state(rate: RateOn | None, book: RateBook) -> str:
    """Return the heading, with the end of the rate where that is set, and the act that ends it."""
    words = heading(rate)
    if rate is None or not rate.authority:
        return words
    measure = rate.authority[0]
    ends, act = book.ends_on(measure), measure.ended_by
    if ends is None:
        return words
    if act is None or act.date is None:
        return _("%(words)s until %(ends)s") % {"words": words, "ends": formats.day(ends)}
    return _("%(words)s, %(status)s on %(day)s and charged until %(ends)s") % {
        "words": words,
        "status": status_words(measure.listed_status),
        "day": formats.day(act.date),
        "ends": formats.day(ends),
    }


def general_rate(figures: Figures) -> RateOn | None:
    """The rate of general goods on the day described; None before the register holds them."""
    return rate_named(figures, "general")


def rate_named(figures: Figures, slug: str) -> RateOn | None:
    """The rate of a category on the day described; None where the register has no such one."""
    named = figures.rates.named(slug)
    return figures.rates.rate(named, figures.as_of) if named else None


def _row(
    figures: Figures, category: TariffCategory, rate: RateOn, without: CounterfactualRate | None
) -> RateRow:
    measure = None if rate.term else rate.authority[0]
    fact = measure or rate.term
    return RateRow(
        category=category_name(category),
        rate=figures.cites.document(
            percent_words(rate), fact.document.slug if fact and fact.document else None
        ),
        basis=basis_words(rate.basis) if rate.basis else _("by part"),
        authority=authority_words(measure) if measure else formats.said(rate.term, "name"),
        since=formats.day(measure.effective_from if measure else rate.term.effective_on),
        without=_without_words(without),
        without_basis=formats.said(without, "without_basis") if without else "",
    )


def _without_words(without: CounterfactualRate | None) -> str:
    """Return the rate without the agreement, in place of the ordinary duty or on top of it."""
    if without is None:
        return formats.DASH
    basis = basis_words(without.without_rate_basis) if without.without_rate_basis else ""
    return f"{formats.rate(without.without_percent)} {basis}".strip()
