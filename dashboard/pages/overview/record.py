"""Watch item 1: approvals and disbursement against the path to the target."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.calculations.bounds import total
from dashboard import formats
from dashboard.charts.frame import Table
from dashboard.charts.path import PathWords, Series, ZoomWords, path_chart, zoom_chart
from dashboard.pages.overview.figures import Figures, in_billions
from dashboard.pages.overview.words import ChartWords, sourced
from projects.selectors import Member

Steps = list[tuple[date, float]]


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
    words = formats.billions(total(m.row.bounds for m in members)) if members else "0.0"
    return formats.about(words) if any(m.row.is_approximate for m in members) else words


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
    chart = sourced(chart, figures, "planned_usd", "selected_usd")
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
    chart = sourced(chart, figures, "selected_usd", "in_consultation_usd", "signed_usd")
    return ChartWords(chart, title, _("Same figures. Shaded at right: after the newest document"))
