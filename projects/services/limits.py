"""What no posting may pass: noticed <= selected, funded <= noticed, disbursed <= funded.

An entry or a notice that carries an override reason, which only an
administrator can propose, is left out of the amount that is held to its limit;
so is its reversal, which carries the same reason.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from projects.models import FundingNotice, LedgerEntry, Project

ZERO = Decimal(0)
HELD = Q(override_reason="")
CHUNK = 500
ENTRIES = 2000


@dataclass(frozen=True)
class Over:
    """One limit in US dollars that is passed: of which project or notice, by which entries."""

    what: str
    words: str
    limit: Decimal
    entries: Q


def cash_problems(projects: Collection[int]) -> list[Over]:
    """Return where cash of some projects passes a limit, in total and by notice, on what is posted."""
    problems: list[Over] = []
    listed = sorted(projects)
    for start in range(0, len(listed), CHUNK):
        chunk = listed[start : start + CHUNK]
        problems += [*_project_problems(chunk), *_notice_problems(chunk)]
    return problems


def entry_beyond(over: Over) -> LedgerEntry | None:
    """Return the first entry, in the order of posting, with which a limit was passed."""
    sum_ = ZERO
    entries = LedgerEntry.objects.filter(over.entries).order_by("number")
    entry: LedgerEntry
    for entry in entries.only("ref", "number", "revision", "amount_usd").iterator(ENTRIES):
        sum_ += entry.amount_usd
        if sum_ > over.limit:
            return entry
    return None


def noticed_totals(projects: Collection[int], *, held: bool = False) -> dict[int, Decimal]:
    """What stands noticed on each project: current notices that were not declined.

    `held` leaves out those with an override reason.
    """
    notices = FundingNotice.objects.heads().filter(
        project__in=projects, withdrawn=False, declined_on=None
    )
    if held:
        notices = notices.filter(HELD)
    return dict(notices.order_by().values_list("project_id").annotate(Sum("amount_usd")))


def _project_problems(projects: Sequence[int]) -> Iterable[Over]:
    sums = {
        (pk, kind): (whole or ZERO, held or ZERO)
        for pk, kind, whole, held in LedgerEntry.objects.filter(
            project__in=projects, kind__in=("funding", "disbursement")
        )
        .order_by()
        .values_list("project_id", "kind")
        .annotate(whole=Sum("amount_usd"), held=Sum("amount_usd", filter=HELD))
    }
    called = noticed_totals(projects)
    for pk, slug in (
        Project.objects.filter(pk__in=projects).order_by("slug").values_list("pk", "slug")
    ):
        funded, held_funded = sums.get((pk, "funding"), (ZERO, ZERO))
        held_disbursed = sums.get((pk, "disbursement"), (ZERO, ZERO))[1]
        noticed = called.get(pk, ZERO)
        own = HELD & Q(project=pk)
        if held_funded > noticed:
            words = _("funded %(amount)s USD, but noticed %(limit)s USD")
            yield Over(slug, words % _given(held_funded, noticed), noticed, own & Q(kind="funding"))
        if held_disbursed > funded:
            words = _("disbursed %(amount)s USD, but funded %(limit)s USD")
            yield Over(
                slug, words % _given(held_disbursed, funded), funded, own & Q(kind="disbursement")
            )


def _notice_problems(projects: Sequence[int]) -> Iterable[Over]:
    heads = FundingNotice.objects.heads().filter(project__in=projects).order_by("ref")
    called = {notice.root_key: notice for notice in heads}
    received = dict(
        LedgerEntry.objects.filter(HELD, project__in=projects, kind="funding")
        .exclude(notice=None)
        .order_by()
        .values_list("notice_id")
        .annotate(Sum("amount_usd"))
    )
    for root, notice in called.items():
        amount, off = received.get(root, ZERO), notice.withdrawn or notice.declined_on is not None
        limit = ZERO if off else notice.amount_usd
        if amount > limit:
            words = _("funded %(amount)s USD, but this notice calls %(limit)s USD")
            entries = HELD & Q(notice=root, kind="funding")
            yield Over(notice.ref, words % _given(amount, limit), limit, entries)


def _given(amount: Decimal, limit: Decimal) -> dict[str, str]:
    return {"amount": f"{amount:,.2f}", "limit": f"{limit:,.2f}"}
