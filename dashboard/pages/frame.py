"""What every page shares: its point in time, its citations and its head."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.core.exceptions import DisallowedHost
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponsePermanentRedirect,
)
from django.shortcuts import render
from django.urls import reverse, translate_url
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from commitments.calculations.plain_text import without_controls
from commitments.calculations.written import read_day
from commitments.models import Commitment, Document, Term
from commitments.selectors import PointError
from dashboard import formats
from dashboard.charts.ladder import hatch
from dashboard.code_words import issuer_words
from dashboard.facts_read import undated
from dashboard.pages import sitemap
from dashboard.pages.parameters import Declared, check, declared, takes_forms
from dashboard.points import POINT_PARAMETERS, Reading, check_characters, reading_of, today
from projects.selectors import record_with_kept_facts

THEMES = ("light", "dark")


@dataclass
class Cites:
    """The documents a page rests on, numbered in order of first use, and links to them."""

    reading: Reading
    order: dict[str, int] = field(default_factory=dict)

    def number(self, slug: str) -> int:
        return self.order.setdefault(slug, len(self.order) + 1)

    def figure(
        self, words: SafeString | str, key: str, documents: Iterable[str] = (), **scope: str
    ) -> SafeString:
        """Return words linked to the page that explains a metric."""
        numbers = [self.number(slug) for slug in documents]
        address = figure_url(self.reading, key, **scope)
        return _link(words, address, numbers[0] if numbers else None)

    def document(self, words: str, slug: str | None) -> SafeString | str:
        """Return words linked to the page of the document they rest on."""
        if slug is None:
            return words
        address = with_query(reverse("source", args=[slug]), self.reading)
        return _link(words, address, self.number(slug))

    def sources(self) -> list["Source"]:
        """The cited documents in the order of their numbers: one query."""
        found = {d.slug: d for d in Document.objects.filter(slug__in=list(self.order))}
        until = self.reading.point.seen_until
        return [
            Source(
                number, found[slug], with_query(reverse("source", args=[slug]), self.reading), until
            )
            for slug, number in self.order.items()
            if slug in found
        ]


def _link(words: SafeString | str, address: str, number: int | None) -> SafeString:
    if number is None:
        return format_html('<a class="fig" href="{}">{}</a>', address, words)
    return format_html('<a class="fig" href="{}" data-s="{}">{}</a>', address, number, words)


def document_day(document: Document) -> str:
    """Return the date of a document as exactly as it is known."""
    if document.date is None:
        return _("undated")
    return formats.coarse_day(
        document.date, document.date_precision, is_recalled=document.recalls("date")
    )


@dataclass(frozen=True)
class Source:
    """One entry of "Where the figures come from"."""

    number: int
    document: Document
    address: str
    until: date | None = None  # the last day of which anything can be on record

    @property
    def tag(self) -> str:
        words = side_words(self.document.side)
        return formats.unverified(words) if self.document.is_recalled else words

    @property
    def title(self) -> str:
        """The title in bold, and that it is not verified where it is not."""
        return self._said(format_html("<b{}>{}</b>", self._language, self.document.title))

    @property
    def link(self) -> str:
        """The title, or that none is stated, which leads to all that rests on the document."""
        title, language = self.document.title, self._language
        if not title:
            title, language = _("title not stated"), ""
        return self._said(format_html('<a href="{}"{}>{}</a>', self.address, language, title))

    @property
    def _language(self) -> str:
        """Titles are in English, marked as such for screen readers."""
        return format_html(' lang="{}"', "en") if formats.is_japanese() else ""

    def _said(self, words: str) -> str:
        return formats.unverified(words) if self.document.recalls("title") else words

    @property
    def issuer(self) -> str:
        """Who published it; a name of one or two words is read alike in every language."""
        return issuer_words(self.document.issuer)

    @property
    def day(self) -> str:
        return document_day(self.document)

    @property
    def is_later(self) -> bool:
        """True where the document is dated after the day it tells of."""
        day = self.document.date
        return day is not None and self.until is not None and day > self.until

    @property
    def host(self) -> str:
        return (urlsplit(self.document.url).hostname or "").removeprefix("www.")

    @property
    def access(self) -> str:
        return access_words(self.document.access)


def side_words(side: str) -> str:
    """Return the kind of evidence a document is, in one word for a tag."""
    if side in ("us", "japan", "joint", "other"):
        return _("Official")
    return _("Unattributed") if side == "article" else _("Reported")


def access_words(access: str) -> str:
    return {
        "read": _("read"),
        "excerpt_read": _("excerpt read"),
        "cited_by_another": _("cited by another"),
        "not_seen": _("not seen"),
    }.get(access, access)


def with_query(address: str, reading: Reading, /, **more: str) -> str:
    """Return an address that keeps the point in time, defaults left out."""
    query = {**reading.asked, **{k: v for k, v in more.items() if v}}
    return f"{address}?{urlencode(query)}" if query else address


def decision_url(reading: Reading, key: int) -> str:
    """The page of a decision: read with its own commitment, so that no other is named."""
    asked = {name: value for name, value in reading.asked.items() if name != "commitment"}
    return with_query(reverse("decision", args=[key]), replace(reading, asked=asked))


def figure_url(reading: Reading, key: str, **scope: str) -> str:
    return with_query(reverse("figure", args=[key]), reading, **scope)


@dataclass(frozen=True)
class Start:
    """The day an agreement begins, in words, and the address of the page for that day."""

    day: str
    address: str


def start_of(reading: Reading) -> Start:
    """The start on record; without one an agreement is never before its start."""
    recorded = Term.objects.heads_at(reading.point.revision).filter(withdrawn=False)
    starts = recorded.filter(commitment=reading.commitment, key="start", is_default=True)
    term = starts.order_by("-revision_id", "-pk").first()
    day = read_day(term.value.get("date")) if term else None
    if day is None:
        return Start("", "")
    default = reading.commitment.is_default
    query = {} if default else {"commitment": reading.commitment.slug}
    address = "?" + urlencode({**query, "as_of": day.isoformat()})
    return Start(formats.long_day(day), address)


@dataclass(frozen=True)
class Head:
    """What the base template prints around a page."""

    reading: Reading | None
    title: str
    description: str
    nav: list[sitemap.Entry]
    map: list[sitemap.Group]
    commitments: list[Commitment]
    home: str
    between: str
    illustrative: bool
    theme: str
    language: str
    gap: str  # between two sentences
    other_language: str
    other_address: str
    today: date
    cutoffs: list[tuple[str, str]]
    hatch: str
    changes_address: str
    data_address: str
    path: str
    asked: Mapping[str, str]
    others: list[tuple[str, str]]
    is_unrecorded: bool  # before the first posting: pages of the record then say only that
    starts: "Start | None" = None  # on a page of the agreement, on a day before it
    as_of_day: str = ""
    undated: int = 0  # facts left out, with published_by, for want of a date
    address: str = ""  # in full, for print
    query: str = ""  # what a link to another page keeps of this one's point in time


def _other_parameters(request: HttpRequest) -> list[tuple[str, str]]:
    """The filters of an address: the form for the point in time keeps them."""
    dropped = (*POINT_PARAMETERS, "after")
    return [(name, value) for name, value in request.GET.items() if name not in dropped]


def _cutoffs(reading: Reading) -> list[tuple[str, str]]:
    """How far the evidence reaches, by group; overall only where that is further than both."""
    newest = reading.newest
    groups = [(_("agreement"), newest.agreement), (_("tariffs and reactions"), newest.tariffs)]
    if newest.overall not in (newest.agreement, newest.tariffs):
        groups.append((_("overall"), newest.overall))
    return [(name, document_day(found)) for name, found in groups if found is not None]


def page_context(
    request: HttpRequest,
    reading: Reading | None,
    *,
    title: str,
    description: str = "",
    cites: Cites | None = None,
    of_agreement: bool = False,
    left_out: int | None = None,
    **content: Any,
) -> dict[str, Any]:
    """Return the context of a page: its head, its content and its numbered sources.

    A page `of_agreement` shows nothing on a day before the agreement but that. `left_out`
    is how many facts it would read have no date; without it, of those that make figures.
    """
    language = get_language() or "en"
    other = "en" if language.startswith("ja") else "ja"
    theme = request.COOKIES.get("theme", "")
    recorded = reading is not None and reading.point.is_recorded
    cutoffs = _cutoffs(reading) if reading is not None and recorded else []

    def keeping(address: str) -> str:
        return with_query(address, reading) if reading else address

    commitments = list(Commitment.objects.all())
    shown = reading.commitment.slug if reading else request.GET.get("commitment", "").strip()
    head = Head(
        reading=reading,
        title=title,
        description=description or title,
        nav=sitemap.head(request, keeping),
        map=sitemap.groups(request, keeping),
        commitments=commitments,
        home=keeping(reverse("overview")),
        between=_between(commitments, shown),
        illustrative=any(c.illustrative and c.slug == shown for c in commitments),
        theme=theme if theme in THEMES else "",
        language=language,
        gap=formats.gap(),
        other_language=other,
        other_address=translate_url(request.get_full_path(), other),
        today=today(),
        cutoffs=cutoffs,
        hatch=hatch(),
        changes_address=keeping(reverse("changes")),
        data_address=keeping(reverse("data")),
        path=request.get_full_path(),
        asked={name: request.GET.get(name, "") for name in POINT_PARAMETERS},
        others=_other_parameters(request),
        as_of_day=formats.long_day(reading.point.as_of) if reading else "",
        undated=undated(reading) if left_out is None and reading else left_out or 0,
        address=_address(request),
        query=with_query("", reading) if reading else "",
        is_unrecorded=reading is not None and _is_unrecorded(reading, of_agreement),
        starts=start_of(reading)
        if of_agreement and reading is not None and reading.record.is_before_agreement
        else None,
    )
    is_shown = not head.is_unrecorded and head.starts is None
    sources = cites.sources() if cites and is_shown else []
    return {"page": head, "sources": sources, **content}


def _address(request: HttpRequest) -> str:
    """The page's whole address, or its path where the host asked for is none of ours."""
    try:
        return request.build_absolute_uri()
    except DisallowedHost:
        return request.get_full_path()


def _is_unrecorded(reading: Reading, of_agreement: bool) -> bool:
    """True before anything was posted, of the agreement where the page is of it."""
    if not reading.point.is_recorded:
        return True
    return of_agreement and not reading.record.is_recorded


def _between(commitments: Iterable[Commitment], shown: str) -> str:
    """Who invests where, of the commitment shown: the default one where none is asked for."""
    for commitment in sorted(commitments, key=lambda c: c.slug != shown):
        if commitment.slug == shown or commitment.is_default:
            return _("%(investor)s to US") % {"investor": formats.said_name(commitment, "investor")}
    return ""


def not_yet(
    request: HttpRequest, reading: Reading, heading: str, list_name: str, list_address: str
) -> HttpResponse:
    """Say that a thing on record today was not on record at the point in time.

    Its name, and its slug, may tell what came later: the heading holds neither.
    """
    if reading.point.is_recorded:
        days = [d for d in (reading.point.as_of, reading.point.published_by) if d is not None]
        day = formats.long_day(min(days))
        words = _("By %(day)s the register holds nothing under this address.") % {"day": day}
    else:
        words = formats.reason("not_recorded_yet")
    context = page_context(
        request,
        reading,
        title=heading,
        words=words,
        list_name=list_name,
        list_address=with_query(list_address, reading),
        today_address=request.path,
    )
    return render(request, "dashboard/not_yet.html", context)


View = Callable[..., HttpResponse]


def checked(view: View) -> View:
    """Let a view answer only what it takes.

    Pages are read: another method is refused, unless the view declares that it
    takes forms. A bad parameter is answered by a 400 page that names it,
    whether the address or the view finds it; a name in other letters leads to
    the one on record.
    """
    methods = ("GET", "HEAD", "POST") if takes_forms(view) else ("GET", "HEAD")

    @wraps(view)
    def wrapped(request: HttpRequest, **arguments: str) -> HttpResponse:
        if request.method not in methods:
            return HttpResponseNotAllowed(methods)
        try:
            check(request.GET, declared(view))
            check_characters(request.POST)
            return view(request, **arguments)
        except PointError as error:
            return bad_parameter(request, error, declared(view))
        except Http404:
            written = _as_written(arguments)
            if written == arguments or request.resolver_match is None:
                raise
            kwargs = {**request.resolver_match.kwargs, **written}
            address = reverse(request.resolver_match.view_name, kwargs=kwargs)
            query = request.GET.urlencode()
            return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)

    return wrapped


def page(view: View) -> View:
    """Give a view that is checked its reading: the point in time and the record at it."""

    @checked
    @wraps(view)
    def wrapped(request: HttpRequest, **arguments: str) -> HttpResponse:
        reading = reading_of(request)
        record = record_with_kept_facts(reading.commitment, reading.point)
        return view(request, replace(reading, record=record), **arguments)

    return wrapped


def _as_written(arguments: Mapping[str, str]) -> dict[str, str]:
    """The names of an address in the letters the register uses: states in capitals, else small."""
    return {
        name: value.upper() if name == "code" else value.lower()
        for name, value in arguments.items()
    }


def _address_with(request: HttpRequest, asked: Mapping[str, str]) -> str:
    return f"{request.path}?{urlencode(asked)}" if asked else request.path


def bad_parameter(request: HttpRequest, error: PointError, parameters: Declared) -> HttpResponse:
    """Return the 400 page that names the parameter and keeps what else can be used."""
    usable = {
        name: values[0]
        for name, values in request.GET.lists()
        if name in (*POINT_PARAMETERS, *parameters)
        and name != error.parameter
        and len(values) == 1
        and "\x00" not in values[0]
    }
    context = page_context(
        request,
        None,
        title=_("This address cannot be answered"),
        name=without_controls(error.parameter),
        message=error.message,
        without=_address_with(request, usable) if len(usable) < len(request.GET) else "",
    )
    others = [(n, v) for n, v in usable.items() if n not in (*POINT_PARAMETERS, "after")]
    asked = {name: without_controls(value) for name, value in context["page"].asked.items()}
    context["page"] = replace(context["page"], others=others, asked=asked)
    return render(request, "dashboard/bad_parameter.html", context, status=400)
