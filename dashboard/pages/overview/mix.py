"""What the money is for: published shares against what is known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from commitments.calculations.bounds import Bounds, total
from commitments.calculations.metric import Scope
from commitments.calculations.money import can_add_to_whole, shown_shares
from commitments.models import Claim, Instrument, Sector, SectorMapping
from dashboard import formats
from dashboard.charts.bands import Band, band_row
from dashboard.charts.frame import Table
from dashboard.charts.svg import Markup
from dashboard.pages.overview import kept
from dashboard.pages.overview.figures import Figures
from projects.metrics import BY_KEY, evaluate, rung_figure, share_figure
from projects.selectors import NOT_STATED

ROUNDING = Decimal("1e-12")  # what dividing parts by their sum may lose


@dataclass(frozen=True)
class BandRow:
    """What is published of one part as bands, what is known of it as a dot."""

    name: str
    below: str
    bands: Sequence[Band]
    known: Bounds
    value: SafeString | str
    state: str

    @property
    def bar(self) -> Markup:
        return band_row(self.bands, _known(self.known))


@dataclass(frozen=True)
class MixSection:
    heading: str
    sub: SafeString | str
    sector_key: str
    instrument_key: str
    sectors: list[BandRow]
    instruments: list[BandRow]
    sector_sums: list[str]
    instrument_sums: list[str]
    sector_table: Table
    instrument_table: Table
    sector_sources: list[SafeString]
    instrument_sources: list[SafeString]


def mix_section(figures: Figures) -> MixSection:
    """Published shares by sector and instrument against what is known."""
    mappings = kept.sector_mappings(figures.reading.point)
    sectors = {sector.slug: sector for sector in Sector.objects.all()}
    largest = _largest_sector(figures, sectors)
    article = next((m.document.slug for m in mappings if m.document), None)
    sector_rows = _sector_rows(figures, mappings, sectors)
    instruments = list(Instrument.objects.exclude(slug=NOT_STATED))
    by_instrument = instrument_rows(figures, instruments)
    return MixSection(
        heading=mix_heading(*largest) if largest else _("Nothing is selected yet"),
        sub=_where_from(figures, article),
        sector_key=_sector_key(sector_rows),
        instrument_key=_instrument_key(by_instrument),
        sectors=sector_rows,
        instruments=by_instrument,
        sector_sums=_sums({_("article"): [(m.share_low, m.share_high) for m in mappings]}),
        instrument_sums=_sums(_instrument_sets(figures, instruments)),
        sector_table=Table(
            _("Sectors, percent"),
            (_("Sector"), _("Published range"), _("Selected")),
            tuple((r.name, r.below, r.value) for r in sector_rows),
        ),
        instrument_table=Table(
            _("Instruments, percent"),
            (_("Instrument"), _("Published ranges"), _("Known")),
            tuple((r.name, r.below, r.value) for r in by_instrument),
        ),
        sector_sources=[figures.cites.document(_("article"), article)] if article else [],
        instrument_sources=_instrument_sources(figures, instruments),
    )


def _where_from(figures: Figures, article: str | None) -> SafeString | str:
    """Say what split is published, by the slug of the article that gives one."""
    if article is None:
        return _("No official split by sector or instrument exists.")
    words = _(
        "No official split by sector or instrument exists. The only full one is an "
        "{article}; it is shown hatched, as a claim."
    )
    return format_html(words, article=figures.cites.document(_("unattributed article"), article))


def _sector_key(rows: Sequence[BandRow]) -> str:
    """Say what is drawn in the chart of sectors, and what it is a share of."""
    marks = [
        (any(row.bands for row in rows), _("Hatched: the article’s range")),
        (any(_known(row.known) for row in rows), _("Dot: selected")),
    ]
    return _key(_("Share of selected"), marks)


def _instrument_key(rows: Sequence[BandRow]) -> str:
    """Say what is drawn in the chart of instruments, and what it is a share of."""
    drawn = {band.is_claim for row in rows for band in row.bands}
    marks = [
        (True in drawn, _("Hatched: the article")),
        (False in drawn, _("Solid: officials or press")),
        (any(_known(row.known) for row in rows), _("Dot: known")),
        (not all(_known(row.known) for row in rows), _("No dot: no split is published")),
    ]
    return _key(_("Share of the whole"), marks)


def _key(whole: str, marks: Iterable[tuple[bool, str]]) -> str:
    drawn = [words for is_drawn, words in marks if is_drawn]
    return ("。" if formats.is_japanese() else ". ").join([whole, *drawn])


def _instrument_sources(figures: Figures, instruments: Iterable[Instrument]) -> list[SafeString]:
    """The documents behind the published shares of instruments, named by who speaks in them."""
    voices: dict[str, str] = {}
    for instrument in instruments:
        judged = figures.record.judged_whole(f"share.instrument.{instrument.slug}")
        for claim in (*judged.used, *judged.others, *_beside(figures, instrument)):
            if claim.document:
                voices.setdefault(claim.document.slug, _voice(claim))
    return [figures.cites.document(voice, slug) for slug, voice in voices.items()]


def mix_heading(share: str, sector: str) -> str:
    """Return the section's heading: the largest sector's share of what is selected."""
    return _("%(share)s of the selected money is for %(sector)s") % {
        "share": share,
        "sector": sector,
    }


def sector_name(sector: Sector) -> str:
    return sector.name_ja or sector.name if formats.is_japanese() else sector.name


def _largest_sector(figures: Figures, sectors: dict[str, Sector]) -> tuple[str, str] | None:
    members = figures.record.members("selected")
    if not members:
        return None
    by_sector = {
        slug: total(m.row.bounds for m in members if m.sector == slug)
        for slug in {m.sector for m in members}
    }
    slug = max(by_sector, key=lambda s: by_sector[s].high or Decimal(0))
    share = share_figure(figures.record, "selected", Scope(sector=slug)).bounds
    name = sectors[slug]
    words = sector_name(name)
    return formats.percent_range(share, 0), words if formats.is_japanese() else words.lower()


def _sector_rows(
    figures: Figures, mappings: Iterable[SectorMapping], sectors: dict[str, Sector]
) -> list[BandRow]:
    mapped = {slug for mapping in mappings for slug in mapping.sectors}
    others = sorted({m.sector for m in figures.record.members("selected")} - mapped)
    ordered = sorted(mappings, key=lambda m: (-m.share_high, m.ref))
    shares = [
        *(share_figure(figures.record, "selected", Scope(sector=slug)).bounds for slug in others),
        *(_share_of(figures, mapping.sectors) for mapping in ordered),
    ]
    shown = shares_in_words(shares)
    rows = []
    for slug, share, words in zip(others, shares, shown, strict=False):
        rows.append(
            BandRow(
                sector_name(sectors[slug]),
                _said_of_sector(figures, slug) or _("no range published"),
                [],
                share,
                figures.link("sector_share", words, sector=slug),
                _("of selected"),
            )
        )
    for mapping, share, words in zip(
        ordered, shares[len(others) :], shown[len(others) :], strict=True
    ):
        low, high = mapping.share_low, mapping.share_high
        published = _range_words(low, high)
        single = mapping.sectors[0] if len(mapping.sectors) == 1 else None
        value = (
            figures.link("sector_share", words, sector=single)
            if single
            else figures.cites.document(words, mapping.document.slug if mapping.document else None)
        )
        rows.append(
            BandRow(
                formats.said(mapping, "label").replace(" & ", " and "),
                _("article: %(range)s") % {"range": published},
                [Band(float(low) / 100, float(high) / 100, is_claim=True)],
                share,
                value,
                _("of selected") if share.high else _("nothing selected"),
            )
        )
    return rows


def _said_of_sector(figures: Figures, sector: str) -> str:
    """What was said of the share of a sector that the article has no row for, and by whom."""
    judged = figures.record.judged_whole(f"share.sector.{sector}")
    said = [c for c in (*judged.used, *judged.others) if c.low is not None or c.high is not None]
    return _("; ").join(
        _("%(about)s: %(said)s")
        % {"about": _voice(c), "said": formats.percent_range(_fractions(c), 0)}
        for c in said
    )


def _fractions(claim: Claim) -> Bounds:
    low, high = (None if end is None else end / 100 for end in (claim.low, claim.high))
    return Bounds(low, high)


def shares_in_words(shares: Sequence[Bounds]) -> list[str]:
    """Return shares of one whole as shown: exact ones add to exactly 100.0, ranges stay ranges."""
    values = [share.value for share in shares]
    exact = [value for value in values if value is not None]
    if not exact or len(exact) < len(values) or abs(sum(exact) - 1) > ROUNDING:
        return [formats.percent_range(share) for share in shares]
    return [formats.percent(shown / 100) for shown in shown_shares(exact)]


def _sums(sets: Mapping[str, Sequence[tuple[Decimal, Decimal]]]) -> list[str]:
    """Say of each source whether a split inside the ranges it gives can add to 100 percent."""
    sentences = []
    for who, ranges in sets.items():
        if len(ranges) < 2:
            continue
        lows, highs = [low for low, _high in ranges], [high for _low, high in ranges]
        words = (
            _("%(who)s: the ranges add to %(range)s; a split inside them can make 100%%.")
            if can_add_to_whole(lows, highs)
            else _("%(who)s: the ranges add to %(range)s; no split inside them makes 100%%.")
        )
        sentences.append(words % {"who": who, "range": _range_words(sum(lows), sum(highs))})
    return sentences


def _instrument_sets(
    figures: Figures, instruments: Iterable[Instrument]
) -> dict[str, list[tuple[Decimal, Decimal]]]:
    """The ranges for instruments, one for each, by the kind of evidence that gives them."""
    sets: dict[str, list[tuple[Decimal, Decimal]]] = {}
    for instrument in instruments:
        judged = figures.record.judged_whole(f"share.instrument.{instrument.slug}")
        given: dict[str, tuple[Decimal, Decimal]] = {}
        for c in (*judged.used, *judged.others):
            if c.low is not None and c.high is not None:
                low, high = given.get(_voice(c), (c.low, c.high))
                given[_voice(c)] = (min(low, c.low), max(high, c.high))
        for voice, bounds in given.items():
            sets.setdefault(voice, []).append(bounds)
    return sets


def _share_of(figures: Figures, slugs: list[str]) -> Bounds:
    """The share of selected money in several sectors: low over low, high over high."""
    members = figures.record.members("selected")
    whole = rung_figure(members).bounds
    part = total(m.row.bounds for m in members if m.sector in slugs)
    if not whole.high:
        return Bounds()
    low = (part.low or Decimal(0)) / whole.low if whole.low else None
    high = (part.high or Decimal(0)) / whole.high
    shares = sorted(share for share in (low, high) if share is not None)
    return Bounds(shares[0], shares[-1])


def _known(bounds: Bounds) -> tuple[float, float] | None:
    if bounds.low is None or bounds.high is None:
        return None
    return float(bounds.low), float(bounds.high)


def _range_words(low: Decimal, high: Decimal) -> str:
    if low == high:
        return formats.rate(low)
    return f"{low.normalize():f}{formats.DASH}{high.normalize():f}%"


def _voice(claim: Claim) -> str:
    """Who says it, in a word: the kind of evidence a claim is."""
    return {
        Claim.Rank.ARTICLE: _("article"),
        Claim.Rank.PRESS: _("press"),
        Claim.Rank.ONE_SIDE: _("officials"),
        Claim.Rank.OFFICIAL: _("official record"),
    }.get(Claim.Rank(claim.rank), claim.who)


# Published shares of cover that are not a share by instrument, shown beside the instrument's own.
BESIDE = {"guarantee": "institution_share.nexi_guarantee"}


def _beside(figures: Figures, instrument: Instrument) -> list[Claim]:
    """Claims of how much of the whole NEXI covers: a rival to a guarantee share."""
    if instrument.slug not in BESIDE:
        return []
    judged = figures.record.judged_whole(BESIDE[instrument.slug])
    found = (*judged.used, *judged.others)
    return [c for c in found if c.low is not None and c.high is not None]


def instrument_rows(figures: Figures, instruments: Iterable[Instrument]) -> list[BandRow]:
    """Each instrument's published ranges, rivals side by side, and its share of the gross amount."""
    rows = []
    for instrument in instruments:
        judged = figures.record.judged_whole(f"share.instrument.{instrument.slug}")
        claims = [
            c for c in (*judged.used, *judged.others) if c.low is not None and c.high is not None
        ]
        bands = [
            Band(float(c.low) / 100, float(c.high) / 100, c.rank >= Claim.Rank.ARTICLE)
            for c in claims
        ]
        by_range: dict[str, list[str]] = {}
        for c in claims:
            by_range.setdefault(_range_words(c.low, c.high), []).append(_voice(c))
        for c in _beside(figures, instrument):
            bands.append(Band(float(c.low or 0) / 100, float(c.high or 0) / 100, is_claim=False))
            covered = _("%(who)s, covered by NEXI") % {"who": _voice(c)}
            by_range.setdefault(formats.percent((c.high or Decimal(0)) / 100), []).append(covered)
        ranges = _("; ").join(
            _("%(about)s: %(said)s") % {"about": _(", ").join(dict.fromkeys(voices)), "said": words}
            for words, voices in by_range.items()
        )
        name = instrument.name_ja if formats.is_japanese() else instrument.name
        share = evaluate(
            BY_KEY["instrument_share"], figures.record, Scope(instrument=instrument.slug)
        ).bounds
        rows.append(
            BandRow(
                name,
                ranges or _("no range published"),
                sorted(bands, key=lambda b: not b.is_claim),
                share,
                figures.link(
                    "instrument_share",
                    formats.percent_range(share),
                    instrument=instrument.slug,
                ),
                _("of the gross amount") if share.is_stated else _("no split found"),
            )
        )
    return rows
