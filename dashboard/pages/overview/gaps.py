"""What the public record does not answer."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard import formats
from dashboard.pages.overview import kept
from dashboard.pages.overview.figures import Figures

SEARCHES = "searches"


@dataclass(frozen=True)
class GapSection:
    heading: str
    sub: str
    groups: list[tuple[str, list[tuple[str, str]]]]


def section(figures: Figures) -> GapSection:
    """The open questions by area: what was looked for, and what the searches covered."""
    areas: dict[str, list[tuple[str, str]]] = {}
    for gap in kept.gaps(figures.reading.point):
        slug = gap.document.slug if gap.document else None
        text = figures.cites.document(formats.said(gap, "text"), slug)
        areas.setdefault(gap.area, []).append((formats.said(gap, "question"), text))
    if not areas:
        return GapSection(
            heading=_("No search is on record by this day"),
            sub=_("An open question stands from the day on which its answer was last looked for."),
            groups=[],
        )
    count = sum(len(rows) for area, rows in areas.items() if area != SEARCHES)
    names = {
        "money": _("Money"),
        "terms": _("Terms"),
        "tariffs": _("Tariffs and others"),
        SEARCHES: _("How it was searched"),
    }
    return GapSection(
        heading=ngettext(
            "%(n)s question the public record does not answer",
            "%(n)s questions the public record does not answer",
            count,
        )
        % {"n": count},
        sub=_(
            "Each was looked for, in English and Japanese. An answer may exist unpublished, or "
            "where the search did not reach."
        ),
        groups=[(words, areas[area]) for area, words in names.items() if area in areas],
    )
