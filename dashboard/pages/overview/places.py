"""The projects that are selected or in consultation, on the map and in a table."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.calculations.bounds import Bounds, total
from commitments.calculations.metric import Scope
from commitments.selectors import Judged
from dashboard import formats
from dashboard.charts.frame import Table
from dashboard.charts.usmap import Place, map_chart, outlines
from dashboard.pages.frame import with_query
from dashboard.pages.overview.figures import Figures, in_billions
from dashboard.pages.overview.words import ChartWords, sourced
from dashboard.pages.states import NAMES_JA
from dashboard.project_words import ended_words, stage_words
from projects.calculations.stages import RIVAL_CLAIMS, Stage
from projects.metrics import share_figure
from projects.selectors import NOT_STATED, CommitmentRecord, ProjectRecord

HALF = Decimal("0.5")


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
class CandidateRow:
    """A candidate as listed: whose it is, where that is on record, and what is offered."""

    company: str
    item: str
    address: str
    amount: str
    state: str


@dataclass(frozen=True)
class PlacesSection:
    heading: str
    sub: str
    map: ChartWords | None
    rows: list[ProjectRow]
    totals: tuple[SafeString, ...]
    rivals: list[SafeString]
    candidates: list[CandidateRow]


def state_name(code: str) -> str:
    """The name of a US state by its postal code."""
    if formats.is_japanese() and code in NAMES_JA:
        return NAMES_JA[code]
    found = outlines().get(code)
    return found["n"] if found else code


def place_words(record: ProjectRecord) -> str:
    return _(", ").join(state_name(code) for code in record.states)


def project_name(record: ProjectRecord) -> str:
    project = record.project
    return project.name_ja or project.name if formats.is_japanese() else project.name


def is_on_map(record: ProjectRecord) -> bool:
    """Whether a project is selected or in consultation, stands, and is counted in the totals."""
    is_chosen = record.standing.is_selected or record.standing.stage == Stage.IN_CONSULTATION
    return is_chosen and record.counts


def company_name(record: CommitmentRecord, project: ProjectRecord) -> str:
    """The company recorded first for a project, which is the one it is listed under; or ""."""
    companies = record.companies.get(project.slug)
    return formats.said_name(companies[0], "name") if companies else ""


def places_section(figures: Figures) -> PlacesSection:
    """The projects that are selected or in consultation, on the map and in a table."""
    record = figures.record
    chosen = [p for p in record.projects if is_on_map(p)]
    chosen.sort(key=lambda p: (not p.standing.is_selected, -_size(p)))
    states = {code for p in chosen for code in p.states}
    return PlacesSection(
        heading=places_heading(
            projects=len(chosen), states=len(states), largest=_largest_state(record)
        ),
        sub=_("Selected and in consultation are different stages and are not added."),
        map=map_of(figures, chosen) if states else None,
        rows=_project_rows(figures, chosen),
        totals=(
            figures.billions("selected_usd"),
            figures.billions("in_consultation_usd"),
            figures.billions("signed_usd"),
        ),
        rivals=_rivals(figures, chosen),
        candidates=_candidates(figures),
    )


def _rivals(figures: Figures, chosen: list[ProjectRecord]) -> list[SafeString]:
    """Claims of a later stage that no decision or fact sheet bears out, by document."""
    reported: dict[str, list[str]] = {}
    for project in chosen:
        for event in project.events:
            if event.kind in RIVAL_CLAIMS and not project.standing.is_selected and event.document:
                reported.setdefault(event.document.slug, []).append(project_name(project))
    return [
        format_html(
            _(
                "{company} reports presidential approval of {projects}; no decision or fact sheet "
                "was found, so the stage shown is in consultation."
            ),
            company=figures.cites.document(_("One company"), slug),
            projects=_(", ").join(names),
        )
        for slug, names in reported.items()
    ]


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
                joint = _joint_words(figures, together, len(group)) if n == 0 else ""
                span = len(group) if n == 0 else 0
                row = replace(row, signed=joint, signed_rows=span, is_joint=True)
            rows.append(row)
    return rows


def _signed_with(figures: Figures, project: ProjectRecord) -> set[str]:
    """The project and those it is signed for together with."""
    for financing in figures.record.financings:
        slugs = {p.slug for p in financing.projects.all()}
        if project.slug in slugs and len(slugs) > 1:
            return slugs
    return {project.slug}


def _project_row(figures: Figures, project: ProjectRecord) -> ProjectRow:
    def cell(rung: str, stands: bool) -> SafeString | str:
        if not stands:
            return formats.DASH
        judged = project.amounts.get(rung)
        bounds = judged.bounds if judged else Bounds()
        documents = [c.document.slug for c in judged.used if c.document] if judged else []
        words = _in_billions([judged]) if judged else formats.billions(bounds)
        return figures.cites.figure(words, f"{rung}_usd", documents, project=project.slug)

    signed = [m for m in figures.record.members("signed") if m.project == project.slug]
    return ProjectRow(
        name=project_name(project),
        address=with_query(reverse("project", args=[project.slug]), figures.reading),
        place=place_words(project),
        selected=cell("selected", project.standing.is_selected),
        in_consultation=cell("in_consultation", project.standing.stage == Stage.IN_CONSULTATION),
        signed=_in_billions(m.claims for m in signed) if signed else formats.DASH,
    )


def _joint_words(figures: Figures, together: set[str], count: int) -> SafeString:
    """The amount signed for projects that share an agreement, their own agreements included."""
    judged = [
        figures.record.judged(f"financing:{financing.ref}", "amount.signed")
        for financing in figures.record.financings
        if together & {p.slug for p in financing.projects.all()}
    ]
    return format_html(
        _("{amount}<small>for the {n} together; split not stated</small>"),
        amount=figures.link("signed_usd", _in_billions(judged)),
        n=count,
    )


def _in_billions(judged: Iterable[Judged]) -> str:
    found = list(judged)
    bounds = total(j.bounds for j in found)
    words = formats.billions(bounds)
    return formats.about_where(any(j.is_approximate for j in found), words, bounds)


def map_of(figures: Figures, chosen: list[ProjectRecord]) -> ChartWords:
    groups: dict[tuple[str, ...], list[ProjectRecord]] = {}
    for project in chosen:
        groups.setdefault(project.states, []).append(project)
    places, rows = [], []
    for states, projects in groups.items():
        judged = {
            rung: [
                p.amounts[rung]
                for p in projects
                if rung in p.amounts and (rung == "selected") == p.standing.is_selected
            ]
            for rung in ("selected", "in_consultation")
        }
        sums = {rung: total(j.bounds for j in found) for rung, found in judged.items()}
        words = {r: _in_billions(judged[r]) if b.is_stated else "" for r, b in sums.items()}
        places.append(
            Place(
                states,
                selected=in_billions(sums["selected"].low or Decimal(0)),
                selected_high=_top(sums["selected"]),
                in_consultation=_top(sums["in_consultation"]),
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
        (_("US state"), _("Selected"), _("In consultation")),
        tuple(rows),
    )
    description = _("Map of the United States with amounts by state; the table lists them.")
    chart = sourced(
        map_chart(places, title, description, table), figures, "selected_usd", "in_consultation_usd"
    )
    return ChartWords(
        chart,
        title,
        _(
            "$ billion. Filled: selected; hatched: to its high end. Dashed: ceiling in consultation. To scale"
        ),
    )


def _top(bounds: Bounds) -> float:
    """The high end of a range for drawing, or its low where none is stated ("more than")."""
    return in_billions((bounds.low if bounds.high is None else bounds.high) or Decimal(0))


def _candidates(figures: Figures) -> list[CandidateRow]:
    """Every candidate as listed, its amount in billions, and whether it is open."""
    record = figures.record
    listed = [p for p in record.projects if Stage.CANDIDATE in p.standing.reached]
    still_open = {m.project for m in record.members("candidate")}
    rows = []
    for p in sorted(listed, key=lambda p: (-_size(p), p.slug)):
        judged = p.amounts.get("candidate")
        rows.append(
            CandidateRow(
                company=company_name(record, p),
                item=project_name(p),
                address=with_query(reverse("project", args=[p.slug]), figures.reading),
                amount=formats.billions(judged.bounds, 2) if judged else _("not stated"),
                state=_("open") if p.slug in still_open else _closed_words(p),
            )
        )
    return rows


def _closed_words(project: ProjectRecord) -> str:
    """What became of a candidate that is open no more."""
    if project.standing.ended_on is not None:
        return ended_words(project.standing)
    if project.merged_into is not None:
        return _("merged into another project")
    if project.standing.stage == Stage.CANDIDATE:
        return _("continued by a firmer project")
    return stage_words(project.standing.stage)
