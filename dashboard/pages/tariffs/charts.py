"""Rate steps: one small chart a category, all on one scale; what lies ahead is dashed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.utils.translation import gettext as _

from dashboard import formats
from dashboard.charts.frame import Table
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
from tariffs.models import TariffCategory
from tariffs.selectors.rates import Change, RateBook

FIRST = date(2025, 1, 1)


@dataclass(frozen=True)
class Frame:
    """The days a chart spans: the one described, the newest fact, and the last one drawn."""

    as_of: date
    cutoff: date
    until: date


def legend() -> list[tuple[str, str]]:
    """The classes of the strip below each chart, and what they stand for."""
    return [
        ("a-ie", _("Emergency powers (IEEPA), struck down 20 Feb 2026")),
        ("a-122", _("Section 122, for 150 days")),
        ("a-301", _("Section 301")),
        ("a-232", _("Section 232")),
        ("a-mfn", _("Ordinary duty or exempt")),
    ]


def public_book(book: RateBook) -> RateBook:
    """The measures as the world could know them on the day described: what it held scheduled."""
    point = book.point
    if point.as_of >= point.today:
        return book
    by = point.as_of if point.published_by is None else min(point.published_by, point.as_of)
    return RateBook(replace(point, published_by=by), book.country)


def changes_of(
    category: TariffCategory, book: RateBook, ahead: RateBook, frame: Frame
) -> list[Change]:
    """The answers of a category to the day described, and from there as then scheduled."""
    changes = book.changes(category, FIRST, min(frame.as_of, frame.until))
    if frame.until <= frame.as_of:
        return changes
    after = ahead.changes(category, frame.as_of + timedelta(days=1), frame.until)
    if changes and after and _same(changes[-1], after[0]):
        changes[-1] = replace(changes[-1], ends=after[0].ends)
        after = after[1:]
    return [*changes, *after]


def rate_chart(
    category: TariffCategory, changes: Sequence[Change], frame: Frame, cites: Cites
) -> ChartWords | None:
    """The steps of one category; nothing where no measure on record gives a rate.

    An answer that held for a single day cannot be seen; it stays in the table of the page.
    """
    drawn = [c for c in changes if c.rate.high is not None and c.ends > c.begins]
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
                formats.said(change.rate.authority[0], "legal_authority"),
            )
            for change in drawn
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
    return ChartWords(chart, name, authority_words(newest))


def _same(one: Change, other: Change) -> bool:
    rates = [(c.rate.rate_percent, c.rate.basis, c.rate.low, c.rate.high) for c in (one, other)]
    return rates[0] == rates[1]


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
