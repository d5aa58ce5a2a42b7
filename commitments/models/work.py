"""Work in hand: jobs to run and cases to decide."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from commitments.models.revisions import Revision


class Job(models.Model):
    """One piece of work that must happen exactly once. The row is the job; a message only a bell."""

    class State(models.TextChoices):
        PENDING = "pending", "pending"
        RUNNING = "running", "running"
        DONE = "done", "done"
        DEAD = "dead", "dead"

    key = models.CharField(max_length=200, unique=True, help_text="same work, same key")
    kind = models.CharField(max_length=40)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="counted before the work")
    available_at = models.DateTimeField(help_text="not before; moved on by back-off")
    leased_until = models.DateTimeField(null=True, blank=True)
    rung_at = models.DateTimeField(null=True, blank=True, help_text="last time the bell rang")
    progress = models.PositiveSmallIntegerField(default=0, help_text="percent")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "available_at"], name="job_to_do")]

    def __str__(self) -> str:
        return self.key


class ApprovalCase(models.Model):
    """Changes proposed by one person and decided by another."""

    class State(models.TextChoices):
        DRAFT = "draft", "draft"
        SUBMITTED = "submitted", "submitted"
        APPROVED = "approved", "approved"
        RETURNED = "returned", "returned"
        WITHDRAWN = "withdrawn", "withdrawn"

    title = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    changes = models.JSONField(default=list, help_text="list of {kind, data} as in the fixtures")
    frozen_hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 when submitted")
    base_revision = models.PositiveBigIntegerField(default=0, help_text="newest when submitted")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="cases_created"
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cases_decided",
    )
    reason = models.TextField(blank=True)
    decision_reason = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    revision = models.OneToOneField(
        Revision, on_delete=models.PROTECT, null=True, blank=True, related_name="case"
    )
    version = models.PositiveIntegerField(default=1, help_text="raised by every save")

    class Meta:
        ordering = ["-pk"]
        permissions = [("decide_case", "Can approve or return a submitted case")]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("created_by")),
                name="case_decided_by_another_person",
            ),
            models.CheckConstraint(
                condition=Q(state="approved", revision__isnull=False, decided_by__isnull=False)
                | (~Q(state="approved") & Q(revision__isnull=True)),
                name="case_approved_with_revision",
            ),
        ]

    def __str__(self) -> str:
        return f"case {self.pk}: {self.title}"
