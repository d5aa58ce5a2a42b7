"""What was called and paid of a project against its plan: the chart, and every change of it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from django.utils.html import format_html
from django.utils.translation import gettext as _

from dashboard import formats
from dashboard.charts.cash import CashLines, CashWords, cash_chart
from dashboard.charts.frame import Table
from dashboard.pages.overview.figures import Figures, in_billions
from dashboard.pages.overview.words import ChartWords
from projects.calculations.stages import Stage
from projects.models import Plan
from projects.selectors import ProjectRecord
from projects.selectors.ledger import cash_by_day, plans_of

Days = list[tuple[date, Decimal]]
LONGEST = 60  # changes listed; the ledger below holds them all


@dataclass(frozen=True)
class Flows:
    """Amounts of a project by day on three rungs, and its baselines, the one in force last.

    `signed` are the days on which agreements for it were signed, the first one first.
    """

    signed: list[date]
    noticed: Days
    funded: Days
    disbursed: Days
    plans: list[Plan]

    @property
    def first_days(self) -> dict[Stage, date]:
        """The day each rung was first reached by an agreement, or by what was not reversed since."""
        rungs = (
            (Stage.NOTICED, self.noticed),
            (Stage.FUNDED, self.funded),
            (Stage.DISBURSED, self.disbursed),
        )
        stood = {stage: [day for day, amount in days if amount > 0] for stage, days in rungs}
        return {s: days[0] for s, days in {Stage.SIGNED: self.signed, **stood}.items() if days}

    @property
    def is_empty(self) -> bool:
        return not (self.noticed or self.funded or self.disbursed or self.plans)


def flows_of(figures: Figures, project: ProjectRecord) -> Flows:
    """What moved of a project, each rung by the day it moved."""
    rows = [m.row for m in figures.record.members("noticed") if m.project == project.slug]
    called = sorted((row.on, row.bounds.low) for row in rows if row.on and row.bounds.low)
    cash = cash_by_day(project.project, figures.reading.point)
    agreed = [f for f in figures.record.financings if project.project in f.projects.all()]
    return Flows(
        signed=sorted(f.signed_on for f in agreed if f.signed_on),
        noticed=[(day, amount) for day, amount in called],
        funded=cash.get("funding", []),
        disbursed=cash.get("disbursement", []),
        plans=plans_of(project.project, figures.reading.point),
    )


def cumulative(days: Days) -> Days:
    """Running totals by day, one row a day."""
    running, totals = Decimal(0), {}
    for day, amount in days:
        running += amount
        totals[day] = running
    return list(totals.items())


def chart(figures: Figures, project: ProjectRecord, flows: Flows) -> ChartWords | None:
    """Noticed, funded and disbursed against the plan in force, which is of what is to be funded.

    None where nothing was called, paid or planned.
    """
    if flows.is_empty:
        return None
    noticed, funded, disbursed = (
        cumulative(days) for days in (flows.noticed, flows.funded, flows.disbursed)
    )
    plan = flows.plans[-1] if flows.plans else None
    points = _points(plan)
    judged = project.amounts.get("selected")
    bounds = judged.bounds if judged else None
    ceiling = (bounds.high or bounds.low or Decimal(0)) if bounds else Decimal(0)
    called, received, paid = (
        formats.money(days[-1][1] if days else Decimal(0)) for days in (noticed, funded, disbursed)
    )
    selected = _("not stated")
    if judged:
        selected = formats.about_where(
            judged.is_approximate, formats.money_range(judged.bounds), judged.bounds
        )
    moved = (*noticed, *funded, *disbursed)
    days = sorted({*(d for d, _a in moved), figures.as_of})
    title = _("Noticed, funded and disbursed against plan")
    words = CashWords(
        title=title,
        description=_(
            "%(noticed)s noticed, %(funded)s funded and %(disbursed)s disbursed "
            "of %(selected)s selected."
        )
        % {"noticed": called, "funded": received, "disbursed": paid, "selected": selected},
        noticed=_("Noticed %(amount)s") % {"amount": called},
        funded=_("Funded %(amount)s") % {"amount": received},
        disbursed=_("Disbursed %(amount)s") % {"amount": paid},
        plan=_("Plan"),
        ceiling=_("Selected %(amount)s") % {"amount": selected},
    )
    table = Table(
        _("Cumulative, $ billion"),
        (_("Date"), _("Noticed"), _("Funded"), _("Disbursed"), _("Plan")),
        tuple(
            (
                formats.day(day),
                *(formats.cell(_on(line, day), 2) for line in (noticed, funded, disbursed)),
                formats.cell(_planned(points, day), 2) if points else formats.DASH,
            )
            for day in days
        ),
    )
    begin = min([d for d, _a in (*moved, *points)], default=figures.as_of)
    drawn = cash_chart(
        CashLines(
            *([(d, in_billions(a)) for d, a in line] for line in (noticed, funded, disbursed)),
            plan=[(d, in_billions(a)) for d, a in points],
        ),
        words,
        table,
        ceiling=in_billions(ceiling),
        first=date(begin.year, begin.month, 1),
        as_of=figures.as_of,
        row_days=days,
        amount_words=lambda v: formats.money(Decimal(str(v)) * formats.BILLION),
    )
    label = formats.said_as_written(plan.label) if plan else _("no plan is on record")
    words = _("Cumulative. Dashed, of what is to be funded: {plan}")
    return ChartWords(drawn, title, format_html(words, plan=label))


def _points(plan: Plan | None) -> Days:
    listed = plan.points if plan else []
    return [(date.fromisoformat(p["on"]), Decimal(p["amount_usd"])) for p in listed]


def _on(days: Days, day: date) -> Decimal:
    return next((amount for on, amount in reversed(days) if on <= day), Decimal(0))


def _planned(points: Days, day: date) -> Decimal:
    """The plan's amount on a day, on the straight line between its points."""
    if day <= points[0][0]:
        return points[0][1]
    for (begin, low), (end, high) in pairwise(points):
        if begin < day <= end:
            return low + (high - low) * (day - begin).days / (end - begin).days
    return points[-1][1]


@dataclass(frozen=True)
class Change:
    on: date
    day: str
    words: str


def changes(flows: Flows) -> list[Change]:
    """Every change of what is noticed, funded and disbursed, old to new, newest first."""
    found: list[Change] = []
    for name, days in (
        (_("Noticed"), flows.noticed),
        (_("Funded"), flows.funded),
        (_("Disbursed"), flows.disbursed),
    ):
        before = Decimal(0)
        for day, total in cumulative(days):
            if total == before:
                continue
            old, new = (formats.cell(a, 2) for a in (before, total))
            words = _("%(rung)s %(old)s → %(new)s") % {"rung": name, "old": old, "new": new}
            found.append(Change(day, formats.day(day), words))
            before = total
    for old_plan, plan in pairwise([None, *flows.plans]):
        if plan is None or plan.effective_on is None:
            continue
        new_label = formats.said_as_written(plan.label)
        words = format_html(_("Plan: {new}"), new=new_label)
        if old_plan is not None:
            old_label = formats.said_as_written(old_plan.label)
            words = format_html(_("Plan: {old} → {new}"), old=old_label, new=new_label)
        found.append(Change(plan.effective_on, formats.day(plan.effective_on), words))
    return sorted(found, key=lambda change: change.on, reverse=True)[:LONGEST]
