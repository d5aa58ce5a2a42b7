"""Guarantees and covers: no cash, within what they cover, and the claims paid within them.

A guarantee bears the risk of money that another provides: it is a cover of that financing,
never signed beside it. Which of several bears a claim is a convention
(`projects.calculations.guarantees`).
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from commitments.calculations.bounds import Bounds
from commitments.calculations.dates import business_day
from commitments.calculations.point import PointInTime
from commitments.models import Claim, Commitment, Revision, Ruling
from commitments.services.register import Refusal
from projects.models import Cover, Financing, FundingNotice, LedgerEntry
from projects.selectors import CommitmentRecord
from projects.services.decisions import newest_point
from projects.services.grounds import Records
from projects.services.limits import STANDING
from projects.services.selected import Place, amounts_touched

Stated = tuple[Bounds, int]  # an amount, and the revision by which it was replaced
NONE: Mapping[str, Any] = MappingProxyType({})


def cash_is_cash(revision: Revision) -> list[Refusal]:
    """Refuse agreements, calls and cash through a guarantee, and claims through anything else.

    A guarantee bears the risk of money that another provides: it is a cover of that financing,
    never signed beside it.

    A claim is held to the guarantees and covers of its project, so what is said of
    those, or of the amount of one, is held against the claims that were paid as well.
    """
    if not revision.wrote(Claim, Cover, Financing, FundingNotice, LedgerEntry, Ruling):
        return []
    calls = FundingNotice.objects.filter(revision=revision, withdrawn=False)
    posted = LedgerEntry.objects.filter(revision=revision)
    amounts = amounts_touched(revision, "financing", "amount.signed").places
    agreed = Financing.objects.filter(
        Q(revision=revision)
        | Q(ref__in=amounts)
        | Q(pk__in=Cover.objects.filter(revision=revision).values("financing"))
    )
    commitments = set(agreed.order_by().values_list("commitment", flat=True))
    claims = LedgerEntry.objects.filter(Q(revision=revision) | Q(commitment__in=commitments))
    point = newest_point(business_day(revision.recorded_at))
    signed = Financing.objects.filter(revision=revision, withdrawn=False)
    return [*through_exposure(signed, calls, posted), *unguaranteed(claims, point, posted=True)]


def through_exposure(agreed: Any, calls: Any, entries: Any) -> Iterator[Refusal]:
    """Yield those of some agreements, notices and entries that make a guarantee cash, or cash one."""
    claims = Q(kind=LedgerEntry.Kind.GUARANTEE_CALL)
    standing = entries.filter(STANDING)
    cash = _("is exposure, not cash: nothing is called or paid by it")
    claimed = _("is cash: a claim under a guarantee is paid through a guarantee")
    cover = _("is exposure, not cash: a guarantee is entered as a cover of the financing it covers")
    for kind, rows, words in (
        ("financing", agreed.filter(instrument__is_cash=False), cover),
        ("fundingnotice", calls.filter(instrument__is_cash=False), cash),
        ("ledgerentry", standing.exclude(claims).filter(instrument__is_cash=False), cash),
        ("ledgerentry", standing.filter(claims, instrument__is_cash=True), claimed),
    ):
        for ref in rows.order_by("pk").values_list("ref", flat=True):
            yield Refusal(kind, ref, "instrument", words)


def unguaranteed(
    entries: QuerySet[LedgerEntry], point: PointInTime, *, posted: bool = False
) -> Iterator[Refusal]:
    """Yield claims paid while no guarantee or cover of their project stands, or beyond what is left.

    One with a reason may be; where the revision of the point was `posted`, for no more than
    before, or than its own reason lets through.
    """
    claims = entries.filter(STANDING, kind=LedgerEntry.Kind.GUARANTEE_CALL).order_by()
    columns = ("commitment", "revision", "override_reason")
    listed = {ref: own for ref, *own in claims.values_list("ref", *columns)}
    before = replace(point, revision=point.revision - 1)
    for commitment in Commitment.objects.filter(pk__in={pk for pk, *_rest in listed.values()}):
        let_through: dict[str, Decimal] | None = None
        for paid in CommitmentRecord(commitment, point).claims_paid:
            claim = paid.claim
            if claim.ref not in listed or not paid.beyond:
                continue
            _of, revision, reason = listed[claim.ref]
            if reason and (not posted or revision == point.revision):
                continue
            if reason:
                if let_through is None:
                    then = CommitmentRecord(commitment, before).claims_paid
                    let_through = {one.claim.ref: one.beyond for one in then}
                if paid.beyond <= let_through.get(claim.ref, 0):
                    continue
            given = {
                "project": claim.project,
                "day": claim.on,
                "amount": f"{claim.amount:,.2f}",
                "left": f"{claim.amount - paid.beyond:,.2f}",
            }
            name, words = "kind", _("%(project)s: no guarantee or cover stands on %(day)s")
            if paid.stood:
                name = "amount_usd"
                words = _(
                    "%(project)s: a claim of %(amount)s USD on %(day)s, but its guarantees and "
                    "covers leave %(left)s USD"
                )
            also = (("ledgerentry", claim.ref),)
            yield Refusal("ledgerentry", claim.ref, name, words % given, also=also)


def covers_within(revision: Revision) -> list[Refusal]:
    """Refuse covers of days to come, and of more than the financing they cover."""
    if not revision.wrote(Claim, Cover, Ruling):
        return []
    places = amounts_touched(revision, "financing", "amount.signed").places
    point = newest_point(business_day(revision.recorded_at))
    before = Records(replace(point, revision=point.revision - 1))
    stated: dict[str, Stated] = {}
    amounts = Financing.objects.heads().filter(ref__in=list(places))
    for financing in amounts.select_related("commitment"):
        record = before.at(financing.commitment)
        judged = record.judged(f"financing:{financing.ref}", "amount.signed")
        stated[financing.ref] = (judged.bounds, revision.pk)
    posted = Cover.objects.filter(revision=revision, withdrawn=False).order_by("pk")
    for financing, ref in posted.values_list("financing__ref", "ref"):
        places[financing] = ("cover", ref, "amount_usd")
    if not places:
        return []
    covers = Cover.objects.heads().filter(withdrawn=False, financing__ref__in=places)
    return list(cover_faults(covers, point, places, stated))


def cover_faults(
    covers: QuerySet[Cover],
    point: PointInTime,
    places: Mapping[str, Place] = NONE,
    stated: Mapping[str, Stated] = NONE,
) -> Iterator[Refusal]:
    """Yield covers that cannot be, and financings of which more is covered than signed.

    By the ref of a financing come the `places` at which that is told, and what was
    `stated` of it before.
    """
    listed = list(covers.select_related("financing__commitment").order_by("ref"))
    by_financing: dict[Financing, list[Cover]] = {}
    for cover in listed:
        faults = cover.faults()
        if cover.in_force_on > point.today:
            faults["in_force_on"] = _("%(day)s lies in the future") % {"day": cover.in_force_on}
        for name, text in faults.items():
            yield Refusal("cover", cover.ref, name, text)
        by_financing.setdefault(cover.financing, []).append(cover)
    records = Records(point)
    for financing, own in by_financing.items():
        record = records.at(financing.commitment)
        judged = record.judged(f"financing:{financing.ref}", "amount.signed").bounds
        signed, together = judged.high, _covered_at_once(own)
        place = places.get(financing.ref, ("cover", own[-1].ref, "amount_usd"))
        was = stated.get(financing.ref)
        older = was is not None and any(cover.revision_id <= was[1] for cover in own)
        if older and _is_lost(was, judged, together):
            words = _("%(ref)s: covered %(covered)s USD, but no signed amount would be stated")
            if judged.is_stated:
                words = _(
                    "%(ref)s: covered %(covered)s USD, but no upper signed amount would be stated"
                )
            given = {"ref": financing.ref, "covered": f"{together:,.2f}"}
            yield Refusal(*place, words % given)
        if signed is not None and together > signed:
            words = _("%(ref)s: covered %(covered)s USD, but signed at most %(most)s USD")
            given = {"ref": financing.ref, "covered": f"{together:,.2f}", "most": f"{signed:,.2f}"}
            yield Refusal(*place, words % given)


def _covered_at_once(covers: Collection[Cover]) -> Decimal:
    """The most dollars that covers of one financing stand for on one day; not stated is none."""
    return max(
        sum((c.amount_usd or Decimal(0) for c in covers if c.is_in_force(day)), Decimal(0))
        for day in {cover.in_force_on for cover in covers}
    )


def once_signed() -> dict[str, Stated]:
    """The signed amounts on record in dollars that a later version of their claim replaced."""
    gone = Claim.objects.filter(
        ~Q(low=None, high=None),
        **{"aspect": "amount.signed", "unit": "usd", "subject__startswith": "financing:"},
        successor__isnull=False,
    ).order_by("pk")
    columns = ("subject", "low", "high", "successor__revision")
    return {
        subject.partition(":")[2]: (Bounds(low, high), until)
        for subject, low, high, until in gone.values_list(*columns)
    }


def _is_lost(stated: Stated | None, now: Bounds, sum_: Decimal) -> bool:
    """Whether an amount that was stated bounds a sum no more: none is, or no upper end of it."""
    if stated is None or now.high is not None or sum_ <= (now.low or 0):
        return False
    return stated[0].high is not None or (stated[0].is_stated and not now.is_stated)


def covers_on_agreements(revision: Revision) -> list[Refusal]:
    """Refuse an agreement taken back, or signed later, while its cover stands before or beyond it."""
    if not revision.wrote(Cover, Financing):
        return []
    touched = Q(revision=revision)
    roots = {
        root or pk
        for pk, root in Financing.objects.filter(touched).order_by().values_list("pk", "root_id")
    }
    covers = Q(financing__in=roots) | touched
    return list(unfounded(covers, revision))


def unfounded(which: Q, revision: Revision | None = None) -> Iterator[Refusal]:
    """Yield covers, among some, of an agreement taken back, or of days before it was signed."""
    covers = Cover.objects.heads().filter(which, withdrawn=False).order_by("ref")
    listed = list(covers.values_list("ref", "financing", "in_force_on", "revision"))
    roots = {root for _ref, root, _day, _revision in listed}
    heads = Financing.objects.heads().filter(Q(pk__in=roots) | Q(root__in=roots))
    agreed = {head.root_key: head for head in heads} if roots else {}
    number = revision.pk if revision else None
    for ref, root, day, posted in listed:
        financing = agreed[root]
        place = ("cover", ref)
        if posted != number and financing.revision_id == number:
            place = ("financing", financing.ref)
        on_cover = place[0] == "cover"
        given = {"ref": financing.ref, "cover": ref, "day": day, "signed": financing.signed_on}
        if financing.withdrawn:
            words = _("%(ref)s was taken back, and %(cover)s covers it: take back the cover first")
            yield Refusal(*place, "financing" if on_cover else "withdrawn", words % given)
        elif financing.signed_on is not None and day < financing.signed_on:
            words = _("%(cover)s is in force on %(day)s, but %(ref)s was signed on %(signed)s")
            yield Refusal(*place, "in_force_on" if on_cover else "signed_on", words % given)
