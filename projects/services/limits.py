"""What no cash may pass: funded <= noticed, disbursed <= funded, principal <= funded.

Cash is held by project, and that of a notice by notice as well, on every day by value
dates and days of receipt; nothing is paid out of a project before it was funded. What a
revision adds to an excess, or takes from the limit beneath one, needs a reason of its own, as
`projects.calculations.limits` says: that of an entry, or of a notice lowered beneath what
came in. What was reversed, declined or taken back counts no more.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Min, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.models import Revision
from projects.calculations.limits import (
    ZERO,
    Passed,
    beyond,
    first_passed,
    higher_of,
    less,
    more,
    running,
    unreasoned,
    worst,
)
from projects.models import FundingNotice, LedgerEntry, Project

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
    Limit(
        Kind.FUNDING,
        NOTICE,
        "notice",
        (
            gettext_lazy("funded %(amount)s USD, but this notice calls %(limit)s USD"),
            gettext_lazy("funded %(amount)s USD by %(day)s, but this notice calls %(limit)s USD"),
            gettext_lazy("funded on %(day)s, but this notice was received on %(later)s"),
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


Move = tuple[date, Decimal]


def cash_problems(projects: Collection[int], revision: Revision | None = None) -> list[Over]:
    """Return where cash of some projects passes a limit, in total and by notice, without a reason.

    That is by what a revision, the newest, posted; or by anything on record, where none is given.
    """
    problems: list[Over] = []
    listed = sorted(projects)
    for start in range(0, len(listed), CHUNK):
        chunk = listed[start : start + CHUNK]
        sums = _sums(chunk)
        slugs = dict(Project.objects.filter(pk__in=chunk).values_list("pk", "slug"))
        problems += [*_limit_problems(sums, slugs, revision), *_paid_out_early(sums, slugs)]
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


Sums = Mapping[tuple[str, int, str], list[Move]]  # by "project" or "notice", its key, and kind


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
    for notice in FundingNotice.objects.heads().filter(project__in=projects):
        if amount := notice.amount_called:
            sums["project", notice.project_id, NOTICE][notice.received_on] += amount
            sums["notice", notice.root_key, NOTICE][notice.received_on] += amount
    return {key: sorted(days.items()) for key, days in sums.items()}


def _limit_problems(sums: Sums, slugs: Mapping[int, str], revision: Revision | None) -> list[Over]:
    """Hold each kind of cash to its limits, those by project first."""
    notices = {key for by, key, kind in sums if by == "notice" and kind != NOTICE}
    refs = FundingNotice.objects.filter(pk__in=notices).values_list("pk", "ref")
    named = {"project": slugs, "notice": dict(refs) if notices else {}}
    found = [over for limit in LIMITS for over in _beyond(limit, sums, named[limit.by], revision)]
    return sorted(found, key=lambda over: (over.is_notice, over.what))


def _beyond(
    limit: Limit, standing: Sums, named: Mapping[int, str], revision: Revision | None
) -> Iterator[Over]:
    """Yield where a limit is passed without a reason, by the names of projects or notices."""
    accounts: dict[int, _Account] = {}
    for (by, key, kind), cash in standing.items():
        if (by, kind) == (limit.by, limit.kind):
            limits = standing.get((by, key, limit.to), [])
            days = sorted({day for day, _amount in (*cash, *limits)})
            if any(beyond(running(cash, days), running(limits, days))):
                accounts[key] = _Account()
    if not accounts:
        return
    sums = {key: account.sum for key, account in accounts.items()}
    _add_cash(limit.kind, limit.by, sums)
    _add_reasons(limit.kind, limit.by, sums)
    limits_of = {key: account.limit for key, account in accounts.items()}
    (_add_calls if limit.to == NOTICE else _add_cash)(limit.to, limit.by, limits_of)
    for key in sorted(accounts, key=named.__getitem__):
        passed, is_lowered = accounts[key].passed(revision)
        if passed is None:
            continue
        own = Q(kind=limit.kind, value_date__lte=passed.on, **{limit.by: key})
        refs: tuple[str, ...] = ()
        if is_lowered and limit.to == NOTICE:
            refs = _refs(Q(project=key) if limit.by == "project" else Q(pk=key) | Q(root=key))
        is_notice = limit.by == "notice"
        words, most = _words(limit, passed), passed.limit or ZERO
        yield Over(named[key], words, most, own, refs, is_notice=is_notice)


@dataclass
class _Side:
    """The dated dollars of a sum, or of its limit, by revision, and those of them with a reason.

    `excused` holds what the reasons of a revision leave aside, in a limit what they keep up.
    """

    made: defaultdict[int, list[Move]] = field(default_factory=lambda: defaultdict(list))
    reasoned: defaultdict[int, list[Move]] = field(default_factory=lambda: defaultdict(list))
    excused: defaultdict[int, list[Move]] = field(default_factory=lambda: defaultdict(list))


@dataclass
class _Account:
    """A sum and its limit, each as every revision left it."""

    sum: _Side = field(default_factory=_Side)
    limit: _Side = field(default_factory=_Side)

    def passed(self, revision: Revision | None) -> tuple[Passed | None, bool]:
        """Where the sum passes its limit without a reason, of one revision or of any; and
        whether the newest of them lowered the limit there.
        """
        numbers = sorted({*self.sum.made, *self.sum.reasoned, *self.limit.made})
        judged = numbers if revision is None else [revision.pk]
        moves = (m for side in (self.sum, self.limit) for made in side.made.values() for m in made)
        days = [*sorted({day for day, _amount in moves}), date.max]
        whole, reasoned, limit = (
            _Running(made, days) for made in (self.sum.made, self.sum.reasoned, self.limit.made)
        )
        for number in (n for n in numbers if n < judged[0]):
            for one in (whole, reasoned, limit):
                one.add(number)
        sums, plain, limits = whole.now, less(whole.now, reasoned.now), limit.now
        was, grown, left = limits, [ZERO] * len(days), [ZERO] * len(days)
        for number in judged:
            excused, kept_up = (
                running(side.excused.get(number, ()), days) for side in (self.sum, self.limit)
            )
            before, without, was = beyond(sums, limits), beyond(plain, limits), limits
            sums, limits = whole.add(number), limit.add(number)
            plain, most = less(sums, reasoned.add(number)), more(limits, kept_up)
            grown = unreasoned(grown, before, beyond(less(sums, excused), most))
            left = unreasoned(left, without, beyond(plain, most))
        faults = worst(grown, left)
        place = first_passed(faults)
        if place is None:
            return None, False
        return Passed.at(place, days, sums, limits), limits[place] < was[place]


@dataclass
class _Running:
    """The dollars by each of some days, revision after revision."""

    made: Mapping[int, list[Move]]
    days: Sequence[date]
    moves: list[Move] = field(default_factory=list)

    @property
    def now(self) -> list[Decimal]:
        return running(self.moves, self.days)

    def add(self, revision: int) -> list[Decimal]:
        self.moves += self.made.get(revision, [])
        return self.now


def _add_cash(kind: str, by: str, sides: Mapping[int, _Side]) -> None:
    """Add the cash of a kind to the sides of some projects or notices."""
    of_kind = LedgerEntry.objects.filter(kind=kind, **{f"{by}__in": list(sides)}).order_by()
    columns = (f"{by}_id", "revision_id", "value_date")
    for key, revision, day, amount in of_kind.values_list(*columns).annotate(Sum("amount_usd")):
        sides[key].made[revision].append((day, amount))


def _add_reasons(kind: str, by: str, sides: Mapping[int, _Side]) -> None:
    """Add the entries of a kind that carry a reason, which excuses each in its own revision.

    One that its own revision reversed is excused by nothing, one reversed later no more.
    """
    forced = LedgerEntry.objects.filter(~HELD, kind=kind, **{f"{by}__in": list(sides)}).order_by()
    columns = (f"{by}_id", "revision_id", "value_date", "amount_usd", "reversal__revision_id")
    for key, revision, day, amount, reversed_by in forced.values_list(*columns):
        if reversed_by != revision:
            sides[key].excused[revision].append((day, amount))
            sides[key].reasoned[revision].append((day, amount))
            if reversed_by is not None:
                sides[key].reasoned[reversed_by].append((day, -amount))


def _add_calls(_kind: str, by: str, sides: Mapping[int, _Side]) -> None:
    """Add what notices call to the limits of some projects or notices, from the day of receipt.

    One that gives a reason may be lowered by it: the limit is what it called before, or calls.
    """
    own = Q(project__in=list(sides))
    if by == "notice":
        own = Q(pk__in=list(sides)) | Q(root__in=list(sides))
    versions = FundingNotice.objects.filter(own).select_related("supersedes", "successor")
    for version in versions:
        key = version.root_key if by == "notice" else version.project_id
        side, call = sides[key], (version.received_on, version.amount_called)
        side.made[version.revision_id].append(call)
        if (later := getattr(version, "successor", None)) is None:
            continue
        side.made[later.revision_id].append((call[0], -call[1]))
        if later.gives_reason(version):
            calls = (later.received_on, later.amount_called)
            after = [calls] if by == "notice" or later.project_id == key else []
            side.excused[later.revision_id] += [
                *higher_of([call], after),
                *((day, -amount) for day, amount in after),
            ]


def _refs(notices: Q) -> tuple[str, ...]:
    refs = FundingNotice.objects.filter(notices).order_by("ref").values_list("ref", flat=True)
    return tuple(dict.fromkeys(refs))


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


def _first(days: Sequence[Move]) -> date | None:
    """The first day of which cash stands: a reversal lies on the day of what it reverses."""
    return next((day for day, amount in days if amount > 0), None)


def _words(limit: Limit, passed: Passed) -> str:
    in_all, by_day, reached_later = limit.words
    given = {"amount": f"{passed.amount:,.2f}", "limit": f"{passed.limit or ZERO:,.2f}"}
    if passed.on == date.max:
        return str(in_all % given)
    given |= {"day": str(passed.on), "later": str(passed.later)}
    return str((by_day if passed.later is None else reached_later) % given)
