"""Says who: the documents, and everything that rests on one of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from commitments.models import Claim, Commitment, Document, Ruling, document_kind_words
from commitments.selectors import PointError
from commitments.services.one_commitment import own_rows, rows_beside
from dashboard.claims import subject_names
from dashboard.code_words import unverified_words
from dashboard.fact_words import fact_words, named_by, table_words
from dashboard.facts_read import undated_documents
from dashboard.figures import METRICS, figure_of
from dashboard.pages.figures import metric_name
from dashboard.pages.frame import (
    Source,
    access_words,
    figure_url,
    not_yet,
    page,
    page_context,
    with_query,
)
from dashboard.pages.pager import Pager
from dashboard.pages.parameters import takes
from dashboard.points import (
    Reading,
    document_on_record,
    documents_of,
    naming,
    rows_with_documents,
    search_words,
)
from projects.models import LedgerEntry

PAGE_SIZE = 50
MOST_FACTS = 200  # of one kind that rest on a document
FILTERS = ("kind", "side", "access", "q")


def _newest_first(document: Document) -> tuple[bool, int, str]:
    return document.date is None, -(document.date or date.min).toordinal(), document.slug


def _oldest_first(document: Document) -> tuple[bool, int, str]:
    return document.date is None, (document.date or date.min).toordinal(), document.slug


DEFAULT_SORT = "-date"
SORTS: Mapping[str, Callable[[Document], Any]] = {
    DEFAULT_SORT: _newest_first,
    "date": _oldest_first,
    "title": lambda document: (not document.title, document.title.lower(), document.slug),
    "issuer": lambda document: (not document.issuer, document.issuer.lower(), document.slug),
}


def _sort_words() -> list[tuple[str, str]]:
    return [
        (DEFAULT_SORT, _("newest first")),
        ("date", _("oldest first")),
        ("title", _("title")),
        ("issuer", _("issuer")),
    ]


def _kinds() -> list[str]:
    return list(Document.objects.order_by("kind").values_list("kind", flat=True).distinct())


@page
@takes(
    "q",
    "after",
    sort=lambda: list(SORTS),
    kind=_kinds,
    side=lambda: Document.Side.values,
    access=lambda: Document.Access.values,
)
def source_list(request: HttpRequest, reading: Reading) -> HttpResponse:
    """List the documents, newest first, with filters and keyset pages."""
    chosen = {name: request.GET.get(name, "").strip() for name in FILTERS}
    listed = documents_of(reading.commitment, reading.point)
    documents = listed
    for name in ("kind", "side", "access"):
        if chosen[name]:
            documents = documents.filter(**{name: chosen[name]})
    for word in search_words(request.GET):
        documents = documents.filter(
            Q(title__icontains=word)
            | Q(issuer__icontains=word)
            | Q(url__icontains=word)
            | Q(slug__icontains=word)
        )
    sort = request.GET.get("sort", "").strip() or DEFAULT_SORT
    every = sorted(documents, key=SORTS[sort])
    after = request.GET.get("after", "").strip()
    slugs = [document.slug for document in every]
    if after and after not in slugs:
        raise PointError("after", _("is not a cursor of this list; follow “next”"))
    start = slugs.index(after) + 1 if after else 0
    found = every[start : start + PAGE_SIZE]
    kept = {name: value for name, value in chosen.items() if value}
    if sort != DEFAULT_SORT:
        kept["sort"] = sort
    address = reverse("sources")
    following = found[-1].slug if start + PAGE_SIZE < len(every) else ""
    pager = Pager(
        previous=with_query(address, reading, **kept) if after else "",
        next=with_query(address, reading, **kept, after=following) if following else "",
    )
    rows = [
        Source(n, document, with_query(reverse("source", args=[document.slug]), reading))
        for n, document in enumerate(found, start=1)
    ]
    context = page_context(
        request,
        reading,
        left_out=0,
        title=_("Sources"),
        rows=rows,
        count=len(every),
        sorts=[(name, words, name == sort) for name, words in _sort_words()],
        undated=undated_documents(reading),
        pager=pager,
        chosen=chosen,
        kinds=[
            (kind, document_kind_words(kind))
            for kind in listed.order_by("kind").values_list("kind", flat=True).distinct()
        ],
        sides=Document.Side.choices,
        accesses=[(value, access_words(value)) for value, _label in Document.Access.choices],
    )
    return render(request, "dashboard/sources.html", context)


@page
def source_page(request: HttpRequest, reading: Reading, slug: str) -> HttpResponse:
    """Show one document and every fact on record that rests on it."""
    document = document_on_record(reading, slug)
    known = Document.objects.filter(slug=slug)
    if not reading.commitment.illustrative:
        known = known.exclude(kind=Document.FICTIONAL)
    if document is None and known.exists():
        heading = _("This document is not on record yet")
        return not_yet(request, reading, heading, _("Sources"), reverse("sources"))
    if document is None:
        raise Http404(_("No document is called “%(slug)s”.") % {"slug": slug})
    groups = [
        group
        for kind, rows in rows_with_documents(reading.point)
        if (group := _resting(kind, naming(document, _apart(rows, reading)), reading, slug)).facts
    ]
    context = page_context(
        request,
        reading,
        left_out=0,
        title=str(document),
        source=Source(1, document, "", reading.point.as_of),
        kind=document_kind_words(document.kind),
        unverified=unverified_words(document),
        groups=groups,
        figures=_figures_using(reading, slug),
    )
    return render(request, "dashboard/source.html", context)


def _apart(rows: QuerySet[Any], reading: Reading) -> QuerySet[Any]:
    """Those of some rows that the page of a document names: nothing made up beside what is real."""
    if reading.commitment.illustrative:
        return rows.filter(rows_beside(rows.model, reading.commitment))
    made_up = own_rows(rows.model, Commitment.objects.filter(illustrative=True))
    return rows if made_up is None else rows.exclude(made_up)


@dataclass(frozen=True)
class Group:
    """The records of one kind that rest on a document: the name and the words of each.

    Of more than are shown `count` is how many there are, and `address` the list of all.
    """

    name: str
    facts: list[tuple[str, str]]
    count: str = ""
    address: str = ""


def _resting(kind: str, rows: QuerySet[Any], reading: Reading, slug: str) -> Group:
    model: Any = rows.model
    found = list(rows.select_related(*named_by(model))[: MOST_FACTS + 1])
    shown = found[:MOST_FACTS]
    names = subject_names(fact.subject for fact in shown) if model in (Claim, Ruling) else {}
    count, address = "", ""
    if len(found) > len(shown):
        count = f"{rows.count():,}"
        if model is LedgerEntry:
            named = {"document": slug, "commitment": shown[0].commitment.slug}
            address = with_query(reverse("ledger-entries-list"), reading, **named)
    return Group(
        name=table_words(kind),
        facts=[(fact.ref, fact_words(fact, reading.point.seen_until, names)) for fact in shown],
        count=count,
        address=address,
    )


def _figures_using(reading: Reading, slug: str) -> list[tuple[str, str]]:
    """The figures whose rows rest on a document at the point: names and addresses."""
    found = []
    for metric in METRICS:
        figure = figure_of(metric, reading.record)
        if any(slug in row.documents for row in figure.rows):
            found.append((metric_name(metric), figure_url(reading, metric.key)))
    return found
