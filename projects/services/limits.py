"""What no posting may pass: noticed <= selected, funded <= noticed, disbursed <= funded.

An entry or a notice that carries an override reason, which only an
administrator can propose, is left out of the amount that is held to its limit.
"""

from collections.abc import Collection, Iterable
from decimal import Decimal

from django.db.models import Q, Sum

from projects.models import FundingNotice, LedgerEntry, Project

ZERO = Decimal(0)


def cash_problems(projects: Collection[int]) -> list[str]:
    """Say where cash of some projects passes a limit, by notice and in total, on what is posted."""
    problems: list[str] = []
    entries = LedgerEntry.objects.filter(project__in=projects).order_by()
    bound = Q(override_reason="")
    sums = {
        (pk, kind): (whole or ZERO, held or ZERO)
        for pk, kind, whole, held in entries.filter(kind__in=("funding", "disbursement"))
        .values_list("project_id", "kind")
        .annotate(whole=Sum("amount_usd"), held=Sum("amount_usd", filter=bound))
    }
    called = noticed_totals(projects)
    names = dict(Project.objects.filter(pk__in=projects).values_list("pk", "slug"))
    for pk, slug in sorted(names.items(), key=lambda pair: pair[1]):
        funded, bound_funded = sums.get((pk, "funding"), (ZERO, ZERO))
        disbursed = sums.get((pk, "disbursement"), (ZERO, ZERO))[1]
        problems += _over(slug, "funded", bound_funded, "noticed", called.get(pk, ZERO))
        problems += _over(slug, "disbursed", disbursed, "funded", funded)
    problems += _notice_problems(projects)
    return problems


def noticed_totals(projects: Collection[int], *, held: bool = False) -> dict[int, Decimal]:
    """What stands noticed on each project: current notices that were not declined.

    `held` leaves out those with an override reason.
    """
    notices = FundingNotice.objects.heads().filter(
        project__in=projects, withdrawn=False, declined_on=None
    )
    if held:
        notices = notices.filter(override_reason="")
    return dict(notices.order_by().values_list("project_id").annotate(Sum("amount_usd")))


def _notice_problems(projects: Collection[int]) -> Iterable[str]:
    heads = FundingNotice.objects.heads().filter(project__in=projects, withdrawn=False)
    called = {notice.root_key: notice for notice in heads}
    received = (
        LedgerEntry.objects.filter(notice__in=called, kind="funding", override_reason="")
        .order_by()
        .values_list("notice_id")
        .annotate(total=Sum("amount_usd"))
    )
    for root, total in received:
        yield from _over(
            called[root].ref, "funded", total, "the notice calls", called[root].amount_usd
        )


def _over(what: str, upper: str, amount: Decimal, lower: str, limit: Decimal) -> Iterable[str]:
    if amount > limit:
        yield f"{what}: {upper} {amount:,.2f} USD, but {lower} {limit:,.2f} USD"
