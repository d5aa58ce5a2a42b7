"""What is charged, on what trade, what would bring old rates back."""

from django.db import models

from commitments.models import Commitment, Fact, MoneyField
from commitments.models.entities import Entity


class TariffCategory(Entity):
    """A group of goods that measures and trade rows speak of."""

    name = models.CharField(max_length=120)
    name_ja = models.CharField(max_length=120, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "slug"]
        verbose_name_plural = "tariff categories"

    def __str__(self) -> str:
        return self.name


class Basis(models.TextChoices):
    ADDITIONAL = "ad_valorem_additional", "added to the ordinary (MFN) duty"
    ALL_IN = "all_in_with_mfn", "total with the ordinary duty"
    MFN_ONLY = "mfn_only", "ordinary duty only"
    EXEMPT = "exempt", "no additional duty"


class Measure(Fact):
    """A duty: its legal authority, scope, rate, basis and dates.

    `listed_status` is what the compilers wrote with hindsight; the status on a
    date is derived from acts and dates and checked against it.
    """

    country = models.CharField(max_length=2, default="JP")
    category = models.ForeignKey(TariffCategory, on_delete=models.PROTECT, related_name="measures")
    hts_scope = models.CharField(max_length=300, blank=True)
    rate_percent = models.DecimalField(max_digits=7, decimal_places=3, null=True, blank=True)
    basis = models.CharField(max_length=30, choices=Basis.choices)
    stacking = models.CharField(max_length=60, blank=True)
    legal_authority = models.CharField(max_length=200)
    legal_authority_ja = models.CharField(max_length=200, blank=True)
    effective_from = models.DateField(null=True, blank=True)
    effective_to = models.DateField(null=True, blank=True, help_text="last day in force")
    listed_status = models.CharField(max_length=30)

    class Meta(Fact.Meta):
        ordering = ["category", "effective_from", "ref"]


class Lever(Fact):
    """A condition under which a rate can return."""

    VALID_DATE = "stated_on"

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="levers")
    title = models.CharField(max_length=200)
    title_ja = models.CharField(max_length=200, blank=True)
    trigger = models.TextField()
    trigger_ja = models.TextField(blank=True)
    consequence = models.TextField()
    consequence_ja = models.TextField(blank=True)
    instrument = models.CharField(max_length=200)
    instrument_ja = models.CharField(max_length=200, blank=True)
    stated_on = models.DateField(null=True, blank=True)

    class Meta(Fact.Meta):
        ordering = ["stated_on", "ref"]


class CounterfactualRate(Fact):
    """The rate with and without the agreement over a period."""

    category = models.ForeignKey(
        TariffCategory, on_delete=models.PROTECT, related_name="counterfactuals"
    )
    period_from = models.DateField()
    period_to = models.DateField(null=True, blank=True)
    with_percent = models.DecimalField(max_digits=7, decimal_places=3)
    with_basis = models.CharField(max_length=30, choices=Basis.choices)
    without_percent = models.DecimalField(max_digits=7, decimal_places=3)
    without_basis = models.TextField()
    kind = models.CharField(max_length=20)

    class Meta(Fact.Meta):
        ordering = ["category", "period_from"]


class TradeFlow(Fact):
    """A year's trade in a group of goods: the baseline duties are reckoned on."""

    line = models.SlugField(max_length=60)
    label = models.CharField(max_length=200)
    year = models.PositiveSmallIntegerField()
    value_usd = MoneyField(help_text="US dollars")
    flow = models.CharField(max_length=40)
    basis = models.CharField(max_length=120)
    gtap_code = models.CharField(max_length=10, blank=True)
    category = models.ForeignKey(
        TariffCategory, on_delete=models.PROTECT, null=True, related_name="trade"
    )

    class Meta(Fact.Meta):
        ordering = ["-value_usd", "ref"]
