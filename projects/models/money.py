"""Financing agreed, money called, money moved, money planned."""

from django.db import models
from django.db.models import F, Q

from commitments.models import (
    Commitment,
    Document,
    Fact,
    Institution,
    Instrument,
    MoneyField,
    Revision,
)
from commitments.models.revisions import FactQuerySet
from projects.models.project import Project


class Financing(Fact):
    """One agreement: provider x instrument. Its amounts are claims about it.

    An agreement signed for several projects together is not split by the
    register: it belongs to each project's page and to the "not stated" member
    of a sum over projects.
    """

    VALID_DATE = "signed_on"

    class CoverStatus(models.TextChoices):
        NONE = "none", "no cover"
        COVERED = "covered", "covered"
        NOT_STATED = "not_stated", "not stated"

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="financings")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    signed_on = models.DateField(null=True, blank=True)
    cover_status = models.CharField(
        max_length=12, choices=CoverStatus.choices, default=CoverStatus.NOT_STATED
    )
    cover_text = models.CharField(max_length=300, blank=True)
    benchmark = models.CharField(max_length=60, blank=True)
    spread_bps = models.PositiveIntegerField(null=True, blank=True)
    tenor_months = models.PositiveIntegerField(null=True, blank=True)
    projects = models.ManyToManyField(
        Project, through="FinancingProject", related_name="financings"
    )
    providers = models.ManyToManyField(
        Institution, through="FinancingProvider", related_name="financings"
    )

    class Meta(Fact.Meta):
        ordering = ["-signed_on", "ref"]


class FinancingProject(models.Model):
    insert_only = True

    financing = models.ForeignKey(Financing, on_delete=models.PROTECT, related_name="project_links")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["financing", "project"], name="financing_project_once")
        ]

    def __str__(self) -> str:
        return f"{self.financing_id} for {self.project_id}"


class FinancingProvider(models.Model):
    insert_only = True

    financing = models.ForeignKey(
        Financing, on_delete=models.PROTECT, related_name="provider_links"
    )
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["financing", "institution"], name="financing_provider_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.financing_id} by {self.institution_id}"


class Cover(Fact):
    """Insurance or a guarantee on a financing: exposure, never cash."""

    VALID_DATE = "in_force_on"

    financing = models.ForeignKey(Financing, on_delete=models.PROTECT, related_name="covers")
    insurer = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="covers")
    in_force_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    amount_usd = MoneyField(null=True, blank=True, help_text="amount at risk; empty: not stated")

    class Meta(Fact.Meta):
        ordering = ["-in_force_on", "ref"]


class FundingNotice(Fact):
    """A capital call. Its date is the day of receipt in Asia/Tokyo."""

    VALID_DATE = "received_on"

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="notices")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="notices")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=40)
    received_at = models.DateTimeField(null=True, blank=True, help_text="instant, UTC")
    received_zone = models.CharField(max_length=40, blank=True, help_text="zone the source used")
    received_on = models.DateField(help_text="day of receipt in Asia/Tokyo")
    amount_usd = MoneyField(help_text="amount called, US dollars")
    specified_on = models.DateField(null=True, blank=True, help_text="funding date in the notice")

    class Meta(Fact.Meta):
        ordering = ["-received_on", "ref"]
        constraints = [
            *Fact.Meta.constraints,
            models.CheckConstraint(condition=Q(amount_usd__gt=0), name="notice_amount_positive"),
        ]


class LedgerEntry(models.Model):
    """Cash that moved. Never changed: a correction is a reversal on the same value date."""

    insert_only = True

    class Kind(models.TextChoices):
        FUNDING = "funding", "cash received in the designated account"
        DISBURSEMENT = "disbursement", "cash paid on to the project"
        DISTRIBUTION = "distribution", "cash paid out of the investment"

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="entries")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="entries")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    notice = models.ForeignKey(
        FundingNotice, on_delete=models.PROTECT, null=True, blank=True, related_name="entries"
    )
    kind = models.CharField(max_length=16, choices=Kind.choices)
    value_date = models.DateField()
    amount_usd = MoneyField(help_text="US dollars; negative only in a reversal or a repayment")
    currency = models.CharField(max_length=3, default="USD")
    amount = MoneyField(help_text="as paid, in currency")
    fx_rate = models.DecimalField(
        max_digits=18, decimal_places=8, null=True, blank=True, help_text="JPY per USD"
    )
    fx_on = models.DateField(null=True, blank=True)
    fx_source = models.CharField(max_length=200, blank=True)
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversal"
    )
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    document_on = models.DateField(null=True, blank=True)
    published_on = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True)

    objects = FactQuerySet.as_manager()

    class Meta:
        ordering = ["value_date", "pk"]
        verbose_name_plural = "ledger entries"
        indexes = [
            models.Index(fields=["commitment", "kind", "value_date"], name="entry_by_day"),
            models.Index(fields=["project", "kind"], name="entry_by_project"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(currency="USD", fx_rate__isnull=True, amount=F("amount_usd"))
                | (~Q(currency="USD") & Q(fx_rate__isnull=False, fx_on__isnull=False)),
                name="entry_converted_with_rate",
            )
        ]

    def __str__(self) -> str:
        return f"entry {self.pk}"


class LedgerDay(models.Model):
    """Roll-up of the newest revision: one row per commitment, kind and value date."""

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16)
    value_date = models.DateField()
    amount_usd = MoneyField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["commitment", "kind", "value_date"], name="ledger_day_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value_date}"


class LedgerProject(models.Model):
    """Roll-up of the newest revision: one row per project, instrument and kind."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16)
    amount_usd = MoneyField()
    last_value_date = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "instrument", "kind"], name="ledger_project_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.project_id}"


class Plan(Fact):
    """A baseline: cumulative planned amounts on dates, joined by straight lines."""

    VALID_DATE = "effective_on"

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="plans")
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, null=True, blank=True, related_name="plans"
    )
    sector = models.ForeignKey(
        "commitments.Sector", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    effective_on = models.DateField(null=True, blank=True)
    label = models.CharField(max_length=120)
    points = models.JSONField(help_text='list of {"on": date, "amount_usd": decimal string}')

    class Meta(Fact.Meta):
        ordering = ["commitment", "ref"]


class Snapshot(models.Model):
    """The progress of a commitment as stored for one day and revision: the kept record."""

    insert_only = True

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="snapshots")
    as_of = models.DateField()
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    body = models.TextField(help_text="canonical JSON of every metric")
    sha256 = models.CharField(max_length=64)
    metric_versions = models.JSONField(default=dict)
    computed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-as_of", "-revision"]
        constraints = [
            models.UniqueConstraint(
                fields=["commitment", "as_of", "revision"], name="snapshot_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.as_of} r{self.revision_id}"
