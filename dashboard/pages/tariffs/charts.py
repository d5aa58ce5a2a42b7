"""Rate steps: one small chart a category, all on one scale; what lies ahead is dashed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dashboard import formats
from dashboard.charts.frame import Table
from dashboard.charts.picture import swatches
from dashboard.charts.rates import Step, rates_chart
from dashboard.pages.frame import Cites
from dashboard.pages.overview.words import ChartWords
from dashboard.pages.tariffs.words import (
    answer_words,
    authority_class,
    authority_words,
    category_name,
)
from tariffs.calculations.rate import Basis
from tariffs.models import Measure, TariffCategory
from tariffs.selectors.rates import Change, RateBook, RateOn

FIRST = date(2025, 1, 1)
Key = tuple[str, str]


@dataclass(frozen=True)
class Frame:
    """The days a chart spans: the one described, the newest fact, and the last one drawn."""

    as_of: date
    cutoff: date
    until: date


def legend(book: RateBook, categories: Iterable[TariffCategory], until: date) -> list[Key]:
    """The classes of the strips below the charts of some categories, and what they stand for."""
    drawn = {
        authority_class(change.rate.authority[0])
        for category in categories
        for change in book.changes(category, FIRST, until)
        if change.rate.authority
    }
    words = {
        "a-ie": _emergency_powers(book),
        "a-122": _("Section 122, for 150 days"),
        "a-301": _("Section 301"),
        "a-232": _("Section 232"),
        "a-mfn": _("Ordinary duty or exempt"),
    }
    return [(class_, text) for class_, text in words.items() if class_ in drawn]


def _emergency_powers(book: RateBook) -> str:
    """The emergency powers, and the day they were struck down once an act on record says so."""
    days = [
        measure.ended_by.date
        for measures in book.measures.values()
        for measure in measures
        if measure.listed_status == Measure.Listed.INVALIDATED
        and measure.ended_by is not None
        and book.ends_on(measure) is not None
    ]
    if not days:
        return _("Emergency powers (IEEPA)")
    return _("Emergency powers (IEEPA), struck down %(day)s") % {"day": formats.day(max(days))}


def rate_chart(
    category: TariffCategory,
    changes: Sequence[Change],
    frame: Frame,
    cites: Cites,
    *,
    keys: Sequence[Key],
    cites_each: bool,
) -> ChartWords | None:
    """The steps of one category; nothing where no measure on record gives a rate, or terms alone do.

    Its table holds an answer of a single day too, which cannot be seen. With
    `cites_each` every step leads to its documents; else the newest alone does.
    """
    stated = [c for c in changes if c.rate.high is not None and c.rate.authority]
    drawn = [c for c in stated if c.ends > c.begins]
    if not drawn:
        return None
    steps = [_step(change, frame) for change in drawn]
    now = [s for s in steps if s.begin <= frame.as_of] or steps[:1]
    name = category_name(category)
    finding = _("%(category)s: %(rate)s on %(day)s") % {
        "category": name,
        "rate": now[-1].words,
        "day": formats.day(frame.as_of),
    }
    table = Table(
        name,
        (_("From"), _("Rate"), _("Authority")),
        tuple(
            (
                formats.day(change.begins),
                answer_words(change.rate),
                _authorities(change.rate, cites if cites_each else None),
            )
            for change in stated
        ),
        numeric_from=9,
    )
    chart = rates_chart(
        f"rate-{category.slug}",
        steps,
        name=name,
        description=finding,
        table=table,
        first=FIRST,
        as_of=frame.as_of,
        cutoff=frame.cutoff,
        until=frame.until,
    )
    newest = drawn[len(now) - 1].rate.authority[0]
    if newest.document:
        source = cites.document(_("measure in force"), newest.document.slug)
        chart = replace(chart, sources=(source,))
    used = {step.authority for step in steps}
    own = swatches(key for key in keys if key[0] in used)
    return ChartWords(chart, name, authority_words(newest), own)


def _authorities(rate: RateOn, cites: Cites | None) -> SafeString:
    """The measures a rate rests on; with `cites` each leads to its document; one law with parts is one."""
    named = {formats.said(m, "legal_authority"): m for m in reversed(rate.authority)}
    links = [
        (cites.document(words, m.document.slug if m.document else None) if cites else words,)
        for words, m in reversed(named.items())
    ]
    return format_html_join("; ", "{}", links)


def _step(change: Change, frame: Frame) -> Step:
    last = frame.until if frame.until > frame.as_of else min(frame.cutoff, frame.as_of)
    return Step(
        begin=change.begins,
        end=min(change.ends + timedelta(days=1), last),
        rate=float(change.rate.high or 0),
        is_total=change.rate.basis not in (None, Basis.ADDITIONAL),
        authority=authority_class(change.rate.authority[0]),
        words=answer_words(change.rate),
    )
