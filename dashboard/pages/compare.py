"""Is Japan unusual: pledges of other countries side by side, not like for like."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.models import Term
from dashboard import formats
from dashboard.charts.aligned import Track, aligned_chart
from dashboard.charts.bands import pledge_row
from dashboard.charts.frame import Owner, Table
from dashboard.charts.svg import Markup
from dashboard.compare import BEGINS, CASH, SORTS, SPLIT, Peer, peers
from dashboard.exports.evidence import peer_grid
from dashboard.facts_read import undated_compared
from dashboard.pages.files import file_of, files_of
from dashboard.pages.frame import Cites, page, page_context, with_query
from dashboard.pages.overview import kept
from dashboard.pages.overview.figures import in_billions, words_for
from dashboard.pages.overview.words import ChartWords
from dashboard.pages.parameters import takes
from dashboard.pages.reacted import reacted_to
from dashboard.pages.tariffs.words import answer_words
from dashboard.points import Reading, beside_others
from dashboard.subjects import reactions_about
from dashboard.terms import marked, said_term
from tariffs.models import Measure

YEARS = 10  # of the axis on which commitments are aligned


@dataclass(frozen=True)
class PeerRow:
    """One commitment in words; each cell leads to the document it rests on."""

    name: str
    address: str
    is_own: bool
    bar: Markup
    pledge: SafeString | str
    parts: SafeString | str
    cap: SafeString | str
    deadline: SafeString | str
    horizon: str
    instruments: SafeString | str
    cash: SafeString | str
    before: SafeString | str
    after: SafeString | str
    rate: SafeString | str
    governing: SafeString | str
    binding: str
    status: SafeString | str
    split: SafeString | str
    days: str
    since: str
    progress: SafeString | str
    note: str
    slug: str
    said: int
    said_address: str


def sort_words() -> dict[str, str]:
    return {
        "pledge": _("largest pledge first"),
        "name": _("name"),
        "deadline": _("soonest deadline first"),
        "days": _("longest since the start first"),
        "rate": _("highest duty now first"),
        "progress": _("furthest in selection first"),
    }


@page
@takes(sort=lambda: SORTS)
def compare(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Set every commitment on record beside the others."""
    cites = Cites(reading)
    sort = request.GET.get("sort", "").strip() or "pledge"
    found = peers(reading, sort)
    highest = in_billions(max((p.pledge for p in found if p.pledge), default=Decimal(1)))
    rows = [_row(cites, reading, peer, highest) for peer in found]
    aligned = _aligned(reading, found)
    context = page_context(
        request,
        beside_others(reading),
        left_out=undated_compared(reading),
        title=_("Other countries"),
        cites=cites,
        rows=rows,
        pledges=sum(not peer.commitment.illustrative for peer in found),
        sorts=sort_words().items(),
        sort=sort,
        files=files_of(reading, "compare_file", "compare-commitments", sort=sort),
        notes=[(row.name, row.note) for row in rows if row.note],
        aligned=aligned,
        drawings=[aligned] if aligned else [],
        reacted=reacted_to(
            reading,
            cites,
            [
                f"commitment:{p.commitment.slug}"
                for p in found
                if p.commitment != reading.commitment
            ],
        ),
    )
    return TemplateResponse(request, "dashboard/compare.html", context)


@page
@takes(sort=lambda: SORTS)
def compare_file(request: HttpRequest, reading: Reading, suffix: str) -> HttpResponse:
    """Send the commitments side by side as CSV or XLSX."""
    sort = request.GET.get("sort", "").strip() or "pledge"
    return file_of(peer_grid(peers(reading, sort), reading), suffix, reading)


def _aligned(reading: Reading, found: Sequence[Peer]) -> ChartWords | None:
    """The commitments whose start is on record, each from its own first day."""
    said = kept.reactions_anywhere(reading.point, reading.commitment)
    dated = [(p, p.start, p.days_since_start) for p in found]
    tracks, rows, owners = [], [], []
    for peer, start, used in sorted(dated, key=lambda d: -(d[2] or 0)):
        if start is None or used is None:
            continue
        name = formats.said_name(peer.commitment, "investor")
        total = (peer.deadline - start).days if peer.deadline else None
        begin, end = peer.term(*BEGINS), peer.terms.get("deadline")
        about = reactions_about(said, [f"commitment:{peer.commitment.slug}"])
        events = [(reaction.occurred_on - start).days for reaction in about]
        is_own = peer.commitment == reading.commitment
        owners.append(Owner(peer.commitment.slug, peer.commitment.illustrative))
        tracks.append(Track(name, used, total, [d for d in events if d >= 0], is_own))
        rows.append(
            (
                name,
                _("%(day)s, %(kind)s") % {"day": formats.day(start), "kind": start_words(peer)},
                marked(str(used), begin),
                _("not stated") if total is None else marked(str(total), begin, end),
                marked(formats.percent(Decimal(used) / total, 0), begin, end)
                if total
                else formats.DASH,
                _progress(peer),
                len([d for d in events if d >= 0]),
            )
        )
    if not tracks:
        return None
    title = _("Aligned by days since the start")
    heads = (
        *(_("Country"), _("Start"), _("Days since the start"), _("Days to the deadline in all")),
        *(_("Time used"), _("Progress"), _("Reactions since")),
    )
    years = [ngettext("%(n)s year", "%(n)s years", n) % {"n": n} for n in range(1, YEARS + 1)]
    subtitle = _("Bar: days used. Thin line: to the deadline, where stated. Circle: a reaction.")
    chart = aligned_chart(
        tracks,
        title=title,
        description=subtitle,
        table=Table(title, heads, tuple(rows), numeric_from=2, owners=tuple(owners)),
        years=years,
    )
    return ChartWords(chart, title, subtitle)


def _row(cites: Cites, reading: Reading, peer: Peer, highest: float) -> PeerRow:
    commitment = peer.commitment

    def cell(key: str, words: str | None = None, *also: str) -> SafeString | str:
        return cited(peer.terms.get(key), words, *also)

    def cited(term: Term | None, words: str | None = None, *also: str) -> SafeString | str:
        if term is None:
            return _("not stated")
        slug = term.document.slug if term.document else None
        others = [peer.terms.get(name) for name in also]
        said = said_term(term) if words is None else marked(words, term, *others)
        return cites.document(said, slug)

    is_own = commitment.slug == reading.commitment.slug
    query = "" if commitment.is_default else f"?commitment={commitment.slug}"
    return PeerRow(
        name=formats.said(commitment, "investor"),
        address=reverse("overview") + query,
        is_own=is_own,
        bar=pledge_row([in_billions(peer.pledge or Decimal(0))], highest, is_own=is_own),
        pledge=cell("target", formats.money(peer.pledge, places=0) if peer.pledge else None),
        parts=cell("components"),
        cap=cell("annual_cap", _("at most %(amount)s a year") % {"amount": formats.money(cap)})
        if (cap := peer.annual_cap)
        else "",
        deadline=cell("deadline"),
        horizon=said_term(peer.terms["horizon"]) if "horizon" in peer.terms else "",
        instruments=cell("instruments"),
        cash=cell(CASH[0], formats.percent(peer.cash_share, 0), *CASH[1:])
        if peer.cash_share is not None
        else _("not stated"),
        before=cell("tariff_from"),
        after=cell("tariff_to"),
        rate=_rate(cites, peer),
        governing=_governing(cites, peer),
        binding=said_term(peer.terms["binding"]) if "binding" in peer.terms else "",
        status=cell("status"),
        split=cited(peer.term(*SPLIT)),
        days=formats.plain(Decimal(peer.days_since_start), 0)
        if peer.days_since_start is not None
        else formats.DASH,
        since=start_words(peer) if peer.days_since_start is not None else "",
        progress=_progress(peer),
        note=formats.term_text(peer.note.value) if peer.note else "",
        slug=commitment.slug,
        said=len(
            reactions_about(
                kept.reactions_anywhere(reading.point, reading.commitment),
                [f"commitment:{commitment.slug}"],
            )
        ),
        said_address=with_query(
            reverse("reactions"),
            reading,
            commitment=commitment.slug,
            about=f"commitment:{commitment.slug}",
        ),
    )


def start_words(peer: Peer) -> str:
    """Return what the start of a commitment is: its signing, or only its announcement."""
    return marked(_("signing") if peer.is_signed else _("announcement"), peer.term(*BEGINS))


def _governing(cites: Cites, peer: Peer) -> SafeString | str:
    """The document a commitment rests on, by its title."""
    term = peer.governing
    if term is None or term.document is None:
        return _("not stated")
    return cites.document(formats.said_title(term.document), term.document.slug)


def _rate(cites: Cites, peer: Peer) -> SafeString | str:
    """The general duty on goods of a country, by the document of what decides it."""
    fact = peer.rate_fact
    if fact is None:
        return _("not stated")
    field = "rate_percent" if isinstance(fact, Measure) else "value"
    words = formats.marked(
        answer_words(peer.rate), is_recalled=fact.recalls(field), is_derived=fact.derives(field)
    )
    return cites.document(words, fact.document.slug if fact.document else None)


def _progress(peer: Peer) -> str:
    """The selected share of the pledge, where selections are followed."""
    if peer.progress is None:
        return _("not followed here")
    if peer.progress.reason is not None:
        return formats.short_reason(peer.progress.reason)
    return _("%(share)s selected") % {"share": words_for("selected_share", peer.progress)}
