"""What if? What would follow if Japan declined a project or missed its window."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.models import Document
from dashboard import formats
from dashboard.facts_read import LEVERS, undated
from dashboard.notice_words import short_nature
from dashboard.pages.frame import Cites, page, page_context, with_query
from dashboard.pages.overview import kept
from dashboard.pages.parameters import takes, taking_forms
from dashboard.pages.tariffs.levers import state_words
from dashboard.pages.tariffs.words import uncompared_words
from dashboard.points import Reading
from dashboard.tariffs import SUPPOSED_PARAMETERS, Supposed, supposed_of
from dashboard.terms import said_term
from dashboard.throttles import Suppositions
from projects.models import Project
from tariffs.models import Supposition
from tariffs.selectors.exposure import Exposure
from tariffs.selectors.levers import Hit, can_be_supposed
from tariffs.services.suppositions import LONGEST_NAME, keep_supposition

LISTED = 50
NOT_SELECTED = gettext_lazy("It is not selected yet: it is supposed to be selected first.")
Named = tuple[str, str]  # a project: its slug and its name
StakeRow = tuple[SafeString | str, SafeString | str, SafeString | str, str]


@dataclass(frozen=True)
class HitRow:
    """A lever hit, under one reading of the window."""

    title: str
    consequence: SafeString | str
    reading: str
    now: str
    then: str


@dataclass(frozen=True)
class Answer:
    """What would follow, in words."""

    heading: str
    hits: list[HitRow]
    note: str
    stake: SafeString | str
    lines: list[StakeRow]
    left_out: str
    split: list[tuple[str, str, SafeString | str]]
    api: str


@dataclass(frozen=True)
class KeptRow:
    """One kept supposition in the list."""

    name: str
    address: str
    words: str
    day: str


@page
@taking_forms
@takes(*SUPPOSED_PARAMETERS)
def suppose(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Ask what a supposition would hit, and keep it under a name; nothing enters the record."""
    asked = {name: request.GET.get(name, "").strip() for name in SUPPOSED_PARAMETERS}
    cites = Cites(reading)
    book = kept.rates(reading.point, reading.commitment.investor_code)
    found = supposed_of(asked, reading.record, book) if any(asked.values()) else None
    throttle = Suppositions()
    name, refused, status = request.POST.get("name", ""), "", 200
    if request.method == "POST" and found is not None:
        if not throttle.allow_request(request, None):  # type: ignore[arg-type]  # reads the address only
            refused, status = _("Many were kept from your address. Try later."), 429
        else:
            try:
                project = found.project.project
                saved = keep_supposition(name, found.event, project, reading.point)
                return HttpResponseRedirect(lasting(reading, saved))
            except ValueError:
                words = _("A name of up to %(most)s characters is needed.")
                refused, status = words % {"most": LONGEST_NAME}, 422
    context = page_context(
        request,
        reading,
        left_out=undated(reading, LEVERS),
        of_agreement=True,
        title=_("What if it is not funded?"),
        cites=cites,
        asked=asked,
        choices=choices_of(reading),
        answer=_answer(found, reading, cites) if found else None,
        kept=_kept_rows(reading),
        name=name,
        refused=refused,
        longest=LONGEST_NAME,
        back=with_query(reverse("tariffs"), reading),
    )
    response = render(request, "dashboard/suppose.html", context, status=status)
    if status == 429:
        response["Retry-After"] = throttle.retry_after
    response["Cache-Control"] = "no-store"
    return response


def choices_of(reading: Reading) -> list[Named]:
    """The projects a supposition can be about, by name."""
    return [
        (found.slug, formats.said_name(found.project, "name"))
        for found in can_be_supposed(reading.record)
    ]


def supposition_words(event: str, project: Project) -> str:
    words = (
        _("If Japan declines %(project)s")
        if event == Supposition.Event.DECLINED
        else _("If the window of %(project)s is missed")
    )
    return words % {"project": formats.said_name(project, "name")}


def lasting(reading: Reading, one: Supposition) -> str:
    """The address that gives a supposition again whatever is recorded later."""
    asked = {
        "as_of": one.as_of.isoformat(),
        "known_at": one.revision.recorded_at.isoformat(),
        "published_by": one.published_by.isoformat() if one.published_by else "",
        "commitment": reading.asked.get("commitment", ""),
        "suppose": one.event,
        "project": one.project.slug,
    }
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{reverse('suppose')}?{query}"


def _answer(found: Supposed, reading: Reading, cites: Cites) -> Answer:
    asked = {"suppose": found.event, "project": found.project.slug}
    return Answer(
        heading=supposition_words(found.event, found.project.project),
        hits=[row for hit in found.hits for row in _hit_rows(hit, cites)],
        note="" if found.project.standing.is_selected else str(NOT_SELECTED),
        stake=_stake(found.exposure, cites),
        lines=_at_stake(found.exposure, cites),
        left_out=uncompared_words(found.exposure) if found.exposure else "",
        split=list(_split(reading, cites)),
        api=with_query(reverse("tariff-suppose"), reading, **asked),
    )


def _hit_rows(hit: Hit, cites: Cites) -> Iterable[HitRow]:
    """A lever under each reading of the window: its state now and then."""
    before, after = hit.before, hit.after
    slug = after.lever.document.slug if after.lever.document else None
    readings = [(before.reading, before.state, after.state)]
    if before.rival_state is not None and after.rival_state is not None:
        readings.append((before.rival_reading, before.rival_state, after.rival_state))
    for reading, now, then in readings:
        yield HitRow(
            title=formats.said(after.lever, "title"),
            consequence=cites.document(formats.said(after.lever, "consequence"), slug),
            reading=short_nature(reading),
            now=state_words(now),
            then=state_words(then),
        )


def _stake(exposure: Exposure | None, cites: Cites) -> SafeString | str:
    """The extra duty a year, linked to the lines that make it."""
    if exposure is None:
        return _("not stated")
    words = formats.money_range(exposure.extra)
    return cites.figure(words, "extra_duty_usd_per_year", _slugs([exposure.baseline.document]))


def _at_stake(exposure: Exposure | None, cites: Cites) -> list[StakeRow]:
    """The lines whose duty would rise: in billions a year now, without the agreement, and the rise.

    A line leads to the source of its imports, a duty to that of its rate.
    """
    return [
        (
            _cited(formats.said(line.trade, "label"), [line.trade], cites),
            _cited(formats.billions(line.duty, 2), line.rate.authority, cites),
            _cited(formats.billions(line.duty_without, 2), line.without, cites),
            formats.billions(line.extra, 2),
        )
        for line in (exposure.at_stake if exposure else ())
    ]


def _cited(words: str, rows: Iterable[Any], cites: Cites) -> SafeString | str:
    """Words linked to the first document that some rows rest on."""
    return cites.document(words, next(iter(_slugs(row.document for row in rows)), None))


def _slugs(documents: Iterable[Document | None]) -> list[str]:
    return [document.slug for document in documents if document is not None]


def _split(reading: Reading, cites: Cites) -> Iterable[tuple[str, str, SafeString | str]]:
    """How distributions are shared, and what the terms say of a refusal to fund."""
    for key, name in (("split", _("As agreed")), ("decline", _("After a refusal to fund"))):
        term = reading.record.terms.term(key)
        if term is not None:
            slug = term.document.slug if term.document else None
            yield name, said_term(term), cites.document(_("Source"), slug)
    if term is not None and "split" not in term.value:
        yield _("New shares"), _("not stated: the text gives no share after a refusal"), ""


def _kept_rows(reading: Reading) -> list[KeptRow]:
    """The newest suppositions kept at the point described or before it."""
    rows = Supposition.objects.filter(
        commitment=reading.commitment,
        revision__lte=reading.point.revision,
        as_of__lte=reading.point.as_of,
    )
    return [
        KeptRow(
            name=one.name,
            address=lasting(reading, one),
            words=supposition_words(one.event, one.project),
            day=formats.day(one.as_of),
        )
        for one in rows.select_related("project", "revision")[:LISTED]
    ]
