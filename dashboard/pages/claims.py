"""Said against record: every claim beside the best evidence other than itself."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from commitments.calculations.verdicts import Verdict
from commitments.models import Claim, Contradiction, Ruling
from commitments.selectors import PointError, WeighedClaim
from dashboard import formats
from dashboard.claims import (
    CLAIM_PARAMETERS,
    RANKS,
    VERDICTS,
    aspect_words,
    backing_name,
    claim_words,
    rank_words,
    record_words,
    verdict_words,
    weighed,
)
from dashboard.exports.evidence import claim_grid
from dashboard.facts_read import CLAIMS, undated
from dashboard.pages.files import file_of, files_of
from dashboard.pages.frame import Cites, page, page_context, with_query
from dashboard.pages.pager import Pager
from dashboard.pages.parameters import takes
from dashboard.points import Reading, search_words
from projects.models import Project

PAGE_SIZE = 50


@dataclass(frozen=True)
class ClaimRow:
    """One claim in words, and how it stands."""

    ref: str
    about: SafeString | str
    aspect: str
    said: str
    who: SafeString | str
    rank: str
    on: str
    record: str
    why: SafeString | str
    evidence: list[SafeString | str]
    away: str
    verdict: str
    words: str


@page
@takes("q", "after", verdict=lambda: VERDICTS, rank=lambda: RANKS)
def claim_list(request: HttpRequest, reading: Reading) -> HttpResponse:
    """List claims with what the record says, the difference and how they stand."""
    cites = Cites(reading)
    chosen = {name: request.GET.get(name, "").strip() for name in CLAIM_PARAMETERS}
    found = weighed(reading, chosen, search_words(request.GET))
    refs = [w.claim.ref for w in found]
    after = request.GET.get("after", "").strip()
    if after and after not in refs:
        raise PointError("after", _("is not a cursor of this list; follow “next”"))
    start = refs.index(after) + 1 if after else 0
    shown = found[start : start + PAGE_SIZE]
    kept = {name: value for name, value in chosen.items() if value}
    address = reverse("claims")
    more = start + PAGE_SIZE < len(found)
    pager = Pager(
        previous=with_query(address, reading, **kept) if after else "",
        next=with_query(address, reading, **kept, after=refs[start + PAGE_SIZE - 1])
        if more
        else "",
    )
    names = _project_names(reading)
    counts = {v: sum(w.verdict == v for w in found) for v in Verdict}
    context = page_context(
        request,
        reading,
        left_out=undated(reading, CLAIMS),
        title=_("Said against record"),
        cites=cites,
        rows=[_row(cites, w, names) for w in shown],
        count=len(found),
        counts=[(verdict_words(v), n) for v, n in counts.items() if n],
        pager=pager,
        chosen=chosen,
        verdicts=[(v.value, verdict_words(v)) for v in Verdict],
        ranks=[(rank, rank_words(int(rank))) for rank in RANKS],
        contradictions=_contradictions(cites, reading),
        files=files_of(reading, "claims_file", "weighed-claims", **kept),
        rulings=_rulings(cites, reading, names),
    )
    return render(request, "dashboard/claims.html", context)


@page
@takes("q", verdict=lambda: VERDICTS, rank=lambda: RANKS)
def claim_file(request: HttpRequest, reading: Reading, suffix: str) -> HttpResponse:
    """Send the claims that fit the filters, weighed, as CSV or XLSX."""
    chosen = {name: request.GET.get(name, "").strip() for name in CLAIM_PARAMETERS}
    found = weighed(reading, chosen, search_words(request.GET))
    return file_of(claim_grid(found, reading), suffix, reading)


def _project_names(reading: Reading) -> dict[str, str]:
    projects = Project.objects.filter(commitment=reading.commitment)
    return {f"project:{p.slug}": formats.said(p, "name") for p in projects}


def _row(cites: Cites, found: WeighedClaim, names: dict[str, str]) -> ClaimRow:
    claim = found.claim
    slug = claim.document.slug if claim.document else None
    return ClaimRow(
        ref=claim.ref,
        about=names.get(claim.subject, ""),
        aspect=aspect_words(claim.aspect),
        said=claim_words(claim),
        who=cites.document(formats.said(claim, "who"), slug),
        rank=rank_words(claim.rank),
        on=formats.own_day(claim),
        record=record_words(found) or _nothing_words(claim),
        why=formats.said(claim, "stands_why") if found.is_editors else "",
        evidence=list(_evidence(cites, found)),
        away=_away(found),
        verdict=str(found.verdict),
        words=verdict_words(found.verdict),
    )


def _nothing_words(claim: Claim) -> str:
    if claim.against:
        return _("nothing to compare with: what it speaks of is not stated on record")
    return _("nothing to compare with")


def _evidence(cites: Cites, found: WeighedClaim) -> Iterator[SafeString | str]:
    """What a claim is weighed against: each leads to its document; what was computed says from what."""
    for backing in found.evidence:
        fact = backing.fact
        if fact.document:
            yield cites.document(backing_name(backing), fact.document.slug)
        elif isinstance(fact, Claim) and fact.text:
            words = {"who": backing_name(backing), "said": formats.said(fact, "text")}
            yield _("%(who)s: %(said)s") % words


def _away(found: WeighedClaim) -> str:
    """How far a claim lies outside the record, with its sign, in its own unit."""
    if not found.away:
        return formats.DASH
    unit = found.claim.unit
    if unit == Claim.Unit.PERCENT:
        words = _("%(n)s points") % {"n": formats.plain(abs(found.away))}
    else:
        words = formats.money(abs(found.away), "JPY" if unit == Claim.Unit.JPY else "USD")
    return f"+{words}" if found.away > 0 else f"{formats.MINUS}{words}"


@dataclass(frozen=True)
class ContradictionRow:
    """Two statements that cannot both hold, why, and how the register handles them."""

    topic: str
    statement_a: str
    statement_b: str
    why: str
    handling: str
    source: SafeString | str


def _contradictions(cites: Cites, reading: Reading) -> list[ContradictionRow]:
    rows = Contradiction.objects.current(reading.point).select_related("document")
    return [
        ContradictionRow(
            topic=formats.said(row, "topic"),
            statement_a=formats.said(row, "statement_a"),
            statement_b=formats.said(row, "statement_b"),
            why=formats.said(row, "explanation"),
            handling=formats.said(row, "handling") if row.handling else formats.DASH,
            source=cites.document(_("Source"), row.document.slug if row.document else None),
        )
        for row in rows
    ]


@dataclass(frozen=True)
class RulingRow:
    """Which of rival claims make the figure shown, and the reason."""

    about: str
    aspect: str
    reason: SafeString | str
    claims: list[SafeString | str]


def _rulings(cites: Cites, reading: Reading, names: dict[str, str]) -> list[RulingRow]:
    """The rulings on figures of this commitment, with the claims each chose: three queries."""
    subjects = [*names, f"commitment:{reading.commitment.slug}"]
    rulings = Ruling.objects.current(reading.point).filter(subject__in=subjects)
    claims = Claim.objects.current(reading.point).filter(subject__in=subjects)
    by_root = {claim.root_key: claim for claim in claims.select_related("document")}
    return [
        RulingRow(
            about=names.get(ruling.subject, ""),
            aspect=aspect_words(ruling.aspect),
            reason=formats.said(ruling, "reason"),
            claims=[
                _chosen(cites, by_root[link.claim_id])
                for link in ruling.claim_links.all()
                if link.claim_id in by_root
            ],
        )
        for ruling in rulings.prefetch_related("claim_links")
    ]


def _chosen(cites: Cites, claim: Claim) -> SafeString | str:
    words = _("%(who)s: %(said)s") % {
        "who": formats.said_name(claim, "who"),
        "said": claim_words(claim),
    }
    return cites.document(words, claim.document.slug if claim.document else None)
