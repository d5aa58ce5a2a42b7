"""The figures of a page, each evaluated once, in words and linked to its explanation."""

from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.calculations.bounds import Bounds
from commitments.calculations.metric import Figure, Scope
from dashboard import formats
from dashboard.figures import BY_KEY
from dashboard.pages.frame import Cites
from dashboard.pages.overview import kept
from dashboard.points import Reading
from projects.metrics import evaluate, figure_json
from projects.metrics.baselines import Baseline, published_plan
from projects.models import Project
from projects.selectors import CommitmentRecord
from tariffs.selectors.rates import RateBook

BILLION = float(formats.BILLION)


def in_billions(amount: Decimal) -> float:
    """Return an amount for drawing: a chart's coordinate, never a figure shown."""
    return float(amount) / BILLION


class Figures:
    """What one page needs to know about its commitment."""

    def __init__(self, reading: Reading, cites: Cites) -> None:
        self.reading, self.cites = reading, cites
        self._seen: dict[str, Figure] = {}

    @property
    def record(self) -> CommitmentRecord:
        return self.reading.record

    @property
    def as_of(self) -> date:
        return self.reading.point.as_of

    def figure(self, key: str) -> Figure:
        if key not in self._seen:
            self._seen[key] = evaluate(BY_KEY[key], self.record)
        return self._seen[key]

    def bounds(self, key: str) -> Bounds:
        return self.figure(key).bounds

    def value(self, key: str) -> Decimal:
        """The value of a metric that is known to have one."""
        value = self.bounds(key).value
        if value is None:
            raise ValueError(f"{key} has no single value here")
        return value

    def json(self, key: str) -> dict[str, Any]:
        return figure_json(BY_KEY[key], self.figure(key))

    def documents(self, key: str) -> tuple[str, ...]:
        rows = self.figure(key).rows
        return tuple(dict.fromkeys(slug for row in rows if row.counts for slug in row.documents))

    def context_documents(self, key: str) -> tuple[str, ...]:
        rows = self.figure(key).rows
        return tuple(dict.fromkeys(slug for row in rows for slug in row.documents))

    def link(self, key: str, words: SafeString | str | None = None, **scope: str) -> SafeString:
        """Return a figure in words, linked to its explanation."""
        if words is None:
            words = words_for(key, self.figure(key))
        documents = self.documents(key) or self.context_documents(key)
        return self.cites.figure(words, key, documents, **scope)

    def billions(self, key: str) -> SafeString:
        """Return an amount in billions for a table cell, linked to its explanation."""
        figure = self.figure(key)
        words = formats.billions(figure.told)
        return self.link(key, formats.about(words) if figure.is_approximate else words)

    def link_scoped(self, key: str, **scope: str) -> SafeString:
        """Return the figure of a part of the commitment in words, linked to its explanation."""
        figure = evaluate(BY_KEY[key], self.record, Scope(**scope))
        documents = [slug for row in figure.rows if row.counts for slug in row.documents]
        return self.cites.figure(words_for(key, figure), key, dict.fromkeys(documents), **scope)

    def prose(self, key: str) -> SafeString:
        """Return a figure as a sentence says it: dollars in billions, not bn."""
        return self.link(key, words_for(key, self.figure(key), style="prose"))

    def link_words(self, key: str) -> str:
        """Return a figure in words, without a link: for drawings and tables."""
        return words_for(key, self.figure(key))

    @cached_property
    def has_clock(self) -> bool:
        """True when target, start and deadline are stated and the start has come."""
        return all(
            self.figure(key).reason is None
            for key in ("target_usd", "time_used_share", "days_left")
        )

    @property
    def has_plan(self) -> bool:
        """True when a plan is on record, so that planned is not the even pace."""
        return self.record.plan is not None

    @cached_property
    def plan(self) -> Baseline | None:
        """The published plan of what is to be funded of the whole; None where there is none."""
        return published_plan(self.record)

    def plan_line(self, last: date) -> list[tuple[date, float]]:
        """The published plan up to a day, in billions for drawing; empty where there is none."""
        points = self.plan.drawn_to(last) if self.plan else ()
        return [(day, in_billions(usd)) for day, usd in points]

    @cached_property
    def project_names(self) -> dict[str, str]:
        """The name of every project of the commitment by its slug, from whatever day it is on record."""
        projects = Project.objects.filter(commitment=self.reading.commitment)
        return {project.slug: formats.said_name(project, "name") for project in projects}

    @cached_property
    def rates(self) -> RateBook:
        """The duties on the goods of the country that promises."""
        return kept.rates(self.reading.point, self.reading.commitment.investor_code)

    @cached_property
    def start(self) -> date:
        day = self.record.terms.day("start")
        if day is None:
            raise ValueError("the commitment states no start")
        return day

    @cached_property
    def deadline(self) -> date:
        day = self.record.terms.day("deadline")
        if day is None:
            raise ValueError("the commitment states no deadline")
        return day

    @cached_property
    def target(self) -> Decimal:
        return self.value("target_usd")


def words_for(key: str, figure: Figure, *, style: str = "short") -> str:
    """Return the value of a metric as people read it, or why it has none."""
    if figure.reason is not None:
        return formats.short_reason(figure.reason)
    return marked_figure(_value_words(BY_KEY[key].unit, figure, style), figure)


def marked_figure(words: str, figure: Figure) -> str:
    """Return a figure in words, marked where it rests on general knowledge or is derived."""
    return formats.marked(words, is_recalled=figure.is_recalled, is_derived=figure.is_derived)


def _value_words(unit: str, figure: Figure, style: str) -> str:
    if unit == "date":
        return formats.day(date.fromisoformat(figure.text)) if figure.text else formats.DASH
    if unit.startswith("usd"):
        if figure.note == "none_published":
            return _("none published")
        places = 2 if unit == "usd_per_business_day" else 1  # a day moves far less than a month
        words = formats.money_range(figure.told, style=style, places=places)
        return formats.about(words) if figure.is_approximate else words
    if unit == "fraction":
        return formats.percent_range(figure.bounds)
    value = figure.bounds.value
    if value is None:
        return formats.DASH
    if unit == "days":
        shown = formats.plain(value, 0)
        return ngettext("%(n)s day", "%(n)s days", abs(round(value))) % {"n": shown}
    return formats.plain(value, 0 if unit == "count" else 2)


def measure_notes(unit: str, figure: Figure) -> tuple[str, ...]:
    """What to know of a measure: a span under a year, an estimate, one of several rates."""
    notes = []
    if unit == "fraction" and figure.text is not None:
        over = {"rate": formats.percent(Decimal(figure.text))}
        notes.append(
            _("%(rate)s over the whole span, which is under one year: not annualised") % over
        )
    if figure.note == "estimated":
        notes.append(_("estimated"))
    if figure.note == "multiple":
        notes.append(_("one of several rates that fit"))
    return tuple(notes)
