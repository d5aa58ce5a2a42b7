"""Is it on pace? Every part of a commitment against its plan, on one rung at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.calculations.undefined import Reason, Undefined
from commitments.models import Instrument, Sector
from dashboard import formats
from dashboard.exports.forecast import pace_grid
from dashboard.pages.files import grid_file
from dashboard.pages.forecast import project_name
from dashboard.pages.frame import Cites, page, page_context, with_query
from dashboard.pages.overview.figures import Figures
from dashboard.pages.parameters import takes
from dashboard.points import Reading
from dashboard.project_words import stage_words
from projects.metrics import BY_KEY
from projects.metrics.pace_lines import NAIVE, NO_PLAN, PaceLine, Value, pace_lines
from projects.models import Plan
from projects.selectors import NOT_STATED
from projects.selectors.pace import RUNGS, part_of, plans

AGAINST_PLAN = (
    *("planned_usd", "schedule_variance_usd", "spi", "earned_schedule_days"),
    *("schedule_variance_days", "spi_t", "ieac_date", "ieac_on_plan_date", "tspi", "tspi_deadline"),
)
RATES = (
    *("required_usd_per_month", "required_usd_per_business_day", "trailing_30d_usd_per_month"),
    *("trailing_90d_usd_per_month", "trailing_180d_usd_per_month", "trailing_365d_usd_per_month"),
    *("acceleration", "projected_date", "projected_usd"),
)
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
        rungs=[(name, stage_words(name), name == rung) for name in RUNGS],
        tables=[
            table(_("Against the plan"), AGAINST_PLAN, lines, names, figures),
            table(_("Needed and actual rates"), RATES, lines, names, figures),
            table(_("Pace debt"), DEBTS, lines, names, figures),
        ]
        if lines
        else [],
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
    point = reading.point
    name = f"pace_{rung}_{reading.commitment.slug}_{point.as_of}_r{point.revision}"
    return grid_file(pace_grid(lines, reading), name, suffix, reading)


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
    found = plans(figures.record)
    in_force = {part_of(plan): plan for plan in found}
    return [
        PlanRow(
            since=formats.day(plan.effective_on),
            part=_plan_part(plan, figures),
            label=plan.label,
            ends=_("%(amount)s by %(day)s, %(n)s points")
            % {
                "amount": formats.money(Decimal(plan.points[-1]["amount_usd"])),
                "day": formats.day(date.fromisoformat(plan.points[-1]["on"])),
                "n": len(plan.points),
            },
            source=figures.cites.document(plan.document.title, plan.document.slug)
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
            return project_name(self.figures, part.key)
        return self.found.get((part.dimension, part.key), part.key)


@dataclass(frozen=True)
class PaceRow:
    """One part: its kind, its name, what is done and each index in words."""

    kind: str
    name: str
    done: str
    plan: str
    cells: tuple[SafeString | str, ...]


@dataclass(frozen=True)
class PaceTable:
    title: str
    heads: tuple[str, ...]
    rows: tuple[PaceRow, ...]


def table(
    title: str, keys: Sequence[str], lines: Sequence[PaceLine], names: Names, figures: Figures
) -> PaceTable:
    """One group of indices: a row for each part, the whole first and linked to its explanation."""
    words = index_words()
    kinds = {
        "programme": _("Whole"),
        "sector": _("Sector"),
        "instrument": _("Instrument"),
        "project": _("Project"),
    }
    rows = []
    for line in lines:
        linked = line.part.dimension == "programme" and line.rung == "funded"

        def words_of(key: str, line: PaceLine = line) -> str:
            return cell_words(key, line)

        rows.append(
            PaceRow(
                kind=kinds[line.part.dimension],
                name=names.of(line),
                done=_done_words(line),
                plan=_plan_words(line.plan_label),
                cells=tuple(
                    figures.link(key, words_of(key)) if linked and key in BY_KEY else words_of(key)
                    for key in keys
                ),
            )
        )
    return PaceTable(title, tuple(words[key] for key in keys), tuple(rows))


def _done_words(line: PaceLine) -> str:
    if line.done is None:
        return formats.short_reason(Reason.NOT_STATED)
    return formats.money(line.done) if line.done else formats.nothing()


def _plan_words(label: str) -> str:
    return {NAIVE: _("naive linear"), NO_PLAN: _("no target of its own")}.get(label, label)


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
