"""What is charged, on what trade, what would bring old rates back."""

from datetime import date, timedelta
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from commitments.calculations.dates import last_possible_day
from commitments.calculations.point import PointInTime
from commitments.models import Commitment, Document, Fact, MoneyField, Revision
from commitments.models.entities import Entity
from commitments.models.money import NOT_BELOW_ZERO
from commitments.models.revisions import FactQuerySet
from tariffs.calculations.levers import Rule
from tariffs.calculations.rate import Basis

RULES = [
    (
        Rule.NON_FUNDING.value,
        gettext_lazy("a selected investment is declined or not funded in its window"),
    ),
    (Rule.CONDUCT.value, gettext_lazy("the commitments as a whole; the text gives no test")),
    (Rule.STATEMENT.value, gettext_lazy("the view of an official")),
    (
        Rule.LEGAL_BASIS.value,
        gettext_lazy("non-funding, or a measure prepared, on a legal basis that stands"),
    ),
]
BASES = [
    (Basis.ADDITIONAL.value, gettext_lazy("added to the ordinary (MFN) duty")),
    (Basis.ALL_IN.value, gettext_lazy("total with the ordinary duty")),
    (Basis.MFN_ONLY.value, gettext_lazy("ordinary duty only")),
    (Basis.EXEMPT.value, gettext_lazy("no additional duty")),
]


class TariffCategory(Entity):
    """A group of goods that measures and trade rows speak of."""

    name = models.CharField(max_length=120)
    name_ja = models.CharField(max_length=120, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    aliases = models.JSONField(default=list, blank=True, help_text="other names it is asked by")
    headings = models.JSONField(
        default=list, blank=True, help_text="HTS chapters, headings and lines that lie wholly in it"
    )
    near_headings = models.JSONField(
        default=list,
        blank=True,
        help_text="HTS chapters and headings some goods of which lie in it",
    )

    class Meta:
        ordering = ["position", "slug"]
        verbose_name_plural = "tariff categories"

    def __str__(self) -> str:
        return self.name


BY_START = F("effective_from").asc(nulls_last=True)
"""Oldest first, the undated last: of themselves the two databases put them at different ends."""


class AnnouncedQuerySet(FactQuerySet):
    """Facts that begin on a day of their own, and may be announced before it."""

    def current(self, point: PointInTime) -> Self:
        """What holds: begun by as_of, or else made public by that day."""
        begun = Q(**{f"{self.model.BEGINS}__lte": point.as_of})
        announced = Q(published_on__lte=point.as_of) | Q(document__isnull=True)
        return super().current(point).filter(begun | announced)


class Measure(Fact):
    """A duty: its legal authority, scope, rate, basis and dates.

    `listed_status` is what the compilers wrote with hindsight; the status on a
    date is derived from acts and dates and checked against it. The last day is
    hindsight too where another act set it: that act is `ended_by`, and before
    the world could know it the measure had no end.
    """

    BEGINS = "effective_from"
    NOTED = Fact.NOTED | {"steps_on", "step", "step_ja", "is_step_open"}

    class Listed(models.TextChoices):
        IN_FORCE = "in_force", gettext_lazy("in force")
        SCHEDULED = "scheduled", gettext_lazy("scheduled")
        PENDING = "pending", pgettext_lazy("measure", "pending")
        SUPERSEDED = "superseded", gettext_lazy("superseded")
        REPLACED = "superseded_retroactively", gettext_lazy("superseded retroactively")
        SUSPENDED = "suspended", gettext_lazy("suspended")
        THREATENED = "threatened_not_applied", gettext_lazy("threatened, not applied")
        INVALIDATED = "invalidated", gettext_lazy("invalidated")
        EXPIRED = "expired", gettext_lazy("expired")
        LAPSED = "lapsed", gettext_lazy("lapsed")

    STANDING = (Listed.IN_FORCE, Listed.SCHEDULED, Listed.PENDING, Listed.THREATENED)

    country = models.CharField(max_length=2, default="JP")
    category = models.ForeignKey(TariffCategory, on_delete=models.PROTECT, related_name="measures")
    hts_scope = models.CharField(max_length=300, blank=True)
    scope = models.CharField(
        max_length=120, blank=True, help_text="part of the category; empty: all of it"
    )
    scope_ja = models.CharField(max_length=120, blank=True)
    leaves_out = models.CharField(
        max_length=120, blank=True, help_text="goods it does not cover, or may not; empty: none"
    )
    leaves_out_ja = models.CharField(max_length=120, blank=True)
    rate_percent = models.DecimalField(
        max_digits=7, decimal_places=3, null=True, blank=True, validators=[NOT_BELOW_ZERO]
    )
    basis = models.CharField(max_length=30, choices=BASES)
    stacking = models.CharField(max_length=60, blank=True)
    names_country = models.BooleanField(
        default=False, help_text="a rate set for the country by name, not for all countries"
    )
    legal_authority = models.CharField(max_length=200)
    legal_authority_ja = models.CharField(max_length=200, blank=True)
    effective_from = models.DateField(null=True, blank=True)
    effective_to = models.DateField(null=True, blank=True, help_text="last day in force")
    ended_by = models.ForeignKey(
        Document,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="act that set the last day; empty: the measure's own",
    )
    replaces = models.JSONField(
        default=list, blank=True, help_text="refs of measures it replaces retroactively"
    )
    listed_status = models.CharField(max_length=30, choices=Listed.choices)
    steps_on = models.JSONField(
        default=list, blank=True, help_text="days of later steps that its note tells of"
    )
    step = models.CharField(max_length=200, blank=True, help_text="what happens on those days")
    step_ja = models.CharField(max_length=200, blank=True)
    is_step_open = models.BooleanField(
        default=False, help_text="its own rate changes on those days, to what is not stated"
    )

    act_note = models.TextField(
        blank=True, help_text="what its own act says, where the note speaks from a later day"
    )

    objects = AnnouncedQuerySet.as_manager()

    class Meta(Fact.Meta):
        ordering = ["category", "effective_from", "ref"]

    def clean(self) -> None:
        try:
            [date.fromisoformat(day) for day in self.steps_on]
        except ValueError as error:
            words = _("must be a list of days like 2029-01-19")
            raise ValidationError({"steps_on": words}) from error

    def words_at(self, day: date) -> str:
        """What its act says and, from the day the note speaks from, the note."""
        return " ".join(filter(None, (self.act_note, self.note_at(day))))

    def ends_at(self, point: PointInTime) -> date | None:
        """The last day, as far as the act that set it was there at a point.

        An end after the day described counts only if its act was made by then.
        """
        last, act = self.effective_to, self.ended_by
        if act is None or last is None:
            return last
        public = last_possible_day(act.date, act.date_precision)
        if last > point.as_of and (act.date is None or act.date > point.as_of):
            return None
        if point.published_by is None:
            return last
        return last if public and public <= point.published_by else None

    def unseen(self, point: PointInTime) -> frozenset[str]:
        ends, has_ended = self.ends_at(point), self.listed_status not in self.STANDING
        later = set() if ends == self.effective_to else {"effective_to", "ended_by"}
        if has_ended and (later or (ends and ends > point.as_of)):
            later.add("listed_status")
        return super().unseen(point) | later

    def stated_to(self, day: date) -> date | None:
        """The last day its rate is known, as told by a day; None where it is as long as it runs."""
        if not self.is_step_open or not self.steps_on or not self.is_noted(day):
            return None
        return date.fromisoformat(min(self.steps_on)) - timedelta(days=1)


class Lever(Fact):
    """A condition under which a rate can return."""

    VALID_DATES = ("stated_on",)

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="levers")
    title = models.CharField(max_length=200)
    title_ja = models.CharField(max_length=200, blank=True)
    trigger = models.TextField()
    trigger_ja = models.TextField(blank=True)
    consequence = models.TextField()
    consequence_ja = models.TextField(blank=True)
    instrument = models.CharField(max_length=200)
    instrument_ja = models.CharField(max_length=200, blank=True)
    rule = models.CharField(max_length=20, choices=RULES, help_text="what tests the trigger")
    terms = models.JSONField(
        default=list,
        blank=True,
        help_text="keys of the agreement's terms whose readings say how the clause is read",
    )
    stated_on = models.DateField(null=True, blank=True)

    class Meta(Fact.Meta):
        ordering = ["stated_on", "ref"]


class LeverState(models.Model):
    """A change of a lever's state as judged for a day and a revision, with the facts used."""

    insert_only = True

    class State(models.TextChoices):
        NOT_MET = "not_met", gettext_lazy("not met")
        WATCH = "watch", gettext_lazy("watch")
        MET = "met", gettext_lazy("met")
        CANNOT_TELL = "cannot_tell", gettext_lazy("cannot tell")

    lever = models.ForeignKey(
        Lever, on_delete=models.PROTECT, related_name="states", help_text="its first version"
    )
    as_of = models.DateField()
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=State.choices)
    previous = models.CharField(
        max_length=12, choices=State.choices, blank=True, help_text="empty: judged first"
    )
    signs = models.JSONField(default=list, help_text="the facts used")
    judged_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-as_of", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["lever", "as_of", "revision"], name="lever_judged_once")
        ]

    def __str__(self) -> str:
        return f"{self.lever_id} {self.state} {self.as_of}"


class CounterfactualRate(Fact):
    """The rate with and without the agreement over a period."""

    BEGINS = "period_from"

    category = models.ForeignKey(
        TariffCategory, on_delete=models.PROTECT, related_name="counterfactuals"
    )
    period_from = models.DateField()
    period_to = models.DateField(null=True, blank=True)
    with_percent = models.DecimalField(max_digits=7, decimal_places=3, validators=[NOT_BELOW_ZERO])
    with_basis = models.CharField(max_length=30, choices=BASES)
    without_percent = models.DecimalField(
        max_digits=7, decimal_places=3, validators=[NOT_BELOW_ZERO]
    )
    without_basis = models.TextField()
    without_basis_ja = models.TextField(blank=True)
    without_rate_basis = models.CharField(
        max_length=30, choices=BASES, blank=True, help_text="of without_percent; empty: not stated"
    )
    kind = models.CharField(max_length=20)

    objects = AnnouncedQuerySet.as_manager()

    class Meta(Fact.Meta):
        ordering = ["category", "period_from"]

    def ends_at(self, point: PointInTime) -> date | None:
        """The last day, as far as it can be told at a point: that of the measure it ends with."""
        if self.period_to is None:
            return None
        measures = Measure.objects.current(point).filter(
            category=self.category_id, effective_to=self.period_to
        )
        seen = [m.ends_at(point) == self.period_to for m in measures.select_related("ended_by")]
        return self.period_to if all(seen) else None

    def unseen(self, point: PointInTime) -> frozenset[str]:
        ends = self.ends_at(point)
        is_told = ends is not None and ends <= point.as_of
        return super().unseen(point) | (set() if is_told else {"period_to"})


class TradeFlow(Fact):
    """A year's trade in a group of goods: the baseline duties are reckoned on."""

    line = models.SlugField(max_length=60)
    label = models.CharField(max_length=200)
    label_ja = models.CharField(max_length=200, blank=True)
    year = models.PositiveSmallIntegerField()
    value_usd = MoneyField(validators=[NOT_BELOW_ZERO], help_text="US dollars")
    country = models.CharField(max_length=2, default="JP", help_text="whose trade")
    flow = models.CharField(max_length=40)
    basis = models.CharField(max_length=120)
    gtap_code = models.CharField(max_length=10, blank=True)
    part_of = models.SlugField(
        max_length=60, blank=True, help_text="line it adds up to, with the others that name it"
    )
    category = models.ForeignKey(
        TariffCategory, on_delete=models.PROTECT, null=True, related_name="trade"
    )

    class Meta(Fact.Meta):
        ordering = ["-value_usd", "ref"]
