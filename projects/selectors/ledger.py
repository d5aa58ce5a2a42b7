"""The ledger of one project, what is closed of it, its baselines, and yen that moved with a rate."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Sum

from commitments.calculations.point import PointInTime
from commitments.models import Commitment
from projects.models import ClosedPeriod, LedgerEntry, Plan, Project
from projects.selectors.cash import unreversed


@dataclass(frozen=True)
class Place:
    """Where a page of the ledger goes on: after the entry of a day and number."""

    value_date: date
    number: int


def ledger_of(project: Project, point: PointInTime) -> QuerySet[LedgerEntry]:
    """Every entry of a project that counts at the point, newest value date first."""
    entries: QuerySet[LedgerEntry] = LedgerEntry.objects.known(point)
    return (
        entries.filter(project=project, value_date__lte=point.as_of)
        .select_related("instrument", "notice", "document", "reverses", "reversal")
        .order_by("-value_date", "-number")
    )


def forced_funding(projects: Iterable[str], point: PointInTime) -> QuerySet[LedgerEntry]:
    """Payments into some projects that passed a limit for a kept reason, not reversed since."""
    entries: QuerySet[LedgerEntry] = LedgerEntry.objects.known(point)
    funding = entries.filter(
        project__slug__in=projects, kind="funding", value_date__lte=point.as_of
    )
    return (
        unreversed(funding)
        .exclude(override_reason="")
        .select_related("project")
        .order_by("value_date", "number")
    )


def closings(revision: Any) -> QuerySet[ClosedPeriod]:
    """Every closing on record at a revision, those moved back or opened again among them."""
    return ClosedPeriod.objects.filter(withdrawn=False, revision__lte=revision).order_by()


def closed_until(revision: int) -> dict[str, date]:
    """The last day that was ever closed up to a revision, by the slug of the commitment.

    An entry of that posting with a value date up to it is late, whatever became of the closing.
    """
    return dict(closings(revision).values_list("commitment__slug").annotate(Max("ends_on")))


def wrongly_late() -> QuerySet[LedgerEntry]:
    """Late entries without a reason, and those with one that are not late, by number."""
    closed = closings(OuterRef("revision")).filter(
        commitment=OuterRef("commitment"), ends_on__gte=OuterRef("value_date")
    )
    entries: QuerySet[LedgerEntry] = LedgerEntry.objects.annotate(is_late=Exists(closed))
    return entries.filter(Q(is_late=True, late_reason="") | Q(is_late=False) & ~Q(late_reason=""))


def ledger_page(
    project: Project, point: PointInTime, *, after: Place | None, size: int
) -> tuple[list[LedgerEntry], Place | None]:
    """A page of a project's ledger and where the next one begins; None at the end."""
    entries = ledger_of(project, point)
    if after is not None:
        same_day = Q(value_date=after.value_date, number__lt=after.number)
        entries = entries.filter(Q(value_date__lt=after.value_date) | same_day)
    found = list(entries[: size + 1])
    if len(found) <= size:
        return found, None
    last = found[size - 1]
    return found[:size], Place(last.value_date, last.number)


def cash_by_day(project: Project, point: PointInTime) -> dict[str, list[tuple[date, Decimal]]]:
    """Net funding and disbursement of a project by value date, oldest first."""
    entries = LedgerEntry.objects.known(point).filter(
        project=project, value_date__lte=point.as_of, kind__in=("funding", "disbursement")
    )
    days: dict[str, list[tuple[date, Decimal]]] = {}
    summed = entries.order_by("value_date").values_list("kind", "value_date")
    for kind, day, amount in summed.annotate(Sum("amount_usd")):
        days.setdefault(kind, []).append((day, amount))
    return days


def plans_of(project: Project, point: PointInTime) -> list[Plan]:
    """The baselines of a project at the point, the one in force last."""
    plans = Plan.objects.current(point).filter(project=project).select_related("document")
    return list(plans.order_by("effective_on", "pk"))


def yen_entries(commitment: Commitment, point: PointInTime, *, size: int) -> list[LedgerEntry]:
    """The newest entries paid in yen, each with the rate, its day and its source."""
    entries: QuerySet[LedgerEntry] = LedgerEntry.objects.known(point)
    found = entries.filter(
        commitment=commitment, currency="JPY", value_date__lte=point.as_of
    ).select_related("project", "document")
    return list(found.order_by("-value_date", "-number")[:size])


def cash_by_year(
    commitment: Commitment, point: PointInTime, kinds: Iterable[str]
) -> dict[tuple[str, int, str], Decimal]:
    """Net cash by kind, calendar year of the value date and instrument."""
    entries = LedgerEntry.objects.known(point).filter(
        commitment=commitment, value_date__lte=point.as_of, kind__in=tuple(kinds)
    )
    summed = entries.order_by().values_list("kind", "value_date__year", "instrument__slug")
    return {
        (kind, year, instrument): amount
        for kind, year, instrument, amount in summed.annotate(Sum("amount_usd"))
    }
