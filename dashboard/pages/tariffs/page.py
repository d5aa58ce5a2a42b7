"""What is charged now, what it comes to, and what if it goes back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.calculations.bounds import Bounds
from commitments.models import Term
from dashboard import formats
from dashboard.charts.bands import duty_row
from dashboard.charts.svg import Markup
from dashboard.facts_read import DUTIES, undated
from dashboard.pages.frame import Cites, page, page_context, with_query
from dashboard.pages.overview import kept
from dashboard.pages.overview.figures import in_billions
from dashboard.pages.overview.words import ChartWords
from dashboard.pages.parameters import takes
from dashboard.pages.reacted import reacted_to
from dashboard.pages.tariffs.charts import FIRST, Frame, Key, legend, rate_chart
from dashboard.pages.tariffs.levers import lever_rows
from dashboard.pages.tariffs.suppose import choices_of
from dashboard.pages.tariffs.words import (
    added_only_words,
    answer_words,
    category_name,
    ended_words,
    measured_goods,
    percent_words,
    scope_name,
    step_words,
    uncompared_words,
    whole_days,
)
from dashboard.points import Reading
from dashboard.tariffs import EXPOSURE_PARAMETERS, day_in, elasticity_in
from dashboard.terms import basis_words
from tariffs.calculations.rate import Basis
from tariffs.models import Measure, TariffCategory
from tariffs.selectors.exposure import (
    SAME,
    Exposure,
    ExposureLine,
    Without,
    counterfactual_rows,
    exposure_on,
    without_agreement,
)
from tariffs.selectors.rates import (
    RateBook,
    RateOn,
    ScopeRate,
    Step,
)

AHEAD = timedelta(days=400)
Explained = Callable[[str, str], SafeString]  # a metric's key and its value in words


@dataclass(frozen=True)
class RateLine:
    """One row of the table of rates: a category, or a part of it."""

    name: str
    rate: SafeString | str
    basis: str
    authority: str
    begins: str
    ends: str
    without: SafeString | str
    note: SafeString | str


@dataclass(frozen=True)
class DutyLine:
    """One row of the table of exposure; amounts in billions, ranges kept."""

    name: str
    imports: str
    rate: SafeString | str
    duty: SafeString | str
    without: SafeString | str
    extra: SafeString | str
    what_if: str
    is_added_only: bool


@dataclass(frozen=True)
class Countdown:
    """A day on which a measure begins or ends, and the days to it."""

    day: str
    iso: str
    words: str
    left: str
    source: SafeString | str


@page
@takes(*EXPOSURE_PARAMETERS)
def tariff_page(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Show the duties of a day, what they come to in a year, and what lies ahead."""
    asked = {name: request.GET.get(name, "").strip() for name in EXPOSURE_PARAMETERS}
    on = day_in(asked["on"], reading.point.as_of)
    elasticity = elasticity_in(asked["elasticity"])
    cites = Cites(reading)
    book = kept.rates(reading.point, reading.commitment.investor_code)
    found = exposure_on(book, on)
    day = {"on": asked["on"]} if asked["on"] else {}
    explained = partial(_explained, cites, found, day)
    heading = headline(found, book, on, formats.said_name(reading.commitment, "investor"))
    more = {name: asked[name] for name in EXPOSURE_PARAMETERS if asked[name]}
    keys = legend(book, book.categories, reading.point.as_of + AHEAD)
    charts = _charts(cites, book, keys)
    context = page_context(
        request,
        reading,
        left_out=undated(reading, DUTIES),
        title=heading,
        cites=cites,
        heading=heading,
        lede=_lede(found, cites),
        on=formats.day(on),
        asked={**asked, "on": on.isoformat()},
        elasticity=None if elasticity is None else f"{elasticity.normalize():f}",
        summary=_summary(found, elasticity, explained),
        legend=keys,
        charts=charts,
        drawings=charts,
        rates=_rates(book, on, cites),
        lines=[_duty_line(line, elasticity, cites) for line in found.lines] if found else [],
        bars=_bars(found),
        total=_total(found, elasticity, explained) if found else None,
        gaps=[*_within(found), *_left_out(found)],
        levers=lever_rows(reading, cites),
        choices=choices_of(reading),
        countdowns=[_countdown(step, reading.point.as_of, cites) for step in book.ahead()],
        reacted=reacted_to(
            reading, cites, [f"measure:{m.ref}" for rows in book.measures.values() for m in rows]
        ),
        history=_history(book, cites),
        rulings=_rulings(reading, cites),
        csv=with_query(reverse("exposure_file", args=["csv"]), reading, **more),
        xlsx=with_query(reverse("exposure_file", args=["xlsx"]), reading, **more),
        api=with_query(reverse("tariff-exposure"), reading, **more),
        rate_api=with_query(reverse("tariff-category-rates"), reading),
    )
    return TemplateResponse(request, "dashboard/tariffs.html", context)


def headline(found: Exposure | None, book: RateBook, on: date, country: str) -> str:
    """Return the page's headline: the duty a year, and what the agreement saves of it.

    Without a baseline it is the general rate; without a rate, that none is on record.
    """
    if found is None or not found.duty.is_stated:
        general = [book.rate_of(category, on) for category in book.named("general")]
        term = general[0].term if general else None
        if term is not None and general[0].rate_percent is not None:
            words = _(
                "Goods of %(country)s pay %(rate)s in general by its terms since %(day)s; duties "
                "by category are not recorded"
            )
            return words % {
                "country": country,
                "rate": answer_words(general[0]),
                "day": formats.day(term.effective_on),
            }
        if not general or general[0].rate_percent is None:
            return _("No rate of duty on goods of %(country)s is on record") % {"country": country}
        words = _("Duty on goods of %(country)s: %(rate)s in general")
        return words % {"country": country, "rate": answer_words(general[0])}
    duty = formats.money_range(found.duty)
    if not found.extra.high:
        words = _("Duty on goods of %(country)s: %(duty)s a year")
        return words % {"country": country, "duty": duty}
    words = _("Duty on goods of %(country)s: %(duty)s a year; without the agreement %(extra)s more")
    extra = formats.money_range(found.extra)
    return words % {"country": country, "duty": duty, "extra": extra}


def _lede(found: Exposure | None, cites: Cites) -> Any:
    """How the figures are made: the baseline, its source, and what they leave out."""
    if found is None:
        return _("No trade baseline is on record.")
    base = found.baseline
    words = _("Imports of %(year)s, %(imports)s, times the rate of the day.") % {
        "year": base.year,
        "imports": formats.money(base.value_usd, style="prose"),
    }
    return cites.document(words, base.document.slug if base.document else None)


def _explained(
    cites: Cites, found: Exposure | None, day: dict[str, str], key: str, words: str
) -> SafeString:
    """Return a figure of exposure in words, linked to the lines that make it."""
    document = found.baseline.document if found else None
    return cites.figure(words, key, (document.slug,) if document else (), **day)


def _summary(
    found: Exposure | None, elasticity: Decimal | None, explained: Explained
) -> list[tuple[str, SafeString | str, str]]:
    if found is None:
        return []
    rows: list[tuple[str, SafeString | str, str]] = [
        (
            _("Average rate"),
            explained("average_duty_rate", _percent_range(found.average_percent)),
            _listed(_("duty over imports that have a rate"), added_only_words(found.with_rate)),
        ),
        (
            _("Duty a year"),
            explained("duty_usd_per_year", formats.money_range(found.duty)),
            _listed(
                _("on %(imports)s of imports")
                % {"imports": formats.money(found.imports_with_rate)},
                added_only_words(found.with_rate),
            ),
        ),
        (
            _("Extra without the agreement"),
            explained("extra_duty_usd_per_year", formats.money_range(found.extra)),
            _listed(
                _("a year, on %(imports)s of imports compared")
                % {"imports": formats.money(found.imports_compared)},
                added_only_words(found.compared),
            ),
        ),
    ]
    if elasticity is not None:
        rows.append(
            (
                _("The same if imports fall"),
                formats.money_range(found.extra_with(elasticity)),
                _("a year; imports fall by %(lost)s at an elasticity of %(elasticity)s")
                % {
                    "lost": formats.money_range(found.lost_with(elasticity)),
                    "elasticity": formats.plain(elasticity, 2),
                },
            )
        )
    return rows


def _listed(*words: str) -> str:
    """Parts of a remark one after another; those that are empty left out."""
    return (
        "; ".join(filter(None, words))
        if not formats.is_japanese()
        else "、".join(filter(None, words))
    )


def _percent_range(bounds: Bounds) -> str:
    return formats.percent_range(
        Bounds(*(None if b is None else b / 100 for b in (bounds.low, bounds.high)))
    )


def _charts(cites: Cites, book: RateBook, keys: Sequence[Key]) -> list[ChartWords]:
    reading = cites.reading
    as_of = reading.point.as_of
    frame = Frame(as_of, reading.tariffs_cutoff or as_of, as_of + AHEAD)
    found = [
        rate_chart(
            category,
            book.changes(category, FIRST, frame.until),
            frame,
            cites,
            keys=keys,
            in_full=True,
        )
        for category in book.categories
    ]
    return [chart for chart in found if chart is not None]


def _rates(book: RateBook, on: date, cites: Cites) -> list[RateLine]:
    rows = counterfactual_rows(book.point, on)
    lines = []
    for category in book.categories:
        rate = book.rate_of(category, on)
        if rate.term is not None and rate.rate_percent is not None:
            ends = book.term_ends_on(rate.term)
            lines.append(_by_term(category_name(category), rate, rate.term, ends, cites))
            continue
        if not rate.authority:
            nearest = _nearest_words(rate, book, cites)
            lines.append(_not_stated(category_name(category), rate, nearest))
            continue
        for part, without in without_agreement(rate, rows.get(category.slug)):
            if not part.authority:
                rest = _("%(category)s: all others") % {"category": category_name(category)}
                lines.append(_not_stated(rest, part))
                continue
            is_part = isinstance(part, ScopeRate)
            name = scope_name(category, part) if is_part else _goods_of(category, part)
            lines.append(_rate_line(name, part, without, book, cites))
    return lines


def _goods_of(category: TariffCategory, rate: RateOn) -> str:
    """The category; with the part that alone has a measure on the day, where that is one."""
    part = rate.authority[0].scope and not rate.scopes
    return measured_goods(rate.authority[0]) if part else category_name(category)


def _by_term(name: str, rate: RateOn, term: Term, ends: date | None, cites: Cites) -> RateLine:
    slug = term.document.slug if term.document else None
    return RateLine(
        name=name,
        rate=cites.document(percent_words(rate), slug),
        basis=basis_words(rate.basis or ""),
        authority=formats.said(term, "name"),
        begins=formats.day(term.effective_on),
        ends=formats.day(ends),
        without=_("not stated"),
        note=formats.short_reason(rate.reason) if rate.reason else "",
    )


def _not_stated(name: str, rate: RateOn | ScopeRate, note: SafeString | str = "") -> RateLine:
    dash = formats.DASH
    return RateLine(name, formats.short_reason(rate.reason), dash, dash, dash, dash, dash, note)


def _nearest_words(rate: RateOn, book: RateBook, cites: Cites) -> SafeString | str:
    if not rate.nearest:
        return ""
    named = (
        (
            _cited(formats.said(measure, "legal_authority"), measure, cites),
            _days_words(measure, book.ends_on(measure)),
        )
        for measure in rate.nearest
    )
    measures = format_html_join("; ", "{}, {}", named)
    return format_html(_("Nearest on record: {measures}"), measures=measures)


def _days_words(measure: Measure, ends: date | None) -> str:
    begins = formats.day(measure.effective_from)
    if ends is None:
        return _("from %(begins)s") % {"begins": begins}
    return _("%(begins)s to %(ends)s") % {"begins": begins, "ends": formats.day(ends)}


def _rate_line(
    name: str, part: ScopeRate | RateOn, without: Without, book: RateBook, cites: Cites
) -> RateLine:
    measure = part.authority[0]
    ends = book.ends_on(measure)
    beneath = [m for m in part.authority[1:] if m.basis == Basis.MFN_ONLY]
    notes = []
    if beneath and beneath[0].rate_percent is not None:
        rate = formats.rate(beneath[0].rate_percent)
        notes.append(_("of it %(rate)s ordinary duty") % {"rate": rate})
    elif part.reason is not None:
        notes.append(formats.short_reason(part.reason))
    if measure.leaves_out:
        left_out = formats.said(measure, "leaves_out")
        notes.append(_("leaves out: %(goods)s") % {"goods": left_out})
    return RateLine(
        name=name,
        rate=_cited(percent_words(part), measure, cites),
        basis=basis_words(part.basis) if part.basis else formats.DASH,
        authority=formats.said(measure, "legal_authority"),
        begins=formats.day(measure.effective_from),
        ends=formats.day(ends) if ends else _("no end stated"),
        without=_without_words(without, cites),
        note="; ".join(notes),
    )


def _without_words(without: Without, cites: Cites) -> SafeString | str:
    if without.rate_percent is None:
        return _("not stated")
    words = formats.rate(without.rate_percent)
    if without.basis:
        words = f"{words} {basis_words(without.basis)}"
    if without.source == SAME:
        words = _("%(rate)s, as for all countries") % {"rate": words}
    return cites.document(words, without.document.slug if without.document else None)


def _cited(words: str, measure: Measure, cites: Cites) -> SafeString | str:
    return cites.document(words, measure.document.slug if measure.document else None)


def _duty_line(line: ExposureLine, elasticity: Decimal | None, cites: Cites) -> DutyLine:
    what_if = Bounds() if elasticity is None else line.extra_with(elasticity)
    return DutyLine(
        name=formats.said(line.trade, "label"),
        imports=formats.cell(line.imports, 2),
        rate=_rates_cited(line, cites),
        duty=formats.billions(line.duty, 2),
        without=_without_cited(line, cites),
        extra=formats.billions(line.extra, 2),
        what_if=formats.billions(what_if, 2),
        is_added_only=line.is_added_only,
    )


def _rates_cited(line: ExposureLine, cites: Cites) -> SafeString | str:
    words = percent_words(line.rate)
    return _cited(words, line.rate.authority[0], cites) if line.rate.authority else words


def _without_cited(line: ExposureLine, cites: Cites) -> SafeString | str:
    slugs = [without.document.slug for without in line.without if without.document]
    words = _rate_range(line.without_percent)
    kinds = {(without.rate_percent, without.basis) for without in line.without}
    percent, basis = kinds.pop() if len(kinds) == 1 else (None, "")
    if percent is not None and basis == Basis.ADDITIONAL:
        words = f"{formats.rate(percent)} {basis_words(basis)}"
    return cites.document(words, slugs[0] if slugs else None)


def _rate_range(bounds: Bounds) -> str:
    if bounds.low is None or bounds.high is None:
        return _("not stated")
    if bounds.low == bounds.high:
        return formats.rate(bounds.low)
    return f"{formats.rate(bounds.low).removesuffix('%')}{formats.DASH}{formats.rate(bounds.high)}"


def _bars(found: Exposure | None) -> list[tuple[str, Markup, str, str]]:
    """The lines that would pay more without the agreement: duty now and the extra, largest first."""
    compared = found.at_stake if found else ()
    highest = max((_ends(line.duty)[1] + _ends(line.extra)[1] for line in compared), default=0.0)
    return [
        (
            formats.said(line.trade, "label"),
            duty_row(_ends(line.duty)[1], _ends(line.extra), highest),
            f"+{formats.billions(line.extra, 2)}",
            formats.billions(line.duty, 2),
        )
        for line in sorted(compared, key=lambda line: -_ends(line.extra)[1])
    ]


def _ends(bounds: Bounds) -> tuple[float, float]:
    """The ends of a range in billions, for drawing; an end that is not stated is its other one."""
    high = bounds.high if bounds.high is not None else bounds.low or Decimal(0)
    low = bounds.low if bounds.low is not None else high
    return in_billions(low), in_billions(high)


def _total(found: Exposure, elasticity: Decimal | None, explained: Explained) -> DutyLine:
    what_if = Bounds() if elasticity is None else found.extra_with(elasticity)
    return DutyLine(
        name=_("All"),
        imports=formats.cell(found.imports, 2),
        rate=explained("average_duty_rate", _percent_range(found.average_percent)),
        duty=explained("duty_usd_per_year", formats.billions(found.duty, 2)),
        without=formats.DASH,
        extra=explained("extra_duty_usd_per_year", formats.billions(found.extra, 2)),
        what_if=formats.billions(what_if, 2),
        is_added_only=False,
    )


def _within(found: Exposure | None) -> list[str]:
    """What a measure covers of a line, where the record tells it: the low end of the line."""
    words = _(
        "%(part)s: %(imports)s of imports. On these alone the duty is %(duty)s a year, and %(extra)s "
        "more without the agreement; the line above reaches from these to all of its imports."
    )
    return [
        words
        % {
            "part": formats.said_name(line.trade, "label"),
            "imports": formats.money(line.imports),
            "duty": formats.money_range(line.duty),
            "extra": formats.money_range(line.extra),
        }
        for line in (found.within if found else ())
        if line.duty.is_stated
    ]


def _left_out(found: Exposure | None) -> list[str]:
    """What the sums leave out, counted with its imports."""
    if found is None:
        return []
    words = []
    if found.without_rate:
        n = len(found.without_rate)
        text = ngettext(
            "%(n)s line has no rate on record and is in no sum of duty: %(imports)s of imports.",
            "%(n)s lines have no rate on record and are in no sum of duty: %(imports)s of imports.",
            n,
        )
        left = found.imports - found.imports_with_rate
        words.append(text % {"n": n, "imports": formats.money(left)})
    uncompared = uncompared_words(found)
    if uncompared:
        words.append(uncompared)
    return words


def _countdown(step: Step, as_of: date, cites: Cites) -> Countdown:
    measure, left = step.measure, (step.day - as_of).days
    told = ngettext("%(n)s day left", "%(n)s days left", left) % {"n": left}
    if measure.effective_from is not None and measure.effective_from <= as_of:
        whole = _("%(left)s of %(days)s days left")
        told = whole % {"left": left, "days": whole_days(step)}
    return Countdown(
        day=formats.day(step.day),
        iso=step.day.isoformat(),
        words=step_words(step),
        left=told,
        source=_cited(formats.said(measure, "legal_authority"), measure, cites),
    )


def _history(
    book: RateBook, cites: Cites
) -> list[tuple[str, str, SafeString | str, SafeString | str]]:
    """What ended up to the day described and by which act, newest first: the legal timeline."""
    return [
        (
            formats.day(ends),
            ends.isoformat(),
            _cited(ended_words(measure, ends, book), measure, cites),
            _ended_by(measure, cites),
        )
        for ends, measure in book.ended()
    ]


def _rulings(reading: Reading, cites: Cites) -> list[tuple[str, str, str, SafeString | str]]:
    """What courts decided up to the day described, newest first."""
    return [
        (
            formats.own_day(ruling),
            formats.machine_day(ruling.occurred_on, ruling.date_precision),
            formats.said(ruling, "summary"),
            cites.document(
                formats.said(ruling, "actor"), ruling.document.slug if ruling.document else None
            ),
        )
        for ruling in kept.rulings(reading.point, reading.commitment)
    ]


def _ended_by(measure: Measure, cites: Cites) -> SafeString | str:
    act = measure.ended_by or measure.document
    if act is None:
        return ""
    title = act.title or _("not stated")
    return cites.document(formats.said_as_written(title), act.slug)
