"""Investments as the waterfall takes them: built from the ledger at a point, never pooled.

A reversal takes the value date and amount of its original, so the net of a day
leaves out what was entered and taken back, and every reading replays what is
left from the first funding on.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.db.models import Sum

from commitments.calculations.point import PointInTime
from commitments.calculations.written import read_shares
from commitments.models import Commitment
from commitments.selectors import Terms
from projects.calculations.investment import Flow, Flows, events_of
from projects.calculations.waterfall import (
    AGREED,
    Reading,
    Shares,
    Waterfall,
    split,
    waterfall,
)
from projects.models import DeemedRate, LedgerEntry, Project, Valuation

# A guarantee is no cash; a claim paid under it is. What a loan pays is a distribution.
CONTRIBUTIONS = (LedgerEntry.Kind.FUNDING, LedgerEntry.Kind.GUARANTEE_CALL)
DISTRIBUTIONS = (
    LedgerEntry.Kind.DISTRIBUTION,
    LedgerEntry.Kind.INTEREST,
    LedgerEntry.Kind.PRINCIPAL,
)


@dataclass(frozen=True)
class Convention:
    """How the deemed allocation is read: what reduces it, and whether interest bears interest."""

    reading: Reading = Reading.JAPAN_SHARE
    capitalise: bool = True


@dataclass(frozen=True)
class Moved:
    """The net cash of one kind on one value date, and the slugs of the documents it rests on."""

    kind: str
    on: date
    amount_usd: Decimal
    documents: tuple[str, ...] = ()


@dataclass(frozen=True)
class Investment:
    """One investment at a point: what moved, at which rates, and what it is worth.

    `worth` is the newest valuation, unless cash moved after it. `has_claims` is
    True when a claim under a guarantee was paid.
    """

    project: Project
    moved: tuple[Moved, ...]
    as_of: date
    convention: Convention
    agreed: Shares = AGREED
    valuation: Valuation | None = None
    rates: tuple[DeemedRate, ...] = ()

    @cached_property
    def flows(self) -> Flows:
        """Money as the waterfall takes it, and the rates on record for it."""
        return Flows(
            contributions=_flows(self.moved_by(CONTRIBUTIONS)),
            distributions=_flows(self.moved_by(DISTRIBUTIONS)),
            rates=tuple((rate.effective_on, rate.annual_rate) for rate in self.rates),
        )

    def moved_by(self, kinds: Iterable[str]) -> list[Moved]:
        """What moved by entries of some kinds, oldest first."""
        return [moved for moved in self.moved if moved.kind in kinds]

    @property
    def disbursed(self) -> Decimal:
        paid_on = self.moved_by((LedgerEntry.Kind.DISBURSEMENT,))
        return sum((moved.amount_usd for moved in paid_on), Decimal(0))

    @property
    def has_claims(self) -> bool:
        return bool(self.moved_by((LedgerEntry.Kind.GUARANTEE_CALL,)))

    @cached_property
    def shares(self) -> Waterfall:
        """Every distribution split between the two sides, replayed from the first funding."""
        events = events_of(self.flows, until=self.as_of, capitalise=self.convention.capitalise)
        reading = self.convention.reading
        return waterfall(events, reading, until=self.as_of, shares=self.agreed)

    @property
    def is_rated(self) -> bool:
        """Whether a rate had taken effect by the first funding; before any, nothing can accrue."""
        first = self.flows.funded_on
        return first is None or any(on <= first for on, _rate in self.flows.rates)

    @property
    def worth(self) -> Valuation | None:
        last = max((on for on, _a in (*self.flows.contributions, *self.flows.distributions)))
        found = self.valuation
        return None if found is None or found.valued_on < last else found

    @property
    def japan_worth(self) -> Decimal | None:
        """What of the newest valuation the waterfall would give Japan."""
        worth = self.worth
        if worth is None:
            return None
        owed = replace(self, as_of=worth.valued_on).shares.balance
        reading = self.convention.reading
        return split(worth.valued_on, worth.amount_usd, owed, reading, self.agreed).japan

    @property
    def project_cash(self) -> list[Flow]:
        """Flows of the whole investment: paid in negative, paid out positive."""
        return [*self._paid_in, *self.flows.distributions]

    @property
    def japan_cash(self) -> list[Flow]:
        """Flows of Japan: all that was paid in, and its share of what was paid out."""
        return [*self._paid_in, *((step.on, step.japan) for step in self.shares.steps)]

    @property
    def _paid_in(self) -> list[Flow]:
        return [(on, -amount) for on, amount in self.flows.contributions]


def agreed_shares(terms: Terms) -> Shares:
    """Each side's part of both tiers as the terms have it; the memorandum's where they are silent."""
    tiers = [read_shares(terms.value("split", part)) for part in ("before", "after")]
    japan = [1 - tier["us"] for tier in tiers if tier is not None]
    return Shares(*japan) if len(japan) == len(tiers) and min(japan) > 0 else AGREED


def convention_of(terms: Terms) -> Convention:
    """The convention that a commitment's terms name by default; ours where they are silent."""
    silent = Convention()
    credit = terms.value("tier1_credit", "credit")
    capitalise = terms.value("capitalisation", "capitalise")
    return Convention(
        reading=Reading(credit) if credit in set(Reading) else silent.reading,
        capitalise=capitalise if isinstance(capitalise, bool) else silent.capitalise,
    )


def investments_of(
    commitment: Commitment, point: PointInTime, convention: Convention, terms: Terms
) -> list[Investment]:
    """The investments of a commitment that money moved in, by project: four queries, one without any."""
    moved = _moved(commitment, point)
    if not moved:
        return []
    projects = Project.objects.in_bulk(list(moved))
    valuations = {
        found.project_id: found
        for found in Valuation.objects.current(point)
        .filter(project__commitment=commitment)
        .select_related("document")
        .order_by("valued_on", "pk")
    }
    rates = list(
        DeemedRate.objects.current(point)
        .filter(commitment=commitment)
        .select_related("document")
        .order_by("effective_on", "pk")
    )
    agreed = agreed_shares(terms)
    found = []
    for pk, days in moved.items():
        if all(day.kind == LedgerEntry.Kind.DISBURSEMENT for day in days):
            continue
        own = [r for r in rates if r.project_id == pk] or [r for r in rates if not r.project_id]
        found.append(
            Investment(
                project=projects[pk],
                moved=tuple(days),
                as_of=point.as_of,
                convention=convention,
                agreed=agreed,
                valuation=valuations.get(pk),
                rates=tuple(own),
            )
        )
    return sorted(found, key=lambda investment: investment.project.slug)


def _moved(commitment: Commitment, point: PointInTime) -> dict[int, list[Moved]]:
    """Net cash of each project by kind and value date; days that were reversed are left out."""
    kinds = (*CONTRIBUTIONS, *DISTRIBUTIONS, LedgerEntry.Kind.DISBURSEMENT)
    summed = (
        LedgerEntry.objects.known(point)
        .filter(commitment=commitment, value_date__lte=point.as_of, kind__in=kinds)
        .order_by("value_date", "kind", "document__slug")
        .values_list("project_id", "kind", "value_date", "document__slug")
        .annotate(Sum("amount_usd"))
    )
    days: dict[tuple[int, str, date], Moved] = {}
    for pk, kind, on, document, amount in summed:
        known = days.get((pk, kind, on), Moved(kind, on, Decimal(0)))
        total = known.amount_usd + amount
        days[pk, kind, on] = Moved(kind, on, total, (*known.documents, document))
    moved: dict[int, list[Moved]] = {}
    for (pk, _kind, _on), day in days.items():
        if day.amount_usd > 0:
            moved.setdefault(pk, []).append(day)
    return moved


def _flows(moved: Iterable[Moved]) -> tuple[Flow, ...]:
    by_day: dict[date, Decimal] = {}
    for one in moved:
        by_day[one.on] = by_day.get(one.on, Decimal(0)) + one.amount_usd
    return tuple(sorted(by_day.items()))
