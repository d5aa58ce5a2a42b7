"""What no posting may pass: noticed <= selected, funded <= noticed, disbursed <= funded.

The limits hold on every day, by value dates and days of receipt, so that none is passed
at any point in time. An entry or a notice that carries an override reason, which only an
administrator can propose, may pass its limit, and uses up what room there is: every one
posted after it that adds to the sum needs a reason of its own, until the sum is within its
limit again. So does what lowers a limit further below what was let through it. What was
reversed, declined or taken back counts no more.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from heapq import heappop, heappush
from typing import Any

from django.db.models import Max, Min, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from projects.models import FundingNotice, LedgerEntry, Project

ZERO = Decimal(0)
HELD = Q(override_reason="")
STANDING = Q(reverses=None, reversal=None)  # neither a reversal nor reversed
CHUNK = 500
ENTRIES = 2000
LIMITED = (LedgerEntry.Kind.FUNDING, LedgerEntry.Kind.DISBURSEMENT)


@dataclass(frozen=True)
class Over:
    """One limit in US dollars that is passed: of which project or notice, by which entries."""

    what: str
    words: str
    limit: Decimal
    entries: Q
    notices: tuple[str, ...] = ()  # those on which a reason lets the limit be lowered
    is_notice: bool = False


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
    """Return the first entry without a reason, in the order of posting, that passed a limit."""
    sum_ = ZERO
    entries = LedgerEntry.objects.filter(STANDING, over.entries).order_by("number")
    columns = ("ref", "number", "revision", "amount_usd", "override_reason")
    entry: LedgerEntry
    for entry in entries.only(*columns).iterator(ENTRIES):
        sum_ += entry.amount_usd
        if sum_ > over.limit and not entry.override_reason:
            return entry
    return None


@dataclass(frozen=True)
class Call:
    """What a standing notice calls of a project, the version that called it, and the revision
    that gave its reason, or else its newest.
    """

    ref: str
    amount: Decimal
    posted: int
    revision: int
    has_reason: bool


def calls_by_project(projects: Collection[int]) -> dict[int, list[Call]]:
    """The calls that stand on some projects, each in the place where it was last made.

    A correction that raises a call, moves it here, gives it a reason or takes that away
    makes it anew; one that lowers it, or says more about it, leaves it in its place.
    """
    found: dict[int, list[Call]] = {}
    roots = FundingNotice.objects.filter(project__in=projects)
    keys = {root or pk for pk, root in roots.order_by().values_list("pk", "root_id")}
    versions = FundingNotice.objects.filter(Q(pk__in=keys) | Q(root__in=keys)).order_by("pk")
    made: dict[int, tuple[FundingNotice, int, int]] = {}
    for version in versions.defer("locator", "note"):
        before, posted, revision = made.get(version.root_key, (None, 0, 0))
        if before is None or _is_made_anew(version, before):
            posted = version.pk
        if not version.override_reason or version.gives_reason(before):
            revision = version.revision_id
        made[version.root_key] = (version, posted, revision)
    for notice, posted, revision in sorted(made.values(), key=lambda call: call[1]):
        if notice.amount_called:
            given = (notice.ref, notice.amount_called, posted, revision)
            call = Call(*given, has_reason=bool(notice.override_reason))
            found.setdefault(notice.project_id, []).append(call)
    return {pk: found[pk] for pk in projects if pk in found}


def _is_made_anew(notice: FundingNotice, before: FundingNotice) -> bool:
    return (
        notice.gives_reason(before)
        or bool(before.override_reason and not notice.override_reason)
        or notice.project_id != before.project_id
        or notice.amount_called > before.amount_called
    )


def held_calls(calls: Sequence[Call]) -> list[Call]:
    """The calls of a project up to the last without a reason: those held to what is selected."""
    plain = [place for place, call in enumerate(calls, start=1) if not call.has_reason]
    return list(calls[: max(plain, default=0)])


def is_lowered(excess: Callable[[int], Decimal], since: Iterable[int], *, newest: int) -> bool:
    """Whether a limit was lowered below what was let through it, and no reason given for that.

    `excess` gives the dollars beyond the limit as of a revision. There may be as
    many as at any revision `since` the last that gave a reason, that one among them:
    what once came within the limit again is let through no more.
    """
    now = excess(newest)
    return now > 0 and any(excess(revision) < now for revision in since if revision < newest)


def _standing_notices(projects: Collection[int]) -> QuerySet[FundingNotice]:
    """The current notices of some projects that were not declined."""
    return FundingNotice.objects.heads().filter(
        project__in=projects, withdrawn=False, declined_on=None
    )


def _project_problems(projects: Sequence[int]) -> Iterable[Over]:
    """Hold what was funded to what was noticed, and what was paid on to what was funded."""
    cash: defaultdict[tuple[int, str], Days] = defaultdict(list)
    entries = LedgerEntry.objects.filter(project__in=projects, kind__in=LIMITED).order_by(
        "value_date"
    )
    for pk, kind, day, amount in entries.values_list("project_id", "kind", "value_date").annotate(
        Sum("amount_usd")
    ):
        cash[pk, kind].append((day, amount))
    called: defaultdict[int, Days] = defaultdict(list)
    for pk, day, amount in (
        _standing_notices(projects)
        .order_by("received_on")
        .values_list("project_id", "received_on", "amount_usd")
    ):
        called[pk].append((day, amount))
    limits = {
        (pk, kind): called[pk] if kind == "funding" else cash.get((pk, "funding"), [])
        for pk, kind in cash
    }
    beyond = {key for key, days in cash.items() if first_passed(list(_running(days)), limits[key])}
    held = _held(entries.filter(project__in={pk for pk, _kind in beyond}), "project_id", "kind")
    slugs = dict(Project.objects.filter(pk__in=projects).values_list("pk", "slug"))
    for pk, kind in sorted(beyond, key=lambda key: (slugs[key[0]], key[1] != "funding")):
        passed = first_passed(held.get((pk, kind), []), limits[pk, kind])
        if passed is not None:
            own = Q(project=pk, kind=kind, value_date__lte=passed.on)
            yield Over(slugs[pk], _words(kind, passed), passed.limit, own)
            continue
        own, notices = Q(project=pk, kind=kind), Q(project=pk)
        lowered = (
            _lowered(own, _cash(own), _calls(notices), notices)
            if kind == "funding"
            else _lowered(own, _cash(own), _cash(Q(project=pk, kind="funding")))
        )
        if lowered is not None:
            refs = _refs(notices) if kind == "funding" else ()
            own &= Q(value_date__lte=lowered.on)
            yield Over(slugs[pk], _words(kind, lowered), lowered.limit, own, refs)


Moves = list[tuple[int, date, Decimal]]  # revision, day, dollars; what is taken back is negative


def _lowered(own: Q, cash: Moves, limit: Moves, notices: Q | None = None) -> Passed | None:
    """Where entries let through pass their limit by most, if it was lowered without a reason.

    An entry gives the reason, or one of the `notices`.
    """
    let_through = LedgerEntry.objects.filter(STANDING, own).exclude(HELD).order_by()
    given = [*let_through.values_list("revision_id", flat=True).distinct()]
    if notices is not None:
        reasoned = FundingNotice.objects.filter(notices).exclude(HELD).select_related("supersedes")
        given += [n.revision_id for n in reasoned if n.gives_reason(n.supersedes)]
    return _lowered_since(max(given), cash, limit) if given else None


def _lowered_since(last: int, cash: Moves, limit: Moves) -> Passed | None:
    """Where sums of cash pass their limit by most in the end, if by more than once since a revision.

    The excess of a revision is the most dollars by which the limit of a day is passed.
    """

    def passed(revision: int) -> Passed | None:
        return _most_passed(_days_at(cash, revision), _days_at(limit, revision))

    def excess(revision: int) -> Decimal:
        found = passed(revision)
        return found.amount - found.limit if found else ZERO

    moved = {revision for revision, _day, _amount in (*cash, *limit) if revision >= last}
    newest = max(moved, default=last)
    return passed(newest) if is_lowered(excess, {last, *moved}, newest=newest) else None


def _days_at(moves: Moves, revision: int) -> Days:
    """The dollars of each day as of a revision, oldest first."""
    days: defaultdict[date, Decimal] = defaultdict(Decimal)
    for posted, day, amount in moves:
        if posted <= revision:
            days[day] += amount
    return sorted(days.items())


def _cash(entries: Q) -> Moves:
    """What some entries moved, by revision and day."""
    rows = LedgerEntry.objects.filter(entries).order_by()
    return list(rows.values_list("revision_id", "value_date").annotate(Sum("amount_usd")))


def _calls(notices: Q) -> Moves:
    """What some notices call from the day of receipt, and no more once a version is replaced."""
    moves: Moves = []
    for notice in FundingNotice.objects.filter(notices).select_related("successor"):
        moves.append((notice.revision_id, notice.received_on, notice.amount_called))
        if later := getattr(notice, "successor", None):
            moves.append((later.revision_id, notice.received_on, -notice.amount_called))
    return moves


def _in_all(moves: Moves) -> Moves:
    """The same without their days."""
    return [(revision, date.max, amount) for revision, _day, amount in moves]


def _refs(notices: Q) -> tuple[str, ...]:
    refs = FundingNotice.objects.filter(notices).order_by("ref").values_list("ref", flat=True)
    return tuple(dict.fromkeys(refs))


def _held(entries: QuerySet[LedgerEntry], *key: str) -> dict[tuple[Any, ...], Days]:
    """What is held to a limit by each day, by key: the sum up to the last entry without a reason.

    What carries a reason and was posted after that one is let through.
    """
    standing = entries.filter(STANDING)
    days: dict[tuple[Any, ...], list[tuple[date, Decimal, int | None]]] = {}
    for *of, day, amount, last in (
        standing.order_by("value_date")
        .values_list(*key, "value_date")
        .annotate(Sum("amount_usd"), last=Max("number", filter=HELD))
    ):
        days.setdefault(tuple(of), []).append((day, amount, last))
    own = {of for of, listed in days.items() if any(last for _day, _amount, last in listed)}
    forced: defaultdict[tuple[Any, ...], list[tuple[date, int, Decimal]]] = defaultdict(list)
    for *of, day, number, amount in (
        standing.exclude(HELD)
        .filter(**{f"{key[0]}__in": {of[0] for of in own}})
        .order_by("value_date")
        .values_list(*key, "value_date", "number", "amount_usd")
    ):
        forced[tuple(of)].append((day, number, amount))
    return {of: list(_up_to_the_last(days[of], forced[of])) for of in own}


def _up_to_the_last(
    days: Sequence[tuple[date, Decimal, int | None]],
    forced: Sequence[tuple[date, int, Decimal]],
) -> Iterator[tuple[date, Decimal]]:
    """Yield the sum of each day without what was let through after its last plain entry.

    Both are listed by day: amounts with the number of that day's last entry
    without a reason, and the entries that carry one.
    """
    sum_, let_through, newest, taken = ZERO, ZERO, 0, 0
    later: list[tuple[int, Decimal]] = []  # a heap by number
    for day, amount, last in days:
        sum_ += amount
        newest = max(newest, last or 0)
        while taken < len(forced) and forced[taken][0] <= day:
            heappush(later, forced[taken][1:])
            let_through += forced[taken][2]
            taken += 1
        while later and later[0][0] < newest:
            let_through -= heappop(later)[1]
        yield day, sum_ - let_through


def first_passed(sums: Days, limits: Days) -> Passed | None:
    """Where sums by day pass those of their limits: in the end, else first on a day.

    `sums` are running, `limits` the amounts of each day, oldest first; a limit
    counts from its own day.
    """
    whole = sums[-1][1] if sums else ZERO
    most = sum((amount for _day, amount in limits), ZERO)
    if whole > most:
        return Passed(date.max, whole, most)
    limit, reached = ZERO, 0
    for day, sum_ in sums:
        while reached < len(limits) and limits[reached][0] <= day:
            limit += limits[reached][1]
            reached += 1
        if sum_ > limit:
            later = (on for on, so_far in _running(limits) if so_far >= sum_)
            return Passed(day, sum_, limit, next(later, None))
    return None


def _most_passed(cash: Days, limits: Days) -> Passed | None:
    """Where sums by day pass those of their limits by the most dollars: in the end, else on a day."""
    found, sum_, limit = None, ZERO, ZERO
    cash_on, limit_on = dict(cash), dict(limits)
    for day in sorted({*cash_on, *limit_on}):
        sum_ += cash_on.get(day, ZERO)
        limit += limit_on.get(day, ZERO)
        if sum_ - limit > (found.amount - found.limit if found else ZERO):
            found = Passed(day, sum_, limit)
    if found is None or found.amount - found.limit == sum_ - limit:
        return found and Passed(date.max, sum_, limit)
    later = (on for on, so_far in _running(limits) if so_far >= found.amount)
    return replace(found, later=next(later, None))


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
    if passed.later is None and kind == "funding":
        return _("funded %(amount)s USD by %(day)s, but noticed %(limit)s USD by then") % given
    if passed.later is None:
        return _("disbursed %(amount)s USD by %(day)s, but funded %(limit)s USD by then") % given
    if kind == "funding":
        words = _("funded %(amount)s USD by %(day)s, but noticed that much only on %(later)s")
    else:
        words = _("disbursed %(amount)s USD by %(day)s, but funded that much only on %(later)s")
    return words % given


def _notice_problems(projects: Sequence[int]) -> Iterable[Over]:
    """Hold what was received on each notice to what it calls, from the day it was received."""
    heads = FundingNotice.objects.heads().filter(project__in=projects).order_by("ref")
    called = {notice.root_key: notice for notice in heads}
    entries = LedgerEntry.objects.filter(project__in=projects, kind="funding")
    received = {
        root: (amount, first)
        for root, amount, first in entries.exclude(notice=None)
        .order_by()
        .values_list("notice_id")
        .annotate(whole=Sum("amount_usd"), first=Min("value_date", filter=HELD & STANDING))
    }
    beyond = {
        root
        for root, notice in called.items()
        if received.get(root, (ZERO, None))[0] > notice.amount_called
    }
    held = _held(entries.filter(notice__in=beyond), "notice_id")
    for root, notice in called.items():
        amount = held[root,][-1][1] if (root,) in held else ZERO
        _whole, first = received.get(root, (ZERO, None))
        limit, own = notice.amount_called, Q(notice=root, kind="funding")
        if amount > limit:
            words = _("funded %(amount)s USD, but this notice calls %(limit)s USD")
            yield Over(notice.ref, words % _given(amount, limit), limit, own, is_notice=True)
        elif first is not None and first < notice.received_on:
            words = _("funded on %(day)s, but this notice was received on %(received)s")
            given = {"day": first, "received": notice.received_on}
            early = own & HELD & Q(value_date__lt=notice.received_on)
            yield Over(notice.ref, words % given, ZERO, early, is_notice=True)
        elif root in beyond:
            versions = Q(pk=root) | Q(root=root)
            moves = (_in_all(_cash(own)), _in_all(_calls(versions)))
            lowered = _lowered(own, *moves, versions)
            if lowered is not None:
                words = _("funded %(amount)s USD, but this notice calls %(limit)s USD")
                told = words % _given(lowered.amount, lowered.limit)
                yield Over(notice.ref, told, lowered.limit, own, (notice.ref,), is_notice=True)


def _given(amount: Decimal, limit: Decimal) -> dict[str, str]:
    return {"amount": f"{amount:,.2f}", "limit": f"{limit:,.2f}"}
