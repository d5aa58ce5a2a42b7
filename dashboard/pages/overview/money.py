"""Watch item 1: approvals and disbursement, the projects, and what the money is for."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.calculations.bounds import Bounds, total
from commitments.calculations.metric import Scope
from commitments.models import Claim, Instrument, Sector, SectorMapping
from dashboard import formats
from dashboard.charts.bands import Band, band_row
from dashboard.charts.frame import Chart, Table
from dashboard.charts.path import PathWords, Series, ZoomWords, path_chart, zoom_chart
from dashboard.charts.svg import Markup
from dashboard.charts.usmap import Place, map_chart, outlines
from dashboard.pages.frame import with_query
from dashboard.pages.overview import kept
from dashboard.pages.overview.figures import Figures, in_billions
from dashboard.pages.states import NAMES_JA
from projects.calculations.stages import Stage
from projects.metrics import BY_KEY, rung_figure, share_figure
from projects.selectors import NOT_STATED, CommitmentRecord, Member, ProjectRecord

Steps = list[tuple[date, float]]
HALF = Decimal("0.5")


@dataclass(frozen=True)
class ChartWords:
    """A chart with the title and subtitle of its frame."""

    chart: Chart
    title: str
    subtitle: str


@dataclass(frozen=True)
class RecordSection:
    heading: str
    sub: SafeString
    path: ChartWords
    zoom: ChartWords


def record_section(figures: Figures) -> RecordSection:
    """What was decided and paid, against the path to the target."""
    return RecordSection(
        heading=record_heading(
            selected=len(figures.record.members("selected")),
            in_consultation=len(figures.record.members("in_consultation")),
            signed=len(figures.record.members("signed")),
        ),
        sub=format_html(
            _("An even pace would stand at {even} today. The target is {target}."),
            even=figures.link("planned_usd"),
            target=figures.link("target_usd", formats.money(figures.target, places=0)),
        ),
        path=_path(figures),
        zoom=_zoom(figures),
    )


def record_heading(*, selected: int, in_consultation: int, signed: int) -> str:
    """Return the section's heading: how many selected, in consultation, and signed."""
    first = ngettext("%(n)s project selected", "%(n)s projects selected", selected)
    return _("%(selected)s, %(consulted)s in consultation, %(signed)s") % {
        "selected": first % {"n": selected},
        "consulted": in_consultation,
        "signed": ngettext("%(n)s set of loans signed", "%(n)s sets of loans signed", signed)
        % {"n": signed},
    }


def _cumulated(members: Iterable[Member], bound: str) -> Steps:
    """Cumulative amounts on a bound, in billions for drawing, by day."""
    steps: Steps = []
    running = 0.0
    dated = [m.row for m in members if m.row.on]
    for row in sorted(dated, key=lambda r: r.on or date.min):
        amount = getattr(row.bounds, bound)
        if amount is None or row.on is None:
            continue
        running += in_billions(amount)
        if steps and steps[-1][0] == row.on:
            steps.pop()
        steps.append((row.on, running))
    return steps


def _funded(figures: Figures) -> Steps:
    running, steps = 0.0, []
    for day, amount in figures.record.daily("funded"):
        running += in_billions(amount)
        steps.append((day, running))
    return steps


def _series(figures: Figures) -> Series:
    record = figures.record
    return Series(
        selected_low=_cumulated(record.members("selected"), "low"),
        selected_high=_cumulated(record.members("selected"), "high"),
        in_consultation=_cumulated(record.members("in_consultation"), "high"),
        signed=_cumulated(record.members("signed"), "low"),
        funded=_funded(figures),
    )


def _step_days(figures: Figures) -> list[date]:
    days = {figures.start, figures.as_of}
    for rung in ("selected", "in_consultation", "signed"):
        days |= {m.row.on for m in figures.record.members(rung) if m.row.on}
    return sorted(day for day in days if figures.start <= day <= figures.as_of)


def _amounts_on(figures: Figures, rung: str, day: date) -> str:
    members = [m for m in figures.record.members(rung) if m.row.on and m.row.on <= day]
    bounds = total(m.row.bounds for m in members)
    return formats.billions(bounds) if members else "0.0"


def _path(figures: Figures) -> ChartWords:
    as_of, deadline, start = figures.as_of, figures.deadline, figures.start
    even = formats.money(figures.value("planned_usd"))
    needed = figures.link_words("required_usd_per_month")
    days = _step_days(figures)
    ahead = [deadline] if as_of < deadline else []
    rows = [_path_row(figures, day) for day in (*days, *ahead)]
    table = Table(
        caption=_("The record and the path, $ billion"),
        heads=(
            _("Date"),
            _("Even pace"),
            _("Selected"),
            _("In consultation"),
            _("Signed"),
            _("Funded"),
        ),
        rows=tuple(rows),
    )
    title = _("The record against the path to %(target)s") % {
        "target": formats.money(figures.target, places=0)
    }
    chart = path_chart(
        _series(figures),
        PathWords(
            title=title,
            description=_(
                "An even pace would stand at %(even)s. From the day described %(needed)s a month "
                "is needed to reach %(target)s by %(deadline)s."
            )
            % {
                "even": even,
                "needed": needed,
                "target": formats.money(figures.target, places=0),
                "deadline": formats.long_day(deadline),
            },
            target=_("Target %(target)s") % {"target": formats.money(figures.target, places=0)},
            deadline=_("Deadline %(day)s") % {"day": formats.day(deadline)},
            even=_("Even pace: %(amount)s by today") % {"amount": even},
            even_short=_("Even pace: %(amount)s") % {"amount": even},
            needed=(_("Needed from today:"), _("%(amount)s a month") % {"amount": needed}),
            funded=_("Funded: %(amount)s") % {"amount": figures.link_words("funded_usd")},
            enlarged=_("Enlarged"),
        ),
        table,
        start=start,
        as_of=as_of,
        deadline=deadline,
        cutoff=figures.reading.agreement_cutoff,
        target=in_billions(figures.target),
        row_days=[*days, *ahead],
        amount_words=lambda v: formats.money(Decimal(round(v)) * formats.BILLION, places=0),
    )
    chart = _sourced(chart, figures, "planned_usd", "selected_usd")
    return ChartWords(
        chart,
        title,
        _("Cumulative. Dotted: even pace from the start. Dashed: needed from today"),
    )


def _path_row(figures: Figures, day: date) -> tuple[str, ...]:
    whole = (figures.deadline - figures.start).days
    even = figures.target * (day - figures.start).days / whole
    if day > figures.as_of:
        return (formats.day(day), formats.plain(even / formats.BILLION), *[formats.DASH] * 4)
    funded = sum((a for on, a in figures.record.daily("funded") if on <= day), Decimal(0))
    has_funding = bool(figures.record.daily("funded"))
    return (
        formats.day(day),
        formats.plain(even / formats.BILLION),
        _amounts_on(figures, "selected", day),
        _amounts_on(figures, "in_consultation", day),
        _amounts_on(figures, "signed", day),
        formats.plain(funded / formats.BILLION) if has_funding else _("none published"),
    )


def _zoom(figures: Figures) -> ChartWords:
    days = _step_days(figures)
    words = figures.link_words
    rows = tuple(
        (
            formats.day(day),
            _amounts_on(figures, "selected", day),
            _amounts_on(figures, "in_consultation", day),
            _amounts_on(figures, "signed", day),
        )
        for day in days
    )
    title = _("The record so far, enlarged")
    in_consultation = _("In consultation: %(amount)s") % {"amount": words("in_consultation_usd")}
    selected = _("Selected: %(amount)s") % {"amount": words("selected_usd")}
    signed = _("Signed: %(amount)s") % {"amount": words("signed_usd")}
    funded = _("Funded: %(amount)s") % {"amount": words("funded_usd")}
    chart = zoom_chart(
        _series(figures),
        ZoomWords(
            title=title,
            description="; ".join((selected, in_consultation, signed, funded)),
            in_consultation=in_consultation,
            selected=selected,
            signed=signed,
            funded=funded,
            cutoff=_("cut-off"),
        ),
        Table(
            _("Steps on record, $ billion"),
            (_("Date"), _("Selected"), _("In consultation"), _("Signed")),
            rows,
        ),
        start=figures.start,
        as_of=figures.as_of,
        cutoff=figures.reading.agreement_cutoff,
        row_days=days,
        amount_words=lambda v: formats.money(Decimal(round(v)) * formats.BILLION, places=0),
    )
    chart = _sourced(chart, figures, "selected_usd", "in_consultation_usd", "signed_usd")
    return ChartWords(chart, title, _("Same figures. Shaded at right: after the newest document"))


def _sourced(chart: Chart, figures: Figures, *keys: str) -> Chart:
    names = [
        figures.link(key, BY_KEY[key].name_ja if formats.is_japanese() else BY_KEY[key].name)
        for key in keys
    ]
    return replace(chart, sources=tuple(names))


# Projects and places


@dataclass(frozen=True)
class ProjectRow:
    name: str
    address: str
    place: str
    selected: SafeString | str
    in_consultation: SafeString | str
    signed: SafeString | str
    signed_rows: int = 1
    is_joint: bool = False


@dataclass(frozen=True)
class PlacesSection:
    heading: str
    sub: str
    map: ChartWords
    rows: list[ProjectRow]
    totals: tuple[SafeString, ...]
    candidates: list[tuple[str, str, str, str]]


def state_name(code: str) -> str:
    """The name of a US state by its postal code."""
    if formats.is_japanese() and code in NAMES_JA:
        return NAMES_JA[code]
    found = outlines().get(code)
    return found["n"] if found else code


def place_words(record: ProjectRecord) -> str:
    return ", ".join(state_name(code) for code in record.states)


def project_name(record: ProjectRecord) -> str:
    project = record.project
    return project.name_ja or project.name if formats.is_japanese() else project.name


def places_section(figures: Figures) -> PlacesSection:
    """The projects that are selected or in consultation, on the map and in a table."""
    record = figures.record
    chosen = [
        p
        for p in record.projects
        if p.standing.is_selected or p.standing.stage == Stage.IN_CONSULTATION
    ]
    chosen.sort(key=lambda p: (not p.standing.is_selected, -_size(p)))
    states = {code for p in chosen for code in p.states}
    return PlacesSection(
        heading=places_heading(
            projects=len(chosen), states=len(states), largest=_largest_state(record)
        ),
        sub=_("Selected and in consultation are different stages and are not added."),
        map=map_of(figures, chosen),
        rows=_project_rows(figures, chosen),
        totals=(
            figures.link("selected_usd", formats.billions(figures.bounds("selected_usd"))),
            figures.link(
                "in_consultation_usd", formats.billions(figures.bounds("in_consultation_usd"))
            ),
            figures.link("signed_usd", formats.billions(figures.bounds("signed_usd"))),
        ),
        candidates=_candidates(figures),
    )


def places_heading(*, projects: int, states: int, largest: tuple[str, str] | None = None) -> str:
    """Return the section's heading: how many projects in how many states, and the largest share.

    `largest` is the state that holds most of what is selected, and its share.
    """
    if not projects:
        return _("No project is selected or in consultation")
    words = {
        "projects": ngettext("%(n)s project", "%(n)s projects", projects) % {"n": projects},
        "states": ngettext("%(n)s state", "%(n)s states", states) % {"n": states},
    }
    if largest is None:
        return _("%(projects)s in %(states)s") % words
    words["state"], words["share"] = largest
    return _("%(projects)s in %(states)s; %(state)s holds %(share)s of what is selected") % words


def _largest_state(record: CommitmentRecord) -> tuple[str, str] | None:
    """The state with over half of what is selected, and its share in words."""
    members = record.members("selected")
    for code in {m.state for m in members} - {NOT_STATED}:
        share = share_figure(record, "selected", Scope(state=code)).bounds
        if share.low is not None and share.low > HALF:
            return state_name(code), formats.percent_range(share, 0)
    return None


def _size(project: ProjectRecord) -> Decimal:
    highs = [j.bounds.high for j in project.amounts.values() if j.bounds.high is not None]
    return max(highs, default=Decimal(0))


def _project_rows(figures: Figures, chosen: list[ProjectRecord]) -> list[ProjectRow]:
    """Rows of the table; projects signed together stand together and share one cell."""
    rows = []
    left = list(chosen)
    while left:
        together = _signed_with(figures, left[0])
        group = [p for p in left if p.slug in together]
        left = [p for p in left if p.slug not in together]
        for n, project in enumerate(group):
            row = _project_row(figures, project)
            if len(group) > 1:
                joint = _joint_words(figures, project, len(group)) if n == 0 else ""
                span = len(group) if n == 0 else 0
                row = replace(row, signed=joint, signed_rows=span, is_joint=True)
            rows.append(row)
    return rows


def _signed_with(figures: Figures, project: ProjectRecord) -> set[str]:
    """The project and those that share its first financing."""
    for financing in figures.record.financings:
        slugs = {p.slug for p in financing.projects.all()}
        if project.slug in slugs:
            return slugs
    return {project.slug}


def _project_row(figures: Figures, project: ProjectRecord) -> ProjectRow:
    def cell(rung: str, stands: bool) -> SafeString | str:
        if not stands:
            return formats.DASH
        judged = project.amounts.get(rung)
        bounds = judged.bounds if judged else Bounds()
        documents = [c.document.slug for c in judged.used if c.document] if judged else []
        return figures.cites.figure(
            formats.billions(bounds), f"{rung}_usd", documents, project=project.slug
        )

    signed = [m for m in figures.record.members("signed") if m.project == project.slug]
    return ProjectRow(
        name=project_name(project),
        address=with_query(reverse("project", args=[project.slug]), figures.reading),
        place=place_words(project),
        selected=cell("selected", project.standing.is_selected),
        in_consultation=cell("in_consultation", project.standing.stage == Stage.IN_CONSULTATION),
        signed=formats.billions(total(m.row.bounds for m in signed)) if signed else formats.DASH,
    )


def _joint_words(figures: Figures, project: ProjectRecord, count: int) -> SafeString:
    """The amount of the loans a project is signed for with others."""
    judged = [
        figures.record.judged(f"financing:{financing.ref}", "amount.signed")
        for financing in figures.record.financings
        if project.slug in {p.slug for p in financing.projects.all()}
    ]
    return format_html(
        _("{amount}<small>for the {n} together; split not stated</small>"),
        amount=figures.link("signed_usd", formats.billions(total(j.bounds for j in judged))),
        n=count,
    )


def map_of(figures: Figures, chosen: list[ProjectRecord]) -> ChartWords:
    groups: dict[tuple[str, ...], list[ProjectRecord]] = {}
    for project in chosen:
        groups.setdefault(project.states, []).append(project)
    places, rows = [], []
    for states, projects in groups.items():
        sums = {}
        for rung in ("selected", "in_consultation"):
            amounts = [
                p.amounts[rung].bounds
                for p in projects
                if rung in p.amounts and (rung == "selected") == p.standing.is_selected
            ]
            sums[rung] = total(amounts)
        words = {r: formats.billions(b) if b.is_stated else "" for r, b in sums.items()}
        places.append(
            Place(
                states,
                selected=in_billions(sums["selected"].high or Decimal(0)),
                in_consultation=in_billions(sums["in_consultation"].high or Decimal(0)),
                selected_words=words["selected"],
                in_consultation_words=words["in_consultation"],
            )
        )
        name = " + ".join(state_name(s) for s in states) or _("not stated")
        if len(states) > 1:
            name = _("%(states)s, not split") % {"states": name}
        rows.append(
            (name, words["selected"] or formats.DASH, words["in_consultation"] or formats.DASH)
        )
    title = _("Where the money would go")
    table = Table(
        _("Amounts by state, $ billion"),
        (_("State"), _("Selected"), _("In consultation")),
        tuple(rows),
    )
    description = _("Map of the United States with amounts by state; the table lists them.")
    chart = _sourced(
        map_chart(places, title, description, table), figures, "selected_usd", "in_consultation_usd"
    )
    return ChartWords(
        chart,
        title,
        _(
            "$ billion. Filled: selected. Dashed ring: ceiling of what is in consultation. "
            "Area is to scale"
        ),
    )


def _candidates(figures: Figures) -> list[tuple[str, str, str, str]]:
    """Every candidate as listed: name, address, amount in billions, and whether it is open."""
    listed = [p for p in figures.record.projects if Stage.CANDIDATE in p.standing.reached]
    still_open = {m.project for m in figures.record.members("candidate")}
    rows = []
    for p in sorted(listed, key=lambda p: (-_size(p), p.slug)):
        judged = p.amounts.get("candidate")
        rows.append(
            (
                project_name(p),
                with_query(reverse("project", args=[p.slug]), figures.reading),
                formats.billions(judged.bounds, 2) if judged else _("not stated"),
                _("open") if p.slug in still_open else _("continued by a firmer project"),
            )
        )
    return rows


# Sectors and instruments


@dataclass(frozen=True)
class BandRow:
    name: str
    below: str
    bar: Markup
    value: SafeString | str
    state: str


@dataclass(frozen=True)
class MixSection:
    heading: str
    sub: SafeString
    sectors: list[BandRow]
    instruments: list[BandRow]
    sector_table: Table
    instrument_table: Table


def mix_section(figures: Figures) -> MixSection:
    """Published shares by sector and instrument against what is known."""
    mappings = kept.sector_mappings(figures.reading.point)
    sectors = {sector.slug: sector for sector in Sector.objects.all()}
    largest = _largest_sector(figures, sectors)
    article = next((m.document.slug for m in mappings if m.document), None)
    sector_rows = _sector_rows(figures, mappings, sectors)
    instrument_rows = _instrument_rows(figures)
    return MixSection(
        heading=mix_heading(*largest) if largest else _("Nothing is selected yet"),
        sub=format_html(
            _(
                "No official split by sector or instrument exists. The only full one is an "
                "{article}; it is shown hatched, as a claim."
            ),
            article=figures.cites.document(_("unattributed article"), article),
        ),
        sectors=sector_rows,
        instruments=instrument_rows,
        sector_table=Table(
            _("Sectors, percent"),
            (_("Sector"), _("Published range"), _("Selected")),
            tuple((r.name, r.below, r.value) for r in sector_rows),
        ),
        instrument_table=Table(
            _("Instruments, percent"),
            (_("Instrument"), _("Published ranges"), _("Known")),
            tuple((r.name, r.below, r.value) for r in instrument_rows),
        ),
    )


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
    rows = []
    for slug in sorted({m.sector for m in figures.record.members("selected")} - mapped):
        share = share_figure(figures.record, "selected", Scope(sector=slug)).bounds
        rows.append(
            BandRow(
                sector_name(sectors[slug]),
                _("no range published"),
                band_row([], _known(share)),
                figures.link("sector_share", formats.percent_range(share), sector=slug),
                _("of selected"),
            )
        )
    for mapping in sorted(mappings, key=lambda m: (-m.share_high, m.ref)):
        share = _share_of(figures, mapping.sectors)
        low, high = mapping.share_low, mapping.share_high
        published = _range_words(low, high)
        single = mapping.sectors[0] if len(mapping.sectors) == 1 else None
        words = formats.percent_range(share)
        value = (
            figures.link("sector_share", words, sector=single)
            if single
            else figures.cites.document(words, mapping.document.slug if mapping.document else None)
        )
        rows.append(
            BandRow(
                mapping.label.replace(" & ", " and "),
                _("article: %(range)s") % {"range": published},
                band_row([Band(float(low) / 100, float(high) / 100, is_claim=True)], _known(share)),
                value,
                _("of selected") if share.high else _("nothing selected"),
            )
        )
    return rows


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


def _instrument_rows(figures: Figures) -> list[BandRow]:
    rows = []
    for instrument in Instrument.objects.exclude(slug=NOT_STATED):
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
        ranges = "; ".join(
            f"{', '.join(dict.fromkeys(voices))}: {words}" for words, voices in by_range.items()
        )
        name = instrument.name_ja if formats.is_japanese() else instrument.name
        rows.append(
            BandRow(
                name,
                ranges or _("no range published"),
                band_row(sorted(bands, key=lambda b: not b.is_claim), None),
                figures.link("instrument_share", _("not stated"), instrument=instrument.slug),
                _("no split found"),
            )
        )
    return rows
