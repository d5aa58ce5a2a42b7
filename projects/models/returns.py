"""What returns are computed from beside the ledger: the deemed rate, and what an investment is worth."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from commitments.models import Commitment, Fact, MoneyField
from projects.models.project import Project


class DeemedRate(Fact):
    """The deemed interest rate of an investment from a day on: the benchmark plus the spread.

    Without a project it holds for every investment of the commitment that has
    no rate of its own.
    """

    VALID_DATES = ("effective_on",)

    commitment = models.ForeignKey(
        Commitment, on_delete=models.PROTECT, related_name="deemed_rates"
    )
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, null=True, blank=True, related_name="deemed_rates"
    )
    effective_on = models.DateField(help_text="first day on which it may be taken for a period")
    annual_rate = models.DecimalField(
        max_digits=9, decimal_places=8, help_text="fraction a year, benchmark and spread together"
    )
    benchmark = models.CharField(max_length=60, blank=True, help_text="as the source names it")
    spread_bps = models.PositiveIntegerField(
        null=True, blank=True, help_text="basis points over the benchmark; empty: not stated"
    )

    class Meta(Fact.Meta):
        ordering = ["-effective_on", "ref"]
        constraints = [
            *Fact.Meta.constraints,
            models.CheckConstraint(
                condition=Q(annual_rate__gte=0, annual_rate__lte=1), name="deemed_rate_is_fraction"
            ),
        ]

    def clean(self) -> None:
        """Refuse a rate that is no fraction."""
        if self.annual_rate is not None and not 0 <= self.annual_rate <= 1:
            raise ValidationError({"annual_rate": _("is not a fraction from 0 to 1, like 0.052")})


class Valuation(Fact):
    """What an investment is estimated to be worth on a day, beyond what it paid out."""

    VALID_DATES = ("valued_on",)

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="valuations")
    valued_on = models.DateField()
    amount_usd = MoneyField(help_text="net asset value, US dollars")
    method = models.CharField(max_length=200, blank=True, help_text="how it was estimated")

    class Meta(Fact.Meta):
        ordering = ["-valued_on", "ref"]
        constraints = [
            *Fact.Meta.constraints,
            models.CheckConstraint(condition=Q(amount_usd__gte=0), name="valuation_not_negative"),
        ]

    def clean(self) -> None:
        """Refuse a value below zero."""
        if self.amount_usd is not None and self.amount_usd < 0:
            raise ValidationError({"amount_usd": _("must not be below zero")})
