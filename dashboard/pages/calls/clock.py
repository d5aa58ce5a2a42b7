"""Funding notices as rows with a clock, for every page that shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from commitments.calculations.bounds import exactly
from commitments.calculations.calendars import business_days_between
from dashboard import formats
from dashboard.charts.clock import Ticks, clock_bar
from dashboard.charts.svg import Markup
from dashboard.notice_words import SHAPES, short_nature, state_words
from dashboard.pages.frame import Cites, with_query
from projects.calculations.notices import NATURES, Nature, Status
from projects.selectors.ledger import forced_funding
from projects.selectors.notices import NoticeRecord


@dataclass(frozen=True)
class ClockRow:
    """A notice: what it is called, how it stands, its ticks, and the same under the other reading."""

    name: str
    address: str
    state: str
    class_: str
    shape: str
    bar: Markup
    line: SafeString
    other: str


@dataclass(frozen=True)
class NoticeRow:
    """A notice in a table: its effect on the unfunded commitment and what came in.

    `uncounted` says why what it calls counts nothing, `overpaid` by how much
    more came in than it calls, and why.
    """

    name: str
    address: str
    received: str
    selected: str
    before: str
    called: SafeString | str
    after: str
    paid: str
    unfunded: str
    state: str
    taken: str
    uncounted: str
    overpaid: SafeString | str


def call_name(found: NoticeRecord) -> str:
    project = found.notice.project
    name = project.name_ja or project.name if formats.is_japanese() else project.name
    return _("%(project)s, notice %(number)s") % {"project": name, "number": found.notice.number}


def _address(cites: Cites, found: NoticeRecord) -> str:
    return with_query(reverse("project", args=[found.notice.project.slug]), cites.reading)


def _amount(cites: Cites, found: NoticeRecord, words: str) -> SafeString | str:
    document = found.notice.document
    return cites.document(words, document.slug if document else None)


def clock_row(cites: Cites, found: NoticeRecord, nature: Nature | None) -> ClockRow:
    """Return a notice as its clock shows it under a reading, its own without one."""
    clock, chosen = found.clock, found.under(nature)
    state, class_ = state_words(chosen)
    until = chosen.ended_on or cites.reading.point.as_of
    ticks = Ticks(
        total=found.notice.window_days,
        used=business_days_between(clock.received_on, until, clock.calendar),
        beyond=chosen.days_off if chosen.status == Status.LATE else 0,
    )
    if chosen.due_on is not None:
        end = _("due %(day)s") % {"day": formats.day(chosen.due_on)}
    else:
        end = _("not before %(day)s") % {"day": formats.day(clock.earliest_on)}
    line = format_html(
        _("{amount} · notice {notice} · {end}"),
        amount=_amount(cites, found, formats.money_range(exactly(clock.amount_usd), places=2)),
        notice=formats.day(clock.received_on),
        end=end,
    )
    if clock.receipts and chosen.is_open:
        paid = formats.money_range(exactly(clock.received_usd), places=2)
        line = format_html("{} · {}", line, _("%(amount)s received so far") % {"amount": paid})
    if found.is_declined and chosen.is_open:
        line = format_html("{} · {}", line, _declined_words(found))
    if found.notice.reading:
        own = _("the notice itself: %(reading)s") % {"reading": short_nature(found.default)}
        line = format_html("{} · {}", line, own)
    other = next(other for other in NATURES if other != chosen.nature)
    return ClockRow(
        name=call_name(found),
        address=_address(cites, found),
        state=state,
        class_=class_,
        shape=SHAPES[class_],
        bar=clock_bar(ticks),
        line=line,
        other=_("%(reading)s: %(state)s")
        % {
            "reading": short_nature(other),
            "state": state_words(found.standings[other])[0],
        },
    )


def notice_rows(
    cites: Cites, records: Sequence[NoticeRecord], nature: Nature | None
) -> list[NoticeRow]:
    """Return notices as a table, the newest first, with the reasons kept for what was overpaid."""
    overpaid = {r.notice.project.slug for r in records if r.clock.overpaid_usd}
    reasons: dict[int, list[str]] = {}
    for entry in forced_funding(overpaid, cites.reading.point) if overpaid else ():
        if entry.notice_id is not None:
            reasons.setdefault(entry.notice_id, []).append(entry.override_reason)
    return [
        notice_row(cites, found, nature, reasons.get(found.notice.root_key, ()))
        for found in reversed(records)
    ]


def notice_row(
    cites: Cites, found: NoticeRecord, nature: Nature | None, reasons: Sequence[str] = ()
) -> NoticeRow:
    """Return a notice as a line of the table that capital-call notices print, in billions."""
    effect, chosen = found.effect, found.under(nature)
    return NoticeRow(
        name=call_name(found),
        address=_address(cites, found),
        received=formats.day(found.clock.received_on),
        selected=formats.billions(effect.selected, 3),
        before=formats.cell(effect.noticed_before, 3),
        called=_amount(cites, found, formats.cell(found.clock.amount_usd, 3)),
        after=formats.billions(effect.after, 3),
        paid=formats.cell(found.clock.received_usd, 3),
        unfunded=formats.cell(found.clock.unfunded_usd, 3),
        state=state_words(chosen)[0],
        taken=formats.DASH if chosen.days_taken is None else str(chosen.days_taken),
        uncounted=_declined_words(found),
        overpaid=_overpaid_words(found, reasons),
    )


def _declined_words(found: NoticeRecord) -> str:
    """What of a notice was declined, and so counts nothing; nothing where nothing was."""
    clock = found.clock
    if not found.is_declined:
        return ""
    if not clock.called_usd:
        return _("declined: counts nothing")
    given = {"amount": formats.money(clock.declined_usd), "day": formats.day(clock.declined_on)}
    return _("%(amount)s of it declined on %(day)s: that counts nothing") % given


def _overpaid_words(found: NoticeRecord, reasons: Sequence[str]) -> SafeString | str:
    """By how much more came in than a notice calls, and why; nothing where no more did."""
    beyond = found.clock.overpaid_usd
    if not beyond:
        return ""
    said = [formats.said_as_written(reason) for reason in reasons]
    return format_html(
        _("overpaid by {amount}. {reasons}"),
        amount=formats.money(beyond),
        reasons=formats.joined(said),
    )


def open_first(records: list[NoticeRecord], nature: Nature | None) -> list[NoticeRecord]:
    """The notices on which money is awaited, those with the fewest days left first."""
    found = [r for r in records if r.under(nature).is_open]
    return sorted(
        found,
        key=lambda r: (r.under(nature).days_left, r.under(nature).watched_on, r.notice.ref),
    )


def closed_last(records: list[NoticeRecord], nature: Nature | None) -> list[NoticeRecord]:
    """The notices that are funded or declined, the newest end first."""
    found = [r for r in records if not r.under(nature).is_open]
    return sorted(found, key=lambda r: (r.under(nature).ended_on, r.notice.ref), reverse=True)
