"""The window calculator: when funds can be due after a notice."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from commitments.calculations.calendars import CALENDARS
from dashboard import formats
from dashboard.code_words import calendar_version_words
from dashboard.notice_words import business_days, calendar_words, excluded_row
from dashboard.pages.calls.calls import calendar_choices
from dashboard.pages.frame import Cites, page, page_context, with_query
from dashboard.pages.parameters import takes
from dashboard.points import Reading
from dashboard.windows import WINDOW_PARAMETERS, Window, calendar_in, window_of
from projects.selectors.notices import stated_calendar


@dataclass(frozen=True)
class CalendarRow:
    """The end of the same window under one calendar."""

    words: str
    day: str
    excluded: int
    chosen: bool


@page
@takes(*WINDOW_PARAMETERS)
def window_page(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Compute a window that a form asks for, under each calendar, with the holidays left out."""
    asked = {name: request.GET.get(name, "").strip() for name in WINDOW_PARAMETERS}
    terms = reading.record.terms
    cites = Cites(reading)
    content: dict[str, Any] = {}
    calendar = calendar_in(asked["calendar"], terms)
    if asked["notice"] and calendar:
        content = _result(window_of(asked, terms), asked, reading)
    term = terms.term("funding_window")
    stated = terms.value("funding_window", "business_days")
    context = page_context(
        request,
        reading,
        left_out=0,
        title=content.get("heading", _("Window calculator")),
        cites=cites,
        asked={
            "notice": asked["notice"] or reading.point.today.isoformat(),
            "days": asked["days"] or stated or "",
        },
        calendars=calendar_choices(calendar, stated_calendar(terms)),
        unstated=stated_calendar(terms) is None,
        back=with_query(reverse("calls"), reading),
        rule=_rule(cites, term, stated),
        **content,
    )
    return render(request, "dashboard/window.html", context)


def _rule(cites: Cites, term: Any, stated: Any) -> Any:
    """The number of days as the agreement gives it, linked to its document."""
    if term is None or not isinstance(stated, int):
        return _("The terms of this commitment state no window.")
    slug = term.document.slug if term.document else None
    words = _("%(window)s after the notice, clause %(clause)s") % {
        "window": business_days(stated),
        "clause": term.clause or _("not stated"),
    }
    return cites.document(words, slug)


def _result(window: Window, asked: dict[str, str], reading: Reading) -> dict[str, Any]:
    rows = []
    for name in CALENDARS:
        other = window_of({**asked, "calendar": name}, reading.record.terms)
        rows.append(
            CalendarRow(
                calendar_words(name),
                formats.day(other.earliest_funding_date),
                len({row.on for row in other.excluded}),
                name == window.calendar,
            )
        )
    words = _("Notice on %(notice)s: funds not before %(day)s")
    if window.calendar_stated is None:
        words = _("Notice on %(notice)s: by the calendar chosen here, the window ends on %(day)s")
    heading = words % {
        "notice": formats.day(window.notice),
        "day": formats.day(window.earliest_funding_date),
    }
    return {
        "heading": heading,
        "window": window,
        "calendar_source": calendar_version_words(window.calendar_version),
        "counted": business_days(window.days),
        "rows": rows,
        "excluded": [excluded_row(row) for row in window.excluded],
        "api": f"{reverse('calendar-window')}?notice={window.notice}&days={window.days}"
        f"&calendar={window.calendar}",
    }
