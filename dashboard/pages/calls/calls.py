"""Who is late: every funding notice with its clock, and until when one can still be issued."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.calculations.calendars import (
    CALENDARS,
    Calendar,
    calendar_version,
    excluded_days,
)
from commitments.calculations.undefined import Undefined
from dashboard import formats
from dashboard.code_words import calendar_version_words
from dashboard.facts_read import NOTICES, undated
from dashboard.notice_words import (
    business_days,
    calendar_words,
    excluded_row,
    nature_words,
)
from dashboard.pages.calls.clock import (
    clock_row,
    closed_last,
    notice_row,
    notice_rows,
    open_first,
)
from dashboard.pages.frame import Cites, page, page_context, with_query
from dashboard.pages.overview import kept
from dashboard.pages.overview.figures import Figures
from dashboard.pages.parameters import takes
from dashboard.pages.tariffs.levers import TAGS, state_words
from dashboard.points import Reading, one_of
from dashboard.terms import marked, said_term
from dashboard.windows import calendar_in
from projects.calculations.notices import NATURES, Nature, Status, candidates
from projects.metrics.notices import last_safe_day, window_days
from projects.selectors.notices import NoticeRecord, nature_of, stated_calendar
from tariffs.calculations.levers import Rule

MOST = 100
SWITCHES = ("calendar", "reading")
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Switch:
    """What the reader chose: a calendar and a reading; those of the terms otherwise, if any.

    Only a reading other than that of the terms is put on every notice; else each
    stands under the one it was recorded with.
    """

    calendar: Calendar | None
    nature: Nature
    is_default_calendar: bool
    is_default_nature: bool

    @property
    def of_all(self) -> Nature | None:
        """The reading put on every notice, None where each keeps its own."""
        return None if self.is_default_nature else self.nature

    @property
    def query(self) -> dict[str, str]:
        return {
            **({} if self.is_default_calendar else {"calendar": self.calendar}),
            **({} if self.is_default_nature else {"reading": self.nature}),
        }


def switch_of(request: HttpRequest, reading: Reading) -> Switch:
    """The calendar and reading asked for. Raise PointError naming the one that is none."""
    terms = reading.record.terms
    calendar = calendar_in(request.GET.get("calendar", "").strip(), terms)
    default = nature_of(terms)
    asked = one_of("reading", request.GET.get("reading", "").strip() or default, NATURES)
    nature = next(n for n in NATURES if n == asked)
    return Switch(calendar, nature, calendar == calendar_in("", terms), nature == default)


def records_under(reading: Reading, switch: Switch) -> list[NoticeRecord]:
    """The notices with the windows they were recorded with, or anew under another calendar."""
    record = reading.record
    if switch.is_default_calendar:
        return record.notice_records
    return record.notices_under(switch.calendar)


def headline(
    open_: Sequence[NoticeRecord], closed: int, nature: Nature | None, last_safe: date | None
) -> str:
    """Return the page's headline: who is late, else what is next, else until when is safe."""
    late = [r for r in open_ if r.under(nature).status == Status.LATE]
    if late:
        longest = max(r.under(nature).days_off for r in late)
        words = ngettext(
            "%(n)s funding notice is late, by %(days)s",
            "%(n)s funding notices are late, the longest by %(days)s",
            len(late),
        )
        if not longest:
            words = ngettext(
                "%(n)s funding notice is late; no business day has passed since",
                "%(n)s funding notices are late; no business day has passed since",
                len(late),
            )
        return words % {"n": len(late), "days": business_days(longest)}
    if open_:
        ahead = [r for r in open_ if not r.under(nature).is_past]
        if not ahead:
            words = ngettext(
                "%(n)s funding notice is open; its window is over",
                "%(n)s funding notices are open; their windows are over",
                len(open_),
            )
            return words % {"n": len(open_)}
        first = ahead[0].under(nature)
        words = ngettext(
            "%(n)s funding notice is open; its day is %(day)s",
            "%(n)s funding notices are open; the next day to watch is %(day)s",
            len(open_),
        )
        return words % {"n": len(open_), "day": formats.day(first.watched_on)}
    if closed:
        words = ngettext(
            "No funding notice is open; %(n)s is closed",
            "No funding notice is open; %(n)s are closed",
            closed,
        )
        return words % {"n": closed}
    if last_safe is None:
        return _("No notice is on record")
    return _("No notice is on record. The last safe day for one is %(day)s") % {
        "day": formats.long_day(last_safe)
    }


@page
@takes(*SWITCHES)
def call_list(request: HttpRequest, reading: Reading) -> HttpResponse:
    """List the notices by days left, and the days on which one could still be issued."""
    switch = switch_of(request, reading)
    cites = Cites(reading)
    figures = Figures(reading, cites)
    records = records_under(reading, switch)
    open_, closed = (f(records, switch.of_all) for f in (open_first, closed_last))
    safe = _safe_days(reading, switch)
    stated = stated_calendar(reading.record.terms)
    heading = headline(open_, len(closed), switch.of_all, safe.get("day") if stated else None)
    context = page_context(
        request,
        reading,
        left_out=undated(reading, NOTICES),
        of_agreement=True,
        title=heading,
        cites=cites,
        heading=heading,
        switch=switch,
        readings=[(n, nature_words(n), n == switch.nature) for n in NATURES],
        calendars=calendar_choices(switch.calendar, stated),
        window=_window_words(reading),
        unstated=stated is None,
        calendar_chosen=switch.calendar is not None,
        own_readings=any(found.notice.reading for found in records),
        clocks=[clock_row(cites, found, switch.of_all) for found in open_[:MOST]],
        closed=[notice_row(cites, found, switch.of_all) for found in closed[:MOST]],
        effects=notice_rows(cites, records[-MOST:], switch.of_all),
        more=len(records) > MOST,
        any=bool(records),
        summary=_summary(figures),
        beyond=_beyond_words(figures),
        levers=_levers(reading),
        tariffs=with_query(reverse("tariffs"), reading),
        safe=safe,
        holidays=_holidays(reading, switch.calendar),
        calendar=calendar_version_words(calendar_version()),
        feed=with_query(reverse("calls-feed"), reading, **switch.query),
        calculator=with_query(reverse("window"), reading),
        api=with_query(reverse("notices-list"), reading),
    )
    return render(request, "dashboard/calls.html", context)


def calendar_choices(
    chosen: Calendar | None, stated: Calendar | None
) -> list[tuple[str, str, bool]]:
    """The calendars to choose from: value, words and which is chosen; none where none is stated."""
    listed = [(str(c), calendar_words(c), c == chosen) for c in CALENDARS]
    return listed if stated else [("", _("not stated"), chosen is None), *listed]


def _window_words(reading: Reading) -> str:
    """The length of the window in the terms, in words; nothing where they state none."""
    try:
        return business_days(window_days(reading.record))
    except Undefined:
        return ""


def _holidays(reading: Reading, calendar: Calendar | None) -> list[tuple[str, str, str]]:
    if calendar is None:
        return []
    day = reading.point.as_of
    return [excluded_row(row) for row in excluded_days(day, day + YEAR, calendar)]


def _levers(reading: Reading) -> list[tuple[str, str, str]]:
    """The levers whose trigger hangs on a window: title, state and its mark."""
    return [
        (formats.said(found.lever, "title"), state_words(found.state), TAGS[found.state])
        for found in kept.levers(reading.point, reading.commitment)
        if found.lever.rule == Rule.NON_FUNDING
    ]


def _summary(figures: Figures) -> list[tuple[str, Any]]:
    keys = (
        ("open_notices_count", _("Open notices")),
        ("late_notices_count", _("Late, each under its own reading")),
        ("unfunded_noticed_usd", _("Noticed, not yet funded")),
        ("still_to_be_noticed_usd", _("Still to be noticed")),
    )
    return [(words, figures.link(key)) for key, words in keys]


def _beyond_words(figures: Figures) -> SafeString | str:
    """Why more is awaited than noticed less funded, where it is; else nothing."""
    keys = ("noticed_usd", "funded_usd", "unfunded_noticed_usd")
    noticed, funded, awaited = (figures.figure(key).bounds.value for key in keys)
    if noticed is None or funded is None or awaited is None or funded + awaited <= noticed:
        return ""
    words = _(
        "Noticed {noticed}, less funded {funded}, is less than the {awaited} awaited: {beyond} came in "
        "beyond what a notice calls, on one declined since, or without a notice, and lowers no other call."
    )
    return format_html(
        words,
        **dict(zip(("noticed", "funded", "awaited"), map(figures.link, keys), strict=True)),
        beyond=formats.money(funded + awaited - noticed),
    )


def safe_day(reading: Reading, switch: Switch) -> date | None:
    """The last safe day of notice under the calendar of a switch; None where nothing gives one."""
    try:
        return last_safe_day(reading.record, switch.calendar)
    except Undefined:
        return None


def _safe_days(reading: Reading, switch: Switch) -> dict[str, Any]:
    """The last safe day under each calendar, and the days on which a notice could be issued.

    Empty where the terms state no deadline, no window or, with none chosen, no calendar.
    """
    record, calendar = reading.record, switch.calendar
    deadline, term = record.terms.day("deadline"), record.terms.term("deadline")
    last_safe = safe_day(reading, switch)
    if last_safe is None or calendar is None or deadline is None:
        return {}
    days = window_days(record)
    missing = Figures(reading, Cites(reading)).figure("still_to_be_noticed_usd").bounds.value
    rows = []
    if missing is not None:
        for one in candidates(
            missing,
            as_of=reading.point.as_of,
            deadline=deadline,
            days=days,
            calendar=calendar,
        ):
            rows.append(
                (
                    formats.day(one.on),
                    formats.day(one.earliest_on),
                    one.in_time,
                    one.is_last_safe,
                    _in_billions(one.left_usd, 1),
                    _in_billions(one.usd_per_month, 1),
                    _in_billions(one.usd_per_business_day, 2),
                )
            )
    horizon = record.terms.term("horizon")
    return {
        "day": last_safe,
        "deadline": marked(formats.long_day(deadline), term),
        "horizon": said_term(horizon) if horizon else "",
        "by_calendar": [
            (
                calendar_words(c),
                marked(formats.day(last_safe_day(record, c)), term),
                c == calendar,
            )
            for c in CALENDARS
        ],
        "rows": rows,
        "why_none": "" if rows else _why_none(missing, reading.point.as_of, deadline),
    }


def _why_none(missing: Decimal | None, day: date, deadline: date) -> str:
    """Why no day of notice is told of, in words."""
    if day >= deadline:
        return _("The deadline has passed.")
    if missing is None:
        return _("What is still to be noticed is not stated, so it is not spread over the days.")
    return _("The last safe day has passed.")


def _in_billions(amount: Decimal | None, places: int) -> str:
    return formats.DASH if amount is None else formats.cell(amount, places)
