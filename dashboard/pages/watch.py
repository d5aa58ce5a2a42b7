"""The five things analysts monitor on one page, and what should have happened and is not reported."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html, format_html_join, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.models import Reaction, Term
from dashboard import formats
from dashboard.compare import SIGNED, Turn, newest_turns, peers
from dashboard.exports.evidence import watch_grid
from dashboard.facts_read import WATCHED, undated
from dashboard.pages.files import file_of, files_of
from dashboard.pages.frame import Cites, page, page_context, with_query
from dashboard.pages.overview import kept, reactions, record, returns, tariffs
from dashboard.pages.overview.figures import Figures
from dashboard.pages.overview.places import project_name
from dashboard.pages.tariffs.levers import state_words
from dashboard.pages.tariffs.words import (
    answer_words,
    authority_words,
    category_name,
    step_words,
)
from dashboard.points import Reading, beside_others
from dashboard.subjects import reactions_about
from dashboard.terms import marked, rate_words, said_term
from projects.calculations.stages import Stage
from projects.selectors import RUNG_OF_KIND, ProjectRecord, record_with_kept_facts
from tariffs.models import Measure
from tariffs.selectors.levers import Standing, lever_history
from tariffs.selectors.rates import RateOn

TREND_DAYS = 90
MOST_NAMED = 3  # countries named of those that took a step on one day
SILENT_DAYS = {"decision": 90, "notice": 90, "payment": 0, "answer": 60, "record": 30}
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
    last_said: str = ""

    @property
    def last_day(self) -> str:
        """The day of the last change, as exactly as it is known."""
        return self.last_said or formats.day(self.last_on)

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
    """The watch items and silences, longest first; `reason` where money has none to tell of."""

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
        beside_others(reading),
        left_out=undated(reading, WATCHED),
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
    early = reading.record.is_before_agreement and reading.record.lies_ahead("headline_rung")
    if not early and (reason is not None or not reading.record.is_followed):
        return Watched([], [], reason)
    silences = sorted(_silences(figures), key=lambda silence: -silence.days)
    return Watched(list(_items(figures)), silences, reason)


def _items(figures: Figures) -> Iterator[Item]:
    if figures.record.is_before_agreement:
        yield _unsigned(figures, 1, _("Approvals and disbursement"), "projects")
        yield _unsigned(figures, 2, _("Performance and returns"), "money")
    else:
        before = _figures_before(figures)
        yield _approvals(figures, before)
        yield _returns(figures, before)
    yield _tariffs(figures)
    yield _reactions(figures)
    yield _others(figures)


def _unsigned(figures: Figures, number: int, name: str, address: str) -> Item:
    """An item of money on a day before the agreement."""
    return Item(
        number=number,
        name=name,
        address=_address(figures, address),
        state=_("The agreement was not yet signed."),
        trend="",
        last=_("nothing on record"),
        last_on=None,
        next=_("none on record"),
        next_on=None,
    )


def _figures_before(figures: Figures) -> Figures:
    """The same figures at the start of the days a trend looks back on."""
    reading = figures.reading
    point = replace(reading.point, as_of=figures.as_of - timedelta(days=TREND_DAYS))
    record = record_with_kept_facts(reading.commitment, point)
    return Figures(replace(reading, record=record), figures.cites)


def _then_and_now(words: str, key: str, figures: Figures, before: Figures) -> str:
    then, now = before.link_words(key), figures.link_words(key)
    return words % {"days": TREND_DAYS, "then": then, "now": now}


def _address(figures: Figures, name: str) -> str:
    return with_query(reverse(name), figures.reading)


def _approvals(figures: Figures, before: Figures) -> Item:
    members = {r: len(figures.record.members(r)) for r in ("selected", "in_consultation", "signed")}
    trend = [
        (_("Selected %(days)s days ago: %(then)s; now: %(now)s."), "selected_usd"),
        (_("Disbursed %(days)s days ago: %(then)s; now: %(now)s."), "disbursed_usd"),
    ]
    last, last_on = _last_step(figures)
    deadline = figures.record.terms.term("deadline")
    return Item(
        number=1,
        name=_("Approvals and disbursement"),
        address=_address(figures, "projects"),
        state=record.record_heading(**members),
        trend=formats.joined(_then_and_now(words, key, figures, before) for words, key in trend),
        last=last,
        last_on=last_on,
        next=figures.cites.document(
            _("Last date for investments"),
            deadline.document.slug if deadline and deadline.document else None,
        ),
        next_on=figures.record.terms.day("deadline"),
    )


def _last_step(figures: Figures) -> tuple[SafeString | str, date | None]:
    """The newest movement of cash and the newest step of a project, the newer one first."""
    steps = [(p, e) for p in figures.record.projects for e in p.steps]
    found: list[tuple[date, SafeString | str]] = []
    if steps:
        project, event = max(steps, key=lambda step: (step[1].occurred_on, step[1].ref))
        slug = event.document.slug if event.document else None
        words = _("%(project)s: %(step)s") % {
            "project": formats.said_name(project.project, "name"),
            "step": event.get_kind_display(),
        }
        found.append((event.occurred_on, figures.cites.document(words, slug)))
    paid = [
        (day, amount, words)
        for rung, words in (("funded", _("%(amount)s funded")), ("disbursed", _("%(amount)s paid")))
        for day, amount in figures.record.daily(rung)
        if amount
    ]
    if paid:
        day, amount, words = max(paid, key=lambda step: step[0])
        found.append((day, words % {"amount": formats.money(amount)}))
    if not found:
        return _("nothing on record"), None
    (last_on, last), *rest = sorted(found, key=lambda step: step[0], reverse=True)
    for day, words in rest:
        last = format_html(
            _("{last}; before that {words}, {day}"), last=last, words=words, day=formats.day(day)
        )
    return last, last_on


def _returns(figures: Figures, before: Figures) -> Item:
    split = figures.record.terms.term("split")
    none_yet = figures.figure("distributed_usd").note == "none_published"
    paid = [(day, amount) for day, amount in figures.record.daily("distributed") if amount]
    words = _("Distributed %(days)s days ago: %(then)s; now: %(now)s.")
    return Item(
        number=2,
        name=_("Performance and returns"),
        address=_address(figures, "money"),
        state=returns.heading(returns.us_shares(split), none_yet),
        trend=_then_and_now(words, "distributed_usd", figures, before),
        last=_distribution_words(figures, *paid[-1])
        if paid
        else _("Terms of the split: %(words)s") % {"words": said_term(split)}
        if split
        else _("nothing on record"),
        last_on=paid[-1][0] if paid else split.effective_on if split else None,
        next=_("First distribution of an investment: no date on record")
        if not paid
        else _("none on record"),
        next_on=None,
    )


def _distribution_words(figures: Figures, day: date, amount: Decimal) -> SafeString:
    """Which investments paid out on a day, and how much in all."""
    kinds = [kind for kind, rung in RUNG_OF_KIND.items() if rung == "distributed"]
    entries = figures.record.entries().filter(value_date=day, kind__in=kinds)
    names = {
        entry.project_id: figures.cites.document(
            formats.said_name(entry.project, "name"),
            entry.document.slug if entry.document else None,
        )
        for entry in entries.select_related("project", "document").order_by("number")
    }
    return format_html(
        _("{amount} distributed by {projects}"),
        amount=formats.money(amount),
        projects=format_html_join(", ", "{}", ((name,) for name in names.values())),
    )


def _tariffs(figures: Figures) -> Item:
    reading = figures.reading
    rate = tariffs.general_rate(figures)
    announced = kept.announced(reading.point)
    following = next(iter(figures.rates.ahead()), None)
    last, last_on = _last_turn(figures)
    return Item(
        number=3,
        name=_("Tariffs"),
        address=_address(figures, "tariffs"),
        state=_with_levers(
            tariffs.state(rate, figures.rates), kept.levers(reading.point, reading.commitment)
        ),
        trend=_("General goods %(days)s days ago: %(then)s; now: %(now)s. %(more)s")
        % {
            "days": TREND_DAYS,
            "then": _percent(_rate_before(figures)),
            "now": _percent(rate),
            "more": _("Announced or under investigation: %(n)s more.") % {"n": len(announced)},
        },
        last=last,
        last_on=last_on,
        next=_of_measure(figures, step_words(following), following.measure)
        if following
        else _("none on record"),
        next_on=following.day if following else None,
    )


def _of_measure(figures: Figures, words: str, measure: Measure) -> SafeString | str:
    return figures.cites.document(words, measure.document.slug if measure.document else None)


def _with_levers(heading: str, levers: Iterable[Standing]) -> str:
    """The heading with the state of each lever."""
    said = [
        _("%(lever)s: %(state)s")
        % {"lever": formats.said_name(found.lever, "title"), "state": state_words(found.state)}
        for found in levers
    ]
    if not said:
        return heading
    levers_words = ("；" if formats.is_japanese() else "; ").join(said)
    return _("%(heading)s. Levers – %(levers)s") % {"heading": heading, "levers": levers_words}


def _rate_before(figures: Figures) -> RateOn | None:
    named = figures.rates.named("general")
    return figures.rates.rate(named, figures.as_of - timedelta(days=TREND_DAYS)) if named else None


def _percent(rate: RateOn | None) -> str:
    if rate is None or rate.rate_percent is None:
        return _("not stated")
    return formats.rate(rate.rate_percent)


def _last_turn(figures: Figures) -> tuple[SafeString | str, date | None]:
    """What changed last: what a category pays, what a court said, or the state of a lever."""
    reading = figures.reading
    found: list[tuple[date, SafeString | str]] = []
    if figures.rates.newest:
        found.append((figures.rates.newest[0][1].begins, _newest_rates(figures)))
    for ruling in kept.rulings(reading.point, reading.commitment)[:1]:
        found.append((ruling.occurred_on, _said(figures, ruling)))
    turned = lever_history(reading.point, reading.commitment)
    for change in [change for change in turned if change.previous][:1]:
        words = _("Lever “%(title)s”: from %(before)s to %(state)s") % {
            "title": formats.said_name(change.lever, "title"),
            "before": state_words(change.previous),
            "state": state_words(change.state),
        }
        if reading.point.published_by is not None:
            words = _("%(turn)s (judged from all that is on record)") % {"turn": words}
        found.append((change.as_of, words))
    if not found:
        return _("nothing on record"), None
    last_on, last = max(found, key=lambda one: one[0])
    return last, last_on


def _newest_rates(figures: Figures) -> SafeString:
    """What each category pays since the newest day on which any of them changed, and by which law."""
    said = []
    for category, change in figures.rates.newest:
        words = _("%(category)s: %(rate)s") % {
            "category": category_name(category),
            "rate": answer_words(change.rate),
        }
        if change.rate.authority:
            measure = change.rate.authority[0]
            words = _("%(words)s (%(authority)s)") % {
                "words": words,
                "authority": authority_words(measure),
            }
            words = _of_measure(figures, words, measure)
        said.append((words,))
    return format_html_join("；" if formats.is_japanese() else "; ", "{}", said)


def _said(figures: Figures, reaction: Reaction) -> SafeString | str:
    """A reaction in words: who said what."""
    return figures.cites.document(
        format_html(
            _("{actor}: {words}"),
            actor=formats.said(reaction, "actor"),
            words=formats.said(reaction, "summary"),
        ),
        reaction.document.slug if reaction.document else None,
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
        last=_said(figures, newest) if newest else _("nothing on record"),
        last_on=newest.occurred_on if newest else None,
        next=_("none on record"),
        next_on=None,
        last_said=formats.own_day(newest) if newest else "",
    )


def _between(found: Iterable[Reaction], as_of: date, back: int) -> int:
    """How many reactions fall in the window of days that lies so many windows back."""
    end = as_of - timedelta(days=TREND_DAYS * back)
    return sum(end - timedelta(days=TREND_DAYS) < r.occurred_on <= end for r in found)


def _others(figures: Figures) -> Item:
    pledged = peers(figures.reading)
    found = [p for p in pledged if p.commitment != figures.reading.commitment]
    turns = newest_turns(found, figures.as_of)
    said = reactions_about(
        kept.reactions_anywhere(figures.reading.point, figures.reading.commitment),
        [f"commitment:{p.commitment.slug}" for p in found],
    )
    recent, earlier = (_between(said, figures.as_of, back) for back in (0, 1))
    ahead = [p for p in found if p.deadline and p.deadline > figures.as_of]
    next_on = min((p.deadline for p in ahead if p.deadline), default=None)
    following = [p for p in ahead if p.deadline == next_on]
    return Item(
        number=5,
        name=_("Other countries"),
        address=_address(figures, "compare"),
        state=_("%(n)s pledges to the United States, each counted in its own way")
        % {"n": sum(not p.commitment.illustrative for p in pledged)},
        trend=_(
            "Reactions that name their deals or are concluded to be about them, in the last "
            "%(days)s days: %(n)s; in the %(days)s before: %(m)s."
        )
        % {"days": TREND_DAYS, "n": recent, "m": earlier},
        last=_turn_words(figures, turns),
        last_on=turns[0].day if turns else None,
        next=marked(
            _("%(who)s: deadline")
            % {"who": _(", ").join(formats.said(p.commitment, "investor") for p in following)},
            *(p.terms["deadline"] for p in following),
        )
        if following
        else _("none on record"),
        next_on=next_on,
    )


def _turn_words(figures: Figures, turns: Sequence[Turn]) -> SafeString | str:
    """What happened last under the deals of others: the largest pledges by name, the rest counted."""
    if not turns:
        return _("nothing on record")
    said = [
        figures.cites.document(
            _("%(who)s: %(what)s")
            % {
                "who": formats.said(turn.peer.commitment, "investor"),
                "what": _step_of(turn.term),
            },
            turn.term.document.slug if turn.term.document else None,
        )
        for turn in turns[:MOST_NAMED]
    ]
    more = len(turns) - len(said)
    if more:
        said.append(ngettext("%(n)s more country", "%(n)s more countries", more) % {"n": more})
    comma = "；" if formats.is_japanese() else "; "
    return format_html_join(comma, "{}", ((words,) for words in said))


def _step_of(term: Term) -> str:
    """A dated term of another deal in words: signed, announced, else what it says."""
    if term.key == "start" and term.reading == SIGNED:
        return marked(_("deal signed"), term)
    if term.key in ("start", "announced"):
        return marked(_("deal announced"), term)
    if term.key == "status":
        return marked(formats.term_text(term.value), term)
    if term.key == "current_general_rate":
        words = marked(rate_words(term.value), term)
    else:
        words = said_term(term)
    return f"{formats.said(term, 'name')} {words}"


def _silences(figures: Figures) -> Iterator[Silence]:
    """What should have been reported by now and is not found; not found is not the same as not done."""
    for project in figures.record.projects:
        if project.standing.stage == Stage.IN_CONSULTATION:
            since = project.standing.reached[Stage.IN_CONSULTATION]
            words = format_html(
                _("{project}: in consultation, no decision of either side is on record"),
                project=_project_link(figures, project),
            )
            yield from _silent(figures, "decision", words, since)
    yield from _unnoticed(figures)
    yield from _unpaid(figures)
    yield from _unanswered(figures)
    for words, cutoff in (
        (_("No newer document on the agreement"), figures.reading.agreement_cutoff),
        (_("No newer document on duties or reactions"), figures.reading.tariffs_cutoff),
    ):
        if cutoff is not None:
            yield from _silent(figures, "record", words, cutoff)


def _project_link(figures: Figures, project: ProjectRecord) -> SafeString:
    address = with_query(reverse("project", args=[project.slug]), figures.reading)
    return format_html('<a href="{}">{}</a>', address, project_name(project))


def _unpaid(figures: Figures) -> Iterator[Silence]:
    """Notices whose window is over and of which not all is received."""
    projects = {project.slug: project for project in figures.record.projects}
    for found in figures.record.notice_records:
        if not found.standing.is_open or not found.standing.is_past:
            continue
        words = format_html(
            _("{project} {number}: the window is over, {received} of {called} received"),
            project=_project_link(figures, projects[found.notice.project.slug]),
            number=found.notice.number,
            received=formats.money(found.clock.received_usd),
            called=formats.money(found.clock.called_usd),
        )
        yield from _silent(figures, "payment", words, found.standing.watched_on)


def _unanswered(figures: Figures) -> Iterator[Silence]:
    """Questions that a document let expect an answer to, and that were looked for in vain."""
    if figures.reading.commitment.illustrative:
        return
    for gap in kept.gaps(figures.reading.point):
        document = gap.awaited_since
        if document is not None and document.date is not None:
            words = format_html(
                _("{question} No answer is on record"),
                question=figures.cites.document(formats.said(gap, "question"), document.slug),
            )
            yield from _silent(figures, "answer", words, document.date)


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


def _silent(figures: Figures, kind: str, words: SafeString | str, since: date) -> Iterator[Silence]:
    """A silence up to the last day of which anything can be on record, where it is long enough."""
    days = (figures.reading.point.seen_until - since).days
    if days > SILENT_DAYS[kind]:
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
