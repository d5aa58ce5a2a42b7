"""A chart in its frame: the words around it and what it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dashboard import formats
from dashboard.charts.frame import Chart
from dashboard.charts.svg import Markup
from dashboard.pages.overview.figures import Figures
from dashboard.points import Reading
from projects.metrics import BY_KEY


@dataclass(frozen=True)
class ChartWords:
    """A chart with the title and subtitle of its frame, and its legend: marks with words.

    `reading` is what it stands for, where that is not what its page does.
    """

    chart: Chart
    title: str
    subtitle: str
    legend: Sequence[tuple[Markup, str]] = ()
    reading: Reading | None = None


def cited(chart: Chart, figures: Figures, documents: Mapping[str, str]) -> Chart:
    """Return a chart that names the documents it rests on: words by slug."""
    cites = figures.cites
    return replace(chart, sources=tuple(cites.document(w, slug) for slug, w in documents.items()))


def sourced(chart: Chart, figures: Figures, *keys: str) -> Chart:
    """Return a chart that names the figures it draws, each linked to its explanation."""
    names = [
        figures.link(key, BY_KEY[key].name_ja if formats.is_japanese() else BY_KEY[key].name)
        for key in keys
    ]
    return replace(chart, sources=tuple(names))
