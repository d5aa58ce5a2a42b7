"""Forecasts as they were published, what came of them, and what-ifs."""

from django.db import models

from commitments.models import Commitment, Revision
from commitments.models.money import MoneyField


class Forecast(models.Model):
    """A forecast of a commitment as published: its inputs and what was drawn from them, frozen."""

    insert_only = True

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="forecasts")
    as_of = models.DateField()
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    model_version = models.CharField(max_length=40)
    is_prior = models.BooleanField(help_text="too little was paid yet for the record to weigh")
    seed = models.CharField(max_length=20, help_text="of the random numbers")
    body = models.TextField(help_text="canonical JSON: the inputs and the results")
    sha256 = models.CharField(max_length=64)
    computed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-as_of", "-revision_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["commitment", "as_of", "revision", "model_version"], name="forecast_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.as_of} r{self.revision_id}"


class ForecastScore(models.Model):
    """How a published forecast did for one month it spoke of, once that month had come."""

    insert_only = True

    forecast = models.ForeignKey(Forecast, on_delete=models.PROTECT, related_name="scores")
    months_ahead = models.PositiveSmallIntegerField()
    due_on = models.DateField(help_text="the last day of the month forecast")
    revision = models.ForeignKey(
        Revision,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="what the outcome is read at",
    )
    outcome_usd = MoneyField(help_text="cumulative dollars funded")
    crps_share = models.FloatField(help_text="CRPS as a share of the target")
    pinball_share = models.FloatField(help_text="mean pinball loss as a share of the target")
    in_50 = models.BooleanField()
    in_80 = models.BooleanField()
    in_90 = models.BooleanField()
    pit = models.FloatField(help_text="share of the forecast below the outcome")
    needed_usd = MoneyField(
        help_text="on the straight path from what was funded at the forecast to the target"
    )
    odds = models.FloatField(
        help_text="forecast that funding is on that path or above it, never 0 or 1; at the deadline, that it reaches the target"
    )
    is_reached = models.BooleanField(help_text="whether it was")
    brier = models.FloatField(help_text="squared difference of the odds and what came")
    run_rate_share = models.FloatField(
        help_text="error of the run rate of the twelve months before the forecast, as a share of the target"
    )
    scored_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-due_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["forecast", "months_ahead"], name="forecast_scored_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.forecast_id}, {self.months_ahead} months ahead"


class Scenario(models.Model):
    """A what-if on a stored forecast: saved under a name, computed by a job, never in the record."""

    key = models.CharField(max_length=16, unique=True, help_text="of the forecast and the changes")
    name = models.CharField(max_length=80)
    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="scenarios")
    forecast = models.ForeignKey(
        Forecast, on_delete=models.PROTECT, related_name="scenarios", help_text="what it changes"
    )
    changes = models.JSONField(help_text="what differs from the forecast")
    results = models.JSONField(null=True, blank=True, help_text="null until it is computed")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name
