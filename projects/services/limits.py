"""What no posting may pass: noticed <= selected, funded <= noticed, disbursed <= funded.

The limits hold on every day, by value dates and days of receipt, so that none is passed
at any point in time. An entry or a notice that carries an override reason, which only an
administrator can propose, is left out of the amount that is held to its limit;
so is its reversal, which carries the same reason.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Min, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from projects.models import FundingNotice, LedgerEntry, Project

ZERO = Decimal(0)
HELD = Q(override_reason="")
STANDING = Q(reverses=None, reversal=None)  # neither a reversal nor reversed
CHUNK = 500
ENTRIES = 2000


@dataclass(frozen=True)
class Over:
    """One limit in US dollars that is passed: of which project or notice, by which entries."""

    what: str
    words: str
    limit: Decimal
    entries: Q


Days = list[tuple[date, Decimal]]  # dollars of each day, oldest first


@dataclass(frozen=True)
class Passed:
    """The day by which a sum passes its limit, the last of all days where it does so in the end.

    `later` is the day on which the limit reached that sum.
    """

    on: date
    amount: Decimal
    limit: Decimal
    later: date | None = None


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


def noticed_totals(projects: Collection[int]) -> dict[int, Decimal]:
    """What stands noticed on each project by notices that carry no reason of an administrator."""
    notices = _standing_notices(projects).filter(HELD)
    return dict(notices.order_by().values_list("project_id").annotate(Sum("amount_usd")))


def _standing_notices(projects: Collection[int]) -> QuerySet[FundingNotice]:
    """The current notices of some projects that were not declined."""
    return FundingNotice.objects.heads().filter(
        project__in=projects, withdrawn=False, declined_on=None
    )


def _project_problems(projects: Sequence[int]) -> Iterable[Over]:
    """Hold what was funded to what was noticed, and what was paid on to what was funded."""
    entries = LedgerEntry.objects.filter(
        project__in=projects, kind__in=("funding", "disbursement")
    ).order_by("value_date")
    cash: defaultdict[tuple[int, str, bool], Days] = defaultdict(list)
    for pk, kind, day, whole, held in entries.values_list(
        "project_id", "kind", "value_date"
    ).annotate(whole=Sum("amount_usd"), held=Sum("amount_usd", filter=HELD)):
        cash[pk, kind, False].append((day, whole))
        cash[pk, kind, True].append((day, held or ZERO))
    called: defaultdict[int, Days] = defaultdict(list)
    for pk, day, amount in (
        _standing_notices(projects)
        .order_by("received_on")
        .values_list("project_id", "received_on", "amount_usd")
    ):
        called[pk].append((day, amount))
    for pk, slug in (
        Project.objects.filter(pk__in=projects).order_by("slug").values_list("pk", "slug")
    ):
        funded = cash[pk, "funding", False]
        for kind, limits in (("funding", called[pk]), ("disbursement", funded)):
            passed = first_passed(cash[pk, kind, True], limits)
            if passed is not None:
                own = HELD & Q(project=pk, kind=kind, value_date__lte=passed.on)
                yield Over(slug, _words(kind, passed), passed.limit, own)


def first_passed(amounts: Days, limits: Days) -> Passed | None:
    """Where the sum of some amounts passes that of their limits: in the end, else first on a day.

    Both are lists of days and amounts, oldest first; a limit counts from its own day.
    """
    whole, most = (sum((a for _day, a in days), ZERO) for days in (amounts, limits))
    if whole > most:
        return Passed(date.max, whole, most)
    sum_, limit, reached = ZERO, ZERO, 0
    for day, amount in amounts:
        sum_ += amount
        while reached < len(limits) and limits[reached][0] <= day:
            limit += limits[reached][1]
            reached += 1
        if sum_ > limit:
            later = (on for on, so_far in _running(limits) if so_far >= sum_)
            return Passed(day, sum_, limit, next(later, None))
    return None


def _running(days: Days) -> Iterator[tuple[date, Decimal]]:
    sum_ = ZERO
    for day, amount in days:
        sum_ += amount
        yield day, sum_


def _words(kind: str, passed: Passed) -> str:
    given = _given(passed.amount, passed.limit)
    if passed.on == date.max:
        if kind == "funding":
            return _("funded %(amount)s USD, but noticed %(limit)s USD") % given
        return _("disbursed %(amount)s USD, but funded %(limit)s USD") % given
    given |= {"day": str(passed.on), "later": str(passed.later)}
    if kind == "funding":
        words = _("funded %(amount)s USD by %(day)s, but noticed that much only on %(later)s")
    else:
        words = _("disbursed %(amount)s USD by %(day)s, but funded that much only on %(later)s")
    return words % given


def _notice_problems(projects: Sequence[int]) -> Iterable[Over]:
    """Hold what was received on each notice to what it calls, from the day it was received."""
    heads = FundingNotice.objects.heads().filter(project__in=projects).order_by("ref")
    called = {notice.root_key: notice for notice in heads}
    received = {
        root: (amount, first)
        for root, amount, first in LedgerEntry.objects.filter(
            HELD, project__in=projects, kind="funding"
        )
        .exclude(notice=None)
        .order_by()
        .values_list("notice_id")
        .annotate(whole=Sum("amount_usd"), first=Min("value_date", filter=STANDING))
    }
    for root, notice in called.items():
        amount, first = received.get(root, (ZERO, None))
        off = notice.withdrawn or notice.declined_on is not None
        limit = ZERO if off else notice.amount_usd
        entries = HELD & Q(notice=root, kind="funding")
        if amount > limit:
            words = _("funded %(amount)s USD, but this notice calls %(limit)s USD")
            yield Over(notice.ref, words % _given(amount, limit), limit, entries)
        elif first is not None and first < notice.received_on:
            words = _("funded on %(day)s, but this notice was received on %(received)s")
            given = {"day": first, "received": notice.received_on}
            early = entries & STANDING & Q(value_date__lt=notice.received_on)
            yield Over(notice.ref, words % given, ZERO, early)


def _given(amount: Decimal, limit: Decimal) -> dict[str, str]:
    return {"amount": f"{amount:,.2f}", "limit": f"{limit:,.2f}"}
