"""The days of open notices as a calendar that other programs subscribe to (RFC 5545)."""

from datetime import UTC, date, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from dashboard import formats
from dashboard.notice_words import calendar_words, short_nature
from dashboard.pages.calls.calls import SWITCHES, Switch, records_under, safe_day, switch_of
from dashboard.pages.calls.clock import call_name, open_first
from dashboard.pages.frame import page, with_query
from dashboard.pages.parameters import takes
from dashboard.points import Reading
from dashboard.terms import marked
from projects.selectors.notices import NoticeRecord, stated_calendar

MEDIA_TYPE = "text/calendar; charset=utf-8"


@page
@takes(*SWITCHES)
def feed(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Answer the day to watch of every open notice, and the last safe day of notice."""
    switch = switch_of(request, reading)
    calendar = Calendar()
    calendar.add("prodid", "-//550 Tracker//funding notices//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _labelled(reading, _("Funding notices")))
    for found in open_first(records_under(reading, switch), switch.of_all):
        calendar.add_component(_of_notice(request, reading, switch, found))
    last_safe = _last_safe(request, reading, switch)
    if last_safe is not None:
        calendar.add_component(last_safe)
    response = HttpResponse(calendar.to_ical(), content_type=MEDIA_TYPE)
    name = "illustrative_calls" if reading.commitment.illustrative else "calls"
    response["Content-Disposition"] = f'inline; filename="{name}.ics"'
    response["Content-Language"] = get_language() or "en"
    return response


def _of_notice(
    request: HttpRequest, reading: Reading, switch: Switch, found: NoticeRecord
) -> Event:
    chosen = found.under(switch.of_all)
    words = _("Funds due: %(call)s") if chosen.due_on else _("First day of funding: %(call)s")
    amount = formats.money(found.clock.unfunded_usd, places=2)
    address = with_query(reverse("project", args=[found.notice.project.slug]), reading)
    return _event(
        reading,
        uid=f"{found.notice.ref}-{chosen.nature}",
        on=chosen.watched_on,
        summary=words % {"call": call_name(found)},
        description=_("%(amount)s awaited, %(reading)s")
        % {"amount": amount, "reading": short_nature(chosen.nature)},
        url=request.build_absolute_uri(address),
    )


def _last_safe(request: HttpRequest, reading: Reading, switch: Switch) -> Event | None:
    day = safe_day(reading, switch)
    if day is None or switch.calendar is None:
        return None
    words = _("A later notice may not be funded by the deadline. Counted in %(calendar)s.")
    if stated_calendar(reading.record.terms) is None:
        words = _(
            "A later notice may not be funded by the deadline. Counted in %(calendar)s, "
            "as chosen: the terms of this commitment state no calendar."
        )
    return _event(
        reading,
        uid=f"last-safe-{reading.commitment.slug}",
        on=day,
        summary=marked(
            _("Last safe day for a funding notice"), reading.record.terms.term("deadline")
        ),
        description=words % {"calendar": calendar_words(switch.calendar)},
        url=request.build_absolute_uri(with_query(reverse("calls"), reading, **switch.query)),
    )


def _labelled(reading: Reading, words: str) -> str:
    """Words as a calendar shows them: of a fictional commitment they say so."""
    if not reading.commitment.illustrative:
        return words
    return _("Illustrative (fictional): %(words)s") % {"words": words}


def _event(
    reading: Reading, *, uid: str, on: date, summary: str, description: str, url: str
) -> Event:
    """A whole day that blocks no time; stamped with the revision that says so."""
    event = Event()
    event.add("uid", f"{uid}@550-tracker")
    event.add("dtstamp", reading.point.recorded_at or datetime(2025, 9, 4, tzinfo=UTC))
    event.add("dtstart", on)
    event.add("dtend", on + timedelta(days=1))
    event.add("summary", _labelled(reading, summary))
    event.add("description", description)
    event.add("url", url)
    event.add("transp", "TRANSPARENT")
    return event
