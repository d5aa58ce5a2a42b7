"""What no posting may pass: noticed <= selected, funded <= noticed, disbursed <= funded.

Cash is held by project, and that of a notice by notice as well; principal is held to what
was funded, and nothing is paid out of a project that was not. The limits hold on every day, by value dates and days of receipt, so that none is passed
at any point in time. An entry or a notice that carries an override reason, which only an
administrator can propose, may pass its limit, and uses up what room there is: every one
posted after it that adds to the sum needs a reason of its own, until the sum is within its
limit again. So does what lowers a limit further below what was let through it. What was
reversed, declined or taken back counts no more.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from heapq import heappop, heappush
from typing import Any

from django.db.models import Max, Min, Q, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.models import FundingNotice, LedgerEntry, Project

ZERO = Decimal(0)
HELD = Q(override_reason="")
STANDING = Q(reverses=None, reversal=None)  # neither a reversal nor reversed
CHUNK = 500
ENTRIES = 2000
Kind = LedgerEntry.Kind
NOTICE = "fundingnotice"
PAID_OUT = (Kind.INTEREST, Kind.DISTRIBUTION)
LIMITED = (Kind.FUNDING, Kind.DISBURSEMENT, Kind.PRINCIPAL, *PAID_OUT)


@dataclass(frozen=True)
class Limit:
    """Cash of one kind held, by project or by notice, to what notices call or another kind brought.

    The words are for a limit passed in the end, for one passed on a day, and for one
    passed on a day and reached later.
    """

    kind: str
    to: str
    by: str
    words: tuple[Any, Any, Any]


LIMITS = (
    Limit(
        Kind.FUNDING,
        NOTICE,
        "project",
        (
            gettext_lazy("funded %(amount)s USD, but noticed %(limit)s USD"),
            gettext_lazy("funded %(amount)s USD by %(day)s, but noticed %(limit)s USD by then"),
            gettext_lazy(
                "funded %(amount)s USD by %(day)s, but noticed that much only on %(later)s"
            ),
        ),
    ),
    Limit(
        Kind.DISBURSEMENT,
        Kind.FUNDING,
        "project",
        (
            gettext_lazy("disbursed %(amount)s USD, but funded %(limit)s USD"),
            gettext_lazy("disbursed %(amount)s USD by %(day)s, but funded %(limit)s USD by then"),
            gettext_lazy(
                "disbursed %(amount)s USD by %(day)s, but funded that much only on %(later)s"
            ),
        ),
    ),
    Limit(
        Kind.PRINCIPAL,
        Kind.FUNDING,
        "project",
        (
            gettext_lazy("repaid %(amount)s USD of principal, but funded %(limit)s USD"),
            gettext_lazy(
                "repaid %(amount)s USD of principal by %(day)s, but funded %(limit)s USD by then"
            ),
            gettext_lazy(
                "repaid %(amount)s USD of principal by %(day)s, but funded that much only on"
                " %(later)s"
            ),
        ),
    ),
    Limit(
        Kind.DISBURSEMENT,
        Kind.FUNDING,
        "notice",
        (
            gettext_lazy("disbursed %(amount)s USD, but received %(limit)s USD on this notice"),
            gettext_lazy(
                "disbursed %(amount)s USD by %(day)s, but received %(limit)s USD on this notice"
                " by then"
            ),
            gettext_lazy(
                "disbursed %(amount)s USD by %(day)s, but received that much on this notice only"
                " on %(later)s"
            ),
        ),
    ),
)


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
        sums = _sums(chunk)
        slugs = dict(Project.objects.filter(pk__in=chunk).values_list("pk", "slug"))
        problems += [
            *_limit_problems(sums, slugs),
            *_notice_problems(chunk),
            *_paid_out_early(sums, slugs),
        ]
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


Sums = Mapping[tuple[str, int, str], Days]  # by "project" or "notice", its key, and kind


def _limit_problems(sums: Sums, slugs: Mapping[int, str]) -> list[Over]:
    """Hold each kind of cash to its limits, those by project first."""
    notices = {key for by, key, kind in sums if (by, kind) == ("notice", Kind.DISBURSEMENT)}
    refs = FundingNotice.objects.filter(pk__in=notices).values_list("pk", "ref")
    named = {"project": slugs, "notice": dict(refs) if notices else {}}
    found = [over for limit in LIMITS for over in _beyond(limit, sums, named[limit.by])]
    return sorted(found, key=lambda over: (over.is_notice, over.what))


def _sums(projects: Sequence[int]) -> Sums:
    """What notices call of some projects, and the cash in them and on their notices, by day."""
    sums: defaultdict[tuple[str, int, str], defaultdict[date, Decimal]]
    sums = defaultdict(lambda: defaultdict(Decimal))
    entries = LedgerEntry.objects.filter(project__in=projects, kind__in=LIMITED).order_by()
    columns = ("project_id", "notice_id", "kind", "value_date")
    for project, notice, kind, day, amount in entries.values_list(*columns).annotate(
        Sum("amount_usd")
    ):
        sums["project", project, kind][day] += amount
        if notice is not None:
            sums["notice", notice, kind][day] += amount
    called = _standing_notices(projects).order_by()
    for project, day, amount in called.values_list("project_id", "received_on", "amount_usd"):
        sums["project", project, NOTICE][day] += amount
    return {key: sorted(days.items()) for key, days in sums.items()}


def _beyond(limit: Limit, sums: Sums, named: Mapping[int, str]) -> Iterator[Over]:
    """Yield where a limit is passed without a reason, by the names of projects or notices."""
    cash = {key: d for (by, key, of), d in sums.items() if (by, of) == (limit.by, limit.kind)}
    limits = {key: sums.get((limit.by, key, limit.to), []) for key in cash}
    beyond = {key for key, days in cash.items() if first_passed(list(_running(days)), limits[key])}
    of_kind = LedgerEntry.objects.filter(kind=limit.kind, **{f"{limit.by}__in": beyond})
    held = _held(of_kind, f"{limit.by}_id") if beyond else {}
    for key in sorted(beyond, key=named.__getitem__):
        own, refs = Q(kind=limit.kind, **{limit.by: key}), tuple[str, ...]()
        passed = first_passed(held.get((key,), []), limits[key])
        if passed is None and limit.to == NOTICE:
            notices = Q(**{limit.by: key})
            passed, refs = _lowered(own, _cash(own), _calls(notices), notices), _refs(notices)
        elif passed is None:
            passed = _lowered(own, _cash(own), _cash(Q(kind=limit.to, **{limit.by: key})))
        if passed is not None:
            own &= Q(value_date__lte=passed.on)
            words = _words(limit, passed)
            is_notice = limit.by == "notice"
            yield Over(named[key], words, passed.limit, own, refs, is_notice=is_notice)


def _paid_out_early(sums: Sums, slugs: Mapping[int, str]) -> Iterator[Over]:
    """Hold back what a project pays out until it was funded."""
    funded_on = {pk: _first(sums.get(("project", pk, Kind.FUNDING), [])) for pk in slugs}
    early = {
        pk
        for by, pk, kind in sums
        if by == "project" and kind in PAID_OUT
        if (paid_on := _first(sums[by, pk, kind])) and paid_on < (funded_on[pk] or date.max)
    }
    entries = LedgerEntry.objects.filter(STANDING, HELD, project__in=early, kind__in=PAID_OUT)
    firsts = entries.order_by().values_list("project_id", "kind").annotate(Min("value_date"))
    for pk, kind, day in sorted(firsts if early else (), key=lambda row: (slugs[row[0]], row[1])):
        funded = funded_on[pk]
        if day >= (funded or date.max):
            continue
        words = _("“%(kind)s” of %(day)s, but nothing was funded")
        if funded is not None:
            words = _("“%(kind)s” of %(day)s, but nothing was funded before %(funded)s")
        given = {"kind": Kind(kind).label, "day": day, "funded": funded}
        own = Q(HELD, project=pk, kind=kind, value_date__lt=funded or date.max)
        yield Over(slugs[pk], words % given, ZERO, own)


def _first(days: Days) -> date | None:
    """The first day of which cash stands: a reversal lies on the day of what it reverses."""
    return next((day for day, amount in days if amount > 0), None)


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


def _words(limit: Limit, passed: Passed) -> str:
    in_all, by_day, reached_later = limit.words
    given = _given(passed.amount, passed.limit)
    if passed.on == date.max:
        return str(in_all % given)
    given |= {"day": str(passed.on), "later": str(passed.later)}
    return str((by_day if passed.later is None else reached_later) % given)


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
