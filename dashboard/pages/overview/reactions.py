"""Watch item 4: public and political reactions on record."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.models import Reaction
from dashboard import formats
from dashboard.charts.frame import Table
from dashboard.charts.reactions import EventLane, Lane, Moment, reactions_chart, stance_mark
from dashboard.charts.svg import Markup
from dashboard.pages.overview import kept
from dashboard.pages.overview.figures import Figures
from dashboard.pages.overview.words import ChartWords
from dashboard.pages.tariffs.charts import FIRST
from dashboard.pages.tariffs.words import authority_words

NEWEST = 6
RECENT_DAYS = 90


@dataclass(frozen=True)
class Said:
    on: str
    day: str
    actor: str
    summary: str
    stance: str
    source: SafeString | str


@dataclass(frozen=True)
class ReactionSection:
    heading: str
    sub: str
    chart: ChartWords | None
    legend: list[tuple[Markup, str]]
    newest: list[Said]


def stance_words(stance: str) -> str:
    return {
        "supportive": _("supportive"),
        "neutral": _("neutral"),
        "critical": _("critical"),
    }[stance]


def section(figures: Figures) -> ReactionSection:
    """Reactions by month and side, and the newest of them."""
    found = kept.reactions(figures.reading.point, figures.reading.commitment)
    recent = sum(r.occurred_on > figures.as_of - timedelta(days=RECENT_DAYS) for r in found)
    return ReactionSection(
        heading=heading(len(found), recent),
        sub=_("Stance is an editor’s label toward the agreement or the measure named."),
        chart=reactions_figure(figures, found, heading(len(found), recent)) if found else None,
        legend=legend(),
        newest=[said(figures, r) for r in found[:NEWEST]],
    )


def legend() -> list[tuple[Markup, str]]:
    """The marks of the chart and what they mean."""
    return [
        (stance_mark(stance, 5), stance_words(stance))
        for stance in ("supportive", "neutral", "critical")
    ]


def heading(count: int, recent: int) -> str:
    """Return the heading: how many reactions, and how many in the last 90 days."""
    whole = ngettext("%(n)s reaction on record", "%(n)s reactions on record", count) % {"n": count}
    if not count:
        return _("No reaction is on record for the day")
    return _("%(whole)s, %(recent)s in the last 90 days") % {"whole": whole, "recent": recent}


def said(figures: Figures, reaction: Reaction) -> Said:
    slug = reaction.document.slug if reaction.document else None
    return Said(
        on=formats.machine_day(reaction.occurred_on, reaction.date_precision),
        day=formats.own_day(reaction),
        actor=formats.said(reaction, "actor"),
        summary=formats.said(reaction, "summary"),
        stance=stance_words(reaction.stance),
        source=figures.cites.document(_("Source"), slug),
    )


def _new_footings(figures: Figures) -> list[Moment]:
    """The days since the start on which general goods moved to another legal authority."""
    book, moments = figures.rates, list[Moment]()
    start = figures.record.terms.day("start")
    if start is None:
        return moments
    changes = [
        c for goods in book.named("general") for c in book.changes(goods, FIRST, figures.as_of)
    ]
    general = [change.rate.authority[0] for change in changes if change.rate.authority]
    for before, after in pairwise(general):
        was, now = before.legal_authority.split(",")[0], after.legal_authority.split(",")[0]
        begin = after.effective_from
        if was != now and begin and start < begin <= figures.as_of:
            words = authority_words(after).split(",")[0]
            moments.append(Moment(begin, words, is_wide=True))
    return moments


def reactions_figure(
    figures: Figures,
    found: Sequence[Reaction],
    finding: str,
    events: Sequence[EventLane] = (),
) -> ChartWords:
    """Reactions by month and side, with the days the agreement and duties moved."""
    sides = (
        (_("Japan"), lambda c: c == "JP"),
        (_("United States"), lambda c: c == "US"),
        (_("Other countries"), lambda c: c not in ("JP", "US")),
    )
    lanes = [
        Lane(name, [(r.occurred_on, r.stance) for r in found if belongs(r.country)])
        for name, belongs in sides
    ]
    rows = []
    for lane in lanes:
        counts = Counter(stance for _day, stance in lane.marks)
        rows.append(
            (
                lane.name,
                counts["supportive"],
                counts["neutral"],
                counts["critical"],
                len(lane.marks),
            )
        )
    rows += [(lane.name, "", "", "", len(lane.days)) for lane in events]
    first = min(r.occurred_on for r in found).replace(day=1)
    moments = [
        Moment(term_day, words, is_wide)  # on a phone the two would stand over each other
        for words, term_day, is_wide in (
            (_("Deal"), figures.record.terms.day("announced"), False),
            (_("Memorandum"), figures.record.terms.day("start"), True),
        )
        if term_day
    ]
    moments += _new_footings(figures)
    title = _("Reactions on record by month")
    chart = reactions_chart(
        lanes,
        moments,
        title=title,
        description=finding,
        table=Table(
            _("Reactions by side and stance"),
            (_("Side"), _("Supportive"), _("Neutral"), _("Critical"), _("All")),
            tuple(rows),
        ),
        first=first,
        as_of=figures.as_of,
        cutoff=figures.reading.tariffs_cutoff,
        events=events,
    )
    subtitle = _("Each mark is one reaction; each bar a day on which money or duties moved")
    if not events:
        subtitle = _("Each mark is one reaction")
    return ChartWords(chart, title, subtitle, legend())
