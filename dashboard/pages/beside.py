"""What moved beside the reactions: money and duties, on the same axis and as a list."""

from dataclasses import dataclass
from datetime import date

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.models import Document
from dashboard import formats
from dashboard.pages.overview.figures import Figures
from dashboard.pages.overview.places import project_name
from dashboard.pages.tariffs.words import ended_words
from dashboard.project_words import stage_words
from dashboard.subjects import measure_name
from projects.calculations.stages import Stage
from projects.models import StageEvent
from tariffs.calculations.rate import Basis
from tariffs.selectors.rates import NEVER_CHARGED

DECISIONS = (StageEvent.Kind.SELECTED, StageEvent.Kind.DECLINED, StageEvent.Kind.CANCELLED)
CASH = ("funded", "disbursed", "distributed")


@dataclass(frozen=True)
class Moved:
    """One event: its day and what moved, linked to its document."""

    on: date
    day: str
    words: SafeString | str


@dataclass(frozen=True)
class Beside:
    """The events of one kind, newest first."""

    name: str
    rows: list[Moved]


def beside_reactions(figures: Figures) -> list[Beside]:
    """Money and duties up to the day described: decisions, loans, payments; duties that began or ended."""
    return [
        Beside(_("Money"), _newest_first(_money(figures))),
        Beside(_("Tariffs"), _newest_first(_duties(figures))),
    ]


def _newest_first(rows: list[Moved]) -> list[Moved]:
    return sorted(rows, key=lambda row: row.on, reverse=True)


def _money(figures: Figures) -> list[Moved]:
    record, cites = figures.record, figures.cites
    rows = [
        _moved(
            event.occurred_on,
            cites.document(
                _("%(project)s: %(stage)s")
                % {"project": project_name(project), "stage": event.get_kind_display()},
                event.document.slug if event.document else None,
            ),
        )
        for project in record.projects
        for event in project.events
        if event.kind in DECISIONS and not event.planned
    ]
    for financing in record.financings:
        n = len(financing.projects.all())
        if financing.signed_on is not None:
            words = ngettext(
                "Financing of %(n)s project signed", "Financing of %(n)s projects signed", n
            )
            slug = financing.document.slug if financing.document else None
            rows.append(_moved(financing.signed_on, cites.document(words % {"n": n}, slug)))
    for rung in CASH:
        for on, amount in record.daily(rung):
            words = _("%(amount)s %(stage)s")
            stage = stage_words(Stage(rung))
            rows.append(_moved(on, words % {"amount": formats.money(amount), "stage": stage}))
    return rows


def _duties(figures: Figures) -> list[Moved]:
    """Duties that began, and those that ended with what ended them; the ordinary ones left out."""
    book = figures.rates
    began = [
        _moved(measure.effective_from, _cited(figures, measure_name(measure), measure.document))
        for measures in book.measures.values()
        for measure in measures
        if measure.effective_from is not None
        and measure.effective_from <= figures.as_of
        and measure.basis != Basis.MFN_ONLY
        and measure.listed_status not in NEVER_CHARGED
    ]
    ended = [
        _moved(
            ends,
            _cited(
                figures,
                _("Last day: %(what)s") % {"what": ended_words(measure, ends, book)},
                measure.ended_by or measure.document,
            ),
        )
        for ends, measure in book.ended()
    ]
    return [*began, *ended]


def _cited(figures: Figures, words: str, document: Document | None) -> SafeString | str:
    return figures.cites.document(words, document.slug if document else None)


def _moved(on: date, words: SafeString | str) -> Moved:
    return Moved(on, formats.day(on), words)
