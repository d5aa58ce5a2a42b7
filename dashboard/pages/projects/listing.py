"""The list of projects: its filters, totals, order and pages."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.calculations.bounds import Bounds, told_total, total
from commitments.models import Instrument, Sector
from commitments.selectors import PointError
from dashboard import formats
from dashboard.charts.usmap import outlines
from dashboard.code_words import batch_words
from dashboard.pages.frame import (
    Cites,
    figure_url,
    page,
    page_context,
    with_query,
)
from dashboard.pages.overview.figures import Figures
from dashboard.pages.overview.mix import sector_name
from dashboard.pages.overview.places import (
    company_name,
    is_on_map,
    map_of,
    place_words,
    project_name,
    state_name,
)
from dashboard.pages.pager import Pager
from dashboard.pages.parameters import Choices, takes
from dashboard.pages.projects.amounts import amount_words
from dashboard.points import (
    Reading,
    instrument_slugs,
    search_words,
    sector_slugs,
    state_codes,
)
from dashboard.project_filters import (
    amount_in,
    batch_of,
    batches,
    holds_words,
    instruments_of,
    is_within,
    standing_amount,
)
from dashboard.project_words import instrument_name, rung_words, stage_words
from projects.calculations.stages import Stage, firmness
from projects.selectors import NOT_STATED, CommitmentRecord, Member, ProjectRecord
from projects.selectors.ledger import forced_funding

PAGE_SIZE = 50
CHOSEN = (Stage.IN_CONSULTATION, Stage.SELECTED)
DEFAULT_SORT = "-stage"
TOTALLED = (
    "selected",
    "in_consultation",
    "candidate",
    "signed",
    "noticed",
    "funded",
    "disbursed",
)
SORTS = ("stage", "name", "amount", "selected", "date")
FILTERS = ("stage", "sector", "state", "instrument", "batch", "min", "max", "q")


@dataclass(frozen=True)
class ListRow:
    """A row of the list; a project that is not chosen stands under its company, where on record."""

    company: str
    name: str
    address: str
    stage: str
    sector: str
    place: str
    rung: str
    amount: SafeString | str
    day: str


@dataclass(frozen=True)
class Total:
    """What a result adds up to on one rung: words, amount, of how many, and its page."""

    words: str
    amount: str
    of: str
    address: str


@dataclass(frozen=True)
class Column:
    """A table head that sorts: its words, its address, and how it is sorted now."""

    words: str
    address: str
    sorted: str
    numeric: bool = False
    is_minor: bool = False  # left out on a phone


@dataclass(frozen=True)
class Filters:
    stage: str = ""
    sector: str = ""
    state: str = ""
    instrument: str = ""
    batch: str = ""
    min: str = ""
    max: str = ""
    q: str = ""

    @property
    def query(self) -> dict[str, str]:
        return {name: value for name, value in vars(self).items() if value}

    def fits(self, project: ProjectRecord, record: CommitmentRecord) -> bool:
        least, most = amount_in("min", self.min), amount_in("max", self.max)
        return (
            (not self.stage or project.is_at(self.stage))
            and self.sector in ("", project.sector)
            and (not self.state or self.state in (project.states or (NOT_STATED,)))
            and (not self.instrument or self.instrument in instruments_of(record, project.slug))
            and self.batch in ("", batch_of(project))
            and is_within(project, least, most)
            and holds_words(project, self.q.split(), record)
        )


def filters_of(request: HttpRequest) -> Filters:
    """The filters asked for. Raise PointError for an amount or a text that cannot be used."""
    filters = Filters(**{name: request.GET.get(name, "").strip() for name in FILTERS})
    search_words(request.GET)
    for name in ("min", "max"):
        amount_in(name, getattr(filters, name))
    return filters


def _stages() -> list[str]:
    return [str(stage) for stage in Stage]


def _sorts() -> list[str]:
    return [sign + name for name in SORTS for sign in ("", "-")]


def _takes(*fixed: str) -> Callable[..., Any]:
    """The parameters of a list, but for the filter its address has fixed."""
    choices: dict[str, Choices] = {
        "stage": _stages,
        "sector": sector_slugs,
        "state": state_codes,
        "instrument": instrument_slugs,
        "batch": batches,
        "sort": _sorts,
    }
    chosen = {name: found for name, found in choices.items() if name not in fixed}
    return takes("min", "max", "q", "after", **chosen)


@page
@_takes()
def project_list(request: HttpRequest, reading: Reading) -> HttpResponse:
    """List the projects that fit the filters, with their totals."""
    return _list(request, reading, _("Projects"))


@page
@_takes("state")
def state_page(request: HttpRequest, reading: Reading, code: str) -> HttpResponse:
    """List the projects of one US state."""
    if code not in outlines():
        raise Http404(_("No state has the code “%(code)s”.") % {"code": code})
    return _list(request, reading, state_name(code), state=code)


@page
@_takes("sector")
def sector_page(request: HttpRequest, reading: Reading, slug: str) -> HttpResponse:
    """List the projects of one sector."""
    sector = Sector.objects.filter(slug=slug).first()
    if sector is None:
        raise Http404(_("No sector is called “%(slug)s”.") % {"slug": slug})
    return _list(request, reading, sector_name(sector), sector=slug)


def _list(request: HttpRequest, reading: Reading, title: str, **fixed: str) -> HttpResponse:
    filters = Filters(**{**vars(filters_of(request)), **fixed})
    sort = request.GET.get("sort", "").strip() or DEFAULT_SORT
    record = reading.record
    found = [p for p in record.projects if filters.fits(p, record)]
    found.sort(key=_sort_key(sort.removeprefix("-"), record), reverse=sort.startswith("-"))
    cites = Cites(reading)
    figures = Figures(reading, cites)
    on_map = [p for p in found if p.states and is_on_map(p)]
    start = _start_of(found, request.GET.get("after", ""))
    shown = found[start : start + PAGE_SIZE]
    address = request.path
    kept = {k: v for k, v in filters.query.items() if k not in fixed}
    if sort != DEFAULT_SORT:
        kept["sort"] = sort
    following = shown[-1].slug if start + PAGE_SIZE < len(found) else ""
    pager = Pager(
        previous=with_query(address, reading, **kept) if start else "",
        next=with_query(address, reading, **kept, after=following) if following else "",
    )
    sectors = {sector.slug: sector for sector in Sector.objects.all()}
    rows = [_row(reading, cites, project, sectors) for project in shown]
    map_drawn = map_of(figures, on_map) if on_map else None
    context = page_context(
        request,
        reading,
        title=title,
        heading=title,
        cites=cites,
        filters=filters,
        fixed=fixed,
        rows=rows,
        count=len(found),
        totals=_totals(reading, record, filters),
        beyond=_beyond_notice(reading, found),
        map=map_drawn,
        drawings=[map_drawn] if map_drawn else [],
        none_at_all=not record.projects,
        columns=_columns(reading, address, kept, sort),
        pager=pager,
        stages=[(str(stage), stage_words(stage)) for stage in Stage],
        sectors=[(s.slug, sector_name(s)) for s in sectors.values() if s.slug != NOT_STATED],
        states=sorted(
            ((code, state_name(code)) for code in {c for p in record.projects for c in p.states}),
            key=lambda state: state[1],
        ),
        drop=_drop(reading, record, filters, kept, address) if not found else None,
        instruments=[
            (i.slug, _("not stated") if i.slug == NOT_STATED else instrument_name(i))
            for i in Instrument.objects.all()
        ],
        batches=[(batch, batch_words(batch)) for batch in batches(reading.commitment)],
        sorts=_sort_words(sort),
    )
    return TemplateResponse(request, "dashboard/projects.html", context)


def _sort_key(sort: str, record: CommitmentRecord) -> Any:
    return {
        "stage": lambda p: (
            firmness(p.standing.stage),
            standing_amount(p)[1].high or 0,
            p.slug,
        ),
        "name": lambda p: ((_listed_under(record, p) or project_name(p)).lower(), p.slug),
        "amount": lambda p: (standing_amount(p)[1].high or Decimal(-1), p.slug),
        "selected": lambda p: (_selected_high(p), p.slug),
        "date": lambda p: (p.last_step_on or date.min, p.slug),
    }[sort]


def _selected_high(project: ProjectRecord) -> Decimal:
    """The most that is selected of a project; below every amount where nothing is."""
    judged = project.amounts.get("selected") if project.standing.is_selected else None
    bounds = judged.bounds if judged else Bounds()
    return next((b for b in (bounds.high, bounds.low) if b is not None), Decimal(-1))


def _sort_words(sort: str) -> list[tuple[str, str, bool]]:
    """What a reader may sort by, in words; the order in force is among them."""
    words = {
        "-stage": _("firmest stage first"),
        "-amount": _("largest amount first"),
        "-selected": _("largest selected amount first"),
        "-date": _("latest step first"),
        "name": _("name"),
        "stage": _("least firm stage first"),
        "amount": _("smallest amount first"),
        "selected": _("smallest selected amount first"),
        "date": _("oldest step first"),
        "-name": _("name, from the end"),
    }
    usual = list(words)[:5]
    return [(key, words[key], key == sort) for key in words if key in usual or key == sort]


def _start_of(found: list[ProjectRecord], after: str) -> int:
    """The place of the row after a cursor. Raise PointError for one that is not of this list."""
    if not after:
        return 0
    slugs = [project.slug for project in found]
    if after not in slugs:
        raise PointError("after", _("is not a cursor of this list; follow “next”"))
    return slugs.index(after) + 1


def _row(
    reading: Reading, cites: Cites, project: ProjectRecord, sectors: dict[str, Sector]
) -> ListRow:
    rung, bounds = standing_amount(project)
    amount: SafeString | str = _("not stated")
    if bounds.is_stated:
        amount = amount_words(cites, project, rung, formats.billions(bounds, 2))
    return ListRow(
        company=_listed_under(reading.record, project),
        name=project_name(project),
        address=with_query(reverse("project", args=[project.slug]), reading),
        stage=stage_words(project.standing.stage),
        sector=sector_name(sectors[project.sector]) if project.sector in sectors else formats.DASH,
        place=place_words(project) or formats.DASH,
        rung=_standing_words(reading.record, rung, project),
        amount=amount,
        day=formats.day(project.last_step_on),
    )


def _standing_words(record: CommitmentRecord, rung: str, project: ProjectRecord) -> str:
    """The rung an amount stands on, or stood on until its project ended or went into another."""
    heir, ended = record.by_slug.get(project.merged_into or ""), project.standing.ended_on
    if heir is not None:
        given = {"rung": rung_words(rung), "project": project_name(heir)}
        return _("%(rung)s, merged into %(project)s") % given
    if ended is None:
        return rung_words(rung)
    return _("%(rung)s until %(day)s") % {"rung": rung_words(rung), "day": formats.day(ended)}


def _listed_under(record: CommitmentRecord, project: ProjectRecord) -> str:
    """The company of a project that got no further than a list or a report; else ""."""
    is_offered = project.standing.reached.keys().isdisjoint(CHOSEN)
    return company_name(record, project) if is_offered else ""


def _totals(reading: Reading, record: CommitmentRecord, filters: Filters) -> list[Total]:
    """The total of the result on each rung apart.

    A result by anything but sector, state and instrument is no figure of its own:
    it has no page, and its rows lead to theirs. An amount that covers several
    projects unsplit is in the total when all of them are in the result, and one
    that covers several states is in the total of none of them. An
    instrument is an amount's and not its project's: the totals of the
    instruments add to the whole on each rung.
    """
    others = replace(filters, instrument="")
    slugs = {p.slug for p in record.projects if others.fits(p, record)}
    has_page = set(filters.query) <= {"sector", "state", "instrument"}
    rows = []
    for rung in TOTALLED:
        members = record.members(rung)
        if others.query:
            members = [m for m in members if slugs.intersection(m.projects or (m.project,))]
        if filters.instrument:
            members = [m for m in members if m.instrument == filters.instrument]
        inside = [
            m
            for m in members
            if (slugs.issuperset(m.projects) or not others.query) and filters.state in ("", m.state)
        ]
        beyond = [m for m in members if m not in inside]
        page_of = figure_url(reading, f"{rung}_usd", **filters.query) if has_page else ""
        if inside:
            bounds = told_total(m.row.bounds for m in inside)
            rows.append(
                Total(
                    rung_words(rung),
                    formats.about_where(_is_about(inside), formats.money_range(bounds), bounds),
                    _count_words(inside),
                    page_of,
                )
            )
        rows += [
            Total(rung_words(rung), _("not stated"), _beyond_words(member, slugs), page_of)
            for member in beyond
        ]
    return rows


def _beyond_notice(reading: Reading, found: list[ProjectRecord]) -> list[SafeString]:
    """Why more is funded than noticed, where it is: the reasons kept with the payments."""
    record, names = reading.record, {p.slug: project_name(p) for p in found}
    noticed, funded = (
        total(m.row.bounds for m in record.members(rung) if m.project in names).high or Decimal(0)
        for rung in ("noticed", "funded")
    )
    if funded <= noticed:
        return []
    return [
        format_html(
            _("{excess} more is funded than noticed. {project}, {day}: {reason}"),
            excess=formats.money(funded - noticed),
            project=names[entry.project.slug],
            day=formats.day(entry.value_date),
            reason=formats.said_as_written(entry.override_reason),
        )
        for entry in forced_funding(names, reading.point)
    ]


def _is_about(members: list[Member]) -> bool:
    return any(m.row.is_approximate for m in members)


def _count_words(members: list[Member]) -> str:
    """How many amounts make a total, and how many of them cover several projects unsplit."""
    joint = [m for m in members if len(m.projects) > 1]
    if len(joint) == 1 == len(members):
        return _("for the %(n)s together; split not stated") % {"n": len(joint[0].projects)}
    words = _made_of(members)
    if joint:
        words += "; " + ngettext(
            "%(n)s is for several projects together, split not stated",
            "%(n)s are for several projects together, split not stated",
            len(joint),
        ) % {"n": len(joint)}
    unstated = sum(not m.row.bounds.is_stated for m in members)
    if unstated:
        words += "; " + ngettext("%(n)s states no amount", "%(n)s state no amount", unstated) % {
            "n": unstated
        }
    return words


def _made_of(members: list[Member]) -> str:
    """What a total adds up: so many financings, notices, or the projects of the rest."""
    count = len(members)
    kind = members[0].row.kind
    if kind == "financing":
        return ngettext("%(n)s financing", "%(n)s financings", count) % {"n": count}
    if kind == "notice":
        return ngettext("%(n)s notice", "%(n)s notices", count) % {"n": count}
    count = len({m.project for m in members})
    return ngettext("%(n)s project", "%(n)s projects", count) % {"n": count}


def _beyond_words(member: Member, slugs: set[str]) -> str:
    """What is said of an amount that the result shares with other projects or states."""
    amount = formats.about_where(
        member.row.is_approximate, formats.money_range(member.row.bounds), member.row.bounds
    )
    if len(member.projects) < 2:
        words = _("%(amount)s for a project in %(n)s states; split not stated")
        return words % {"amount": amount, "n": len(member.states)}
    words = _("%(amount)s for %(all)s projects together, %(here)s of them here; split not stated")
    here = len(slugs.intersection(member.projects))
    return words % {"amount": amount, "all": len(member.projects), "here": here}


def _columns(reading: Reading, address: str, kept: dict[str, str], sort: str) -> list[Column]:
    heads = (
        ("name", _("Project"), False),
        ("stage", _("Stage"), False),
        ("", _("Sector"), False),
        ("", _("Place"), False),
        ("amount", _("Amount, $ billion"), True),
        ("date", _("Latest step"), False),
    )
    columns = []
    for key, words, numeric in heads:
        minor = key in ("", "date")
        if not key:
            columns.append(Column(words, "", "", numeric, minor))
            continue
        descending_first = key != "name"
        now = sort.removeprefix("-") == key
        wanted = f"-{key}" if descending_first else key
        if now:
            wanted = key if sort.startswith("-") else f"-{key}"
        query = {k: v for k, v in kept.items() if k != "sort"}
        state = ("descending" if sort.startswith("-") else "ascending") if now else ""
        columns.append(
            Column(words, with_query(address, reading, **query, sort=wanted), state, numeric, minor)
        )
    return columns


def _filter_words(name: str) -> str:
    """Return a filter as the form labels it."""
    return {
        "stage": _("Stage"),
        "sector": _("Sector"),
        "state": _("US state"),
        "instrument": _("Instrument"),
        "batch": _("Batch"),
        "min": _("At least, $bn"),
        "max": _("At most, $bn"),
        "q": _("Text"),
    }[name]


def _drop(
    reading: Reading,
    record: CommitmentRecord,
    filters: Filters,
    kept: dict[str, str],
    address: str,
) -> tuple[str, str] | None:
    """The label of the filter whose removal brings rows back, and the address without it."""
    for name in filters.query:
        wider = Filters(**{**vars(filters), name: ""})
        if name in kept and any(wider.fits(p, record) for p in record.projects):
            rest = {k: v for k, v in kept.items() if k != name}
            return _filter_words(name), f"{address}?{urlencode({**reading.asked, **rest})}"
    return None
