"""What the agreement says, as dated terms with their readings."""

from django.core.exceptions import ValidationError
from django.db import models

from commitments.calculations.written import term_problems
from commitments.models.entities import Commitment, Institution
from commitments.models.revisions import Fact


class Term(Fact):
    """One clause of a commitment under one reading. Code reads terms, not constants.

    `key` names the question ("deadline", "target", "funding_window"); each
    reading is its own row and exactly one of them is the default.
    """

    VALID_DATES = ("effective_on",)

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="terms")
    key = models.SlugField(max_length=60)
    reading = models.SlugField(max_length=60, default="stated")
    is_default = models.BooleanField(default=True)
    name = models.CharField(max_length=200)
    name_ja = models.CharField(max_length=200, blank=True)
    value = models.JSONField()
    clause = models.CharField(max_length=120, blank=True)
    effective_on = models.DateField(null=True, blank=True)

    class Meta(Fact.Meta):
        ordering = ["commitment", "key", "-is_default", "reading"]

    def clean(self) -> None:
        """Refuse a value that could not be read. Raise ValidationError naming every part."""
        if problems := term_problems(self.key, self.value):
            raise ValidationError({"value": problems})


class InstitutionStatement(Fact):
    """One sourced sentence about an institution."""

    VALID_DATES = ("since",)

    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, related_name="statements"
    )
    text = models.TextField()
    since = models.DateField(
        null=True, blank=True, help_text="day it became true; empty: its document's"
    )

    class Meta(Fact.Meta):
        ordering = ["ref"]


class SectorMapping(Fact):
    """How a row of the founding article's sector list maps to other lists."""

    VALID_DATES = ("document_on",)

    label = models.CharField(max_length=120, help_text="sector as the article names it")
    label_ja = models.CharField(max_length=120, blank=True)
    share_low = models.DecimalField(max_digits=6, decimal_places=2, help_text="percent")
    share_high = models.DecimalField(max_digits=6, decimal_places=2, help_text="percent")
    sectors = models.JSONField(default=list, help_text="slugs of the register's sectors")
    lists = models.JSONField(default=dict, help_text="names used by each other list")
    fit = models.CharField(max_length=30)

    class Meta(Fact.Meta):
        ordering = ["ref"]

    @property
    def published_as(self) -> str:
        """The name of the row in claims about its share: `share.sector.<name>`."""
        return self.ref.removeprefix("map-")


class Event(Fact):
    """Something that happened, or is due, in the life of a commitment."""

    VALID_DATES = ("occurred_on",)

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="events")
    occurred_on = models.DateField()
    title = models.CharField(max_length=300)
    title_ja = models.CharField(max_length=300, blank=True)

    class Meta(Fact.Meta):
        ordering = ["-occurred_on", "ref"]
