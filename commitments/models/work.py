"""Work in hand: jobs to run, cases to decide, and what comes in at the desk."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy, pgettext_lazy

from commitments.models.entities import Commitment
from commitments.models.revisions import Revision


class Job(models.Model):
    """One piece of work that must happen exactly once. The row is the job; a message only a bell."""

    class State(models.TextChoices):
        PENDING = "pending", gettext_lazy("pending")
        RUNNING = "running", gettext_lazy("running")
        DONE = "done", gettext_lazy("done")
        DEAD = "dead", gettext_lazy("dead")

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
        DRAFT = "draft", gettext_lazy("draft")
        SUBMITTED = "submitted", gettext_lazy("submitted")
        APPROVED = "approved", gettext_lazy("approved")
        RETURNED = "returned", gettext_lazy("returned")
        WITHDRAWN = "withdrawn", gettext_lazy("withdrawn")

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
        permissions = [
            ("decide_case", "Can approve or return a submitted case"),
            ("force_case", "Can propose what breaks a rule, with a public reason"),
        ]
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


class InboxItem(models.Model):
    """Something the desk must know, told once: a reminder, an alert, news of a case."""

    key = models.CharField(max_length=200, unique=True, help_text="same news, same key")
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    url = models.CharField(max_length=300, blank=True, help_text="path of the page it is about")
    created_at = models.DateTimeField(auto_now_add=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["done_at", "-id"], name="inbox_open_first")]

    def __str__(self) -> str:
        return self.title


class Alert(models.Model):
    """A level that a watched figure or clock crossed, either way; each crossing stands once."""

    insert_only = True

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="alerts")
    rule = models.CharField(max_length=40)
    subject = models.CharField(
        max_length=140, blank=True, help_text="ref of what it is about; empty: the commitment"
    )
    number = models.PositiveIntegerField(
        help_text="of its rule and subject, from 1: two runs cannot tell the same crossing"
    )
    level = models.CharField(max_length=20, blank=True, help_text="empty: below every level")
    previous = models.CharField(max_length=20, blank=True)
    as_of = models.DateField()
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    facts = models.JSONField(default=dict, help_text="what it was judged by")
    told_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["commitment", "rule", "subject", "number"], name="alert_told_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.subject} {self.level or '-'}"


class IntakeItem(models.Model):
    """An address to read, or an error a visitor reports: to become a case, or be dismissed."""

    class Kind(models.TextChoices):
        ADDRESS = "address", gettext_lazy("address to read")
        ERROR = "error", gettext_lazy("reported error")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("intake", "open")
        IN_CASE = "in_case", gettext_lazy("taken into a case")
        DISMISSED = "dismissed", gettext_lazy("dismissed")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    url = models.URLField(max_length=1000, blank=True, help_text="address of the source")
    page = models.CharField(max_length=300, blank=True, help_text="page of the register meant")
    text = models.TextField(blank=True, help_text="what is wrong, or what to look for")
    contact = models.CharField(max_length=200, blank=True, help_text="never shown publicly")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="empty: a visitor",
    )
    reason = models.TextField(blank=True, help_text="why it was dismissed")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    case = models.ForeignKey(
        ApprovalCase, on_delete=models.PROTECT, null=True, blank=True, related_name="intake"
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="dismissed") | ~Q(reason=""), name="intake_dismissed_with_reason"
            ),
            models.CheckConstraint(
                condition=Q(state="in_case", case__isnull=False)
                | (~Q(state="in_case") & Q(case__isnull=True)),
                name="intake_in_case_names_it",
            ),
        ]

    def __str__(self) -> str:
        return (self.url or self.text)[:80]


class ImportBatch(models.Model):
    """A file of records: read and judged by a job, then one case, or refused as a whole."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", gettext_lazy("waits to be read")
        READ = "read", gettext_lazy("read and judged")
        REFUSED = "refused", gettext_lazy("refused")
        IN_CASE = "in_case", gettext_lazy("made a case")

    table = models.CharField(max_length=40, help_text="kind of record the file holds")
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADED)
    report = models.JSONField(default=dict, help_text="counts, errors by row and column, totals")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    job = models.OneToOneField(Job, on_delete=models.PROTECT, null=True, related_name="+")
    case = models.OneToOneField(
        ApprovalCase, on_delete=models.PROTECT, null=True, blank=True, related_name="import_batch"
    )

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "import batches"
        indexes = [models.Index(fields=["sha256"], name="import_of_file")]

    def __str__(self) -> str:
        return self.filename
