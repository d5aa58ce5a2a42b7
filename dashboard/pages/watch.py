"""The five things analysts monitor on one page, and what should have happened and is not reported."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from html import unescape
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from commitments.models import Event, Reaction, Term
from dashboard import formats
from dashboard.compare import peers
from dashboard.exports.evidence import watch_grid
from dashboard.pages.evidence_files import file_of, files_of
from dashboard.pages.frame import Cites, page, page_context, with_query
from dashboard.pages.overview import kept, reactions, record, returns, tariffs
from dashboard.pages.overview.figures import Figures
from dashboard.pages.overview.places import project_name
from dashboard.pages.tariffs.words import category_name
from dashboard.points import Reading
from dashboard.terms import term_words
from projects.calculations.stages import Stage
from projects.selectors import ProjectRecord, record_with_kept_facts

TREND_DAYS = 90
SILENT_DAYS = {"decision": 90, "notice": 90, "record": 30}
"""Days after which saying nothing is itself worth saying; conventions of the register."""


@dataclass(frozen=True)
class Item:
    """One thing to watch: where it stands, how it moved, what changed last, what comes next."""

    number: int
    name: str
    address: str
    state: str
    trend: str
    last: SafeString | str
    last_on: date | None
    next: SafeString | str
    next_on: date | None

    @property
    def last_day(self) -> str:
        return formats.day(self.last_on)

    @property
    def next_day(self) -> str:
        return formats.day(self.next_on)


@dataclass(frozen=True)
class Silence:
    """Something expected of which the record says nothing: since when, and for how many days."""

    words: SafeString | str
    since: date
    days: int

    @property
    def since_day(self) -> str:
        return formats.day(self.since)


@dataclass(frozen=True)
class Watched:
    """The watch items and silences, longest first; `reason` where there is nothing to watch yet."""

    items: list[Item]
    silences: list[Silence]
    reason: str | None


@page
def watch(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Show the five watch items and the silences at the point in time."""
    cites = Cites(reading)
    watched = watched_at(reading, cites)
    context = page_context(
        request,
        reading,
        title=_("What to watch"),
        cites=cites,
        items=watched.items,
        silences=watched.silences,
        reason=formats.reason(watched.reason) if watched.reason else "",
        files=files_of(reading, "watch_file", "watch-items"),
    )
    return render(request, "dashboard/watch.html", context)


@page
def watch_file(request: HttpRequest, reading: Reading, suffix: str) -> HttpResponse:
    """Send the watch items and the silences as CSV or XLSX."""
    watched = watched_at(reading, Cites(reading))
    items, silences = map(item_json, watched.items), map(silence_json, watched.silences)
    return file_of(watch_grid(items, silences, reading), suffix, reading)


def watched_at(reading: Reading, cites: Cites) -> Watched:
    """The five things and the silences of a followed commitment; else why there is nothing to say."""
    figures = Figures(reading, cites)
    reason = figures.json("target_usd")["reason"]
    if reason is not None or not reading.record.is_followed:
        return Watched([], [], reason)
    silences = sorted(_silences(figures), key=lambda silence: -silence.days)
    return Watched(list(_items(figures)), silences, None)


def _items(figures: Figures) -> Iterator[Item]:
    yield _approvals(figures)
    yield _returns(figures)
    yield _tariffs(figures)
    yield _reactions(figures)
    yield _others(figures)


def _address(figures: Figures, name: str) -> str:
    return with_query(reverse(name), figures.reading)


def _approvals(figures: Figures) -> Item:
    reading = figures.reading
    members = {r: len(figures.record.members(r)) for r in ("selected", "in_consultation", "signed")}
    earlier = replace(reading.point, as_of=figures.as_of - timedelta(days=TREND_DAYS))
    before = Figures(
        replace(reading, record=record_with_kept_facts(reading.commitment, earlier)), figures.cites
    )
    words = {
        "days": TREND_DAYS,
        "then": before.link_words("selected_usd"),
        "now": figures.link_words("selected_usd"),
    }
    event = _newest_event(figures)
    deadline = figures.record.terms.term("deadline")
    return Item(
        number=1,
        name=_("Approvals and disbursement"),
        address=_address(figures, "projects"),
        state=record.record_heading(**members),
        trend=_("Selected %(days)s days ago: %(then)s; now: %(now)s.") % words,
        last=_cited_event(figures, event),
        last_on=event.occurred_on if event else None,
        next=figures.cites.document(
            _("Last date for investments"),
            deadline.document.slug if deadline and deadline.document else None,
        ),
        next_on=figures.record.terms.day("deadline"),
    )


def _newest_event(figures: Figures) -> Event | None:
    events = Event.objects.current(figures.reading.point).filter(
        commitment=figures.reading.commitment, occurred_on__lte=figures.as_of
    )
    found: Event | None = events.select_related("document").order_by("-occurred_on", "ref").first()
    return found


def _cited_event(figures: Figures, event: Event | None) -> SafeString | str:
    if event is None:
        return _("nothing on record")
    slug = event.document.slug if event.document else None
    return figures.cites.document(formats.said(event, "title"), slug)


def _returns(figures: Figures) -> Item:
    split = figures.record.terms.term("split")
    none_yet = figures.figure("distributed_usd").note == "none_published"
    paid = figures.record.daily("distributed")
    return Item(
        number=2,
        name=_("Performance and returns"),
        address=_address(figures, "money"),
        state=returns.heading(returns.us_shares(split), none_yet),
        trend=_("Distributed so far: %(amount)s.")
        % {"amount": figures.link_words("distributed_usd")},
        last=term_words(split.value) if split and not paid else _("distribution"),
        last_on=paid[-1][0] if paid else split.effective_on if split else None,
        next=_("First distribution of an investment: no date on record")
        if not paid
        else _("none on record"),
        next_on=None,
    )


def _tariffs(figures: Figures) -> Item:
    rate = tariffs.general_rate(figures)
    measure = rate.authority[0] if rate and rate.authority else None
    coming = [m for m in kept.announced(figures.reading.point) if m.effective_from]
    following = min(coming, key=lambda m: m.effective_from or date.max, default=None)
    return Item(
        number=3,
        name=_("Tariffs"),
        address=_address(figures, "tariffs"),
        state=tariffs.heading(rate),
        trend=_("Announced or under investigation: %(n)s more.")
        % {"n": len(kept.announced(figures.reading.point))},
        last=figures.cites.document(
            formats.said(measure, "legal_authority"),
            measure.document.slug if measure.document else None,
        )
        if measure
        else _("nothing on record"),
        last_on=measure.effective_from if measure else None,
        next=figures.cites.document(
            _("%(category)s: a new duty") % {"category": category_name(following.category)},
            following.document.slug if following.document else None,
        )
        if following
        else _("none on record"),
        next_on=following.effective_from if following else None,
    )


def _reactions(figures: Figures) -> Item:
    found = kept.reactions(figures.reading.point, figures.reading.commitment)
    recent, earlier = (_between(found, figures.as_of, back) for back in (0, 1))
    newest = found[0] if found else None
    return Item(
        number=4,
        name=_("Reactions"),
        address=_address(figures, "reactions"),
        state=reactions.heading(len(found), recent),
        trend=_("In the %(days)s days before that: %(n)s.") % {"days": TREND_DAYS, "n": earlier},
        last=figures.cites.document(
            formats.said(newest, "actor"), newest.document.slug if newest.document else None
        )
        if newest
        else _("nothing on record"),
        last_on=newest.occurred_on if newest else None,
        next=_("none on record"),
        next_on=None,
    )


def _between(found: tuple[Reaction, ...], as_of: date, back: int) -> int:
    """How many reactions fall in the window of days that lies so many windows back."""
    end = as_of - timedelta(days=TREND_DAYS * back)
    return sum(end - timedelta(days=TREND_DAYS) < r.occurred_on <= end for r in found)


def _others(figures: Figures) -> Item:
    found = [p for p in peers(figures.reading) if p.commitment != figures.reading.commitment]
    statuses = [(p, p.terms["status"]) for p in found if "status" in p.terms]
    dated = [(str(t.value.get("date", "")), p, t) for p, t in statuses if t.value.get("date")]
    newest: Term | None = max(dated, key=lambda d: d[0])[2] if dated else None
    ahead = [p for p in found if p.deadline and p.deadline > figures.as_of]
    following = min(ahead, key=lambda p: p.deadline or date.max, default=None)
    return Item(
        number=5,
        name=_("Other countries"),
        address=_address(figures, "compare"),
        state=_("%(n)s pledges to the United States, each counted in its own way")
        % {"n": len(found) + 1},
        trend=_("Selections are followed for Japan alone; others state only terms."),
        last=figures.cites.document(
            f"{formats.said(newest.commitment, 'investor')}: {formats.term_text(newest.value)}",
            newest.document.slug if newest.document else None,
        )
        if newest
        else _("nothing on record"),
        last_on=date.fromisoformat(str(newest.value["date"])) if newest else None,
        next=_("%(who)s: deadline") % {"who": formats.said(following.commitment, "investor")}
        if following
        else _("none on record"),
        next_on=following.deadline if following else None,
    )


def _silences(figures: Figures) -> Iterator[Silence]:
    """What should have been reported by now and is not found; not found is not the same as not done."""
    for project in figures.record.projects:
        if project.standing.stage == Stage.IN_CONSULTATION:
            since = project.standing.reached[Stage.IN_CONSULTATION]
            words = _("{project}: in consultation, no decision of either side is on record")
            yield from _silent(figures, "decision", words, since, project)
    yield from _unnoticed(figures)
    cutoff = figures.reading.agreement_cutoff
    if cutoff is not None:
        yield from _silent(figures, "record", _("No newer document on the agreement"), cutoff)


def _unnoticed(figures: Figures) -> Iterator[Silence]:
    """Loans signed for projects of which no funding notice is on record."""
    noticed = {member.project for member in figures.record.members("noticed")}
    for financing in figures.record.financings:
        slugs = {project.slug for project in financing.projects.all()}
        if financing.signed_on and not slugs & noticed:
            document = financing.document.slug if financing.document else None
            words = format_html(
                _("{loans} signed, no funding notice is on record"),
                loans=figures.cites.document(
                    _("Loans for %(n)s projects") % {"n": len(slugs)}, document
                ),
            )
            yield from _silent(figures, "notice", words, financing.signed_on)


def _silent(
    figures: Figures,
    kind: str,
    words: SafeString | str,
    since: date,
    project: ProjectRecord | None = None,
) -> Iterator[Silence]:
    days = (figures.as_of - since).days
    if days > SILENT_DAYS[kind]:
        if project is not None:
            address = with_query(reverse("project", args=[project.slug]), figures.reading)
            link = format_html('<a href="{}">{}</a>', address, project_name(project))
            words = format_html(words, project=link)
        yield Silence(words, since, days)


def item_json(item: Item) -> dict[str, Any]:
    """Return a watch item as plain data."""
    return {
        "number": item.number,
        "name": item.name,
        "state": _plain(item.state),
        "trend": _plain(item.trend),
        "last": {"text": _plain(item.last), "on": item.last_on},
        "next": {"text": _plain(item.next), "on": item.next_on},
    }


def silence_json(silence: Silence) -> dict[str, Any]:
    """Return a silence as plain data."""
    return {"text": _plain(silence.words), "since": silence.since, "days": silence.days}


def _plain(words: str) -> str:
    """The words of a page without their links."""
    return unescape(strip_tags(words))
