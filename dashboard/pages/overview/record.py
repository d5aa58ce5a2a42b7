"""Watch item 1: approvals and disbursement against the path to the target."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import pairwise

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.calculations.bounds import Bounds
from commitments.calculations.metric import Figure
from dashboard import formats
from dashboard.charts.frame import Table
from dashboard.charts.path import PathWords, Series, Step, ZoomWords, path_chart, zoom_chart
from dashboard.pages.frame import with_query
from dashboard.pages.overview.figures import Figures, in_billions
from dashboard.pages.overview.words import ChartWords, sourced
from projects.metrics.rungs import rung_figure

DRAWN = ("selected", "in_consultation", "signed")


@dataclass(frozen=True)
class RecordSection:
    heading: str
    sub: SafeString
    path: ChartWords
    zoom: ChartWords | None
    csv: str
    xlsx: str


def record_section(figures: Figures) -> RecordSection:
    """What was decided and paid, against the path to the target."""
    past = past_figures(figures)
    return RecordSection(
        heading=record_heading(
            selected=len(figures.record.members("selected")),
            in_consultation=len(figures.record.members("in_consultation")),
            signed=len(figures.record.members("signed")),
        ),
        sub=_sub(figures),
        path=_path(figures, past),
        zoom=_zoom(figures, past)
        if any(_amounts(now) != NOTHING for now in past.values())
        else None,
        csv=with_query(reverse("record_file", args=["csv"]), figures.reading),
        xlsx=with_query(reverse("record_file", args=["xlsx"]), figures.reading),
    )


def _sub(figures: Figures) -> SafeString:
    """Where an even pace would stand, beside the plan in force where one is on record."""
    target = figures.link("target_usd", formats.money(figures.target, places=0))
    if not figures.has_plan:
        return format_html(
            _("An even pace would stand at {even} today. The target is {target}."),
            even=figures.link("planned_usd"),
            target=target,
        )
    return format_html(
        _(
            "The plan in force stands at {plan} today, an even pace at {even}. The target is {target}."
        ),
        plan=figures.link("planned_usd"),
        even=formats.money(even_pace(figures, figures.as_of)),
        target=target,
    )


def even_pace(figures: Figures, day: date) -> Decimal:
    """The target spread evenly from start to deadline, up to a day: US dollars."""
    days = min((day - figures.start).days, (figures.deadline - figures.start).days)
    return figures.target * days / (figures.deadline - figures.start).days


def record_heading(*, selected: int, in_consultation: int, signed: int) -> str:
    """Return the section's heading: how many selected, in consultation, and signed."""
    if not (selected or in_consultation or signed):
        return _("Nothing is selected, in consultation or signed yet")
    first = ngettext("%(n)s project selected", "%(n)s projects selected", selected)
    return _("%(selected)s, %(consulted)s in consultation, %(signed)s") % {
        "selected": first % {"n": selected},
        "consulted": in_consultation,
        "signed": ngettext("%(n)s financing signed", "%(n)s financings signed", signed)
        % {"n": signed},
    }


def past_figures(figures: Figures) -> dict[date, dict[str, Figure]]:
    """The figure of each drawn rung on the first day, on each that changed one, and on as_of.

    Each is what the day's own page shows, by the same definition.
    """
    record, found = figures.record, {}
    days = {figures.start, figures.as_of, *record.changed_on(*DRAWN)}
    last: dict[str, Figure] = {}
    for day in sorted(day for day in days if figures.start <= day <= figures.as_of):
        now = {rung: rung_figure(record.members_by(rung, day)) for rung in DRAWN}
        if day == figures.as_of or _amounts(now) != _amounts(last):
            found[day] = last = now
    return found


def _amounts(found: dict[str, Figure]) -> list[tuple[Bounds, int, bool]]:
    return [(f.bounds, f.unstated_count, f.is_approximate) for f in found.values()]


NOTHING = _amounts(dict.fromkeys(DRAWN, rung_figure([])))


def last_step(figures: Figures, rung: str) -> date | None:
    """The latest day on which the figure of a rung of decisions or signatures moved."""
    record = figures.record

    @cache
    def stood(day: date | None) -> list[tuple[Bounds, int, bool]]:
        return _amounts({rung: rung_figure(record.members_by(rung, day) if day else [])})

    steps = pairwise([None, *record.changed_on(rung)])
    return next((day for before, day in reversed([*steps]) if stood(before) != stood(day)), None)


def _drawn(past: dict[date, dict[str, Figure]], rung: str) -> list[Step]:
    """What a rung stood at, in billions for drawing, by the day it came; a stage is a ceiling."""
    steps: list[Step] = []
    for day, found in past.items():
        bounds = found[rung].bounds
        low, high = (None if v is None else in_billions(v) for v in (bounds.low, bounds.high))
        top = low or 0.0 if high is None else high
        step = Step(day, None if rung == "in_consultation" else low, top)
        is_first = not steps and top > 0
        if is_first or (steps and replace(step, day=steps[-1].day) != steps[-1]):
            steps.append(step)
    return steps


def _funded(figures: Figures) -> list[tuple[date, float]]:
    running, steps = 0.0, []
    for day, amount in figures.record.daily("funded"):
        running += in_billions(amount)
        steps.append((day, running))
    return steps


def _series(figures: Figures, past: dict[date, dict[str, Figure]]) -> Series:
    return Series(
        selected=_drawn(past, "selected"),
        in_consultation=_drawn(past, "in_consultation"),
        signed=_drawn(past, "signed"),
        funded=_funded(figures),
    )


def _amount(figure: Figure) -> str:
    words = formats.billions(figure.bounds)
    return formats.about(words) if figure.is_approximate else words


def _path(figures: Figures, past: dict[date, dict[str, Figure]]) -> ChartWords:
    as_of, deadline, start = figures.as_of, figures.deadline, figures.start
    even = formats.money(even_pace(figures, as_of))
    needed = figures.link_words("required_usd_per_month")
    ahead = [deadline] if as_of < deadline else []
    rows = [_path_row(figures, day, past.get(day)) for day in (*past, *ahead)]
    table = Table(
        caption=_("The record and the path, $ billion"),
        heads=(
            _("Date"),
            _("Even pace"),
            *([_("Plan")] if figures.plan else []),
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
        _series(figures, past),
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
            plan=_("Plan"),
        ),
        table,
        start=start,
        as_of=as_of,
        deadline=deadline,
        cutoff=figures.reading.agreement_cutoff,
        target=in_billions(figures.target),
        row_days=[*past, *ahead],
        amount_words=lambda v: formats.money(Decimal(round(v)) * formats.BILLION, places=0),
        plan=figures.plan_line(deadline),
    )
    chart = sourced(chart, figures, "planned_usd", "selected_usd")
    subtitle = _("Cumulative. Dotted: even pace from the start. Dashed: needed from today")
    if figures.plan:
        named = formats.said_as_written(figures.plan.label)
        subtitle = format_html(
            _("{lines}. Grey: the plan in force, {plan}"), lines=subtitle, plan=named
        )
    return ChartWords(chart, title, subtitle)


def _path_row(figures: Figures, day: date, found: dict[str, Figure] | None) -> tuple[str, ...]:
    plan = [figures.plan.planned_by(day)] if figures.plan else []
    paths = [formats.cell(amount) for amount in (even_pace(figures, day), *plan)]
    if found is None:
        return (formats.day(day), *paths, *[formats.DASH] * 4)
    funded = sum((a for on, a in figures.record.daily("funded") if on <= day), Decimal(0))
    has_funding = bool(figures.record.daily("funded"))
    return (
        formats.day(day),
        *paths,
        *(_amount(found[rung]) for rung in DRAWN),
        formats.cell(funded) if has_funding else _("none published"),
    )


def _zoom(figures: Figures, past: dict[date, dict[str, Figure]]) -> ChartWords:
    words = figures.link_words
    past = {day: found for day, found in past.items() if day > figures.start or len(past) == 1}
    rows = tuple(
        (formats.day(day), *(_amount(found[rung]) for rung in DRAWN)) for day, found in past.items()
    )
    title = _("The record so far, enlarged")
    in_consultation = _("In consultation: %(amount)s") % {"amount": words("in_consultation_usd")}
    selected = _("Selected: %(amount)s") % {"amount": words("selected_usd")}
    signed = _("Signed: %(amount)s") % {"amount": words("signed_usd")}
    funded = _("Funded: %(amount)s") % {"amount": words("funded_usd")}
    chart = zoom_chart(
        _series(figures, past),
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
        row_days=list(past),
        amount_words=lambda v: formats.money(Decimal(round(v)) * formats.BILLION, places=0),
    )
    chart = sourced(chart, figures, "selected_usd", "in_consultation_usd", "signed_usd")
    return ChartWords(
        chart,
        title,
        _(
            "Same figures. Line: the low end. Hatched: open, up to the high end. "
            "Shaded at right: after the newest document"
        ),
    )
