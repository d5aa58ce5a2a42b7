"""What the agreement says, as dated terms with their readings."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy

from commitments.calculations.calendars import CALENDARS
from commitments.calculations.written import (
    HEADLINE_RUNGS,
    LONGEST_WINDOW,
    Problem,
    read_day,
    term_problems,
)
from commitments.models.entities import Commitment, Institution
from commitments.models.money import NOT_BELOW_ZERO
from commitments.models.revisions import Fact

PROBLEMS = {
    "no_object": gettext_lazy("must be an object of named parts"),
    "missing": gettext_lazy("needs the part “%(part)s”"),
    "wrong": gettext_lazy("“%(part)s” must be %(holds)s, not %(found)s"),
    "deep": gettext_lazy("“%(part)s” lies too deep"),
    "shape": gettext_lazy("“%(part)s” must be words, a whole number or a list of them"),
}
HOLDS = {
    "day": gettext_lazy("a day like 2029-01-19"),
    "dollars": gettext_lazy("dollars above zero, like “550000000000.00”"),
    "percent": gettext_lazy("percent, like “12.5”"),
    "shares": gettext_lazy("shares that add to 1, one of them “us”"),
    "business_days": gettext_lazy("a whole number from 1 to %(longest)s"),
    "basis_points": gettext_lazy("whole basis points, or null"),
    "calendar": gettext_lazy("one of %(calendars)s"),
    "rung": gettext_lazy("one of %(rungs)s"),
    "list": gettext_lazy("a list"),
    "words": gettext_lazy("words"),
}
"""What is wrong with a term's value, and what its parts must hold, in words."""


class Term(Fact):
    """One clause of a commitment under one reading. Code reads terms, not constants.

    `key` names the question ("deadline", "target", "funding_window"); each
    reading is its own row and exactly one of them is the default. Some keys tell
    what happened (`TELLS`); whatever else a term says may be set ahead.
    """

    VALID_DATES = ("effective_on",)
    TELLS = ("start", "announced", "status")

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="terms")
    key = models.SlugField(max_length=60)
    reading = models.SlugField(max_length=60, default="stated")
    is_default = models.BooleanField(default=True)
    name = models.CharField(max_length=200)
    name_ja = models.CharField(max_length=200, blank=True)
    value = models.JSONField()
    clause = models.CharField(max_length=120, blank=True)
    effective_on = models.DateField(null=True, blank=True)
    note_ja = models.TextField(blank=True, help_text="the note in Japanese")

    class Meta(Fact.Meta):
        ordering = ["commitment", "key", "-is_default", "reading"]

    @property
    def act_on(self) -> date | None:
        """The day of what it tells: a signing, an announcement, a state; None of a rule."""
        if self.key not in self.TELLS:
            return None
        told = self.value.get("date") if isinstance(self.value, dict) else None
        return read_day(told) or self.effective_on

    def clean(self) -> None:
        """Refuse a value that could not be read. Raise ValidationError naming every part."""
        if problems := term_problems(self.key, self.value):
            raise ValidationError({"value": [_in_words(problem) for problem in problems]})


def _in_words(problem: Problem) -> str:
    given = {"calendars": ", ".join(CALENDARS), "rungs": ", ".join(HEADLINE_RUNGS)}
    holds = str(HOLDS.get(problem.holds, "")) % {**given, "longest": LONGEST_WINDOW}
    words = {"part": problem.part, "holds": holds, "found": problem.found}
    return str(PROBLEMS[problem.code]) % words


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
    share_low = models.DecimalField(
        max_digits=6, decimal_places=2, validators=[NOT_BELOW_ZERO], help_text="percent"
    )
    share_high = models.DecimalField(
        max_digits=6, decimal_places=2, validators=[NOT_BELOW_ZERO], help_text="percent"
    )
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
