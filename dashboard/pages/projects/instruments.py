"""How a project is financed: agreements with their terms and cover, adding to what is selected."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from commitments.calculations.bounds import Bounds
from commitments.calculations.metric import Scope
from commitments.models import Claim, Institution
from commitments.selectors import Judged
from dashboard import formats
from dashboard.code_words import benchmark_words, spread_words
from dashboard.pages.overview.figures import Figures
from dashboard.project_words import instrument_name
from projects.metrics.financing import instrument_split
from projects.models import Financing
from projects.selectors import ProjectRecord

CLASSES = {"loan": "c-loan", "guarantee": "c-guar", "equity": "c-eq"}


@dataclass(frozen=True)
class FinancingRow:
    """One agreement in words: `amount` in billions, `money` the same with its currency."""

    instrument: str
    swatch: str
    providers: str
    day: str
    terms: str
    cover: str
    amount: SafeString | str
    money: SafeString | str
    below: str
    note: str


@dataclass(frozen=True)
class InstrumentSection:
    """Rows of the project's own agreements, the rest, and their total; joint ones stand apart."""

    rows: list[FinancingRow]
    joint: list[FinancingRow]
    rest: SafeString | str
    is_overrun: bool
    total: SafeString | str
    sums: list[tuple[str, SafeString | str]]


def section(figures: Figures, project: ProjectRecord) -> InstrumentSection:
    """The instruments and the not-stated rest, which equal the selected amount."""
    own, joint = [], []
    for financing in figures.record.financings:
        slugs = {p.slug for p in financing.projects.all()}
        if project.slug in slugs:
            (joint if len(slugs) > 1 else own).append(_row(figures, financing, len(slugs)))
    split = instrument_split(figures.record, Scope(project=project.slug))
    ends = (split.rest_low, split.rest_high)
    if split.is_overrun:
        ends = (None if ends[0] is None else -ends[0], None if ends[1] is None else -ends[1])
    judged = project.amounts.get("selected")
    is_about = judged is not None and judged.is_approximate
    signed = [m.row.is_approximate for line in split.lines for m in line.members]
    words = formats.about_where(is_about or any(signed), rest_words(*ends), Bounds(*ends))
    if joint:
        words = _("%(rest)s, what the joint agreement gives it included") % {"rest": words}
    rest: SafeString | str = words
    if not joint:
        rest = figures.cites.figure(words, "selected_less_signed_usd", project=project.slug)
    selected = formats.about_where(is_about, formats.billions(split.selected), split.selected)
    total = figures.cites.figure(selected, "selected_usd", project=project.slug)
    keys = (
        ("financed_gross_usd", _("Gross: loans, equity and cover")),
        ("covered_usd", _("Covered: exposure, not cash")),
        ("financed_net_usd", _("Net of overlap: each loan once")),
    )
    sums = [(words, figures.link_scoped(key, project=project.slug)) for key, words in keys if own]
    is_selected = project.standing.is_selected and project.counts
    return InstrumentSection(
        rows=own,
        joint=joint,
        rest=rest if is_selected else formats.DASH,
        is_overrun=is_selected and split.is_overrun,
        total=total if is_selected else formats.DASH,
        sums=sums,
    )


def rest_words(low: Decimal | None, high: Decimal | None) -> str:
    """Return what no agreement gives an instrument, in billions."""
    if low is not None and high is not None and low > high:
        low, high = high, low
    return formats.billions(Bounds(low, high), 2)


def _row(figures: Figures, financing: Financing, projects: int) -> FinancingRow:
    judged = figures.record.judged(f"financing:{financing.ref}", "amount.signed")
    yen = figures.record.judged(f"financing:{financing.ref}", "amount.signed", "jpy")
    return FinancingRow(
        instrument=instrument_name(financing.instrument),
        swatch=CLASSES.get(financing.instrument.slug, "c-other"),
        providers=_(", ").join(_provider(p) for p in financing.providers.all()) or _("not stated"),
        day=formats.day(financing.signed_on),
        terms=terms_words(financing),
        cover=cover_words(figures, financing),
        amount=_amount(figures, financing, judged, formats.billions(judged.bounds, 2)),
        money=_amount(figures, financing, judged, formats.money_range(judged.bounds)),
        below=_("; ").join(
            words
            for words in (
                formats.money_range(yen.bounds, "JPY", places=0) if yen.used else "",
                _("for %(n)s projects together; split not stated") % {"n": projects}
                if projects > 1
                else "",
            )
            if words
        ),
        note=formats.said_note(financing, figures.reading.point.seen_until),
    )


def _amount(figures: Figures, financing: Financing, judged: Judged, words: str) -> SafeString | str:
    words = formats.about_where(judged.is_approximate, words, judged.bounds)
    return figures.cites.document(words, _document(financing, judged.used))


def _document(financing: Financing, used: tuple[Claim, ...]) -> str | None:
    claimed = next((c.document.slug for c in used if c.document), None)
    return claimed or (financing.document.slug if financing.document else None)


def terms_words(financing: Financing) -> str:
    """Return benchmark and spread, tenor and repayment as far as they are stated."""
    parts = []
    benchmark = benchmark_words(financing.benchmark)
    if benchmark and financing.spread_bps is not None:
        parts.append(spread_words(benchmark, financing.spread_bps))
    elif benchmark:
        parts.append(benchmark)
    if financing.tenor_months:
        years = formats.plain(Decimal(financing.tenor_months) / 12, 1).removesuffix(".0")
        parts.append(_("%(years)s years") % {"years": years})
    if financing.repayment:
        parts.append(formats.said_as_written(financing.repayment))
    return format_html_join(_(", "), "{}", ((part,) for part in parts)) or _("not stated")


def _provider(institution: Institution) -> str:
    if formats.is_japanese() and institution.name_ja:
        return institution.name_ja
    return str(institution)


def cover_words(figures: Figures, financing: Financing) -> str:
    """Return the cover in force on an agreement, or what is known of it."""
    record = figures.record
    own = (c for c in record.covers if c.financing_id == financing.root_key)
    covers = [(cover, record.outstanding_usd(cover)) for cover in own]
    if covers:
        return _("; ").join(
            _("%(insurer)s %(amount)s")
            % {
                "insurer": cover.insurer,
                "amount": _("not stated") if left is None else formats.money(left),
            }
            for cover, left in covers
        )
    words = {
        Financing.CoverStatus.NONE: _("no cover"),
        Financing.CoverStatus.COVERED: _("covered"),
        Financing.CoverStatus.NOT_STATED: _("not stated"),
    }[Financing.CoverStatus(financing.cover_status)]
    if not financing.cover_text:
        return words
    said = formats.said(financing, "cover_text")
    return format_html(_("{words}: {said}"), words=words, said=said)
