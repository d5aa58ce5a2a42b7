"""Revisions, facts and the audit trail: how the register remembers."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy

from commitments.calculations.dates import last_possible_day
from commitments.calculations.point import PointInTime


class Revision(models.Model):
    """One posting to the register: a load, an approved case or an import."""

    class Kind(models.TextChoices):
        LOAD = "load", gettext_lazy("load of curated data")
        CASE = "case", gettext_lazy("approved case")
        IMPORT = "import", gettext_lazy("import batch")
        RUN = "run", gettext_lazy("computed by a job")

    number = models.PositiveBigIntegerField(primary_key=True)
    recorded_at = models.DateTimeField(
        unique=True, help_text="when the register learned it, by the database's clock, UTC"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reason = models.TextField()
    written: frozenset[str] | None = None  # the kinds of its rows, told by who posts them

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"r{self.number}"

    def wrote(self, *kinds: Any) -> bool:
        """Whether it may have written rows of one of some models; where nobody told, it may.

        What wrote none needs no query.
        """
        names = {model._meta.model_name for model in kinds}
        return self.written is None or not names.isdisjoint(self.written)


class RevisionHead(models.Model):
    """The one row every posting locks, so that revisions follow one another."""

    number = models.PositiveBigIntegerField(default=0)
    recorded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_revision_head")]

    def __str__(self) -> str:
        return f"head r{self.number}"


class FactQuerySet(models.QuerySet):
    def known(self, point: PointInTime) -> Self:
        """Every version recorded, and if asked published, by the point."""
        return self.filter(known_by(point))

    def current(self, point: PointInTime) -> Self:
        """What holds at the point: known, true by as_of, superseded by nothing known."""
        known = known_by(point)
        newer = self.model._base_manager.filter(known, supersedes=OuterRef("pk"))
        rows = self.filter(known, ~Exists(newer), withdrawn=False)
        return rows.filter(true_by(self.model, point.as_of)) if self.model.VALID_DATES else rows

    def heads(self) -> Self:
        """The newest version of every fact, withdrawn or not."""
        return self.filter(successor__isnull=True)

    def heads_at(self, revision: int) -> Self:
        """The newest version of every fact by a revision, withdrawn or not."""
        by_then = Q(revision__lte=revision)
        newer = self.model._base_manager.filter(by_then, supersedes=OuterRef("pk"))
        return self.filter(by_then, ~Exists(newer))


def true_by(model: Any, as_of: date) -> Q:
    """Rows true by a day: by the first of their own dates, else their document's; undated always.

    A coarse date of one's own counts by its last possible day, as for publication.
    """
    found = Q()
    for name in reversed(dict.fromkeys((*model.VALID_DATES, "document_on"))):
        undated, by_day = Q(**{f"{name}__isnull": True}), Q(**{f"{name}__lte": as_of})
        if precision := _precision_of(model, name):
            undated, by_day = (
                undated | Q(**{precision: "undated"}),
                surely_by(name, precision, as_of),
            )
        found = by_day | undated & found
    return found


def surely_by(name: str, precision: str, day: date) -> Q:
    """Rows of which the last day a date can stand for is not after a day (see last_possible_day)."""
    following = day + timedelta(days=1)
    coarse = {
        "week": following - timedelta(days=6),
        **dict.fromkeys(("month", "month_unverified", "approximate"), following.replace(day=1)),
        "year": following.replace(month=1, day=1),
    }
    exact = Q(**{f"{name}__lt": following}) & ~Q(**{f"{precision}__in": ("undated", *coarse)})
    for kind, end in coarse.items():
        exact |= Q(**{precision: kind, f"{name}__lt": end})
    return exact


def _precision_of(model: Any, name: str) -> str:
    """The field that says how exact a date of a kind of facts is, empty where it is a day."""
    own, precision = model.OWN_DATE or ("", "")
    return precision if name == own else ""


def known_by(point: PointInTime) -> Q:
    """Rows recorded by the point's revision and published by its published_by."""
    known = Q(revision__lte=point.revision)
    if point.published_by is not None:
        known &= Q(published_on__lte=point.published_by)
    return known


class Fact(models.Model):
    """A row that is only ever inserted; a correction is a new row that names the old.

    `ref` is the natural key that all versions of one fact share. A foreign key
    to a fact names its first version (`root`). `published_on` is the last day
    on which the act or statement can have been made public, null when undated; for
    an act, never before the day it was done (`act_on`).
    `VALID_DATES` names the fields that say since when it was true, the first that
    is set; without one it takes its document's, `document_on`.
    """

    VALID_DATES: ClassVar[tuple[str, ...]] = ()
    OWN_DATE: ClassVar[tuple[str, str] | None] = None  # fields of a statement's own date, precision
    ACT_DATE: ClassVar[str] = ""  # field of the day on which an act was done
    NATURAL_KEY: ClassVar[str] = "ref"
    COMPUTED: ClassVar[frozenset[str]] = frozenset()  # fields that no record carries
    FILLED: ClassVar[Mapping[str, str]] = {"published_on": "document"}  # where left empty, by what
    CARRIED: ClassVar[frozenset[str]] = frozenset()  # fields a correction keeps by saying nothing
    NOTED: ClassVar[frozenset[str]] = frozenset({"note", "note_ja", "noted_on"})  # from `noted_on`

    class Confidence(models.TextChoices):
        SOURCED = "sourced", gettext_lazy("found in a stored public page or file")
        RECALLED = "recalled", gettext_lazy("general knowledge, not verified")
        DERIVED = "derived", gettext_lazy("computed from sourced rows")

    ref = models.CharField(max_length=140, help_text="natural key, the same in every version")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    root = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="versions"
    )
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="successor"
    )
    withdrawn = models.BooleanField(default=False, help_text="a retraction, not a correction")
    document = models.ForeignKey(
        "commitments.Document", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    document_on = models.DateField(null=True, blank=True, help_text="the document's own date")
    published_on = models.DateField(
        null=True, blank=True, help_text="last possible day of publication; empty: undated"
    )
    locator = models.TextField(blank=True, help_text="page, paragraph or quotation")
    confidence = models.CharField(
        max_length=10, choices=Confidence.choices, default=Confidence.SOURCED
    )
    recalled_fields = models.JSONField(default=list, blank=True)
    derived_fields = models.JSONField(default=list, blank=True)
    note = models.TextField(blank=True)
    noted_on = models.DateField(
        null=True,
        blank=True,
        help_text="day the note speaks from, where later than the fact: not shown before",
    )

    objects = FactQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["ref"],
                condition=Q(supersedes__isnull=True),
                name="%(app_label)s_%(class)s_one_first_version",
            ),
            models.CheckConstraint(
                condition=Q(root__isnull=True, supersedes__isnull=True)
                | Q(root__isnull=False, supersedes__isnull=False),
                name="%(app_label)s_%(class)s_root_with_supersedes",
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def root_key(self) -> int:
        """Primary key of the first version, the one foreign keys name."""
        return self.root_id or self.pk  # type: ignore[attr-defined, no-any-return]  # set by the concrete model

    @property
    def true_since(self) -> date | None:
        """The day from which `current` shows it: its own, else its document's; None: always."""
        names = (*self.VALID_DATES, "document_on") if self.VALID_DATES else ()
        return next((day for name in names if (day := self._last_day(name))), None)

    def _last_day(self, name: str) -> date | None:
        """The last day that one of its dates can stand for."""
        precision = _precision_of(self, name)
        return last_possible_day(
            getattr(self, name), getattr(self, precision) if precision else "day"
        )

    @property
    def act_on(self) -> date | None:
        """The day of the act that a fact records; None of a statement or a value."""
        day: date | None = getattr(self, self.ACT_DATE) if self.ACT_DATE else None
        return day

    def is_noted(self, day: date) -> bool:
        """True from the day the note speaks from: of a point, its `seen_until`."""
        return self.noted_on is None or self.noted_on <= day

    def note_at(self, day: date) -> str:
        """The note, empty on a day before the one it speaks from: of a point, its `seen_until`."""
        return self.note if self.is_noted(day) else ""

    def unseen(self, point: PointInTime) -> frozenset[str]:
        """The fields that tell of what came only after a point."""
        return frozenset() if self.is_noted(point.seen_until) else self.NOTED

    def recalls(self, name: str) -> bool:
        """True of a field that rests on general knowledge: to be shown as unverified."""
        return self.confidence == self.Confidence.RECALLED or name in self.recalled_fields

    def is_remembered(self, *names: str) -> bool:
        """True where one of some fields, or the whole of its document, is general knowledge."""
        of_document = self.document is not None and self.document.is_recalled
        return of_document or any(self.recalls(name) for name in names)

    def derives(self, name: str) -> bool:
        """True of a field that no document states and that was worked out: to be shown as derived."""
        return name in self.derived_fields


class AuditEntry(models.Model):
    """What a person or a load did to a label, a case or a job. Append-only."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=30)
    kind = models.CharField(max_length=40, help_text="kind of thing acted on")
    ref = models.CharField(max_length=140, help_text="its natural key")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["kind", "ref"], name="audit_of_thing")]

    def __str__(self) -> str:
        return f"{self.action} {self.kind} {self.ref}"
