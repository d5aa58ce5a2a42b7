"""Loans, cover or cash: published shares against what is signed, by year, stage and institution."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from commitments.calculations.bounds import Bounds, exactly, total
from commitments.models import Institution, Instrument
from dashboard import formats
from dashboard.pages.frame import Cites, page, page_context, with_query
from dashboard.pages.overview.figures import Figures
from dashboard.pages.overview.mix import BandRow, instrument_rows
from dashboard.pages.projects.ledger import kind_words
from dashboard.points import Reading
from dashboard.project_words import stage_words
from projects.calculations.stages import Stage
from projects.selectors import NOT_STATED
from projects.selectors.ledger import cash_by_year, yen_entries

INSTRUMENTS = ("loan", "equity", "not-stated")
STAGES = (Stage.SIGNED, Stage.NOTICED, Stage.FUNDED, Stage.DISBURSED)
KIND_OF = {Stage.FUNDED: "funding", Stage.DISBURSED: "disbursement"}
YEN_ROWS = 25


@page
def money(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Show how the money is lent, invested and insured."""
    cites = Cites(reading)
    figures = Figures(reading, cites)
    bands: list[BandRow] = instrument_rows(figures, Instrument.objects.exclude(slug=NOT_STATED))
    context = page_context(
        request,
        reading,
        of_agreement=True,
        title=_("Loans, cover or cash?"),
        cites=cites,
        lede=lede(figures),
        bands=bands,
        years=year_rows(figures),
        institutions=institution_rows(figures),
        yen=yen_rows(figures),
    )
    return render(request, "dashboard/money.html", context)


def lede(figures: Figures) -> SafeString:
    """Gross, covered and net where known, and what of the selected amount has no instrument."""
    net = figures.figure("financed_net_usd")
    if net.reason is not None and figures.record.members("signed"):
        return format_html(
            "{}",
            _(
                "Agreements are signed; no dollar amount of them is stated, so no split can be "
                "compared with what was published."
            ),
        )
    if net.note == "none_published" or net.reason is not None:
        first = format_html(
            "{}",
            _(
                "No financing is signed on record, so no split can be compared with what was "
                "published."
            ),
        )
    elif figures.figure("covered_usd").reason is not None:
        first = format_html(
            _(
                "Signed: {net}; how much of it is covered is not stated. A guarantee is "
                "exposure, not cash."
            ),
            net=figures.link("financed_net_usd"),
        )
    else:
        first = format_html(
            _(
                "Gross {gross}, of which {covered} is cover: exposure, not cash. Net of the "
                "overlap {net}."
            ),
            gross=figures.link("financed_gross_usd"),
            covered=figures.link("covered_usd"),
            net=figures.link("financed_net_usd"),
        )
    rest = figures.figure("selected_less_signed_usd")
    if rest.reason is not None or rest.note == "none_published":
        return first
    high = rest.bounds.high
    if high is not None and high < 0:
        over = figures.cites.figure(formats.money(-high), "selected_less_signed_usd")
        words = _("{over} is signed beyond what is selected.")
        return formats.joined((first, format_html(words, over=over)))
    second = format_html(
        _("Of what is selected, {rest} has no instrument in any signed agreement."),
        rest=figures.link("selected_less_signed_usd"),
    )
    return formats.joined((first, second))


@dataclass(frozen=True)
class YearRow:
    year: str
    stage: str
    cells: tuple[str, ...]
    whole: str
    cover: str


@dataclass(frozen=True)
class Amount:
    """One amount or several added up, and whether a document gives it as about so much."""

    bounds: Bounds
    is_approximate: bool = False


def added(amounts: Iterable[Amount]) -> Amount:
    listed = list(amounts)
    return Amount(total(a.bounds for a in listed), any(a.is_approximate for a in listed))


Cells = dict[tuple[str, int, str], Amount]


def year_rows(figures: Figures) -> list[YearRow]:
    """New amounts of each calendar year by stage and instrument; cover beside them, in no total."""
    cells = _cells(figures)
    cover: dict[int, list[Amount]] = {}
    for member in figures.record.members("guaranteed"):
        if member.row.on:
            cover.setdefault(member.row.on.year, []).append(Amount(member.row.bounds))
    years = sorted({year for _stage, year, _i in cells} | cover.keys())
    rows = []
    for year in years:
        for stage in STAGES:
            found = {i: cells[stage, year, i] for i in INSTRUMENTS if (stage, year, i) in cells}
            is_signed = stage == Stage.SIGNED
            if not found and not (is_signed and year in cover):
                continue
            rows.append(
                YearRow(
                    year=str(year),
                    stage=stage_words(stage),
                    cells=tuple(_words(found.get(i)) for i in INSTRUMENTS),
                    whole=_words(added(found.values()) if found else None),
                    cover=_words(added(cover[year]))
                    if is_signed and year in cover
                    else formats.DASH,
                )
            )
    return rows


def _cells(figures: Figures) -> Cells:
    record, point = figures.record, figures.reading.point
    found: dict[tuple[str, int, str], list[Amount]] = {}
    for stage in (Stage.SIGNED, Stage.NOTICED):
        for member in record.members(stage):
            if member.row.on:
                key = (stage, member.row.on.year, member.instrument)
                amount = Amount(member.row.bounds, member.row.is_approximate)
                found.setdefault(key, []).append(amount)
    stages = {kind: stage for stage, kind in KIND_OF.items()}
    by_year = cash_by_year(figures.reading.commitment, point, stages)
    for (kind, year, instrument), paid in by_year.items():
        found.setdefault((stages[kind], year, instrument), []).append(Amount(exactly(paid)))
    return {key: added(amounts) for key, amounts in found.items()}


def _words(amount: Amount | None) -> str:
    if amount is None:
        return formats.DASH
    words = formats.billions(amount.bounds, 2)
    return formats.about_where(amount.is_approximate, words, amount.bounds)


@dataclass(frozen=True)
class InstitutionRow:
    name: str
    role: str
    agreements: int
    alone: str
    together: str
    insures: str


def institution_rows(figures: Figures) -> list[InstitutionRow]:
    """Lenders, investors and insurers with what they sign alone, with others, and insure."""
    alone: dict[Institution, list[Amount]] = {}
    together: dict[Institution, list[Amount]] = {}
    for financing in figures.record.financings:
        judged = figures.record.judged(f"financing:{financing.ref}", "amount.signed")
        providers = list(financing.providers.all())
        for provider in providers:
            side = alone if len(providers) == 1 else together
            side.setdefault(provider, []).append(Amount(judged.bounds, judged.is_approximate))
    insured: dict[Institution, list[Amount]] = {}
    for cover in figures.record.covers:
        left = figures.record.outstanding_usd(cover)
        stated = Bounds() if left is None else exactly(left)
        insured.setdefault(cover.insurer, []).append(Amount(stated))
    named = sorted(alone.keys() | together.keys() | insured.keys(), key=lambda i: i.slug)
    return [
        InstitutionRow(
            name=one.name_ja or one.name if formats.is_japanese() else one.name,
            role=formats.said(one, "role") if one.role else formats.DASH,
            agreements=len(alone.get(one, ())) + len(together.get(one, ())),
            alone=_sum(alone.get(one, ())),
            together=_sum(together.get(one, ())),
            insures=_sum(insured.get(one, ())),
        )
        for one in named
    ]


def _sum(amounts: Iterable[Amount]) -> str:
    listed = list(amounts)
    return _words(added(listed)) if listed else formats.DASH


@dataclass(frozen=True)
class YenRow:
    what: str
    address: str
    yen: SafeString | str
    usd: str
    rate: str
    day: str
    source: str


def yen_rows(figures: Figures) -> list[YenRow]:
    """Agreements and payments in yen; dollars, rate, day and source as far as they are on record."""
    rows = []
    for financing in figures.record.financings:
        subject = f"financing:{financing.ref}"
        judged = figures.record.judged(subject, "amount.signed", "jpy")
        if not judged.used:
            continue
        document = judged.used[0].document
        dollars = figures.record.judged(subject, "amount.signed")
        rows.append(
            YenRow(
                what=_("Signed on %(day)s") % {"day": formats.day(financing.signed_on)},
                address="",
                yen=figures.cites.document(
                    formats.money_range(judged.bounds, "JPY", places=0),
                    document.slug if document else None,
                ),
                usd=formats.about_where(
                    dollars.is_approximate, formats.money_range(dollars.bounds), dollars.bounds
                ),
                rate=_("no rate on record"),
                day=formats.DASH,
                source=formats.DASH,
            )
        )
    reading = figures.reading
    for entry in yen_entries(reading.commitment, reading.point, size=YEN_ROWS):
        project = entry.project
        name = project.name_ja or project.name if formats.is_japanese() else project.name
        given = {
            "project": name,
            "kind": kind_words(entry.kind),
            "day": formats.day(entry.value_date),
        }
        rows.append(
            YenRow(
                what=_("%(project)s, %(kind)s of %(day)s") % given,
                address=with_query(reverse("project", args=[project.slug]), reading),
                yen=figures.cites.document(formats.money(entry.amount, "JPY"), entry.document.slug),
                usd=formats.money(entry.amount_usd, places=2),
                rate=f"{(entry.fx_rate or Decimal(0)).normalize():f}",
                day=formats.day(entry.fx_on),
                source=formats.said_as_written(entry.fx_source) or _("source not stated"),
            )
        )
    return rows
