"""Identities: things that facts are about. Their labels may change, audited, in place."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MADE_UP = "made up: only illustrative commitments may name it; never changes"


class Entity(models.Model):
    NATURAL_KEY: ClassVar[str] = "slug"

    slug = models.SlugField(max_length=120, unique=True, help_text="never changes")
    revision = models.ForeignKey(
        "commitments.Revision",
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        help_text="the posting that first recorded it",
    )

    class Meta:
        abstract = True


class Commitment(Entity):
    """A promise of one country to invest in another."""

    name = models.CharField(max_length=200)
    name_ja = models.CharField(max_length=200, blank=True)
    investor = models.CharField(max_length=80, help_text="country or union that promises")
    investor_ja = models.CharField(max_length=80, blank=True)
    investor_code = models.CharField(max_length=2, help_text="ISO 3166 code, EU for the union")
    host_code = models.CharField(max_length=2, default="US")
    is_default = models.BooleanField(default=False)
    illustrative = models.BooleanField(
        default=False, help_text="fictional figures, labelled so on every page and response"
    )

    class Meta:
        ordering = ["-is_default", "slug"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=models.Q(is_default=True),
                name="one_default_commitment",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse fiction as the commitment that the pages begin with."""
        if self.is_default and self.illustrative:
            words = _("an illustrative commitment is never the default")
            raise ValidationError({"is_default": words})


class Institution(Entity):
    """A public body, bank or committee with a part in the commitment."""

    name = models.CharField(max_length=200)
    name_ja = models.CharField(max_length=200, blank=True)
    short = models.CharField(max_length=40, blank=True)
    country = models.CharField(max_length=10, blank=True)
    kind = models.CharField(max_length=40, blank=True)
    owner = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=300, blank=True)
    role_ja = models.CharField(max_length=300, blank=True)
    illustrative = models.BooleanField(default=False, help_text=MADE_UP)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.short or self.name


class Party(Entity):
    """A company named with a project."""

    name = models.CharField(max_length=200)
    name_ja = models.CharField(max_length=200, blank=True)
    illustrative = models.BooleanField(default=False, help_text=MADE_UP)

    class Meta:
        ordering = ["slug"]
        verbose_name_plural = "parties"

    def __str__(self) -> str:
        return self.name


class Instrument(Entity):
    """A way to finance: loan, guarantee, equity; one of them is "not stated"."""

    name = models.CharField(max_length=80)
    name_ja = models.CharField(max_length=80, blank=True)
    is_cash = models.BooleanField(default=True, help_text="a guarantee is exposure, not cash")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.name


class Sector(Entity):
    """A sector of the register; other lists are mapped to it by facts."""

    name = models.CharField(max_length=120)
    name_ja = models.CharField(max_length=120, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.name


DOCUMENT_KINDS: Mapping[str, Any] = {
    "agreement": gettext_lazy("agreement"),
    "analysis": gettext_lazy("analysis"),
    "announcement": gettext_lazy("announcement"),
    "article": gettext_lazy("article"),
    "briefing": gettext_lazy("briefing"),
    "budget": gettext_lazy("budget"),
    "company_release": gettext_lazy("company’s release"),
    "court_decision": gettext_lazy("court decision"),
    "customs_message": gettext_lazy("message of the customs"),
    "dataset": gettext_lazy("data set"),
    "executive_order": gettext_lazy("executive order"),
    "fact_sheet": gettext_lazy("fact sheet"),
    "federal_register_notice": gettext_lazy("Federal Register notice"),
    "fictional": gettext_lazy("fictional document"),
    "funding_notice": gettext_lazy("funding notice"),
    "joint_announcement": gettext_lazy("joint announcement"),
    "joint_fact_sheet": gettext_lazy("joint fact sheet"),
    "joint_statement": gettext_lazy("joint statement"),
    "lender_release": gettext_lazy("lender’s release"),
    "letter": gettext_lazy("letter"),
    "meeting": gettext_lazy("meeting"),
    "mou": gettext_lazy("memorandum of understanding"),
    "news": gettext_lazy("news report"),
    "payment_record": gettext_lazy("payment record"),
    "policy_announcement": gettext_lazy("announcement of policy"),
    "presidential_memorandum": gettext_lazy("presidential memorandum"),
    "proclamation": gettext_lazy("proclamation"),
    "receipt": gettext_lazy("receipt"),
    "regulation": gettext_lazy("regulation"),
    "report": gettext_lazy("report"),
    "statement": gettext_lazy("statement"),
    "statute": gettext_lazy("statute"),
    "tariff_schedule": gettext_lazy("tariff schedule"),
    "web_page": gettext_lazy("web page"),
}


def document_kind_words(kind: str) -> str:
    """Return what sort of document a code names; a new one as it was written."""
    return str(DOCUMENT_KINDS.get(kind, kind.replace("_", " ")))


class Document(Entity):
    """A published text. One act is one document, however many files name it."""

    class Access(models.TextChoices):
        READ = "read", gettext_lazy("read")
        EXCERPT = "excerpt_read", gettext_lazy("excerpt read")
        CITED = "cited_by_another", gettext_lazy("cited by another")
        NOT_SEEN = "not_seen", gettext_lazy("not seen")

    class Side(models.TextChoices):
        US = "us", gettext_lazy("United States")
        JAPAN = "japan", gettext_lazy("Japan")
        JOINT = "joint", gettext_lazy("joint")
        OTHER = "other", gettext_lazy("another government or body")
        PRESS = "press", gettext_lazy("press or analyst")
        ARTICLE = "article", gettext_lazy("unattributed article")

    class Precision(models.TextChoices):
        DAY = "day", gettext_lazy("day")
        WEEK = "week", gettext_lazy("week")
        MONTH = "month", gettext_lazy("month")
        YEAR = "year", gettext_lazy("year")
        APPROXIMATE = "approximate", gettext_lazy("approximate")
        UNDATED = "undated", gettext_lazy("undated")

    FICTIONAL = "fictional"  # the kind of the documents of an illustrative commitment

    title = models.CharField(max_length=400, blank=True, help_text="empty: not stated")
    kind = models.CharField(max_length=60)
    issuer = models.CharField(max_length=300, blank=True)
    date = models.DateField(null=True, blank=True)
    date_precision = models.CharField(
        max_length=12, choices=Precision.choices, default=Precision.DAY
    )
    url = models.URLField(max_length=1000, blank=True)
    citation = models.CharField(max_length=400, blank=True)
    access = models.CharField(max_length=20, choices=Access.choices)
    language = models.CharField(max_length=10, blank=True, help_text="empty: not stated")
    side = models.CharField(max_length=10, choices=Side.choices)
    aliases = models.JSONField(default=list, blank=True, help_text="other names it was filed by")
    confidence = models.CharField(max_length=10, default="sourced")
    recalled_fields = models.JSONField(default=list, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["-date", "slug"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(date__isnull=False) | models.Q(date_precision="undated"),
                name="document_dated_or_undated",
            )
        ]

    def __str__(self) -> str:
        return self.title or self.url or self.slug

    @property
    def is_recalled(self) -> bool:
        """True of a document that nobody saw: its whole record is general knowledge."""
        return self.confidence == "recalled"

    def recalls(self, name: str) -> bool:
        """True of a label that rests on general knowledge: to be shown as unverified."""
        return self.is_recalled or name in self.recalled_fields

    def clean(self) -> None:
        """Refuse a document without a date that is not said to be undated."""
        if self.date is None and self.date_precision != self.Precision.UNDATED:
            words = _("is required, unless the precision of the date says that there is none")
            raise ValidationError({"date": words})
