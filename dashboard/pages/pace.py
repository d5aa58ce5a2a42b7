"""Is it on pace? Every part of a commitment against its plan, on one rung at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.calculations.bounds import Bounds
from commitments.calculations.metric import amount
from commitments.calculations.undefined import Reason, Undefined
from commitments.models import Instrument, Sector
from dashboard import formats
from dashboard.exports.forecast import pace_grid
from dashboard.exports.stamps import name_at
from dashboard.pages.files import grid_file
from dashboard.pages.forecast import project_name
from dashboard.pages.frame import Cites, page, page_context, with_query
from dashboard.pages.overview.figures import Figures, words_for
from dashboard.pages.parameters import takes
from dashboard.points import Reading
from dashboard.project_words import stage_words
from projects.calculations.pace import WINDOWS
from projects.metrics.baselines import NAIVE, PLANNED
from projects.metrics.pace_lines import NO_PLAN, PaceLine, Value, pace_lines
from projects.models import Plan
from projects.selectors import NOT_STATED
from projects.selectors.pace import RUNGS, Part, part_of

AGAINST_PLAN = (
    *("planned_usd", "schedule_variance_usd", "spi", "earned_schedule_days"),
    *("schedule_variance_days", "spi_t", "ieac_date", "ieac_on_plan_date", "tspi", "tspi_deadline"),
)
NEEDED = (
    *("required_usd_per_month", "required_usd_per_business_day", "acceleration"),
    *("projected_date", "projected_usd"),
)
ACTUAL = tuple(f"trailing_{days}d_usd_per_month" for days in WINDOWS)
DEBTS = (
    *("debt_linear_usd", "debt_linear_business_days"),
    *("debt_curve_usd", "debt_curve_business_days"),
)


@page
@takes(rung=lambda: RUNGS)
def pace(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Show the pace of the whole and of every part, on the rung asked for."""
    cites = Cites(reading)
    figures = Figures(reading, cites)
    rung = request.GET.get("rung", "").strip() or "funded"
    lines: list[PaceLine] = []
    why = ""
    try:
        lines = pace_lines(reading.record, rung)
    except Undefined as undefined:
        why = formats.reason(undefined.reason)
    names = Names(figures, lines)
    context = page_context(
        request,
        reading,
        of_agreement=True,
        title=heading(lines[0]) if lines else _("Is it on pace?"),
        cites=cites,
        why=why,
        is_planned=rung == PLANNED,
        rungs=[(name, stage_words(name), name == rung) for name in RUNGS],
        measures=[_measure(line, names, figures) for line in lines],
        tables=tables(lines, figures, names) if lines else [],
        plans=plan_rows(figures),
        csv=with_query(reverse("pace_file", args=["csv"]), reading, rung=rung),
        xlsx=with_query(reverse("pace_file", args=["xlsx"]), reading, rung=rung),
        api=with_query(reverse("pace-of", args=[reading.commitment.slug]), reading, rung=rung),
    )
    return render(request, "dashboard/pace.html", context)


@page
@takes(rung=lambda: RUNGS)
def pace_file(request: HttpRequest, reading: Reading, suffix: str) -> HttpResponse:
    """Send the pace of every part on a rung as CSV or XLSX."""
    rung = request.GET.get("rung", "").strip() or "funded"
    try:
        lines = pace_lines(reading.record, rung)
    except Undefined as undefined:
        raise Http404 from undefined
    return grid_file(pace_grid(lines, reading), name_at(f"pace_{rung}", reading), suffix, reading)


def heading(whole: PaceLine) -> str:
    """Return the page's heading: how far the whole is behind a straight line, in money and days."""
    owed, days = whole.values["debt_linear_usd"], whole.values["debt_linear_business_days"]
    rung = stage_words(whole.rung)
    if not isinstance(owed, Decimal) or not isinstance(days, Decimal):
        return _("Is it on pace?")
    if not owed:
        return _("On an even pace or ahead of it: %(rung)s") % {"rung": rung}
    words = ngettext(
        "%(amount)s or %(n)s business day behind an even pace: %(rung)s",
        "%(amount)s or %(n)s business days behind an even pace: %(rung)s",
        int(days),
    )
    return words % {"amount": formats.money(owed), "n": int(days), "rung": rung}


@dataclass(frozen=True)
class PlanRow:
    """One version of a baseline: since when, for what, how it runs, and whether it is in force."""

    since: str
    part: str
    label: str
    ends: str
    source: SafeString | str
    state: str


def plan_rows(figures: Figures) -> list[PlanRow]:
    """Every version of every baseline, newest first; older results keep the plan of their day."""
    found = figures.record.plans
    in_force = {part_of(plan): plan for plan in found}
    return [
        PlanRow(
            since=formats.day(plan.effective_on),
            part=_plan_part(plan, figures),
            label=formats.said_as_written(plan.label),
            ends=_("%(amount)s by %(day)s, %(n)s points")
            % {
                "amount": formats.money(Decimal(plan.points[-1]["amount_usd"])),
                "day": formats.day(date.fromisoformat(plan.points[-1]["on"])),
                "n": len(plan.points),
            },
            source=figures.cites.document(formats.said_title(plan.document), plan.document.slug)
            if plan.document
            else "",
            state=_("in force") if in_force[part_of(plan)] == plan else _("superseded"),
        )
        for plan in reversed(found)
    ]


def _plan_part(plan: Plan, figures: Figures) -> str:
    if plan.project is not None:
        return project_name(figures, plan.project.slug)
    return formats.said_name(plan.sector, "name") if plan.sector else _("The whole commitment")


class Names:
    """What each part is called, read once."""

    def __init__(self, figures: Figures, lines: Sequence[PaceLine]) -> None:
        self.figures = figures
        self.found: dict[tuple[str, str], str] = {}
        kinds: tuple[tuple[str, Any], ...] = (("sector", Sector), ("instrument", Instrument))
        for dimension, model in kinds:
            keys = [line.part.key for line in lines if line.part.dimension == dimension]
            for one in model.objects.filter(slug__in=keys) if keys else ():
                name = one.name_ja or one.name if formats.is_japanese() else one.name
                self.found[dimension, one.slug] = name

    def of(self, line: PaceLine) -> str:
        part = line.part
        if part.dimension == "programme":
            return _("The whole commitment")
        if part.key == NOT_STATED:
            return _("not stated")
        if part.dimension == "project":
            return self.project(part.key)
        return self.found.get((part.dimension, part.key), part.key)

    def project(self, slug: str) -> str:
        return project_name(self.figures, slug)


@dataclass(frozen=True)
class Measure:
    """What a part is measured by: what came of it, what is to be reached, and its plan.

    Beside a range stands what the indices count of it.
    """

    kind: str
    name: str
    done: SafeString
    done_counted: str
    budget: SafeString
    budget_counted: str
    plan: str


def _measure(line: PaceLine, names: Names, figures: Figures) -> Measure:
    came = dict.fromkeys(slug for day in line.days for slug in day.documents)
    reached = dict.fromkeys(slug for row in line.part.rows for slug in row.documents)
    cites, scope = figures.cites, _scope(line)
    return Measure(
        kind=kind_words(line),
        name=names.of(line),
        done=cites.figure(_done_words(line), f"{line.rung}_usd", came, **scope),
        done_counted=counted_words(line.known, line.bounds),
        budget=cites.figure(_budget_words(line.part), "budget_usd", reached, **scope),
        budget_counted=counted_words(line.part.budget, line.part.bounds),
        plan=_plan_words(line, names),
    )


@dataclass(frozen=True)
class PaceRow:
    """One part: its kind, its name, and each index in words, linked to its explanation."""

    kind: str
    name: str
    cells: tuple[SafeString, ...]


@dataclass(frozen=True)
class PaceTable:
    title: str
    heads: tuple[str, ...]
    rows: tuple[PaceRow, ...]


def tables(lines: Sequence[PaceLine], figures: Figures, names: Names) -> list[PaceTable]:
    """The indices in groups: a row for each part, the whole first."""
    words = index_words()
    groups = (
        (_("Against the plan"), AGAINST_PLAN),
        (_("Needed up to the deadline"), NEEDED),
        (_("Actual rates"), ACTUAL),
        (_("Pace debt"), DEBTS),
    )
    return [
        PaceTable(
            title,
            tuple(words[key] for key in keys),
            tuple(
                PaceRow(
                    kind=kind_words(line),
                    name=names.of(line),
                    cells=tuple(_index(key, line, figures) for key in keys),
                )
                for line in lines
            ),
        )
        for title, keys in groups
    ]


def kind_words(line: PaceLine) -> str:
    return {
        "programme": _("Whole"),
        "sector": _("Sector"),
        "instrument": _("Instrument"),
        "project": _("Project"),
    }[line.part.dimension]


def _index(key: str, line: PaceLine, figures: Figures) -> SafeString:
    """An index of a part, linked to the page that explains it for that part and rung."""
    rung = "" if line.rung == "funded" else line.rung
    return figures.cites.figure(cell_words(key, line), key, rung=rung, **_scope(line))


def _scope(line: PaceLine) -> dict[str, str]:
    return {} if line.part.dimension == "programme" else {line.part.dimension: line.part.key}


def _done_words(line: PaceLine) -> str:
    """What came of a part, as the page that explains it says."""
    if line.known is None:
        return formats.short_reason(Reason.NOT_STATED)
    if not line.known:
        return formats.nothing()
    return words_for(f"{line.rung}_usd", amount(line.bounds, rows=line.rows))


def _budget_words(part: Part) -> str:
    """The amount to be reached and what it is: the target, selected, or signed so far."""
    if part.budget is None:
        return formats.short_reason(Reason.NOT_STATED)
    stated = amount(part.bounds, rows=part.rows)
    return _("%(amount)s %(basis)s") % {
        "amount": words_for("budget_usd", stated),
        "basis": basis_words()[part.basis],
    }


def counted_words(counted: Decimal | None, bounds: Bounds) -> str:
    """What the indices count of a range or a ceiling; empty of one amount, which counts itself."""
    if counted is None or bounds.value is not None:
        return ""
    return _("the indices count %(amount)s") % {"amount": formats.money(counted)}


def basis_words() -> dict[str, str]:
    return {"target": _("target"), "selected": _("selected"), "signed": _("signed so far")}


def _plan_words(line: PaceLine, names: Names) -> str:
    """The plan of a part; of a sum, which plans it adds up."""
    if not line.sums:
        return plan_words(line.plan_label)
    told = format_html_join(
        _("; "),
        _("{}: {}"),
        ((names.project(slug), plan_words(one.label)) for slug, one in line.sums.items()),
    )
    is_planned = line.rung == PLANNED
    words = (
        _("sum of its projects’ plans ({plans})")
        if is_planned
        else _("sum of its projects’ lines ({plans})")
    )
    return format_html(words, plans=told)


def plan_words(label: str) -> str:
    """What a plan is called: a line that is drawn in words, one on record as it was written."""
    drawn = {NAIVE: _("naive linear"), NO_PLAN: _("no target of its own")}
    return drawn.get(label) or formats.said_as_written(label)


def index_words() -> dict[str, str]:
    """The heads of the columns."""
    return {
        "planned_usd": _("Planned (PV)"),
        "schedule_variance_usd": _("Variance (SV)"),
        "spi": "SPI",
        "earned_schedule_days": _("Earned days (ES)"),
        "schedule_variance_days": _("Variance, days (SV(t))"),
        "spi_t": "SPI(t)",
        "ieac_date": _("Finish at this pace"),
        "ieac_on_plan_date": _("Finish, rest on plan"),
        "tspi": _("Pace needed (TSPI)"),
        "tspi_deadline": _("Pace needed by the deadline"),
        "required_usd_per_month": _("Needed a month"),
        "required_usd_per_business_day": _("Needed a business day"),
        "trailing_30d_usd_per_month": _("Last 30 days, a month"),
        "trailing_90d_usd_per_month": _("Last 90 days, a month"),
        "trailing_180d_usd_per_month": _("Last 180 days, a month"),
        "trailing_365d_usd_per_month": _("Last 365 days, a month"),
        "acceleration": _("Times faster needed"),
        "projected_date": _("Reached at this rate"),
        "projected_usd": _("At the deadline at this rate"),
        "debt_linear_usd": _("Straight line, $"),
        "debt_linear_business_days": _("Straight line, business days"),
        "debt_curve_usd": _("S-curve, $"),
        "debt_curve_business_days": _("S-curve, business days"),
    }


def cell_words(key: str, line: PaceLine) -> str:
    """Return an index of a part in words; a projection says where it passes the part's own amount."""
    value, budget = line.values[key], line.part.budget
    words = value_words(key, value, line.rung)
    is_past = (
        key == "projected_usd"
        and isinstance(value, Decimal)
        and budget is not None
        and value > budget
    )
    return _("%(amount)s, past its own amount") % {"amount": words} if is_past else words


def value_words(key: str, value: Value, rung: str) -> str:
    """Return an index in words, or in two or three why it has none."""
    if isinstance(value, Reason):
        return _short_reason(value, rung)
    if isinstance(value, date):
        return formats.day(value)
    if key.endswith("_days"):
        return formats.plain(value, 0)
    if "usd" in key:
        places = 2 if key == "required_usd_per_business_day" else 1
        return formats.money(value, places=places) if value else formats.nothing()
    return formats.plain(value, 2)


def _short_reason(reason: Reason, rung: str) -> str:
    """Why an index has no value, in the words of the rung: a selection is no payment."""
    words = {
        ("selected", Reason.NO_OBSERVATIONS): _("no selections yet"),
        ("noticed", Reason.NO_OBSERVATIONS): _("no notices yet"),
        ("selected", Reason.RATE_NOT_POSITIVE): _("no net selection"),
        ("noticed", Reason.RATE_NOT_POSITIVE): _("no net notice"),
    }
    return words.get((rung, reason)) or formats.short_reason(reason)
