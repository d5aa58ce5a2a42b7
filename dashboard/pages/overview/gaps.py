"""What the public record does not answer."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dashboard import formats
from dashboard.pages.overview import kept
from dashboard.pages.overview.figures import Figures


@dataclass(frozen=True)
class GapSection:
    heading: str
    sub: str
    groups: list[tuple[str, list[tuple[str, str]]]]


def section(figures: Figures) -> GapSection:
    """The open questions by area: what was looked for and not found."""
    areas: dict[str, list[tuple[str, str]]] = {}
    count = 0
    for gap in kept.gaps(figures.reading.point):
        question, text = gap.question, gap.text
        if formats.is_japanese():
            question, text = gap.question_ja or question, gap.text_ja or text
        areas.setdefault(gap.area, []).append((question, what_more(question, text)))
        count += 1
    names = {
        "money": _("Money"),
        "terms": _("Terms"),
        "tariffs": _("Tariffs and others"),
        "other": _("Searches"),
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
        groups=[(names.get(area, area), rows) for area, rows in areas.items()],
    )


def what_more(question: str, text: str) -> str:
    """Return what the text adds to its question: a text that repeats it is cut to the rest."""
    opening = question.rstrip("?？。.")
    rest = text.removeprefix(opening).lstrip(" :;,.()") if text.startswith(opening) else text
    if rest and rest != text and text.endswith(")."):
        rest = rest.removesuffix(").") + "."
    return rest[:1].upper() + rest[1:]
