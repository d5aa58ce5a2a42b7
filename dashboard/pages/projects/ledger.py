"""A project's ledger: every entry with its document, and why it was late, forced or reversed."""

import re
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from commitments.selectors import PointError
from dashboard import formats
from dashboard.pages.frame import Cites, with_query
from dashboard.pages.pager import Pager
from dashboard.points import Reading
from dashboard.project_words import instrument_name
from projects.models import LedgerEntry
from projects.selectors import ProjectRecord
from projects.selectors.ledger import Place, ledger_page

PAGE_SIZE = 25
AFTER = re.compile(r"(\d{4}-\d{2}-\d{2})\.(\d{1,18})")


@dataclass(frozen=True)
class EntryRow:
    day: str
    kind: str
    amount: SafeString | str
    original: str
    notice: str
    instrument: str
    flags: list[tuple[str, str]]


@dataclass(frozen=True)
class LedgerSection:
    rows: list[EntryRow]
    pager: Pager


def section(
    request: HttpRequest, reading: Reading, cites: Cites, project: ProjectRecord
) -> LedgerSection:
    """A page of the ledger. Raise PointError where `ledger_after` is no place in it."""
    asked = request.GET.get("ledger_after", "")
    after = _place(asked) if asked else None
    entries, following = ledger_page(project.project, reading.point, after=after, size=PAGE_SIZE)
    address = reverse("project", args=[project.slug])
    onward = ""
    if following is not None:
        mark = f"{following.value_date}.{following.number}"
        onward = with_query(address, reading, ledger_after=mark) + "#ledger"
    back = with_query(address, reading) + "#ledger" if after else ""
    return LedgerSection(
        rows=[_row(reading, cites, entry) for entry in entries],
        pager=Pager(previous=back, next=onward),
    )


def _place(text: str) -> Place:
    found = AFTER.fullmatch(text)
    try:
        if found:
            return Place(date.fromisoformat(found[1]), int(found[2]))
    except ValueError:
        pass  # no day of the calendar: refused below like any other text
    raise PointError("ledger_after", _("is no place in the ledger; follow its links"))


def _row(reading: Reading, cites: Cites, entry: LedgerEntry) -> EntryRow:
    words = f"{formats.plain(entry.amount_usd / formats.MILLION, 2)}"
    return EntryRow(
        day=formats.day(entry.value_date),
        kind=kind_words(entry.kind),
        amount=cites.document(words, entry.document.slug),
        original=original_words(entry),
        notice=entry.notice.number if entry.notice else formats.DASH,
        instrument=instrument_name(entry.instrument),
        flags=_flags(reading, entry),
    )


def original_words(entry: LedgerEntry) -> str:
    """The amount as paid, where that was not dollars, with its rate, day and source."""
    if entry.currency == "USD" or entry.fx_rate is None:
        return ""
    given = {
        "amount": formats.money(entry.amount, entry.currency)
        if entry.currency == "JPY"
        else f"{entry.currency} {formats.plain(entry.amount, 2)}",
        "rate": f"{entry.fx_rate.normalize():f}",
        "day": formats.day(entry.fx_on),
        "source": formats.said_as_written(entry.fx_source) or _("source not stated"),
    }
    return format_html(_("{amount} at {rate}, {day}, {source}"), **given)


def _flags(reading: Reading, entry: LedgerEntry) -> list[tuple[str, str]]:
    """Words and reasons: whether it reverses, was reversed by then, came late, or was forced."""
    flags = []
    reversal = getattr(entry, "reversal", None)
    if entry.reverses is not None:
        flags.append((_("reversal"), ""))
    if reversal is not None and reversal.revision_id <= reading.point.revision:
        flags.append((_("reversed"), ""))
    if entry.late_reason:
        flags.append((_("late"), formats.said_as_written(entry.late_reason)))
    if entry.override_reason:
        flags.append((_("forced"), formats.said_as_written(entry.override_reason)))
    return flags


def kind_words(kind: str) -> str:
    """Return a kind of entry in a word or two."""
    return {
        "funding": _("funding"),
        "disbursement": _("disbursement"),
        "guarantee_call": _("guarantee call"),
        "principal": _("principal"),
        "interest": _("interest"),
        "distribution": _("distribution"),
        "fee": _("fee"),
    }.get(kind, kind)
