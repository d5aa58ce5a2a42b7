"""Suppositions that visitors kept: what would follow if a project were not funded."""

from django.db import models
from django.utils.translation import gettext_lazy

from commitments.models import Commitment, Revision
from projects.models import Project


class Supposition(models.Model):
    """A question to the levers, kept under a name. It never enters the record.

    What follows from it is judged whenever it is read, at the day and revision it was kept for.
    """

    class Event(models.TextChoices):
        DECLINED = "decline", gettext_lazy("Japan declines to fund")
        MISSED = "miss", gettext_lazy("a window is missed")

    key = models.CharField(max_length=16, unique=True, help_text="of the question and its point")
    name = models.CharField(max_length=80)
    commitment = models.ForeignKey(
        Commitment, on_delete=models.PROTECT, related_name="suppositions"
    )
    event = models.CharField(max_length=10, choices=Event.choices)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="suppositions")
    as_of = models.DateField()
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    published_by = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name
