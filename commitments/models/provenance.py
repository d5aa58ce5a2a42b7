"""What was said, which saying is shown, and what nobody has said."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.calculations.point import PointInTime
from commitments.calculations.verdicts import Verdict
from commitments.models.entities import Commitment, Document
from commitments.models.money import ScaledDecimalField
from commitments.models.revisions import Fact

DECIMALS = {"usd": 2, "jpy": 0}  # decimals of a currency's amounts
DERIVED = "derived"  # the side of a claim that nobody made: it was worked out


class Claim(Fact):
    """What a document says about a subject: a range, a unit, who and when.

    `subject` is the generic relation "kind:natural key" (for example
    `project:prj-tx-gulflink` or `commitment:japan-us-2025`); `aspect` says
    what of it (`amount.selected`, `share.loan`). "Up to" leaves low empty,
    "more than" leaves high empty. Rival claims live side by side. What was said
    after the fact (a loan's dollars, two weeks after it was signed) is true since
    `effective_on` and public since `stated_on`.

    `against` names what the claim is to be weighed against where that is not what
    others say of the same aspect: "claim:ref", "term:ref", "measure:ref", or
    "figure:aspect" for the figure the register shows of its subject; a share against the
    register's own: "sectormapping:ref" what of the selected amount lies in the sectors of
    that row, "instrument:slug" that instrument's part of the gross amount. What no rule
    can compare (words, a number on another basis) stands as an editor says in
    `stands` and `stands_why`.
    """

    AGAINST = ("claim", "figure", "instrument", "measure", "sectormapping", "term")
    AMOUNTS: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "project": (
            "amount.reported",
            "amount.candidate",
            "amount.candidate_us_list",
            "amount.in_consultation",
            "amount.selected",
        ),
        "financing": ("amount.signed",),
        "commitment": (
            "amount.instrument.loan",
            "amount.instrument.equity",
            "amount.instrument.guarantee",
        ),
    }
    """The amounts that figures and pages read of each kind of subject; no other is taken."""
    VALID_DATES = ("effective_on", "stated_on")
    OWN_DATE = ("stated_on", "stated_precision")

    class Rank(models.IntegerChoices):
        OFFICIAL = 1, gettext_lazy("official record of the deciding side, or joint document")
        ONE_SIDE = 2, gettext_lazy("one side's statement")
        PRESS = 3, gettext_lazy("press or analyst")
        ARTICLE = 4, gettext_lazy("unattributed article")
        DERIVED = 9, gettext_lazy("derived; never wins")

    class Unit(models.TextChoices):
        USD = "usd", gettext_lazy("US dollars")
        JPY = "jpy", gettext_lazy("yen")
        PERCENT = "percent", gettext_lazy("percent")
        TEXT = "text", gettext_lazy("words")

    class Qualifier(models.TextChoices):
        STATED = "stated", gettext_lazy("stated")
        APPROXIMATE = "approximate", gettext_lazy("about")
        UP_TO = "up_to", gettext_lazy("up to")
        MORE_THAN = "more_than", gettext_lazy("more than")
        ILLUSTRATIVE = "illustrative", gettext_lazy("assumed for an example")
        NOT_STATED = "not_stated", gettext_lazy("not stated")

    SIDES: ClassVar[Mapping[int, frozenset[str]]] = {
        Rank.OFFICIAL: frozenset({Document.Side.US, Document.Side.JAPAN, Document.Side.JOINT}),
        Rank.ONE_SIDE: frozenset(
            {Document.Side.US, Document.Side.JAPAN, Document.Side.JOINT, Document.Side.OTHER}
        ),
        Rank.PRESS: frozenset({Document.Side.PRESS}),
        Rank.ARTICLE: frozenset({Document.Side.ARTICLE}),
        Rank.DERIVED: frozenset({DERIVED}),
    }
    """By whose word a claim of each rank is."""
    NO_RECORD = frozenset({"analysis", "article", "company_release", "news"})
    """The kinds of document that are nobody's official record, whoever put them out."""

    commitment = models.ForeignKey(
        Commitment, on_delete=models.PROTECT, related_name="claims", null=True, blank=True
    )
    subject = models.CharField(max_length=160)
    aspect = models.CharField(max_length=80)
    low = ScaledDecimalField(null=True, blank=True, help_text="in the claim's unit")
    high = ScaledDecimalField(null=True, blank=True, help_text="in the claim's unit")
    unit = models.CharField(max_length=8, choices=Unit.choices)
    qualifier = models.CharField(max_length=12, choices=Qualifier.choices, default=Qualifier.STATED)
    text = models.TextField(blank=True, help_text="the statement, in our words")
    text_ja = models.TextField(blank=True)
    who = models.CharField(max_length=200)
    who_ja = models.CharField(max_length=200, blank=True)
    side = models.CharField(max_length=10, help_text="as of documents, or derived")
    rank = models.PositiveSmallIntegerField(choices=Rank.choices)
    stated_on = models.DateField(null=True, blank=True)
    stated_precision = models.CharField(max_length=12, default="day")
    effective_on = models.DateField(
        null=True, blank=True, help_text="day since when it is true, where it was said later"
    )
    against = models.JSONField(
        default=list,
        blank=True,
        help_text="what it is weighed against, like claim:clm-1, figure:amount.selected, term:term-1",
    )
    stands = models.CharField(
        max_length=12,
        blank=True,
        choices=[(v.value, v.value) for v in Verdict],
        help_text="how it stands, where no rule can compare",
    )
    stands_why = models.TextField(blank=True, help_text="why it stands so")
    stands_why_ja = models.TextField(blank=True)
    note_ja = models.TextField(blank=True, help_text="the note in Japanese")

    class Meta(Fact.Meta):
        ordering = ["subject", "aspect", "rank", "-stated_on", "ref"]
        indexes = [models.Index(fields=["subject", "aspect"], name="claim_of_subject")]
        constraints = [
            *Fact.Meta.constraints,
            models.CheckConstraint(
                condition=Q(low__isnull=True) | Q(high__isnull=True) | Q(low__lte=F("high")),
                name="claim_low_not_above_high",
            ),
            models.CheckConstraint(
                condition=~Q(unit__in=sorted(DECIMALS))
                | ((Q(low__isnull=True) | Q(low__gte=0)) & (Q(high__isnull=True) | Q(high__gte=0))),
                name="claim_of_money_not_below_zero",
            ),
        ]

    @property
    def is_approximate(self) -> bool:
        """True where the document says "about"."""
        return self.qualifier == self.Qualifier.APPROXIMATE

    @property
    def is_recalled(self) -> bool:
        """True where its amount or its document rests on general knowledge."""
        return self.is_remembered("low", "high")

    @classmethod
    def side_of(cls, rank: int, document_side: str) -> str:
        """By whose word a claim of a rank is, in a document of a side: the press's and an
        article's own word also where the document is a government's that they tell of.
        """
        sides = cls.SIDES.get(rank, frozenset())
        return next(iter(sides)) if len(sides) == 1 else document_side

    @classmethod
    def rank_fault(cls, rank: int, side: str, document: Any) -> str | None:
        """Say why what a side says in a document cannot be of a rank; None where it can.

        `document` has a `side` and a `kind`, and is None where none is named. An official
        record is a government's own document, or a joint one. What a government says may
        be told by the press, and is its statement; in an unattributed article it is not.
        """
        told = document.side if document is not None else None
        official = cls.SIDES[cls.Rank.OFFICIAL]
        fits = side in cls.SIDES.get(rank, ())
        if not fits and (rank == cls.Rank.DERIVED or side == DERIVED):
            return _("What was worked out is of the side and the rank “derived”, and never wins.")
        if rank == cls.Rank.OFFICIAL:
            if not fits or told not in official or document.kind in cls.NO_RECORD:
                return _("Only a government's or a joint document is an official record.")
        elif rank == cls.Rank.ONE_SIDE:
            if not fits or told == Document.Side.ARTICLE:
                return _("A press report is not one side's own statement.")
        elif not fits or (rank == cls.Rank.PRESS and told == Document.Side.ARTICLE):
            return _("What this side says in this document is of another rank.")
        return None

    @classmethod
    def faults_of_ends(
        cls, qualifier: str, low: Decimal | None, high: Decimal | None
    ) -> dict[str, str]:
        """Say by field which end of an amount its qualifier needs, forbids, or finds reversed.

        "Up to" leaves low empty, "more than" high, "not stated" both.
        """
        needed = {
            cls.Qualifier.UP_TO: (False, True),
            cls.Qualifier.MORE_THAN: (True, False),
            cls.Qualifier.NOT_STATED: (False, False),
        }.get(cls.Qualifier(qualifier), (True, True))
        found = {}
        for name, amount, is_needed in zip(("low", "high"), (low, high), needed, strict=True):
            if is_needed and amount is None:
                found[name] = _(
                    "Enter this end of the amount; for one exact amount enter it in both."
                )
            elif not is_needed and amount is not None:
                found[name] = _("Leave this empty: the amount is open or not stated here.")
        if low is not None and high is not None and low > high:
            found["high"] = _("The high end is below the low end.")
        return found

    def clean(self) -> None:
        """Refuse ends that its qualifier does not have, an amount below zero or with more
        decimals than its currency has, an amount by a name that no figure reads or that no
        document states, and a rank above the evidence.
        """
        problems = {}
        is_share = self.unit == self.Unit.PERCENT and self.aspect.startswith("share")
        for name in ("low", "high"):
            amount, places = getattr(self, name), DECIMALS.get(self.unit)
            if amount is not None and amount < 0 and (places is not None or is_share):
                problems[name] = _("must not be below zero")
                continue
            if amount is None or places is None or amount == round(amount, places):
                continue
            problems[name] = _("“%(amount)s” has more decimals than %(unit)s: %(places)s") % {
                "amount": amount.normalize(),
                "unit": self.get_unit_display(),
                "places": places,
            }
        of, _colon, _key = self.subject.partition(":")
        read = self.AMOUNTS.get(of, ())
        is_amount = self.aspect.casefold().startswith("amount") and not self.withdrawn
        ends = self.faults_of_ends(self.qualifier, self.low, self.high)
        if not self.withdrawn:  # what is no amount may state no number, or but one end
            told = {n: w for n, w in ends.items() if is_amount or getattr(self, n) is not None}
            problems = {**told, **problems}
        if is_amount and self.aspect not in read:
            words = _(
                "“%(aspect)s” is no amount the register reads of this subject; it reads: %(read)s"
            )
            given = {"aspect": self.aspect, "read": ", ".join(read) or "–"}
            problems["aspect"] = words % given
        if is_amount and self.unit not in DECIMALS:
            units = ", ".join(DECIMALS)
            problems["unit"] = _("An amount is in money: %(units)s.") % {"units": units}
        if is_amount and self.document is None and self.rank != self.Rank.DERIVED:
            problems["document"] = _("An amount rests on a document, unless it was worked out.")
        if self.stands and not (self.against and self.stands_why):
            problems["stands"] = _("Name what it is weighed against, and say why it stands so.")
        if not self.withdrawn:
            if fault := self.rank_fault(self.rank, self.side, self.document):
                problems["rank"] = fault
            if self.confidence == self.Confidence.DERIVED and self.rank != self.Rank.DERIVED:
                problems["rank"] = _(
                    "What was worked out is of the side and the rank “derived”, and never wins."
                )
        if problems:
            raise ValidationError(problems)


class Ruling(Fact):
    """Which claims make the figure shown, chosen with a reason.

    Without a ruling the claims of the best rank present are used.
    """

    VALID_DATES = ("effective_on", "document_on")

    subject = models.CharField(max_length=160)
    aspect = models.CharField(max_length=80)
    reason = models.TextField()
    reason_ja = models.TextField(blank=True)
    claims = models.ManyToManyField(Claim, through="RulingClaim", related_name="+")
    effective_on = models.DateField(
        null=True,
        blank=True,
        help_text="day since when it holds, where its document is later",
    )

    class Meta(Fact.Meta):
        ordering = ["subject", "aspect"]


class RulingClaim(models.Model):
    insert_only = True

    ruling = models.ForeignKey(Ruling, on_delete=models.PROTECT, related_name="claim_links")
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ruling", "claim"], name="ruling_claim_once")
        ]

    def __str__(self) -> str:
        return f"{self.ruling_id} names {self.claim_id}"


class Contradiction(Fact):
    """Two statements of the founding article that cannot both hold."""

    VALID_DATES = ("since",)

    topic = models.CharField(max_length=120)
    topic_ja = models.CharField(max_length=120, blank=True)
    statement_a = models.TextField()
    statement_a_ja = models.TextField(blank=True)
    statement_b = models.TextField()
    statement_b_ja = models.TextField(blank=True)
    explanation = models.TextField()
    explanation_ja = models.TextField(blank=True)
    evidence = models.JSONField(
        default=list, blank=True, help_text="refs of claims, terms or documents"
    )
    handling = models.TextField(blank=True)
    handling_ja = models.TextField(blank=True)
    since = models.DateField(
        null=True, blank=True, help_text="first day both could be compared; empty: always"
    )

    class Meta(Fact.Meta):
        ordering = ["ref"]


class Gap(Fact):
    """A question that was looked for and not found. Not found is not the same as did not happen."""

    VALID_DATES = ("looked_on",)
    ACT_DATE = "looked_on"

    area = models.SlugField(max_length=40)
    question = models.CharField(max_length=200)
    question_ja = models.CharField(max_length=200, blank=True)
    text = models.TextField(help_text="what was looked for, where and when")
    looked_on = models.DateField(null=True, blank=True, help_text="last day it was looked for")
    text_ja = models.TextField(blank=True)
    awaited_since = models.ForeignKey(
        Document,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="document from whose day on an answer was to be expected",
    )

    class Meta(Fact.Meta):
        ordering = ["area", "ref"]


class Reaction(Fact):
    """Something said or done about the agreement. Stance is an editor's label, with its coder.

    `about` names, as "kind:key" of a project, measure, term or commitment, what
    the reaction itself speaks of; `about_inferred` what an editor concludes from
    its subject and day. Both are shown only once what they name is on record.
    """

    ABOUT = ("project", "measure", "term", "commitment")
    VALID_DATES = ("occurred_on",)
    OWN_DATE = ("occurred_on", "date_precision")

    class Stance(models.TextChoices):
        SUPPORTIVE = "supportive", gettext_lazy("supportive")
        NEUTRAL = "neutral", gettext_lazy("neutral")
        CRITICAL = "critical", gettext_lazy("critical")

    commitment = models.ForeignKey(
        Commitment, on_delete=models.PROTECT, related_name="reactions", null=True, blank=True
    )
    occurred_on = models.DateField()
    date_precision = models.CharField(max_length=20, default="day")
    country = models.CharField(max_length=3)
    actor = models.CharField(max_length=200)
    actor_ja = models.CharField(max_length=200, blank=True)
    actor_type = models.CharField(max_length=60)
    kind = models.CharField(max_length=60)
    stance = models.CharField(max_length=12, choices=Stance.choices)
    coder = models.CharField(max_length=120, blank=True, help_text="who gave the stance its label")
    coded_on = models.DateField(null=True, blank=True, help_text="day the label was given")
    subject = models.CharField(max_length=200)
    about = models.JSONField(
        default=list,
        blank=True,
        help_text="what it names, like project:prj-1, measure:gen-1, term:term-1 or commitment:x",
    )
    about_inferred = models.JSONField(
        default=list, blank=True, help_text="the same, where it is concluded and not named"
    )
    summary = models.TextField()
    summary_ja = models.TextField(blank=True)
    poll_question = models.TextField(blank=True, help_text="as asked; empty: not stated")
    poll_n = models.PositiveIntegerField(null=True, blank=True, help_text="how many answered")
    poll_from = models.DateField(null=True, blank=True, help_text="first day of asking")
    poll_to = models.DateField(null=True, blank=True, help_text="last day of asking")

    class Meta(Fact.Meta):
        ordering = ["-occurred_on", "ref"]

    @property
    def is_poll(self) -> bool:
        return self.kind == "poll"

    def unseen(self, point: PointInTime) -> frozenset[str]:
        is_later = self.coded_on is not None and self.coded_on > point.as_of
        return super().unseen(point) | ({"coded_on"} if is_later else set())

    def clean(self) -> None:
        """Refuse a poll that ends before it begins."""
        if self.poll_from and self.poll_to and self.poll_to < self.poll_from:
            raise ValidationError({"poll_to": _("The last day is before the first.")})


class StanceCoding(Fact):
    """A second editor's label for a reaction, given without regard to the first."""

    reaction = models.ForeignKey(Reaction, on_delete=models.PROTECT, related_name="codings")
    stance = models.CharField(max_length=12, choices=Reaction.Stance.choices)
    coder = models.CharField(max_length=120)
    coded_on = models.DateField()

    class Meta(Fact.Meta):
        ordering = ["reaction", "coder", "ref"]
