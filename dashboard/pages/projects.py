"""What is being funded: the list with its filters, and one project."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from commitments.calculations.bounds import Bounds, total
from commitments.models import Claim, Instrument, Sector
from commitments.selectors import PointError
from dashboard import formats
from dashboard.charts.usmap import outlines
from dashboard.pages.frame import (
    Cites,
    bad_parameter,
    figure_url,
    page,
    page_context,
    with_query,
)
from dashboard.pages.overview.figures import Figures
from dashboard.pages.overview.mix import sector_name
from dashboard.pages.overview.places import map_of, place_words, project_name, state_name
from dashboard.pages.sources import Pager
from dashboard.points import Reading
from projects.calculations.stages import MILESTONES, ORDER, RIVAL_CLAIMS, STAGE_OF_KIND, Stage
from projects.models import ProjectLink, ProjectParty, StageEvent
from projects.selectors import NOT_STATED, CommitmentRecord, ProjectRecord

PAGE_SIZE = 50
AMOUNT_RUNGS = ("selected", "in_consultation", "candidate")
TOTALLED = (
    "selected",
    "in_consultation",
    "candidate",
    "signed",
    "noticed",
    "funded",
    "disbursed",
)
SORTS = ("stage", "name", "amount", "date")
FILTERS = ("stage", "sector", "state", "min", "max", "q")


def stage_words(stage: Stage | None) -> str:
    """Return a stage in words; the glossary defines each."""
    if stage is None:
        return _("no stage on record")
    return {
        Stage.REPORTED: _("reported"),
        Stage.CANDIDATE: _("candidate"),
        Stage.IN_CONSULTATION: _("in consultation"),
        Stage.SELECTED: _("selected"),
        Stage.SIGNED: _("signed"),
        Stage.NOTICED: _("noticed"),
        Stage.FUNDED: _("funded"),
        Stage.DISBURSED: _("disbursed"),
        Stage.DISTRIBUTED: _("distributed"),
        Stage.DECLINED: _("declined"),
        Stage.WITHDRAWN: _("withdrawn"),
        Stage.CANCELLED: _("cancelled"),
    }[stage]


def standing_amount(project: ProjectRecord) -> tuple[str, Bounds]:
    """The rung a project's amount stands on, and the amount."""
    if project.standing.is_selected:
        rung = "selected"
    elif project.standing.stage == Stage.IN_CONSULTATION:
        rung = "in_consultation"
    else:
        rung = "candidate"
    judged = project.amounts.get(rung)
    return rung, judged.bounds if judged else Bounds()


@dataclass(frozen=True)
class ListRow:
    name: str
    address: str
    stage: str
    sector: str
    place: str
    rung: str
    amount: SafeString | str
    day: str


@dataclass(frozen=True)
class Column:
    """A table head that sorts: its words, its address, and how it is sorted now."""

    words: str
    address: str
    sorted: str
    numeric: bool = False


@dataclass(frozen=True)
class Filters:
    stage: str = ""
    sector: str = ""
    state: str = ""
    min: str = ""
    max: str = ""
    q: str = ""

    @property
    def query(self) -> dict[str, str]:
        return {name: value for name, value in vars(self).items() if value}

    def fits(self, project: ProjectRecord) -> bool:
        _rung, bounds = standing_amount(project)
        high = bounds.high if bounds.high is not None else bounds.low
        least, most = amount_in(self, "min"), amount_in(self, "max")
        words = f"{project.project.name} {project.project.name_ja} {project.slug}".lower()
        if project.profile:
            words += f" {project.profile.sector_text} {project.profile.location}".lower()
        return (
            (not self.stage or project.is_at(self.stage))
            and self.sector in ("", project.sector)
            and (not self.state or self.state in project.states)
            and (least is None or (high is not None and high >= least))
            and (most is None or (high is not None and high <= most))
            and all(word in words for word in self.q.lower().split())
        )


def amount_in(filters: Filters, name: str) -> Decimal | None:
    """A filter's amount, given in billions, as dollars. Raise PointError if it is no number."""
    text = getattr(filters, name)
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise PointError(name, _("is not a number of billions")) from None
    if not number.is_finite() or abs(number) > 10**6:
        raise PointError(name, _("is not a number of billions"))
    return number * formats.BILLION


def filters_of(request: HttpRequest) -> Filters:
    """The filters asked for. Raise PointError for a stage or amount that cannot be used."""
    asked = {n: request.GET.get(n, "").replace("\x00", "").strip()[:100] for n in FILTERS}
    filters = Filters(**asked)
    if filters.stage and filters.stage not in {str(stage) for stage in Stage}:
        raise PointError("stage", _("is no stage of the ladder"))
    for name in ("min", "max"):
        amount_in(filters, name)
    return filters


@page
def project_list(request: HttpRequest, reading: Reading) -> HttpResponse:
    """List the projects that fit the filters, with their totals."""
    return _list(request, reading, _("Projects"))


@page
def state_page(request: HttpRequest, reading: Reading, code: str) -> HttpResponse:
    """List the projects of one US state."""
    if code.upper() not in outlines():
        raise Http404(_("No state has the code “%(code)s”.") % {"code": code})
    return _list(request, reading, state_name(code.upper()), state=code.upper())


@page
def sector_page(request: HttpRequest, reading: Reading, slug: str) -> HttpResponse:
    """List the projects of one sector."""
    sector = Sector.objects.filter(slug=slug).first()
    if sector is None:
        raise Http404(_("No sector is called “%(slug)s”.") % {"slug": slug})
    return _list(request, reading, sector_name(sector), sector=slug)


def _list(request: HttpRequest, reading: Reading, title: str, **fixed: str) -> HttpResponse:
    try:
        filters = Filters(**{**vars(filters_of(request)), **fixed})
        sort = request.GET.get("sort", "-stage")
        if sort.removeprefix("-") not in SORTS:
            raise PointError("sort", _("must be one of: %(names)s") % {"names": ", ".join(SORTS)})
    except PointError as error:
        return bad_parameter(request, error)
    record = reading.record
    found = [p for p in record.projects if filters.fits(p)]
    found.sort(key=_sort_key(sort.removeprefix("-")), reverse=sort.startswith("-"))
    cites = Cites(reading)
    figures = Figures(reading, cites)
    on_map = [p for p in found if p.states and standing_amount(p)[0] != "candidate"]
    start = _start_of(found, request.GET.get("after", ""))
    shown = found[start : start + PAGE_SIZE]
    address = request.path
    kept = {k: v for k, v in filters.query.items() if k not in fixed}
    if sort != "-stage":
        kept["sort"] = sort
    following = shown[-1].slug if start + PAGE_SIZE < len(found) else ""
    pager = Pager(
        previous=with_query(address, reading, **kept) if start else "",
        next=with_query(address, reading, **kept, after=following) if following else "",
    )
    sectors = {sector.slug: sector for sector in Sector.objects.all()}
    rows = [_row(reading, cites, project, sectors) for project in shown]
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
        totals=_totals(reading, record, found, filters),
        map=map_of(figures, on_map) if on_map else None,
        none_at_all=not record.projects,
        columns=_columns(reading, address, kept, sort),
        pager=pager,
        stages=[(str(stage), stage_words(stage)) for stage in Stage],
        sectors=[(s.slug, sector_name(s)) for s in sectors.values() if s.slug != NOT_STATED],
        states=sorted({code for p in record.projects for code in p.states}),
        drop=_drop(reading, record, filters, kept, address) if not found else None,
        sort=sort,
    )
    return render(request, "dashboard/projects.html", context)


def _sort_key(sort: str) -> Any:
    return {
        "stage": lambda p: (
            ORDER.index(p.standing.stage) if p.standing.stage else -1,
            standing_amount(p)[1].high or 0,
            p.slug,
        ),
        "name": lambda p: (p.project.name.lower(), p.slug),
        "amount": lambda p: (standing_amount(p)[1].high or Decimal(-1), p.slug),
        "date": lambda p: (max(e.occurred_on for e in p.events), p.slug),
    }[sort]


def _start_of(found: list[ProjectRecord], after: str) -> int:
    for n, project in enumerate(found):
        if project.slug == after:
            return n + 1
    return 0


def _row(
    reading: Reading, cites: Cites, project: ProjectRecord, sectors: dict[str, Sector]
) -> ListRow:
    rung, bounds = standing_amount(project)
    amount: SafeString | str = _("not stated")
    if bounds.is_stated:
        judged = project.amounts[rung]
        documents = [c.document.slug for c in judged.used if c.document]
        amount = cites.figure(
            formats.billions(bounds, 2), f"{rung}_usd", documents, project=project.slug
        )
    return ListRow(
        name=project_name(project),
        address=with_query(reverse("project", args=[project.slug]), reading),
        stage=stage_words(project.standing.stage),
        sector=sector_name(sectors[project.sector]) if project.sector in sectors else formats.DASH,
        place=place_words(project) or formats.DASH,
        rung=rung_words(rung),
        amount=amount,
        day=formats.day(max(e.occurred_on for e in project.events)),
    )


def rung_words(rung: str) -> str:
    return stage_words(Stage(rung))


def _totals(
    reading: Reading, record: CommitmentRecord, found: list[ProjectRecord], filters: Filters
) -> list[tuple[str, str, int, str]]:
    """The total of the result on each rung apart: words, amount, count, and where it is explained.

    A result by anything but the sector is no figure of its own: it has no page,
    and its rows lead to theirs.
    """
    slugs = {p.slug for p in found}
    has_page = set(filters.query) <= {"sector"}
    rows = []
    for rung in TOTALLED:
        members = [m for m in record.members(rung) if m.project in slugs]
        if members:
            words = formats.money_range(total(m.row.bounds for m in members))
            page_of = figure_url(reading, f"{rung}_usd", **filters.query) if has_page else ""
            rows.append((rung_words(rung), words, len(members), page_of))
    return rows


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
        if not key:
            columns.append(Column(words, "", "", numeric))
            continue
        descending_first = key != "name"
        now = sort.removeprefix("-") == key
        wanted = f"-{key}" if descending_first else key
        if now:
            wanted = key if sort.startswith("-") else f"-{key}"
        query = {k: v for k, v in kept.items() if k != "sort"}
        state = ("descending" if sort.startswith("-") else "ascending") if now else ""
        columns.append(
            Column(words, with_query(address, reading, **query, sort=wanted), state, numeric)
        )
    return columns


def _drop(
    reading: Reading,
    record: CommitmentRecord,
    filters: Filters,
    kept: dict[str, str],
    address: str,
) -> tuple[str, str] | None:
    """The filter whose removal brings rows back, and the address without it."""
    for name in filters.query:
        wider = Filters(**{**vars(filters), name: ""})
        if name in kept and any(wider.fits(p) for p in record.projects):
            rest = {k: v for k, v in kept.items() if k != name}
            return name, f"{address}?{urlencode({**reading.asked, **rest})}"
    return None


@dataclass(frozen=True)
class StepRow:
    on: Any
    day: str
    words: str
    note: str
    source: SafeString | str
    tag: str


@page
def project_page(request: HttpRequest, reading: Reading, slug: str) -> HttpResponse:
    """Show one project: its steps, amounts with rival claims, facts, parties and financing."""
    project = reading.record.by_slug.get(slug)
    if project is None:
        raise Http404(
            _("No project called “%(slug)s” is on record at this point.") % {"slug": slug}
        )
    cites = Cites(reading)
    figures = Figures(reading, cites)
    content = {
        "name": project_name(project),
        "stage": stage_words(project.standing.stage),
        "ladder": _ladder(project),
        "steps": [_step(cites, event) for event in reversed(project.events)],
        "amounts": _amounts(cites, project),
        "facts": _facts(project),
        "parties": _parties(reading, project),
        "financings": _financings(figures, project),
        "links": _links(reading, project),
        "history": _history(project),
    }
    context = page_context(request, reading, title=project_name(project), cites=cites, **content)
    return render(request, "dashboard/project.html", context)


def _ladder(project: ProjectRecord) -> list[tuple[str, str, str]]:
    reached, stage = project.standing.reached, project.standing.stage
    rungs = [
        Stage.CANDIDATE,
        Stage.IN_CONSULTATION,
        Stage.SELECTED,
        Stage.SIGNED,
        Stage.NOTICED,
        Stage.FUNDED,
        Stage.DISBURSED,
    ]
    rows = []
    for rung in rungs:
        state = "now" if rung == stage else "done" if rung in reached else ""
        rows.append(
            (
                stage_words(rung),
                formats.day(reached[rung]) if rung in reached else _("none published"),
                state,
            )
        )
    if stage in (Stage.DECLINED, Stage.WITHDRAWN, Stage.CANCELLED):
        rows.append((stage_words(stage), "", "end"))
    return rows


def _step(cites: Cites, event: StageEvent) -> StepRow:
    tag = ""
    if event.kind in RIVAL_CLAIMS:
        tag = _("rival claim")
    elif event.kind in MILESTONES:
        tag = _("milestone")
    elif event.kind in STAGE_OF_KIND:
        tag = stage_words(STAGE_OF_KIND[event.kind])
    slug = event.document.slug if event.document else None
    return StepRow(
        event.occurred_on,
        formats.day(event.occurred_on),
        str(event.get_kind_display()),
        event.note,
        cites.document(_("Source"), slug),
        tag,
    )


@dataclass(frozen=True)
class ClaimRow:
    who: str
    amount: SafeString | str
    rank: str
    day: str
    state: str
    note: str


def _amounts(
    cites: Cites, project: ProjectRecord
) -> list[tuple[str, SafeString, str, list[ClaimRow]]]:
    """Each figure about the project: its rung, the figure, why, and every claim for it."""
    groups = []
    for rung in AMOUNT_RUNGS:
        judged = project.amounts.get(rung)
        if judged is None:
            continue
        claims = [(c, _("used")) for c in judged.used] + [
            (c, _("kept, not used")) for c in judged.others
        ]
        rows = [_claim_row(cites, claim, state) for claim, state in claims]
        documents = [c.document.slug for c in judged.used if c.document]
        figure = cites.figure(
            formats.money_range(judged.bounds), f"{rung}_usd", documents, project=project.slug
        )
        why = (
            judged.ruling.reason
            if judged.ruling
            else _("The claims of the best rank present are used.")
        )
        groups.append((rung_words(rung), figure, why, rows))
    return groups


def _claim_row(cites: Cites, claim: Claim, state: str) -> ClaimRow:
    slug = claim.document.slug if claim.document else None
    words = formats.money_range(Bounds(claim.low, claim.high), places=2)
    return ClaimRow(
        claim.who,
        cites.document(words, slug),
        str(claim.get_rank_display()),
        formats.day(claim.stated_on),
        state,
        claim.note,
    )


def _facts(project: ProjectRecord) -> list[tuple[str, SafeString | str]]:
    profile = project.profile
    if profile is None:
        return []
    sector = profile.sector
    facts: list[tuple[str, SafeString | str]] = [
        (_("Sector"), sector_name(sector) if sector else _("not stated")),
        (_("As the source puts it"), profile.sector_text or _("not stated")),
        (_("State"), place_words(project) or _("not stated")),
        (_("Place"), profile.location or _("not stated")),
        (_("Batch"), profile.batch or _("not stated")),
    ]
    if profile.capacity_mw:
        words = f"{profile.capacity_mw:,} MW"
        facts.append(
            (
                _("Capacity"),
                _("at least %(mw)s") % {"mw": words} if profile.capacity_is_minimum else words,
            )
        )
    facts.append((_("Instrument split"), profile.split_note or _("not stated")))
    if profile.note:
        facts.append((_("Note"), profile.note))
    return facts


def _parties(reading: Reading, project: ProjectRecord) -> list[tuple[str, str]]:
    rows = ProjectParty.objects.current(reading.point).filter(project=project.project)
    return [(row.party.name, row.role) for row in rows.select_related("party").order_by("pk")]


def _financings(figures: Figures, project: ProjectRecord) -> list[dict[str, Any]]:
    found = []
    for financing in figures.record.financings:
        names = {p.slug: p for p in financing.projects.all()}
        if project.slug not in names:
            continue
        judged = figures.record.judged(f"financing:{financing.ref}", "amount.signed")
        yen = figures.record.judged(f"financing:{financing.ref}", "amount.signed", "jpy")
        slug = financing.document.slug if financing.document else None
        found.append(
            {
                "day": formats.day(financing.signed_on),
                "instrument": instrument_name(financing.instrument),
                "providers": ", ".join(str(p) for p in financing.providers.all()),
                "amount": figures.cites.document(
                    formats.money_range(judged.bounds),
                    judged.used[0].document.slug
                    if judged.used and judged.used[0].document
                    else slug,
                ),
                "yen": formats.money_range(yen.bounds, "JPY", places=0) if yen.used else "",
                "joint": len(names) if len(names) > 1 else 0,
                "cover": financing.get_cover_status_display(),
                "cover_text": financing.cover_text,
                "source": figures.cites.document(_("Source"), slug),
                "note": financing.note,
            }
        )
    return found


def instrument_name(instrument: Instrument) -> str:
    return instrument.name_ja or instrument.name if formats.is_japanese() else instrument.name


def _links(reading: Reading, project: ProjectRecord) -> list[tuple[str, str, str]]:
    rows = ProjectLink.objects.current(reading.point)
    out = rows.filter(project=project.project).select_related("other")
    back = rows.filter(other=project.project).select_related("project")
    continued = ProjectLink.Relation.CONTINUED_AS
    pairs = [
        (link.other, _("continued as") if link.relation == continued else _("related to"))
        for link in out
    ]
    pairs += [
        (link.project, _("continues") if link.relation == continued else _("related to"))
        for link in back
    ]
    return [
        (
            words,
            other.name_ja or other.name if formats.is_japanese() else other.name,
            with_query(reverse("project", args=[other.slug]), reading),
        )
        for other, words in dict.fromkeys(pairs)
    ]


def _history(project: ProjectRecord) -> list[tuple[str, str]]:
    """The revisions that recorded what is shown: number and what it brought."""
    rows: dict[int, list[str]] = {}
    for event in project.events:
        rows.setdefault(event.revision_id, []).append(str(event.get_kind_display()))
    if project.profile:
        rows.setdefault(project.profile.revision_id, []).append(_("profile"))
    return [
        (f"r{number}", ", ".join(words)) for number, words in sorted(rows.items(), reverse=True)
    ]
