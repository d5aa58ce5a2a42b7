"""What the register holds of one commitment at one point: everything read at most once."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any

from django.db.models import Min, Q, QuerySet

from commitments.calculations.calendars import Calendar
from commitments.calculations.point import PointInTime
from commitments.calculations.undefined import Reason
from commitments.models import Claim, Commitment, Party, SectorMapping, Term
from commitments.selectors import Judged, Judgements, Terms, judged_claims, terms_of
from projects.calculations.guarantees import ClaimPaid, Drawn, Guarantee, drawn
from projects.calculations.notices import Receipt
from projects.calculations.stages import ORDER, Stage
from projects.models import (
    Cover,
    Financing,
    FundingNotice,
    LedgerEntry,
    Plan,
    ProjectLink,
    ProjectParty,
    ProjectProfile,
    StageEvent,
)
from projects.selectors.cash import CASH_RUNGS, RUNG_OF_KIND, Cash, CashDay, unreversed
from projects.selectors.history import signed_at_most
from projects.selectors.members import (
    NOBODY,
    RUNGS,
    Member,
    cash_member,
    claimed_member,
    cover_member,
    financing_member,
    notice_member,
    project_member,
)
from projects.selectors.moves import Move, moves_of, moves_of_cash
from projects.selectors.notices import NoticeRecord, notice_records, receipts_of
from projects.selectors.projects import (
    DECIDED,
    ProjectRecord,
    project_records,
    raised,
    stands,
)
from projects.selectors.returns import Convention, Investment, convention_of, investments_of


@dataclass
class CommitmentRecord:
    """What the register holds of one commitment at one point in time.

    Every property reads the database at most once, whatever the number of rows.
    """

    commitment: Commitment
    point: PointInTime

    @cached_property
    def terms(self) -> Terms:
        return terms_of(self.commitment, self.point)

    @cached_property
    def is_before_agreement(self) -> bool:
        """True on days before the recorded start of the commitment, or before it was public."""
        return self.lies_ahead("start")

    def lies_ahead(self, key: str) -> bool:
        """True while no term of a key holds yet, and one that holds later is on record.

        It may hold from a later day, or, of what was public by a day, be published later.
        """
        if self.terms.term(key) is not None:
            return False
        point = self.point
        recorded = Term.objects.heads_at(point.revision).filter(withdrawn=False)
        later = Q(effective_on__gt=point.seen_until)
        if point.published_by is not None:
            later |= Q(published_on__gt=point.published_by)
        return recorded.filter(later, commitment=self.commitment, key=key).exists()

    @cached_property
    def is_recorded(self) -> bool:
        """True once the register held anything of the commitment."""
        if self.terms.readings or self._decided:
            return True
        held = Q(commitment=self.commitment, revision__lte=self.point.revision)
        return any(model.objects.filter(held).exists() for model in (Term, Claim))

    @property
    def why_unanswered(self) -> Reason | None:
        """Why nothing can be said of the commitment at the point; None where something can."""
        if not self.is_recorded:
            return Reason.NOT_RECORDED_YET
        return Reason.BEFORE_AGREEMENT if self.is_before_agreement else None

    @cached_property
    def is_followed(self) -> bool:
        """True when the rungs are recorded: a headline rung is set, or anything stands on one.

        Of a commitment that is not followed only terms are on record; nobody
        looked for its selections and payments, so nothing is said of them.
        """
        return self.terms.term("headline_rung") is not None or bool(
            self._decided or self.plan or self.financings or self.notices or self._cash.cells
        )

    @cached_property
    def projects(self) -> list[ProjectRecord]:
        """Every project with an event at the point, by slug."""
        return self._with_money_stages(self._decided)

    @cached_property
    def _decided(self) -> list[ProjectRecord]:
        """Every project with an event at the point as its events leave it, by slug."""
        point, commitment = self.point, self.commitment
        events = StageEvent.objects.current(point).filter(project__commitment=commitment)
        profiles = ProjectProfile.objects.current(point).filter(project__commitment=commitment)
        links = ProjectLink.objects.current(point).filter(project__commitment=commitment)
        return project_records(
            events.select_related("project", "document"),
            profiles.select_related("sector", "document").order_by("effective_on", "pk"),
            links.exclude(relation=ProjectLink.Relation.RELATED).select_related("other"),
            self._judged,
        )

    def _with_money_stages(self, records: list[ProjectRecord]) -> list[ProjectRecord]:
        """Raise the stage of projects whose agreements, notices or cash say more than their events.

        Cash that was reversed in full raises nothing.
        """
        reached = {
            project.slug: Stage.SIGNED
            for agreed in self.financings
            for project in agreed.projects.all()
        }
        for rung in ("noticed", *CASH_RUNGS):
            for member in self._money_members(rung, records):
                if member.row.bounds.low:
                    reached[member.project] = Stage(rung)
        return [
            replace(record, standing=raised(record.standing, reached.get(record.slug)))
            for record in records
        ]

    @cached_property
    def companies(self) -> dict[str, list[Party]]:
        """The companies of each project by its slug, in the order they were recorded."""
        rows = ProjectParty.objects.current(self.point).filter(project__commitment=self.commitment)
        found: dict[str, list[Party]] = {}
        for row in rows.select_related("project", "party").order_by("pk"):
            found.setdefault(row.project.slug, []).append(row.party)
        return found

    @cached_property
    def by_slug(self) -> dict[str, ProjectRecord]:
        return {record.slug: record for record in self.projects}

    @cached_property
    def _judged(self) -> Judgements:
        return judged_claims(self.commitment, self.point)

    def judged(self, subject: str, aspect: str, unit: str = "usd") -> Judged:
        """The figure about a project, financing or the commitment, and its claims."""
        return self._judged.get((subject, aspect, unit), NOBODY)

    def is_claimed(self, subject: str, aspect: str) -> bool:
        """Whether anything is claimed of an aspect, in whatever unit, with an amount or none."""
        return any((subject, aspect, unit) in self._judged for unit in Claim.Unit.values)

    def signed_at_most(self, ref: str) -> Decimal:
        """The most US dollars that a financing is signed for; not stated is none."""
        return signed_at_most(self.judged(f"financing:{ref}", "amount.signed"))

    def judged_whole(self, aspect: str, unit: str = "percent") -> Judged:
        """What was published about an aspect of the whole commitment."""
        return self.judged(f"commitment:{self.commitment.slug}", aspect, unit)

    @cached_property
    def financings(self) -> list[Financing]:
        return list(
            Financing.objects.current(self.point)
            .filter(commitment=self.commitment)
            .select_related("instrument", "document")
            .prefetch_related("projects", "providers")
        )

    def signed_amounts(self, ref: str) -> Iterator[tuple[str, Judged]]:
        """What is claimed of a financing's amount: in dollars, and in yen where that is."""
        for currency in ("USD", "JPY"):
            judged = self.judged(f"financing:{ref}", "amount.signed", currency.lower())
            if currency == "USD" or judged.used or judged.others:
                yield currency, judged

    @cached_property
    def notices(self) -> list[FundingNotice]:
        return list(
            FundingNotice.objects.current(self.point)
            .filter(commitment=self.commitment)
            .select_related("project", "instrument", "document")
        )

    @cached_property
    def notice_records(self) -> list[NoticeRecord]:
        """The notices with their standing, each window as it was recorded."""
        return self.notices_under(None)

    def notices_under(self, calendar: Calendar | None) -> list[NoticeRecord]:
        """The notices with their standing, their windows computed anew under a calendar."""
        if not self.notices:
            return []
        return notice_records(
            self.notices,
            self._receipts,
            {
                record.slug: record.amounts["selected"].bounds
                for record in self.projects
                if record.standing.is_selected and "selected" in record.amounts
            },
            as_of=self.point.as_of,
            calendar=calendar,
        )

    @cached_property
    def _receipts(self) -> dict[int, tuple[Receipt, ...]]:
        return receipts_of(self.entries())

    @cached_property
    def covers(self) -> list[Cover]:
        """The covers in force."""
        return [
            c for c in self._agreed_covers if c.ends_on is None or c.ends_on >= self.point.as_of
        ]

    @cached_property
    def _agreed_covers(self) -> list[Cover]:
        """The covers that began, those that ended too."""
        covers = Cover.objects.current(self.point).filter(financing__commitment=self.commitment)
        return list(covers.select_related("financing__instrument", "insurer", "document"))

    @cached_property
    def guarantees(self) -> list[Guarantee]:
        """The covers and guarantees of projects, those that ended too."""
        found = []
        for cover in self._agreed_covers:
            if (covered := self._financing_by_root.get(cover.financing_id)) is not None:
                days = (cover.in_force_on, cover.ends_on or date.max)
                found.append(Guarantee(cover.ref, _slugs(covered), *days, cover.amount_usd))
        for financing in self.financings:
            if not financing.instrument.is_cash:
                most = self.judged(f"financing:{financing.ref}", "amount.signed").bounds.high
                days = (financing.signed_on or date.min, date.max)
                found.append(Guarantee(financing.ref, _slugs(financing), *days, most))
        return found

    @cached_property
    def claims_paid(self) -> list[Drawn]:
        """The claims paid under guarantees and not reversed, in the order of posting."""
        entries = unreversed(
            LedgerEntry.objects.known(self.point).filter(
                commitment=self.commitment,
                kind=LedgerEntry.Kind.GUARANTEE_CALL,
                value_date__lte=self.point.as_of,
            )
        )
        columns = ("ref", "project__slug", "value_date", "amount_usd", "document__slug")
        rows = entries.order_by("number").values_list(*columns)
        return drawn(self.guarantees, (ClaimPaid(*row) for row in rows))

    def claimed_of(self, cover: Cover) -> list[tuple[ClaimPaid, Decimal]]:
        """The claims paid under a cover whose amount is stated, each with what it drew of it."""
        if cover.amount_usd is None:
            return []
        paid = ((one.claim, one.of.get(cover.ref)) for one in self.claims_paid)
        return [(claim, amount) for claim, amount in paid if amount is not None]

    def outstanding_usd(self, cover: Cover) -> Decimal | None:
        """What a cover still stands for, claims paid under it taken off; None: not stated."""
        if cover.amount_usd is None:
            return None
        claimed = (amount for _claim, amount in self.claimed_of(cover))
        left: Decimal = cover.amount_usd - sum(claimed, Decimal(0))
        return left

    def members(self, rung: str) -> list[Member]:
        """The amounts on one rung, or at the stage "in_consultation" or "guaranteed"."""
        if rung not in self._members:
            self._members[rung] = self._members_on(rung)
        return self._members[rung]

    @cached_property
    def _members(self) -> dict[str, list[Member]]:
        return {}

    def _members_on(self, rung: str) -> list[Member]:
        if rung in DECIDED:
            return [project_member(p, rung) for p in self.projects if stands(p, rung, self.by_slug)]
        if rung == "signed":
            return [self._financing_member(financing) for financing in self.financings]
        if rung == "guaranteed":
            return [member for cover in self.covers for member in self._cover_members(cover)]
        if rung not in RUNGS:
            raise ValueError(f"“{rung}” is no rung; rungs are never added together")
        return self._money_members(rung, self.projects)

    def members_by(self, rung: str, day: date) -> list[Member]:
        """The amounts that stood on a rung of decisions or signatures on a day up to as_of.

        Made from the rows of this point: no read but one, where cash moved in a
        project that its events leave in consultation.
        """
        if rung == "signed":
            signed = [f for f in self.financings if f.signed_on is None or f.signed_on <= day]
            return [self._financing_member(financing, day) for financing in signed]
        past = [p for p in (self._project_by(p, day) for p in self._decided) if p.events]
        by_slug = {p.slug: p for p in past}
        return [project_member(p, rung) for p in past if stands(p, rung, by_slug)]

    def changed_on(self, *rungs: str) -> list[date]:
        """The days up to as_of on which what stands on some rungs may have changed."""
        days = {day for days in self._days_of.values() for day in days}
        if "signed" in rungs:
            for financing in self.financings:
                judged = self.judged(f"financing:{financing.ref}", "amount.signed")
                days |= judged.changed_on
                days |= {financing.signed_on} if financing.signed_on else set()
        return sorted(day for day in days if day <= self.point.as_of)

    @cached_property
    def _days_of(self) -> dict[str, list[date]]:
        """The days on which each project's own record changed, oldest first."""
        return {
            project.slug: sorted(project.changed_on | set(self._money_stages.get(project.slug, {})))
            for project in self._decided
        }

    @cached_property
    def _versions(self) -> dict[tuple[str, int], ProjectRecord]:
        return {}

    def _project_by(self, project: ProjectRecord, day: date) -> ProjectRecord:
        """A project on an earlier day; each of its versions is made once."""
        number = bisect_right(self._days_of[project.slug], day)
        if (project.slug, number) not in self._versions:
            past = project.on(day)
            stages = self._money_stages.get(project.slug, {})
            reached = [stage for on, stage in stages.items() if on <= day]
            standing = raised(past.standing, max(reached, key=ORDER.index, default=None))
            self._versions[project.slug, number] = replace(past, standing=standing)
        return self._versions[project.slug, number]

    @cached_property
    def _money_stages(self) -> dict[str, dict[date, Stage]]:
        """Of projects whose money is ahead of their events, the days that raised their stage."""
        events = {p.slug: p.standing.stage for p in self._decided}
        ahead = {
            p.slug
            for p in self.projects
            if p.standing.stage != events[p.slug] and not p.standing.is_selected
        }
        stages: dict[str, dict[date, Stage]] = {}
        if not ahead:
            return stages
        for notice, _called in self._called:
            if notice.project.slug in ahead:
                stages.setdefault(notice.project.slug, {})[notice.received_on] = Stage.NOTICED
        entries = unreversed(self.entries().filter(project__slug__in=ahead)).order_by("kind")
        for slug, kind, first in entries.values_list("project__slug", "kind").annotate(
            Min("value_date")
        ):
            stages.setdefault(slug, {})[first] = Stage(RUNG_OF_KIND[kind])
        return stages

    @cached_property
    def _called(self) -> list[tuple[FundingNotice, Decimal]]:
        """The notices that call anything, each with what it calls less what was declined by the day."""
        left = [(n, n.amount_usd - n.declined_by(self.point.as_of)) for n in self.notices]
        return [(notice, called) for notice, called in left if called]

    @cached_property
    def _financing_by_root(self) -> dict[int, Financing]:
        return {financing.root_key: financing for financing in self.financings}

    def _money_members(self, rung: str, records: Iterable[ProjectRecord]) -> list[Member]:
        places = {record.slug: record for record in records}
        if rung == "noticed":
            return [notice_member(notice, called, places) for notice, called in self._called]
        return [cash_member(cell, places) for cell in self._cash.cells if cell["rung"] == rung]

    def _financing_member(self, financing: Financing, day: date | None = None) -> Member:
        judged = self.judged(f"financing:{financing.ref}", "amount.signed")
        judged = judged if day is None else judged.on(day)
        return financing_member(financing, judged, self.by_slug, self.point.seen_until)

    def _cover_members(self, cover: Cover) -> list[Member]:
        """A cover, and by project what claims paid under it take off."""
        covered = self._financing_by_root.get(cover.financing_id)
        own = cover_member(cover, None if covered is None else self._financing_member(covered))
        projects = {p.slug: p for p in covered.projects.all()} if covered else {}
        claimed: dict[str, list[tuple[ClaimPaid, Decimal]]] = {}
        for claim, amount in self.claimed_of(cover):
            claimed.setdefault(claim.project, []).append((claim, amount))
        return [own, *(claimed_member(own, projects[s], paid) for s, paid in claimed.items())]

    @cached_property
    def _cash(self) -> Cash:
        return Cash(self.commitment, self.point)

    def cash_by_kind(self) -> dict[tuple[str, str], Decimal]:
        """Net US dollars of each project by kind of entry, of the kinds on a rung."""
        sums: dict[tuple[str, str], Decimal] = {}
        for cell in self._cash.cells:
            key = (cell["project__slug"], cell["kind"])
            sums[key] = sums.get(key, Decimal(0)) + cell["total"]
        return sums

    def entries(self) -> QuerySet[LedgerEntry]:
        """The ledger entries on a cash rung that count at the point."""
        return self._cash.entries()

    def daily(self, rung: str) -> list[tuple[date, Decimal]]:
        """Net cash of each value date on a cash rung up to as_of, oldest first."""
        return [(day.on, day.amount_usd) for day in self.cash_days(rung)]

    def cash_days(self, rung: str) -> list[CashDay]:
        """The same with the documents each day rests on."""
        return self._cash.days(rung)

    def moves(self, rung: str) -> list[Move]:
        """What came on a rung by as_of, by day and with where it belongs, oldest first."""
        if rung not in self._moves:
            self._moves[rung] = self._moves_on(rung)
        return self._moves[rung]

    @cached_property
    def _moves(self) -> dict[str, list[Move]]:
        return {}

    def _moves_on(self, rung: str) -> list[Move]:
        if rung not in CASH_RUNGS:
            return moves_of(self.members(rung))
        sectors = {project.slug: project.sector for project in self.projects}
        return moves_of_cash(self._cash.moves(rung), sectors)

    @cached_property
    def convention(self) -> Convention:
        """How the deemed allocation is read by default, as the terms name it."""
        return convention_of(self.terms)

    @cached_property
    def investments(self) -> list[Investment]:
        """The investments that money moved in, by project, read by the default convention."""
        return investments_of(self.commitment, self.point, self.convention, self.terms)

    @cached_property
    def sector_mappings(self) -> tuple[SectorMapping, ...]:
        """Which of the register's sectors each published row of shares speaks of."""
        return tuple(SectorMapping.objects.current(self.point))

    @cached_property
    def plans(self) -> list[Plan]:
        """Every baseline of the commitment and its parts in force by as_of, oldest first."""
        rows = Plan.objects.current(self.point).filter(commitment=self.commitment)
        rows = rows.select_related("commitment", "project", "sector", "document")
        return list(rows.order_by("effective_on", "pk"))

    @property
    def plan(self) -> Plan | None:
        """The commitment's own baseline in force at the point."""
        whole = (p for p in reversed(self.plans) if p.project is None and p.sector is None)
        return next(whole, None)


def _slugs(financing: Financing) -> frozenset[str]:
    return frozenset(project.slug for project in financing.projects.all())


# What a point's revision holds for good. Cash is not in it: roll-ups answer for
# the newest revision only, so it is read anew each time.
_FACTS = (
    "terms",
    "is_recorded",
    "is_before_agreement",
    "_decided",
    "_judged",
    "financings",
    "notices",
    "_agreed_covers",
    "sector_mappings",
    "plans",
    "companies",
)


@lru_cache(maxsize=64)
def _facts_of(commitment: Commitment, point: PointInTime) -> dict[str, Any]:
    record = CommitmentRecord(commitment, point)
    return {name: getattr(record, name) for name in _FACTS}


def record_with_kept_facts(commitment: Commitment, point: PointInTime) -> CommitmentRecord:
    """The record of a commitment whose facts this process reads once a point.

    Facts are only added, so what a revision holds never changes; cash is read
    from the database every time.
    """
    record = CommitmentRecord(commitment, point)
    record.__dict__.update(_facts_of(commitment, point))  # fills the cached properties
    return record
