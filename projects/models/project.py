"""Projects and what happens to them."""

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy

from commitments.models import Commitment, Fact, Party, Sector
from commitments.models.entities import Entity
from projects.models.reasons import Reasoned


class Project(Entity):
    """An investment, named as a candidate or firmer. Its stage is derived from events."""

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="projects")
    name = models.CharField(max_length=200)
    name_ja = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class ProjectProfile(Fact):
    """What filters or groups a project: its sector, place and batch, dated."""

    VALID_DATES = ("effective_on",)

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="profiles")
    effective_on = models.DateField(null=True, blank=True)
    sector = models.ForeignKey(
        Sector, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    sector_text = models.CharField(max_length=120, blank=True, help_text="as the source puts it")
    states = models.JSONField(
        default=list, blank=True, help_text="postal codes of US states; more than one: not split"
    )
    location = models.CharField(max_length=200, blank=True)
    location_ja = models.CharField(max_length=200, blank=True)
    batch = models.SlugField(max_length=60, blank=True)
    count_in_totals = models.BooleanField(
        default=True, help_text="false keeps it out of every total above candidate"
    )
    capacity_mw = models.PositiveIntegerField(null=True, blank=True)
    capacity_is_minimum = models.BooleanField(default=False)
    split_note = models.TextField(blank=True, help_text="what is known of the instrument split")
    split_note_ja = models.TextField(blank=True)
    note_ja = models.TextField(blank=True, help_text="the note in Japanese")

    class Meta(Fact.Meta):
        ordering = ["project", "ref"]


class StageEvent(Reasoned, Fact):
    """A dated, evidenced step of a project."""

    VALID_DATES = ("occurred_on",)
    ACT_DATE = "occurred_on"
    REASON_FOR = ("project_id", "kind", "occurred_on", "planned", "document_id")

    class Kind(models.TextChoices):
        CANDIDATE_LISTED = "candidate_listed", gettext_lazy("listed as a candidate")
        CONSIDERED_NEXT_BATCH = (
            "considered_next_batch",
            gettext_lazy("considered for the next batch"),
        )
        REPORTED_CANDIDATE = "reported_candidate", gettext_lazy("reported as a candidate")
        NAMED_BY_US_OFFICIAL = "named_by_us_official", gettext_lazy("named by a US official")
        UNDER_NEGOTIATION = "under_negotiation", gettext_lazy("under negotiation")
        ANNOUNCED = "announced_second_batch", gettext_lazy("announced, in consultation")
        PRESIDENTIAL_APPROVAL_REPORTED = (
            "presidential_approval_reported",
            gettext_lazy("presidential approval reported"),
        )
        SELECTED = "selected", gettext_lazy("selected by the President")
        FINANCING_SIGNED = "financing_signed", gettext_lazy("financing agreements signed")
        SITE_SECURED = "site_secured", gettext_lazy("site secured")
        GROUND_BROKEN = "ground_broken", gettext_lazy("ground broken")
        TENANT_ANNOUNCED = "tenant_announced", gettext_lazy("tenant announced")
        DECLINED = "declined", gettext_lazy("declined by Japan after consultation")
        WITHDRAWN = "withdrawn", gettext_lazy("withdrawn")
        CANCELLED = "cancelled", gettext_lazy("cancelled")

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="stage_events")
    kind = models.CharField(max_length=40, choices=Kind.choices)
    occurred_on = models.DateField(help_text="the day it happened, or is planned for")
    planned = models.BooleanField(
        default=False, help_text="announced for a day to come; makes no stage true by itself"
    )
    override_reason = models.TextField(
        blank=True, help_text="why an administrator let it break a rule; shown publicly"
    )
    note_ja = models.TextField(blank=True, help_text="the note in Japanese")

    class Meta(Fact.Meta):
        ordering = ["occurred_on", "ref"]

    @property
    def act_on(self) -> date | None:
        """The day it happened; None of one that is only planned."""
        return None if self.planned else self.occurred_on


class ProjectParty(Fact):
    """A company's part in a project."""

    VALID_DATES = ("document_on",)

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="parties")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="projects")
    role = models.CharField(max_length=120)

    class Meta(Fact.Meta):
        ordering = ["project", "ref"]
        verbose_name_plural = "project parties"


class ProjectLink(Fact):
    """How two projects belong together.

    `continued_as` takes a candidate's amount out of the open candidates;
    `merged_into` says both are one project: the first keeps its history, its
    address leads to the second, and it stands on no rung.
    """

    VALID_DATES = ("document_on",)

    class Relation(models.TextChoices):
        CONTINUED_AS = "continued_as", gettext_lazy("continued as")
        MERGED_INTO = "merged_into", gettext_lazy("merged into")
        RELATED = "related", gettext_lazy("related to")

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="links")
    other = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="linked_from")
    relation = models.CharField(max_length=20, choices=Relation.choices)

    class Meta(Fact.Meta):
        ordering = ["project", "ref"]
