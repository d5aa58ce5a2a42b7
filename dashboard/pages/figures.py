"""How a number was made: every metric, its value, its rows and its documents."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any

from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.calculations.bounds import Bounds
from commitments.calculations.metric import Figure, Metric, Row, Scope
from commitments.calculations.point import PointInTime
from commitments.models import Commitment, Instrument, Revision, Sector, Term
from dashboard import formats
from dashboard.casework import sentence
from dashboard.code_words import calendar_version_words, revision_words, row_note_words
from dashboard.fact_words import financing_words
from dashboard.facts_read import facts_of, revisions_moving, undated
from dashboard.figures import (
    BY_KEY,
    FIGURE_PARAMETERS,
    METRICS,
    Part,
    asked_metric,
    day_of_duties,
    figure_of,
    parts_of,
)
from dashboard.pages.frame import Cites, figure_url, page, page_context, with_query
from dashboard.pages.overview import kept
from dashboard.pages.overview.figures import marked_figure, measure_notes, words_for
from dashboard.pages.overview.places import project_name, state_name
from dashboard.pages.parameters import takes
from dashboard.points import Reading, check_scope
from dashboard.project_words import stage_words
from dashboard.terms import convention_lines
from projects.calculations.stages import Stage
from projects.metrics import metric_on, shown
from projects.metrics.baselines import CURVE, NAIVE, PLANNED, SUM
from projects.models import Financing
from projects.selectors import NOT_STATED, record_with_kept_facts
from tariffs.metrics import ADDED_ONLY

HISTORY = 8
OF_A_PROJECT = ("project", "project_plan")
OF_THE_SPLIT = {
    *("japan_received_usd", "us_received_usd", "deemed_allocation_usd", "dpi_japan", "rvpi_japan"),
    *("tvpi_japan", "xirr_japan", "npv_japan_usd"),
}
OF_TRADE = ("trade", "duty", "extra_duty", "rate", "rate_without")


@dataclass(frozen=True)
class RowWords:
    """One row behind a figure, in words."""

    label: str
    address: str
    kind: str
    low: str
    high: str
    on: str
    sources: list[SafeString | str]
    counts: bool
    note: str
    part: str


@dataclass(frozen=True)
class RowGroup:
    """Rows that re-sum to one amount: its heading, and the subtotal in exact words."""

    heading: str
    rows: list[RowWords]
    low: str
    high: str


def metric_name(metric: Metric) -> str:
    return metric.name_ja if formats.is_japanese() else metric.name


@page
def figure_list(request: HttpRequest, reading: Reading) -> HttpResponse:
    """List every metric with its value at the point in time."""
    rows = []
    for metric in METRICS:
        figure = figure_of(metric, reading.record)
        rows.append(
            (
                metric_name(metric),
                figure_url(reading, metric.key),
                _split_words(metric) or words_for(metric.key, figure),
                metric.key,
                row_note_words(ADDED_ONLY) if figure.note == ADDED_ONLY else "",
            )
        )
    context = page_context(request, reading, title=_("Figures"), rows=rows)
    return render(request, "dashboard/figures.html", context)


@page
@takes(*FIGURE_PARAMETERS)
def figure_page(request: HttpRequest, reading: Reading, key: str) -> HttpResponse:
    """Explain one metric: value or reason, definition, rows that re-sum to it, documents."""
    if key not in BY_KEY:
        raise Http404(_("No figure is called “%(key)s”.") % {"key": key})
    metric = asked_metric(key, request.GET.get("rung", "").strip() or None)
    check_scope(reading.scope)
    on = day_of_duties(request.GET, reading, key)
    figure = figure_of(metric, reading.record, reading.scope, on=on)
    cites = Cites(reading)
    rows = [_row(reading, cites, row) for row in figure.rows]
    context = page_context(
        request,
        reading,
        left_out=undated(reading, facts_of(metric)),
        title=metric_name(metric),
        cites=cites,
        metric=metric,
        name=metric_name(metric),
        definition=metric.definition_ja if formats.is_japanese() else metric.definition,
        formula=metric.formula_ja if formats.is_japanese() else metric.formula,
        conventions=convention_lines(reading.record.terms, reading.record.convention)
        if key in OF_THE_SPLIT
        else [],
        unit=unit_words(metric.unit),
        rung=stage_words(Stage(metric.rung)) if metric.rung in set(Stage) else "",
        value=words_for(key, figure),
        exact=_exact(metric, figure),
        reason=formats.reason(figure.reason) if figure.reason else "",
        note=_note(metric, figure),
        scope=_scope_words(reading, on),
        parts=[_part(reading, part) for part in parts_of(metric, reading)],
        splits_by=_split_words(metric),
        inputs=[_input(reading, name, metric, on) for name in metric.inputs],
        groups=_groups(figure, [row for row in rows if row.counts]),
        division=_division(metric, figure),
        context_rows=[row for row in rows if not row.counts],
        rivals=_rivals(reading, cites, metric),
        history=_history(reading, metric, figure, on),
        changes_address=with_query(reverse("changes"), reading),
        api_address=with_query(
            reverse("metric-detail", args=[key]), reading, **_asked(reading, metric, on)
        ),
    )
    return render(request, "dashboard/figure.html", context)


def _row(reading: Reading, cites: Cites, row: Row) -> RowWords:
    label = row_words(reading, row)
    return RowWords(
        label=format_html("{} {}", formats.MINUS, label) if row.sign < 0 else label,
        address=with_query(reverse("project", args=[row.ref]), reading)
        if row.kind in OF_A_PROJECT
        else "",
        kind=kind_words(row.kind),
        low=_bound_words(row.bounds.low, row),
        high=_bound_words(row.bounds.high, row),
        on=formats.day(row.on),
        sources=[cites.document(str(cites.number(slug)), slug) for slug in row.documents],
        counts=row.counts,
        note=_row_note(reading, row),
        part=row.part,
    )


def _split_words(metric: Metric) -> str:
    """Return what a share is split by, in words; empty for every other metric."""
    return {"sector": _("By sector"), "instrument": _("By instrument")}.get(metric.splits_by, "")


def _scope(reading: Reading) -> dict[str, str]:
    """The part of the commitment that is asked about, as parameters."""
    return {name: value for name, value in vars(reading.scope).items() if value is not None}


def _rung(metric: Metric) -> str:
    """The rung to ask a metric on; empty for its own."""
    own = BY_KEY[metric.key].rung
    return "" if metric.rung in (None, own) else metric.rung


def _asked(reading: Reading, metric: Metric, on: date | None) -> dict[str, str]:
    """What is asked of a metric beside its point, as parameters; empty for what is not."""
    day = on.isoformat() if on else ""
    return {"rung": _rung(metric), "on": day, **_scope(reading)}


def _input(reading: Reading, key: str, of: Metric, on: date | None) -> tuple[str, str, str]:
    """One input of a formula: its name, the address of its page, and its exact value."""
    metric = metric_on(key, of.rung) or BY_KEY[key]
    figure = figure_of(metric, reading.record, reading.scope, on=on)
    exact = _exact(metric, figure)
    words = marked_figure(exact, figure) if exact else words_for(metric.key, figure)
    address = figure_url(reading, key, **_asked(reading, metric, on))
    return metric_name(metric), address, words


def _part(reading: Reading, part: Part) -> tuple[str, str, str]:
    """One part of a share: its name, the address of its page, and its value in words."""
    scope = {**_scope(reading), part.dimension: part.slug}
    address = figure_url(reading, part.metric.key, **scope)
    return formats.said_name(part.entity, "name"), address, words_for(part.metric.key, part.figure)


def _row_note(reading: Reading, row: Row) -> str:
    if row.kind == "calendar":
        return calendar_version_words(row.note)
    drawn = {NAIVE: _("naive linear"), CURVE: _("S-curve")}
    if row.kind == "project_plan" and row.note in drawn:
        return drawn[row.note]
    noted = {"financing": _financing_of, "term": _term_of}
    if row.kind in noted:
        found = noted[row.kind](reading, row)
        if found is not None and row.note == found.note:
            return formats.said(found, "note")
    return row_note_words(row.note) if row.note else ""


def _financing_of(reading: Reading, row: Row) -> Financing | None:
    return next((f for f in reading.record.financings if f.ref == row.ref), None)


def _term_of(reading: Reading, row: Row) -> Term | None:
    terms = (term for terms in reading.record.terms.readings.values() for term in terms)
    return next((term for term in terms if term.ref == row.ref), None)


def row_words(reading: Reading, row: Row) -> str:
    """Return what a row of a figure is, in the reader's language."""
    record, slug = reading.record, row.ref.split(":")[0]
    named = (*OF_A_PROJECT, "investment", "ledger", "flow", "valuation")
    if row.kind in named and slug in record.by_slug:
        return project_name(record.by_slug[slug])
    if row.kind == "financing":
        found = _financing_of(reading, row)
        return financing_words(found) if found else row.label
    if row.kind == "notice":
        notice = next((n for n in record.notices if n.ref == row.ref), None)
        if notice is None:
            return row.label
        return _("%(project)s, %(number)s") % {
            "project": formats.said_name(notice.project, "name"),
            "number": notice.number,
        }
    if row.kind in ("day", "point"):
        return formats.day(row.on)
    if row.kind in OF_TRADE:
        return formats.said(kept.trade(reading.point)[row.ref], "label")
    if row.kind in ("days", "planned_days", "used_days"):
        return kind_words(row.kind)
    if row.kind == "calendar":
        names = {
            "JP": _(
                "Act on National Holidays (Japan, 1948); Banking Act Enforcement Order, art. 5"
            ),
            "US": _("Federal Reserve K.8, its schedule of holidays"),
        }
        return names.get(row.ref, row.label)
    if row.kind == "term":
        named = _term_of(reading, row)
        return formats.said_name(named, "name") if named else row.label
    return formats.said_as_written(row.label)


def _groups(figure: Figure, rows: list[RowWords]) -> list[RowGroup]:
    """The rows that make a figure; the two sides of a share apart, each with its subtotal."""
    if figure.division is None:
        return [RowGroup(_("The rows that make it"), rows, "", "")] if rows else []
    sides = (
        ("numerator", _("What is divided"), figure.division.numerator),
        ("denominator", _("What it is divided by"), figure.division.denominator),
    )
    return [
        RowGroup(
            heading,
            [row for row in rows if row.part == part],
            exact_words(bounds.low, unit),
            exact_words(bounds.high, unit),
        )
        for (part, heading, bounds), unit in zip(sides, figure.division.units, strict=True)
    ]


def _division(metric: Metric, figure: Figure) -> list[str]:
    """The division of a share or a rate in figures: one line, or low and high apart."""
    if figure.division is None or figure.reason:
        return []
    above, below, shares = figure.division.numerator, figure.division.denominator, figure.bounds
    unit, below_unit = figure.division.units
    factor = figure.division.factor
    times = "" if factor == 1 else f" × {factor}"
    lines = [
        f"{exact_words(top, unit)} ÷ {exact_words(bottom, below_unit)}{times} = "
        f"{exact_words(top / bottom * factor, metric.unit)}"
        for top, bottom in ((above.low, below.low), (above.high, below.high))
        if top is not None and bottom
    ]
    return list(dict.fromkeys(lines)) if shares.is_stated else []


def _bound_words(number: Any, row: Row) -> str:
    """Return a bound as it enters the sum: a row that is taken off shows its minus.

    One that rests on general knowledge is marked unverified, one worked out derived.
    """
    if row.text:
        words = formats.day(date.fromisoformat(row.text))
    else:
        words = exact_words(None if number is None else row.sign * number, row.unit)
    return formats.marked(words, is_recalled=row.is_recalled, is_derived=row.is_derived)


def kind_words(kind: str) -> str:
    return {
        "project": _("project"),
        "financing": _("financing"),
        "notice": _("funding notice"),
        "ledger": _("ledger entries"),
        "day": _("ledger entries"),
        "days": _("days"),
        "point": _("point of the plan"),
        "cover": _("cover"),
        "term": _("term"),
        "claim": _("claim"),
        "calendar": _("holidays"),
        "plan": _("plan"),
        "project_plan": _("planned by the day described"),
        "planned_days": _("planned duration (PD)"),
        "used_days": _("days used (AT)"),
        "investment": _("investment"),
        "flow": _("dated flow"),
        "valuation": _("valuation"),
        "trade": _("imports of the baseline year"),
        "duty": _("duty a year"),
        "extra_duty": _("extra duty a year"),
        "rate": _("rate of duty"),
        "rate_without": _("rate without the agreement"),
    }.get(kind, kind)


def unit_words(unit: str) -> str:
    """Return a unit in words."""
    return {
        "usd": _("US dollars"),
        "usd_per_year": _("US dollars a year"),
        "usd_per_month": _("US dollars a month of 30.4375 days"),
        "usd_per_business_day": _("US dollars a business day"),
        "fraction": _("share, in percent"),
        "ratio": _("ratio, without a unit"),
        "days": _("days"),
        "count": _("number"),
        "date": _("date"),
    }.get(unit, unit)


def exact_words(number: Any, unit: str) -> str:
    """Return a bound to the last digit its unit carries."""
    if number is None:
        return formats.DASH
    if unit.startswith("usd"):
        return formats.exact_dollars(number)
    if unit == "fraction":
        return formats.percent(number, 2)
    return formats.plain(number, 0 if unit in ("days", "count") else 4)


def _exact(metric: Metric, figure: Figure) -> str:
    if figure.reason or metric.unit == "date":
        return ""
    low, high = figure.bounds.low, figure.bounds.high
    if low == high:
        return exact_words(low, metric.unit)
    words = (exact_words(low, metric.unit), exact_words(high, metric.unit))
    return _("low %(low)s, high %(high)s") % {"low": words[0], "high": words[1]}


def _note(metric: Metric, figure: Figure) -> str:
    notes = [sentence(words) for words in measure_notes(metric.unit, figure)]
    if figure.note == "none_published":
        notes.append(
            _(
                "No record of this kind is in the register. It says what was found, not what happened."
            )
        )
    notes += filter(None, [note_words(metric).get(figure.note or "")])
    if figure.note == ADDED_ONLY:
        lines = [row for row in figure.rows if row.counts and row.part != "denominator"]
        n = sum(row.note == ADDED_ONLY for row in lines)
        notes.append(
            ngettext(
                "%(n)s of %(all)s lines counts the added duty only: its ordinary duty is not on record.",
                "%(n)s of %(all)s lines count the added duty only: their ordinary duty is not on record.",
                n,
            )
            % {"n": n, "all": len(lines)}
        )
    if figure.unstated_count:
        notes.append(
            ngettext(
                "%(n)s row carries no amount and adds nothing.",
                "%(n)s rows carry no amount and add nothing.",
                figure.unstated_count,
            )
            % {"n": figure.unstated_count}
        )
    if figure.told != figure.bounds and figure.bounds.low is not None:
        notes.append(
            _(
                "Most of the amounts are stated as “up to” only, so the sum is told as “up to”. "
                "The lows that are stated add up to %(amount)s."
            )
            % {"amount": formats.money(figure.bounds.low)}
        )
    if figure.text and metric.unit not in ("date", "fraction"):
        notes.append(figure.text)
    return formats.joined(notes)


def note_words(metric: Metric) -> dict[str, str]:
    """What the note of a figure says of how it was made, by its code."""
    naive, summed = (
        _(
            "No plan is published: a straight line to the deadline is used, of a project from "
            "its selection, else from the start."
        ),
        _(
            "The sector has no plan of its own: those of its projects are summed point by point, "
            "from the first selection on."
        ),
    )
    is_debt = metric.key.startswith("debt_")  # against a drawn line, whatever is planned
    if is_debt or metric.rung != PLANNED:
        summed = _(
            "The lines of the sector’s projects are summed point by point, from the first "
            "selection on."
        )
        naive = (
            _(
                "Whatever is planned, a straight line to the deadline is used, of a project from "
                "its selection, else from the start."
            )
            if is_debt
            else _(
                "Plans are of what is to be funded: on this rung a straight line to the deadline "
                "is used, of a project from its selection, else from the start."
            )
        )
    return {
        NAIVE: naive,
        SUM: summed,
        CURVE: _("The S-curve is that of slow operations of the donor library."),
        "selected": _(
            "What is selected of the part. The indices count a range at its low end, and at its "
            "ceiling where only that is stated."
        ),
        "signed": _("What is signed so far: selections name no instrument."),
    }


def _scope_words(reading: Reading, on: date | None) -> str:
    """Return the part of the commitment a figure is about, by its names, or the day of its duties."""
    scope, record = reading.scope, reading.record
    parts = [_("duties of %(day)s") % {"day": formats.day(on)}] if on else []
    if scope.project:
        found = record.by_slug.get(scope.project)
        is_unnamed = scope.project == NOT_STATED
        parts.append(
            project_name(found) if found else _("not stated") if is_unnamed else scope.project
        )
    if scope.sector:
        sector = Sector.objects.filter(slug=scope.sector).first()
        parts.append(formats.said_name(sector, "name") if sector else _("not stated"))
    if scope.instrument:
        instrument = Instrument.objects.filter(slug=scope.instrument).first()
        parts.append(formats.said_name(instrument, "name") if instrument else _("not stated"))
    if scope.state:
        parts.append(_("not stated") if scope.state == NOT_STATED else state_name(scope.state))
    return _(", ").join(parts)


def _rivals(
    reading: Reading, cites: Cites, metric: Metric
) -> list[tuple[str, str, SafeString | str, str]]:
    """Claims set aside for the amounts of a rung, each with who made it and its rank."""
    if metric.rung not in ("candidate", "in_consultation", "selected", "signed"):
        return []
    if not reading.point.is_recorded:
        return []
    rows = []
    for member in reading.record.members(metric.rung):
        if not member.is_in(reading.scope):
            continue
        for claim in member.claims.others:
            words = formats.billions(Bounds(claim.low, claim.high))
            words = formats.unverified(words) if claim.is_recalled else words
            slug = claim.document.slug if claim.document else None
            rows.append(
                (
                    row_words(reading, member.row),
                    formats.said(claim, "who"),
                    cites.document(words, slug),
                    str(claim.get_rank_display()),
                )
            )
    return rows


@dataclass(frozen=True)
class History:
    """The value at the revisions where it changed, newest first, and how many were not compared."""

    rows: list[tuple[str, str, str, str]]
    left_out: int


def _history(reading: Reading, metric: Metric, figure: Figure, on: date | None) -> History:
    """Compare the value at the newest revisions that can have moved it, and at the first of them.

    What changed among the revisions left out is told at the next one compared,
    as known by then: which of them it was, and why, is not.
    """
    point = reading.point
    revisions = list(
        revisions_moving(metric, reading)
        .annotate(place=Window(RowNumber(), order_by="-number"), whole=Window(Count("pk")))
        .filter(Q(place__lte=HISTORY) | Q(place=F("whole")))
        .order_by("number")
    )
    left_out = revisions[0].whole - len(revisions) if revisions else 0
    moved, before = list[tuple[Revision, Figure, int]](), None
    for place, revision in enumerate(revisions):
        found = figure
        if revision != revisions[-1]:  # nothing after it moved the value
            earlier = PointInTime(
                as_of=point.as_of,
                revision=revision.number,
                today=point.today,
                known_at=revision.recorded_at,
                published_by=point.published_by,
            )
            found = _kept_figure(metric, reading.commitment, earlier, reading.scope, on)
        value = (words_for(metric.key, found), *_digits(metric, found))
        if value != before:
            moved.append((revision, found, left_out if place == 1 else 0))
        before = value
    told = _told_apart(metric, [found for _revision, found, _unsure in moved])
    rows = [
        _revision_line(revision, words, unsure)
        for (revision, _found, unsure), words in zip(moved, told, strict=True)
    ]
    return History(rows[::-1], left_out)


def _revision_line(revision: Revision, words: str, unsure: int) -> tuple[str, str, str, str]:
    """A value, when it was recorded and why; with the revisions before it that it may be of."""
    at = f"{revision.recorded_at:%Y-%m-%d %H:%M} UTC"
    if not unsure:
        return str(revision), at, words, revision_words(revision.reason)
    either = ngettext(
        "%(revision)s or the one before it",
        "%(revision)s or one of the %(n)s before it",
        unsure,
    )
    return (
        either % {"revision": revision, "n": unsure},
        _("by %(moment)s") % {"moment": at},
        words,
        _("not known: those before it were not compared"),
    )


def _digits(metric: Metric, figure: Figure) -> tuple[str | None, str | None]:
    """The bounds of a figure to the last digit that answers carry."""
    return shown(figure.bounds.low, metric.unit), shown(figure.bounds.high, metric.unit)


def _told_apart(metric: Metric, figures: list[Figure]) -> list[str]:
    """The values of a history in words, with the digits it takes to tell neighbours apart."""
    words = [words_for(metric.key, figure) for figure in figures]
    for more in (
        [_exact(metric, figure) for figure in figures],
        [formats.DASH.join(filter(None, _digits(metric, figure))) for figure in figures],
    ):
        if all(one != other for one, other in pairwise(words)):
            return words
        words = [
            f"{said} ({digits})" if digits else said
            for said, digits in zip(words, more, strict=True)
        ]
    return words


@lru_cache(maxsize=1024)
def _kept_figure(
    metric: Metric, commitment: Commitment, earlier: PointInTime, scope: Scope, on: date | None
) -> Figure:
    """A figure as an earlier revision gave it: that never changes, its cash included.

    No roll-up answers for a revision that is not the newest, so what this
    process read once it need not read again.
    """
    return figure_of(metric, record_with_kept_facts(commitment, earlier), scope, on=on)
