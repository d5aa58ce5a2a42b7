"""What must hold of levers and trade once a revision is posted."""

from django.db.models import Q
from django.utils.translation import gettext as _

from commitments.calculations.dates import business_day
from commitments.models import Revision
from commitments.services.register import Refusal
from projects.services.grounds import days_to_come
from tariffs.models import Lever, TradeFlow


def levers_are_stated(revision: Revision) -> list[Refusal]:
    """Refuse a condition that would be stated on a day to come only."""
    if not revision.wrote(Lever):
        return []
    today = business_day(revision.recorded_at)
    return list(days_to_come(today, Q(revision=revision), (Lever,)))


def trade_was_counted(revision: Revision) -> list[Refusal]:
    """Refuse the trade of a year to come."""
    if not revision.wrote(TradeFlow):
        return []
    this_year = business_day(revision.recorded_at).year
    posted = TradeFlow.objects.filter(revision=revision, withdrawn=False, year__gt=this_year)
    return [
        Refusal("tradeflow", flow.ref, "year", _("%(day)s lies in the future") % {"day": flow.year})
        for flow in posted.order_by("ref")
    ]


ALL = (levers_are_stated, trade_was_counted)
