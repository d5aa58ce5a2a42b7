"""Financing agreed, money called, money moved, money planned."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import ClassVar
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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
from projects.calculations.schedule import PointsFault, written_points
from projects.models.project import Project
from projects.models.reasons import Reasoned


@cache
def _zones() -> set[str]:
    """The names of all time zones, read from their files once."""
    return available_timezones()


class Financing(Reasoned, Fact):
    """One agreement: provider x instrument. Its amounts are claims about it.

    An agreement signed for several projects together is not split by the
    register: it belongs to each project's page and to the "not stated" member
    of a sum over projects.
    """

    VALID_DATES = ("signed_on",)
    ACT_DATE = "signed_on"
    REASON_FOR = ("signed_on", "instrument_id", "document_id")

    class CoverStatus(models.TextChoices):
        NONE = "none", gettext_lazy("no cover")
        COVERED = "covered", gettext_lazy("covered")
        NOT_STATED = "not_stated", gettext_lazy("not stated")

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="financings")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    signed_on = models.DateField(null=True, blank=True)
    cover_status = models.CharField(
        max_length=12, choices=CoverStatus.choices, default=CoverStatus.NOT_STATED
    )
    cover_text = models.CharField(max_length=300, blank=True)
    cover_text_ja = models.CharField(max_length=300, blank=True)
    benchmark = models.CharField(max_length=60, blank=True)
    spread_bps = models.PositiveIntegerField(null=True, blank=True)
    tenor_months = models.PositiveIntegerField(null=True, blank=True)
    repayment = models.CharField(max_length=200, blank=True, help_text="as the source puts it")
    override_reason = models.TextField(
        blank=True, help_text="why an administrator let it break a rule; shown publicly"
    )
    note_ja = models.TextField(blank=True, help_text="the note in Japanese")
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

    VALID_DATES = ("in_force_on",)
    ACT_DATE = "in_force_on"

    financing = models.ForeignKey(Financing, on_delete=models.PROTECT, related_name="covers")
    insurer = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="covers")
    in_force_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    amount_usd = MoneyField(null=True, blank=True, help_text="amount at risk; empty: not stated")

    class Meta(Fact.Meta):
        ordering = ["-in_force_on", "ref"]

    def is_in_force(self, day: date) -> bool:
        return self.in_force_on <= day and (self.ends_on is None or day <= self.ends_on)

    def faults(self) -> dict[str, str]:
        """What cannot be, by field: no amount at risk, an end before the start."""
        found = {}
        if self.amount_usd is not None and self.amount_usd <= 0:
            found["amount_usd"] = _("Enter an amount above zero, or leave it empty: not stated.")
        if self.ends_on is not None and self.ends_on < self.in_force_on:
            found["ends_on"] = _("The last day is before the first.")
        return found

    def clean(self) -> None:
        """Refuse a cover that cannot be; taking one back is always possible."""
        if not self.withdrawn and (found := self.faults()):
            raise ValidationError(found)


class FundingNotice(Reasoned, Fact):
    """A capital call. Its date is the day of receipt in Asia/Tokyo.

    The window's length, nature and calendar are terms of the commitment; a notice
    may state how it reads the window itself. The earliest funding date is computed
    when the notice is recorded and kept with the version of the calendar and the
    reading of that time, so a later calendar or reading changes nothing.
    """

    VALID_DATES = ("received_on",)
    ACT_DATE = "received_on"
    REASON_FOR = ("project_id", "received_on", "instrument_id", "document_id")
    COMPUTED = frozenset(
        {"window_days", "calendar", "earliest_on", "calendar_version", "default_reading"}
    )
    FILLED: ClassVar[Mapping[str, str]] = {**Fact.FILLED, "received_on": "received_at"}
    CARRIED: ClassVar[frozenset[str]] = frozenset({"override_reason"})

    class Reading(models.TextChoices):
        EARLIEST = (
            "earliest",
            gettext_lazy("earliest date: funds are due not before the window ends"),
        )
        LATEST = "latest", gettext_lazy("deadline: funds are due within the window")

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="notices")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="notices")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=40, help_text="as the notice numbers itself")
    received_at = models.DateTimeField(null=True, blank=True, help_text="instant, UTC")
    received_zone = models.CharField(max_length=40, blank=True, help_text="zone the source used")
    received_on = models.DateField(help_text="day of receipt in Asia/Tokyo")
    amount_usd = MoneyField(help_text="amount called, US dollars")
    account = models.CharField(max_length=120, blank=True, help_text="designated account, named")
    specified_on = models.DateField(null=True, blank=True, help_text="funding date in the notice")
    reading = models.CharField(
        max_length=8,
        blank=True,
        choices=Reading.choices,
        help_text="how the notice itself reads the window; empty: it does not say",
    )
    declined_on = models.DateField(
        null=True, blank=True, help_text="day on which Japan declined to fund it"
    )
    declined_usd = MoneyField(
        null=True,
        blank=True,
        help_text="US dollars declined, where only a part was; empty: all that is called",
    )
    override_reason = models.TextField(
        blank=True, help_text="why an administrator let it break a rule; shown publicly"
    )
    window_days = models.PositiveSmallIntegerField(help_text="business days of the window")
    calendar = models.CharField(max_length=10, help_text="joint, japan or fed")
    earliest_on = models.DateField(help_text="last day of the window, computed")
    calendar_version = models.CharField(max_length=40)
    default_reading = models.CharField(
        max_length=8,
        choices=Reading.choices,
        help_text="reading it is judged by: its own, else that of the terms when recorded",
    )

    class Meta(Fact.Meta):
        ordering = ["-received_on", "ref"]
        constraints = [
            *Fact.Meta.constraints,
            models.CheckConstraint(condition=Q(amount_usd__gt=0), name="notice_amount_positive"),
            models.CheckConstraint(
                condition=Q(declined_on__isnull=True) | Q(declined_on__gte=F("received_on")),
                name="notice_declined_after_receipt",
            ),
            models.CheckConstraint(
                condition=Q(declined_usd__isnull=True)
                | Q(
                    declined_on__isnull=False,
                    declined_usd__gt=0,
                    declined_usd__lt=F("amount_usd"),
                ),
                name="notice_declined_in_part",
            ),
        ]

    @property
    def amount_called(self) -> Decimal:
        """US dollars it calls in the end: less what is declined, none once it is taken back."""
        return Decimal(0) if self.withdrawn else self.amount_usd - self.declined_by(date.max)

    def declined_by(self, day: date) -> Decimal:
        """US dollars of it that Japan had declined by a day: all, where no part is stated."""
        if self.declined_on is None or self.declined_on > day:
            return Decimal(0)
        return self.amount_usd if self.declined_usd is None else self.declined_usd

    def faults(self) -> dict[str, str]:
        """What cannot be, by field: an amount, a zone, a day before the one it follows from."""
        found = {}
        if self.amount_usd is not None and self.amount_usd <= 0:
            found["amount_usd"] = _("Enter an amount above zero.")
        if self.received_zone and self.received_zone not in _zones():
            words = _("“%(zone)s” is not a time zone like Asia/Tokyo.")
            found["received_zone"] = words % {"zone": self.received_zone}
        if self.declined_on and self.received_on and self.declined_on < self.received_on:
            words = _("It cannot be declined before it was received, %(day)s.")
            found["declined_on"] = words % {"day": self.received_on}
        if self.declined_usd is not None:
            found |= self._faults_of_part(self.declined_usd)
        if self.specified_on and self.earliest_on and self.specified_on < self.earliest_on:
            words = _("The specified date lies before the end of the window, %(day)s.")
            found["specified_on"] = words % {"day": self.earliest_on}
        return found

    def _faults_of_part(self, declined: Decimal) -> dict[str, str]:
        """What cannot be of a part that was declined."""
        found = {}
        if self.declined_on is None:
            found["declined_on"] = _("is required: a part is declined")
        if declined <= 0:
            found["declined_usd"] = _("Enter an amount above zero.")
        elif self.amount_usd is not None and declined >= self.amount_usd:
            found["declined_usd"] = _("A part is less than what is called; for all leave it empty.")
        return found

    def clean(self) -> None:
        """Refuse a notice that cannot be; taking one back is always possible."""
        if not self.withdrawn and (found := self.faults()):
            raise ValidationError(found)

    def keep_computed(self, old: "FundingNotice") -> None:
        """Leave the window as it was computed when a correction leaves its first day.

        The reading stays too, unless the correction says otherwise of the notice's own;
        and the reason that let it through, unless it gives one or is not of what that was for.
        """
        if not self.override_reason and not self.changed_from(old):
            self.override_reason = old.override_reason
        if old.received_on == self.received_on:
            kept = self.COMPUTED - ({"default_reading"} if old.reading != self.reading else set())
            for name in kept:
                setattr(self, name, getattr(old, name))


class LedgerEntry(models.Model):
    """Cash that moved. Never changed: a correction is a reversal on the same value date.

    Entries are numbered without gaps in the order of posting, and each carries
    the hash of the one before it: `manage.py verify_ledger` finds the first
    that was changed, lost or moved.
    """

    insert_only = True
    NATURAL_KEY = "ref"
    VALID_DATES = ("value_date",)
    OWN_DATE = None
    ACT_DATE = "value_date"
    COMPUTED = frozenset({"number", "published_on", "previous_sha256", "sha256"})
    FILLED: ClassVar[Mapping[str, str]] = {"amount": "amount_usd"}

    class Kind(models.TextChoices):
        FUNDING = "funding", gettext_lazy("cash received in the designated account")
        DISBURSEMENT = "disbursement", gettext_lazy("cash paid on to the project")
        GUARANTEE_CALL = "guarantee_call", gettext_lazy("claim paid under a guarantee")
        PRINCIPAL = "principal", gettext_lazy("principal repaid")
        INTEREST = "interest", gettext_lazy("interest paid")
        DISTRIBUTION = "distribution", gettext_lazy("cash paid out of the investment")
        FEE = "fee", gettext_lazy("fee paid")

    ref = models.CharField(max_length=140, unique=True, help_text="natural key, never reused")
    number = models.PositiveBigIntegerField(unique=True, help_text="place in the chain, from 1")
    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="entries")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="entries")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    notice = models.ForeignKey(
        FundingNotice, on_delete=models.PROTECT, null=True, blank=True, related_name="entries"
    )
    kind = models.CharField(max_length=16, choices=Kind.choices)
    value_date = models.DateField(help_text="day the money moved")
    amount_usd = MoneyField(help_text="US dollars; negative only in a reversal")
    currency = models.CharField(max_length=3, default="USD")
    amount = MoneyField(help_text="as paid, in currency")
    fx_rate = models.DecimalField(
        max_digits=18, decimal_places=8, null=True, blank=True, help_text="JPY per USD"
    )
    fx_on = models.DateField(null=True, blank=True, help_text="day of the rate")
    fx_source = models.CharField(max_length=200, blank=True)
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversal"
    )
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    document_on = models.DateField(null=True, blank=True)
    published_on = models.DateField(null=True, blank=True)
    locator = models.TextField(blank=True, help_text="page, paragraph or quotation")
    late_reason = models.TextField(
        blank=True, help_text="why it is posted into a closed period; shown publicly"
    )
    override_reason = models.TextField(
        blank=True, help_text="why an administrator let it break a limit; shown publicly"
    )
    note = models.TextField(blank=True)
    previous_sha256 = models.CharField(max_length=64, blank=True, help_text="empty in the first")
    sha256 = models.CharField(max_length=64)

    objects = FactQuerySet.as_manager()

    class Meta:
        ordering = ["value_date", "number"]
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
            ),
            models.CheckConstraint(
                condition=Q(reverses__isnull=False) | Q(amount_usd__gt=0),
                name="entry_positive_unless_reversal",
            ),
        ]

    def __str__(self) -> str:
        return self.ref


class ClosedPeriod(Fact):
    """The ledger of a commitment is closed up to a day: a later posting into it is late."""

    commitment = models.ForeignKey(
        Commitment, on_delete=models.PROTECT, related_name="closed_periods"
    )
    ends_on = models.DateField(help_text="last day of the closed period")

    class Meta(Fact.Meta):
        ordering = ["-ends_on", "ref"]


class LedgerCheck(models.Model):
    """One verification of the ledger: how far it reached and what it found. Append-only."""

    insert_only = True

    checked_at = models.DateTimeField(auto_now_add=True)
    entries = models.PositiveBigIntegerField(help_text="number of the last entry")
    last_sha256 = models.CharField(max_length=64, blank=True, help_text="seal of the last entry")
    first_broken = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="number of the first entry that does not hold"
    )
    problems = models.JSONField(default=list, help_text="what does not hold, in words")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.entries} entries, {len(self.problems)} problems"


class LedgerDay(models.Model):
    """Roll-up of the newest revision: one row per commitment, kind, value date and document."""

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16)
    value_date = models.DateField()
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    amount_usd = MoneyField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["commitment", "kind", "value_date", "document"], name="ledger_day_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value_date}"


class LedgerProject(models.Model):
    """Roll-up of the newest revision: one row per project, instrument, kind and document."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    amount_usd = MoneyField()
    last_value_date = models.DateField(help_text="newest value date")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "instrument", "kind", "document"], name="ledger_project_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.project_id}"


class LedgerMonth(models.Model):
    """Roll-up of the newest revision: one row per project, instrument, kind, month and document."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    month = models.DateField(help_text="first day of the month of the value dates")
    amount_usd = MoneyField()
    last_value_date = models.DateField(help_text="newest value date in the month")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "instrument", "kind", "month", "document"],
                name="ledger_month_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.project_id} in {self.month:%Y-%m}"


POINT_FAULTS = {
    "unlike": gettext_lazy(
        "point %(number)s must be like “on”: “2026-12-31”, “amount_usd”: “1000.00”"
    ),
    "not_later": gettext_lazy("point %(number)s is not later than the one before"),
    "less": gettext_lazy("point %(number)s plans less than the one before"),
    "no_plan": gettext_lazy("must be a list of points, the last of them above zero"),
}


class Plan(Fact):
    """A baseline: cumulative planned amounts on dates, joined by straight lines."""

    VALID_DATES = ("effective_on",)

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

    def clean(self) -> None:
        """Refuse points that are no baseline. Raise ValidationError naming the first wrong one."""
        try:
            written_points(self.points)
        except PointsFault as fault:
            words = str(POINT_FAULTS[fault.code]) % {"number": fault.number}
            raise ValidationError({"points": words}) from fault


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
        ordering = ["-as_of", "-revision_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["commitment", "as_of", "revision"], name="snapshot_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.as_of} r{self.revision_id}"
