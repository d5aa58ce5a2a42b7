"""Watch item 3: what is charged now, and what could move it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dashboard import formats
from dashboard.charts.frame import Table
from dashboard.charts.rates import Step, rates_chart
from dashboard.pages.overview import kept
from dashboard.pages.overview.figures import Figures
from dashboard.pages.overview.words import ChartWords
from dashboard.terms import basis_words
from tariffs.models import Basis, Measure, TariffCategory
from tariffs.selectors import in_force

CHARTED = (
    "general",
    "autos",
    "auto-parts",
    "steel-aluminium",
    "pharmaceuticals",
    "civil-aircraft",
)
FIRST = date(2025, 1, 1)
AUTHORITIES = (
    ("IEEPA", "a-ie"),
    ("Section 122", "a-122"),
    ("Section 301", "a-301"),
    ("Section 232", "a-232"),
)


@dataclass(frozen=True)
class RateRow:
    category: str
    rate: SafeString | str
    basis: str
    authority: str
    since: str
    without: str


@dataclass(frozen=True)
class TariffSection:
    heading: str
    sub: str
    legend: list[tuple[str, str]]
    charts: list[ChartWords]
    rows: list[RateRow]
    levers: list[tuple[str, str, SafeString | str]]


def section(figures: Figures) -> TariffSection:
    """Rates over time and in force, the rate without the agreement, and the levers."""
    point, measures = figures.reading.point, figures.measures
    current = {slug: in_force(found, figures.as_of) for slug, found in measures.items()}
    without = kept.counterfactuals(point)
    rows = []
    for slug, found in current.items():
        for measure in _distinct(found):
            other = without.get(slug)
            rows.append(
                _row(figures, measure, formats.rate(other.without_percent) if other else "")
            )
    return TariffSection(
        heading=heading(current.get("general", [])),
        sub=_(
            "Thick lines are all-in rates, thin lines come on top of the ordinary duty. One "
            "scale throughout. The strip below each chart is the legal authority."
        ),
        legend=[
            ("a-ie", _("Emergency powers (IEEPA), struck down 20 Feb 2026")),
            ("a-122", _("Section 122, for 150 days")),
            ("a-301", _("Section 301")),
            ("a-232", _("Section 232")),
            ("a-mfn", _("Ordinary duty or exempt")),
        ],
        charts=[_chart(figures, slug, measures[slug]) for slug in CHARTED if measures.get(slug)],
        rows=rows,
        levers=[*_levers(figures), *(_announced(figures, m) for m in kept.announced(point))],
    )


def _levers(figures: Figures) -> Iterator[tuple[str, str, SafeString | str]]:
    """What each clause or statement could bring back."""
    for lever in kept.levers(figures.reading.point, figures.reading.commitment):
        slug = lever.document.slug if lever.document else None
        source = figures.cites.document(formats.said(lever, "instrument"), slug)
        yield formats.said(lever, "title"), formats.said(lever, "consequence"), source


def _announced(figures: Figures, measure: Measure) -> tuple[str, str, SafeString | str]:
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
    return title, text, source


def _distinct(measures: list[Measure]) -> list[Measure]:
    """One measure for each rate and basis: the earliest, where scopes share them."""
    kept_ones: dict[tuple[object, str], Measure] = {}
    for measure in measures:
        kept_ones.setdefault((measure.rate_percent, measure.basis), measure)
    return list(kept_ones.values())


def heading(general: list[Measure]) -> str:
    """Return the heading: the general rate now and its authority."""
    if not general or general[-1].rate_percent is None:
        return _("No rate on general goods is on record for the day")
    measure = general[-1]
    return _("General goods pay %(rate)s under %(authority)s") % {
        "rate": formats.rate(measure.rate_percent),
        "authority": authority_words(measure),
    }


def authority_words(measure: Measure) -> str:
    """Return the law a measure rests on, without the act that applied it."""
    words = formats.said(measure, "legal_authority")
    return words.split("（" if formats.is_japanese() else " (")[0]


def category_name(category: TariffCategory) -> str:
    return category.name_ja or category.name if formats.is_japanese() else category.name


def _row(figures: Figures, measure: Measure, without: str) -> RateRow:
    rate = formats.DASH if measure.rate_percent is None else formats.rate(measure.rate_percent)
    return RateRow(
        category=category_name(measure.category),
        rate=figures.cites.document(rate, measure.document.slug if measure.document else None),
        basis=basis_words(measure.basis),
        authority=authority_words(measure),
        since=formats.day(measure.effective_from),
        without=without or formats.DASH,
    )


def _authority_class(measure: Measure) -> str:
    for name, class_ in AUTHORITIES:
        if measure.legal_authority.startswith(name):
            return class_
    return "a-mfn"


def _chart(figures: Figures, slug: str, measures: list[Measure]) -> ChartWords:
    cutoff = figures.reading.tariffs_cutoff or figures.as_of
    steps = _steps(measures, min(cutoff, figures.as_of))
    name = category_name(measures[0].category)
    last = steps[-1]
    finding = _("%(category)s: %(rate)s on %(day)s") % {
        "category": name,
        "rate": last.words,
        "day": formats.day(figures.as_of),
    }
    table = Table(
        name,
        (_("From"), _("Rate"), _("Basis"), _("Authority")),
        tuple(
            (
                formats.day(m.effective_from),
                formats.rate(m.rate_percent) if m.rate_percent is not None else formats.DASH,
                basis_words(m.basis),
                formats.said(m, "legal_authority"),
            )
            for m in _charted(measures, figures.as_of)
        ),
        numeric_from=9,
    )
    chart = rates_chart(
        f"rate-{slug}",
        steps,
        name=name,
        description=finding,
        table=table,
        first=FIRST,
        as_of=figures.as_of,
        cutoff=cutoff,
    )
    return ChartWords(chart, name, authority_words(measures[-1]))


def _charted(measures: list[Measure], as_of: date) -> list[Measure]:
    """One measure at a time: where several scopes run side by side, the highest rate."""
    kept: list[Measure] = []
    for measure in measures:
        if measure.effective_from is None or measure.effective_from > as_of:
            continue
        same = kept and kept[-1].effective_from == measure.effective_from
        if same and (kept[-1].rate_percent or 0) >= (measure.rate_percent or 0):
            continue
        if same:
            kept.pop()
        one_day = measure.effective_to == measure.effective_from
        if not one_day:
            kept.append(measure)
    return kept or measures[:1]


def _steps(measures: list[Measure], until: date) -> list[Step]:
    charted = _charted(measures, until)
    steps = []
    for i, m in enumerate(charted):
        begin = m.effective_from or FIRST
        following = charted[i + 1].effective_from if i + 1 < len(charted) else None
        end = min(filter(None, [m.effective_to, following, until]), default=until)
        rate = m.rate_percent or 0
        steps.append(
            Step(
                begin=begin,
                end=max(end, begin) if following is None else following,
                rate=float(rate),
                is_total=m.basis != Basis.ADDITIONAL,
                authority=_authority_class(m),
                words=f"{formats.rate(m.rate_percent)} {basis_words(m.basis)}"
                if m.rate_percent is not None
                else formats.DASH,
            )
        )
    return steps
