"""Puts it right in the open: every late, reversed, corrected, withdrawn or forced row."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from commitments.models import Revision
from commitments.services.register import kinds
from dashboard import formats
from dashboard.casework import value_words
from dashboard.changes import field_words
from dashboard.code_words import revision_words
from dashboard.corrections import Correction, corrections, flag_words, is_let_through
from dashboard.pages.frame import decision_url, page, page_context, with_query
from dashboard.pages.pager import Pager
from dashboard.pages.parameters import takes
from dashboard.points import Reading
from projects.models import Financing, FundingNotice, LedgerEntry
from projects.selectors.history import ProjectHistory

Kind = LedgerEntry.Kind
FUNDED, PAID, REPAID = Kind.FUNDING, Kind.DISBURSEMENT, Kind.PRINCIPAL
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
    let_through = LetThrough([c.row for c in listed], reading)
    address = reverse("corrections")
    following = found[PAGE_SIZE - 1].cursor if len(found) > PAGE_SIZE else ""
    context = page_context(
        request,
        reading,
        title=_("Corrections"),
        lines=[_line(correction, reading, let_through) for correction in listed],
        pager=Pager(
            previous=with_query(address, reading) if after else "",
            next=with_query(address, reading, after=following) if following else "",
        ),
    )
    return render(request, "dashboard/corrections.html", context)


class LetThrough:
    """The sums of notices, entries and agreements let through a limit, as of any revision.

    The number of queries does not grow with them.
    """

    def __init__(self, rows: Iterable[Any], reading: Reading) -> None:
        forced = [row for row in rows if is_let_through(row)]
        notices = [row for row in forced if isinstance(row, FundingNotice)]
        agreements = [row for row in forced if isinstance(row, Financing)]
        prefetch_related_objects(agreements, "projects")
        self._projects = {row.pk: {p.pk for p in row.projects.all()} for row in agreements}
        cash = {row.project_id for row in forced if isinstance(row, LedgerEntry)}
        named = cash.union({n.project_id for n in notices}, *self._projects.values())
        self._history = ProjectHistory(named, reading.point)
        entries = LedgerEntry.objects.known(reading.point).filter(
            notice__in={notice.root_key for notice in notices},
            kind=LedgerEntry.Kind.FUNDING,
            value_date__lte=reading.point.as_of,
        )
        moved = LedgerEntry.objects.known(reading.point).filter(
            project__in=cash, kind__in=(FUNDED, PAID, REPAID), value_date__lte=reading.point.as_of
        )
        columns = ("project_id", "notice_id", "kind", "revision_id")
        self._cash = list(moved.order_by().values_list(*columns).annotate(Sum("amount_usd")))
        summed = entries.order_by().values_list("notice_id", "revision_id")
        self._received = list(summed.annotate(Sum("amount_usd")))

    def of_notice(self, notice: FundingNotice) -> Iterator[tuple[str, str, str]]:
        """What it calls, and each sum beyond a limit: received on it, or called of its project."""
        yield _("amount called, US dollars"), _dollars(notice.amount_called), ""
        came = sum(
            (
                amount
                for root, revision, amount in self._received
                if root == notice.root_key and revision <= notice.revision_id
            ),
            Decimal(0),
        )
        before, after = (self._selected(notice, back) for back in (1, 0))
        called = self._history.called(notice.project_id, notice.revision_id)
        if came > notice.amount_called:
            yield _("received on it, US dollars"), _dollars(came), ""
            if after is None or called <= after:
                return
        if called != notice.amount_called:
            yield _("called in all, US dollars"), _dollars(called), ""
        words = _("selected at most, US dollars")
        yield words, _dollars(before), _dollars(after) if after != before else ""

    def of_entry(self, entry: LedgerEntry) -> Iterator[tuple[str, str, str]]:
        """What was received or paid on in all with it, and its limit, where that is passed."""
        funded, paid, repaid = (self._moved(entry, kind) for kind in (FUNDED, PAID, REPAID))
        called = self._history.called(entry.project_id, entry.revision_id)
        if entry.kind == FUNDED and funded > called:
            yield _("received in all, US dollars"), _dollars(funded), ""
            yield _("called in all, US dollars"), _dollars(called), ""
        if entry.kind == PAID and paid > funded:
            yield _("paid on in all, US dollars"), _dollars(paid), ""
            yield _("received in all, US dollars"), _dollars(funded), ""
        if entry.kind == PAID and entry.notice_id:
            funded, paid = (self._moved(entry, k, entry.notice_id) for k in (FUNDED, PAID))
            if paid > funded:
                yield _("paid on of its notice, US dollars"), _dollars(paid), ""
                yield _("received on its notice, US dollars"), _dollars(funded), ""
        if entry.kind == REPAID and repaid > funded:
            yield _("principal repaid in all, US dollars"), _dollars(repaid), ""
            yield _("received in all, US dollars"), _dollars(funded), ""

    def _moved(self, entry: LedgerEntry, kind: str, on_notice: int | None = None) -> Decimal:
        """The dollars of a kind on the project of an entry, or on a notice, as of its revision."""
        amounts = (
            amount
            for project, notice, of, revision, amount in self._cash
            if (project, of) == (entry.project_id, kind) and revision <= entry.revision_id
            if on_notice in (None, notice)
        )
        return sum(amounts, Decimal(0))

    def of_agreement(self, agreement: Financing) -> Iterator[tuple[str, str, str]]:
        """What is signed for its projects in all, and what is selected of them."""
        projects, revision = self._projects[agreement.pk], agreement.revision_id
        signed = (amount for own, amount in self._history.signed(revision) if own <= projects)
        yield _("signed in all, US dollars"), _dollars(sum(signed, Decimal(0))), ""
        records = self._history.at(revision)
        highs = [
            records[pk].amounts["selected"].bounds.high
            for pk in projects
            if pk in records and "selected" in records[pk].amounts
        ]
        known = [high for high in highs if high is not None]
        most = sum(known, Decimal(0)) if len(known) == len(projects) else None
        yield _("selected at most, US dollars"), _dollars(most), ""

    def _selected(self, notice: FundingNotice, back: int) -> Decimal | None:
        """The most dollars selected of its project, `back` revisions before its own."""
        own = self._history.at(notice.revision_id - back).get(notice.project_id)
        return own.selected_at_most if own else None


def _dollars(amount: Decimal | None) -> str:
    return formats.DASH if amount is None else f"{amount:,.2f}"


def _line(correction: Correction, reading: Reading, let_through: LetThrough) -> Line:
    revision, document, case = correction.revision, correction.document, correction.case
    return Line(
        when=formats.day(revision.recorded_at.date()),
        revision=revision,
        what=correction.what,
        ref=correction.row.ref,
        tags=[flag_words(flag) for flag in correction.flags],
        changes=list(_changes(correction, let_through)),
        why=[revision_words(why) for why in dict.fromkeys(correction.reasons.values()) if why],
        who=_who(correction),
        document=str(document) if document else "",
        address=with_query(reverse("source", args=[document.slug]), reading) if document else "",
        decision=decision_url(reading, case.pk) if case else "",
    )


def _changes(correction: Correction, let_through: LetThrough) -> Iterator[tuple[str, str, str]]:
    row = correction.row
    if isinstance(row, LedgerEntry):
        yield _("amount, US dollars"), f"{row.amount_usd:,.2f}", ""
        if row.reverses:
            yield _("reverses"), row.reverses.ref, ""
        if is_let_through(row):
            yield from let_through.of_entry(row)
    elif isinstance(row, FundingNotice) and is_let_through(row):
        yield from let_through.of_notice(row)
    elif isinstance(row, Financing) and row.override_reason:
        yield from let_through.of_agreement(row)
    model = kinds()[correction.kind]
    for change in correction.changes[:MOST_CHANGES]:
        old, new = (value_words(model, change.field, v)[:300] for v in (change.old, change.new))
        yield field_words(model, change.field), old, new


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
