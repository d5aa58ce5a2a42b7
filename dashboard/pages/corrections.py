"""Puts it right in the open: every late, reversed, corrected, withdrawn or forced row."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from commitments.models import Revision
from dashboard import formats
from dashboard.corrections import Correction, corrections, flag_words
from dashboard.pages.frame import decision_url, page, page_context, with_query
from dashboard.pages.pager import Pager
from dashboard.pages.parameters import takes
from dashboard.points import Reading
from projects.models import FundingNotice, LedgerEntry
from projects.selectors.history import ProjectHistory

PAGE_SIZE = 50
MOST_CHANGES = 6


@dataclass(frozen=True)
class Line:
    """One correction as the table shows it."""

    when: str
    revision: Revision
    what: str
    ref: str
    tags: list[str]
    changes: list[tuple[str, str, str]]
    why: list[str]
    who: str
    document: str
    address: str
    decision: str


@page
@takes("after")
def correction_list(request: HttpRequest, reading: Reading) -> HttpResponse:
    """List the corrections known at the point, newest first, by keyset pages."""
    after = request.GET.get("after", "")
    found = corrections(reading, after=after, size=PAGE_SIZE)
    listed = found[:PAGE_SIZE]
    let_through = {c.row.project_id for c in listed if _is_call_let_through(c.row)}
    history = ProjectHistory(let_through, reading.point)
    address = reverse("corrections")
    following = found[PAGE_SIZE - 1].cursor if len(found) > PAGE_SIZE else ""
    context = page_context(
        request,
        reading,
        title=_("Corrections"),
        lines=[_line(correction, reading, history) for correction in listed],
        pager=Pager(
            previous=with_query(address, reading) if after else "",
            next=with_query(address, reading, after=following) if following else "",
        ),
    )
    return render(request, "dashboard/corrections.html", context)


def _is_call_let_through(row: Any) -> bool:
    return isinstance(row, FundingNotice) and bool(row.override_reason)


def _line(correction: Correction, reading: Reading, history: ProjectHistory) -> Line:
    revision, document, case = correction.revision, correction.document, correction.case
    return Line(
        when=formats.day(revision.recorded_at.date()),
        revision=revision,
        what=correction.what,
        ref=correction.row.ref,
        tags=[flag_words(flag) for flag in correction.flags],
        changes=list(_changes(correction, history)),
        why=list(dict.fromkeys(words for words in correction.reasons.values() if words)),
        who=_who(correction),
        document=str(document) if document else "",
        address=with_query(reverse("source", args=[document.slug]), reading) if document else "",
        decision=decision_url(reading, case.pk) if case else "",
    )


def _changes(correction: Correction, history: ProjectHistory) -> Iterator[tuple[str, str, str]]:
    row = correction.row
    if isinstance(row, LedgerEntry):
        yield _("amount, US dollars"), f"{row.amount_usd:,.2f}", ""
        if row.reverses:
            yield _("reverses"), row.reverses.ref, ""
    elif _is_call_let_through(row):
        yield _("amount called, US dollars"), f"{row.amount_usd:,.2f}", ""
        before, after = (_selected(row, history, back) for back in (1, 0))
        yield _("selected at most, US dollars"), before, after if after != before else ""
    for change in correction.changes[:MOST_CHANGES]:
        yield change.field.replace("_", " "), _text(change.old), _text(change.new)


def _selected(notice: FundingNotice, history: ProjectHistory, back: int) -> str:
    """The most dollars selected of the project of a notice, `back` revisions before its own."""
    own = history.at(notice.revision_id - back).get(notice.project_id)
    high = own.selected_at_most if own else None
    return formats.DASH if high is None else f"{high:,.2f}"


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    return "–" if value in (None, "") else str(value)[:300]


def _who(correction: Correction) -> str:
    if correction.case is None:
        return {
            Revision.Kind.LOAD: _("a load of the curated facts"),
            Revision.Kind.IMPORT: _("an import"),
        }.get(Revision.Kind(correction.revision.kind), _("a posting"))
    return _("case %(number)d, entered by %(editor)s, approved by %(approver)s") % {
        "number": correction.case.pk,
        "editor": correction.entered_by
        or (
            _("an administrator") if correction.was_entered_by_an_administrator else _("an editor")
        ),
        "approver": correction.approved_by or _("another person"),
    }
