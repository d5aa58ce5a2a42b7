"""Rate steps: one small chart a category; what lies ahead is dashed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import dropwhile

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from commitments.calculations.undefined import Reason
from dashboard import formats
from dashboard.charts.frame import Owner, Table
from dashboard.charts.picture import swatches
from dashboard.charts.rates import HIGHEST, Level, Step, highest_of, rates_chart
from dashboard.exposure import percent
from dashboard.pages.frame import Cites
from dashboard.pages.overview.words import ChartWords
from dashboard.pages.tariffs.words import (
    RANGE,
    answer_words,
    authority_class,
    authority_words,
    category_name,
    legend_words,
)
from tariffs.calculations.rate import Basis
from tariffs.models import Measure, TariffCategory
from tariffs.selectors.rates import Change, RateBook, RateOn, ScopeRate

FIRST = date(2025, 1, 1)
Key = tuple[str, str]


@dataclass(frozen=True)
class Frame:
    """The days a chart spans: the one described, the newest fact, and the last one drawn."""

    as_of: date
    cutoff: date
    until: date


def legend(book: RateBook, categories: Iterable[TariffCategory], until: date) -> list[Key]:
    """The classes of the strips and bands in the charts of some categories, and what they stand for."""
    changes = (c for category in categories for c in book.changes(category, FIRST, until))
    drawn = {class_ for change in changes for class_ in _classes(change.rate)}
    return [(class_, text) for class_, text in legend_words(book).items() if class_ in drawn]


def _classes(rate: RateOn) -> set[str]:
    """What is drawn of an answer: the strip of its law, and the band where its parts differ."""
    if rate.high is None or not rate.authority:
        return set()
    return {authority_class(rate.authority[0]), *([RANGE] if rate.low != rate.high else [])}


def rate_chart(
    category: TariffCategory,
    changes: Sequence[Change],
    frame: Frame,
    cites: Cites,
    *,
    keys: Sequence[Key],
    in_full: bool,
) -> ChartWords | None:
    """The steps of one category; nothing where no measure on record gives a rate, or terms alone do.

    Its table holds an answer of a single day too, which is drawn `in_full` and on that day.
    With `in_full` every step leads to its documents and has its parts with their rates, the lowest
    and the highest, where they differ; else the newest step alone leads to its document.
    """
    told = list(dropwhile(lambda change: not _is_told(change), changes))
    stated = [change for change in told if _is_stated(change)]
    drawn = {
        row: change
        for row, change in enumerate(told)
        if _is_stated(change)
        and (in_full or change.ends > change.begins or change.holds_on(frame.as_of))
    }
    if not drawn:
        return None
    steps = {row: _step(change, row, frame) for row, change in drawn.items()}
    now = next((steps[row] for row, c in drawn.items() if c.holds_on(frame.as_of)), None)
    name = category_name(category)
    finding = _("%(category)s: %(rate)s on %(day)s") % {
        "category": name,
        "rate": now.words if now else _("no measure"),
        "day": formats.day(frame.as_of),
    }
    chart = rates_chart(
        f"rate-{category.slug}",
        list(steps.values()),
        name=name,
        description=finding,
        table=_table(name, told, cites if in_full else None),
        first=FIRST,
        as_of=frame.as_of,
        cutoff=frame.cutoff,
        now=now,
        until=frame.until,
    )
    begun = [c for c in stated if c.begins <= frame.as_of] or stated[:1]
    newest = begun[-1].rate.authority[0]
    if newest.document:
        words = _("measure in force") if now else _("measure on record")
        source = cites.document(words, newest.document.slug)
        chart = replace(chart, sources=(source,))
    used = {class_ for change in drawn.values() for class_ in _classes(change.rate)}
    own = swatches(key for key in keys if key[0] in used)
    return ChartWords(chart, name, _subtitle(newest, list(steps.values())), own)


def _is_stated(change: Change) -> bool:
    return change.rate.high is not None and bool(change.rate.authority)


def _is_told(change: Change) -> bool:
    return _is_stated(change) or change.rate.reason == Reason.STEP_NOT_STATED


def _table(name: str, told: Sequence[Change], cites: Cites | None) -> Table:
    """The steps in words, and the days from which none is stated or no measure is on record.

    The rows are of no commitment: duties are real beside a fictional one too.
    With `cites` each leads to its documents and has its parts with their lowest and highest rate.
    """
    by_part = cites is not None and any(c.rate.low != c.rate.high for c in told)
    parts_head = (_("Parts"),) if by_part else ()
    heads = (_("From"), _("Rate"), _("Authority"), *parts_head)
    rows = []
    for change in told:
        rate = change.rate
        words = (formats.day(change.begins), answer_words(rate), _authorities(rate, cites))
        ends = (percent(end) or formats.DASH for end in (rate.low, rate.high))
        rows.append((*words, _parts_words(rate), *ends) if by_part else words)
    ends_heads = (_("Lowest, %"), _("Highest, %")) if by_part else ()
    return Table(
        name,
        (*heads, *ends_heads),
        tuple(rows),
        numeric_from=len(heads),
        owners=(Owner(),) * len(rows),
    )


def _parts_words(rate: RateOn) -> str:
    """The parts of an answer, each with its rate; nothing where one rate is that of all."""
    words = (
        f"{formats.said(part, 'scope') if part.scope else _('all others')}: {answer_words(part)}"
        for part in rate.scopes
    )
    return ("；" if formats.is_japanese() else "; ").join(words)


def _subtitle(newest: Measure, steps: Sequence[Step]) -> str:
    """The law of the newest step; and that the scale is another, where a rate lies above the common one."""
    words = authority_words(newest)
    highest = highest_of(steps)
    if highest == HIGHEST:
        return words
    told = _("%(authority)s; on a scale of its own, to %(highest)s")
    return told % {"authority": words, "highest": f"{highest:.0f}%"}


def _authorities(rate: RateOn, cites: Cites | None) -> SafeString:
    """The measures a rate rests on, the nearest where it is not stated; one law with parts is one.

    With `cites` each leads to its document.
    """
    named = {
        formats.said(m, "legal_authority"): m for m in reversed(rate.authority or rate.nearest)
    }
    links = [
        (cites.document(words, m.document.slug if m.document else None) if cites else words,)
        for words, m in reversed(named.items())
    ]
    return format_html_join("; ", "{}", links)


def _step(change: Change, row: int, frame: Frame) -> Step:
    """A step as it is drawn; one that lies ahead is told with the day it begins."""
    parts: Sequence[ScopeRate | RateOn] = change.rate.scopes or (change.rate,)
    levels = {
        Level(float(part.rate_percent or 0), is_total=part.basis is not Basis.ADDITIONAL): None
        for part in parts
    }
    last = frame.until if frame.until > frame.as_of else min(frame.cutoff, frame.as_of)
    words = answer_words(change.rate)
    if change.begins > frame.as_of:
        words = _("%(rate)s from %(day)s") % {"rate": words, "day": formats.day(change.begins)}
    return Step(
        begin=change.begins,
        end=min(change.ends + timedelta(days=1), last),
        levels=tuple(levels),
        authority=authority_class(change.rate.authority[0]),
        words=words,
        row=row,
    )
