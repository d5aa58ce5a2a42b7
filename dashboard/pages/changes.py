"""What is new: the figures on two days, and what was recorded between them, with an Atom feed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.calculations.bounds import Bounds
from commitments.calculations.dates import business_day
from commitments.models import Revision
from commitments.selectors import PointError, day_asked
from dashboard import formats
from dashboard.alerts import RULES, alert_words, rule_name
from dashboard.changes import kind_words
from dashboard.code_words import REASONS
from dashboard.corrections import flag_words
from dashboard.news import KINDS, LetThrough, News, Tally, let_through_by, news, tallies
from dashboard.pages.feeds import SIZE, as_response, atom_feed, unique_id
from dashboard.pages.frame import Cites, decision_url, page, page_context, with_query
from dashboard.pages.overview.figures import Figures
from dashboard.pages.pager import Pager
from dashboard.pages.parameters import takes
from dashboard.pages.tariffs.levers import state_words
from dashboard.points import Reading
from projects.metrics import BY_KEY
from projects.selectors import RUNGS, record_with_kept_facts

PAGE_SIZE = 50
DAYS = 30  # back, unless the address says from when
MOST_KINDS = 5
MOST_REASONS = 3
FIGURES = (
    *(f"{rung}_usd" for rung in RUNGS),
    *("days_left", "required_usd_per_month", "required_usd_per_business_day"),
)


@dataclass(frozen=True)
class Moved:
    """One figure on both days."""

    name: str
    before: SafeString
    after: SafeString
    change: str


@dataclass(frozen=True)
class Line:
    """One thing that is new, as the list and the feed show it."""

    on: date
    day: str
    kind: str
    title: str
    details: list[str]
    address: str
    link_words: str
    reasons: list[tuple[str, str]]  # for which it was let through, each with how

    @property
    def reasons_shown(self) -> list[tuple[str, SafeString | str]]:
        """The reasons as the page shows them: as they were written."""
        return [(words, formats.said_as_written(reason)) for words, reason in self.reasons]


def _day(request: HttpRequest, name: str, default: date, *, latest: date) -> date:
    text = request.GET.get(name, "").strip()
    if not text:
        return default
    day = day_asked(name, text)
    if day > latest:
        raise PointError(name, _("lies after the day described, %(day)s") % {"day": latest})
    return day


def _days(request: HttpRequest, reading: Reading) -> tuple[date, date]:
    """The two days of an address: the last thirty up to the day described, unless it names others."""
    as_of = reading.point.as_of
    end = _day(request, "to", as_of, latest=as_of)
    begin = _day(request, "from", end - timedelta(days=DAYS), latest=as_of)
    if begin > end:
        raise PointError("from", _("lies after “to”"))
    return begin, end


def _kinds(request: HttpRequest) -> tuple[str, ...]:
    kind = request.GET.get("kind", "").strip()
    return (kind,) if kind else KINDS


@page
@takes("from", "to", "after", kind=lambda: KINDS)
def change_list(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Show the figures on two days and list what was recorded between them, by keyset pages."""
    begin, end = _days(request, reading)
    cites = Cites(reading)
    kind = request.GET.get("kind", "").strip()
    after = request.GET.get("after", "").strip()
    found = news(reading, begin=begin, end=end, kinds=_kinds(request), after=after, size=PAGE_SIZE)
    address = reverse("changes")
    kept = {
        "from": request.GET.get("from", "").strip(),
        "to": request.GET.get("to", "").strip(),
        "kind": kind,
    }
    following = found[PAGE_SIZE - 1].cursor if len(found) > PAGE_SIZE else ""
    moved = list(_moved(reading, begin, end, cites)) if reading.point.is_recorded else []
    context = page_context(
        request,
        reading,
        title=_("Changes"),
        cites=cites,
        begin=begin,
        end=end,
        days=(formats.day(begin), formats.day(end)),
        overviews=tuple(_overview_on(reading, day) for day in (begin, end)),
        moved=moved,
        lines=_lines(reading, found[:PAGE_SIZE]),
        kinds=[(name, words) for name, words in _kind_names().items()],
        kind=kind,
        rules=[(rule.name, rule.about) for rule in RULES.values()],
        feed=with_query(reverse("changes-feed"), reading, kind=kind),
        pager=Pager(
            previous=with_query(address, reading, **kept) if after else "",
            next=with_query(address, reading, **kept, after=following) if following else "",
        ),
    )
    return render(request, "dashboard/changes.html", context)


@page
@takes(kind=lambda: KINDS)
def change_feed(request: HttpRequest, reading: Reading) -> HttpResponse:
    """What was recorded last, as an Atom feed."""
    as_of = reading.point.as_of
    found = news(reading, begin=date(2025, 1, 1), end=as_of, kinds=_kinds(request), size=SIZE)
    feed = atom_feed(
        request,
        reading,
        title=_("Changes – 550 Tracker"),
        label=_("Postings to the register, alerts, and levers that turned."),
        home=reverse("changes"),
    )
    for item, line in zip(found[:SIZE], _lines(reading, found[:SIZE]), strict=True):
        feed.add_item(
            title=line.title,
            link=request.build_absolute_uri(line.address),
            description=" · ".join(
                [*line.details, *(f"{words} – {reason}" for words, reason in line.reasons)]
            ),
            unique_id=unique_id(f"{item.kind}-{item.row.pk}"),
            pubdate=item.at,
            updateddate=item.at,
            categories=[line.kind],
        )
    return as_response(feed)


def _on(reading: Reading, day: date) -> Reading:
    point = replace(reading.point, as_of=day)
    return replace(reading, point=point, record=record_with_kept_facts(reading.commitment, point))


def _overview_on(reading: Reading, day: date) -> str:
    asked = {**reading.asked, "as_of": day.isoformat()}
    return with_query(reverse("overview"), replace(reading, asked=asked))


def _moved(reading: Reading, begin: date, end: date, cites: Cites) -> Iterator[Moved]:
    """The figures of the first page on both days, and what lies between them."""
    before, after = (
        Figures(replace(on, asked={**on.asked, "as_of": day.isoformat()}), cites)
        for day in (begin, end)
        for on in (_on(reading, day),)
    )
    for key in FIGURES:
        yield Moved(
            name=formats.said_name(BY_KEY[key], "name"),
            before=before.link(key),
            after=after.link(key),
            change=_difference(key, before, after),
        )


def _difference(key: str, before: Figures, after: Figures) -> str:
    old, new = before.bounds(key), after.bounds(key)
    if before.figure(key).reason or after.figure(key).reason:
        return formats.DASH
    if (old.low, old.high) == (new.low, new.high):
        return _("unchanged")
    if None in (old.low, old.high, new.low, new.high):
        return _("not stated")
    return _signed(BY_KEY[key].unit, Bounds(new.low - old.low, new.high - old.high))  # type: ignore[operator]  # none is None


def _signed(unit: str, change: Bounds) -> str:
    """A change with its sign, its two ends where they differ."""

    def words(end: Decimal) -> str:
        amount = formats.plain(end, 0) if unit == "days" else formats.money(end)
        return f"+{amount}" if end > 0 else amount

    low, high = sorted(end for end in (change.low, change.high) if end is not None)
    if low == high:
        return words(low)
    return _("%(low)s to %(high)s") % {"low": words(low), "high": words(high)}


def _kind_names() -> dict[str, str]:
    return {
        "revision": _("Postings"),
        "alert": _("Alerts"),
        "lever": _("Levers"),
    }


def _lines(reading: Reading, found: Iterable[News]) -> list[Line]:
    items = list(found)
    posted = [item.row.pk for item in items if item.kind == "revision"]
    added, reasons = tallies(reading, posted), let_through_by(reading, posted)
    return [_line(item, reading, added, reasons) for item in items]


def _line(
    item: News,
    reading: Reading,
    added: Mapping[int, list[Tally]],
    reasons: Mapping[int, list[LetThrough]],
) -> Line:
    on, let_through = business_day(item.at), list[LetThrough]()
    if item.kind == "revision":
        number = item.row.pk
        let_through = reasons.get(number, [])
        kind, title, details, address, words = _posting(item.row, reading, added.get(number, []))
        more = len(let_through) - MOST_REASONS
        if more > 0:
            details.append(ngettext("%(n)s more reason", "%(n)s more reasons", more) % {"n": more})
    elif item.kind == "alert":
        kind, title = rule_name(item.row), alert_words(item.row)
        details = [_described(item.row)]
        address, words = with_query(reverse("pace"), reading), _("Pace")
        if item.row.rule == "late_window":
            address, words = with_query(reverse("calls"), reading), _("Calls")
        elif item.row.rule == "odds":
            address, words = with_query(reverse("forecast"), reading), _("Forecast")
    else:
        kind = _("Lever")
        title = _("Lever “%(title)s”: %(state)s from %(day)s") % {
            "title": formats.said_name(item.row.lever, "title"),
            "day": formats.day(item.row.as_of),
            "state": state_words(item.row.state),
        }
        before = state_words(item.row.previous) if item.row.previous else ""
        details = [_described(item.row)]
        if before:
            details.append(_("before: %(state)s") % {"state": before})
        address, words = with_query(reverse("tariffs"), reading), _("Tariffs")
    shown = [(flag_words(found.flag), found.reason) for found in let_through[:MOST_REASONS]]
    return Line(on, formats.day(on), kind, title, details, address, words, shown)


def _described(row: Any) -> str:
    return _("for %(day)s, at revision %(number)s") % {
        "day": formats.day(row.as_of),
        "number": row.revision_id,
    }


def _posting(
    revision: Revision, reading: Reading, added: list[Tally]
) -> tuple[str, str, list[str], str, str]:
    case = getattr(revision, "case", None)
    kind = {
        Revision.Kind.LOAD: _("Load of curated facts"),
        Revision.Kind.CASE: _("Decision"),
        Revision.Kind.IMPORT: _("Import"),
        Revision.Kind.RUN: _("Computed"),
    }[Revision.Kind(revision.kind)]
    title = case.title if case else str(REASONS.get(revision.reason, revision.reason))
    details = [f"{kind_words(tally.kind)}: {_count(tally)}" for tally in added[:MOST_KINDS]]
    rest = sum(tally.added for tally in added[MOST_KINDS:])
    if rest:
        details.append(
            ngettext("%(n)s fact of other kinds", "%(n)s facts of other kinds", rest) % {"n": rest}
        )
    details.append(str(revision))
    if case:
        return (
            kind,
            title,
            details,
            decision_url(reading, case.pk),
            _("Decision"),
        )
    return kind, title, details, with_query(reverse("corrections"), reading), _("Corrections")


def _count(tally: Tally) -> str:
    words = f"{tally.added:,}"
    if tally.corrected:
        words += " " + _("(%(n)s correct older ones)") % {"n": f"{tally.corrected:,}"}
    return words
