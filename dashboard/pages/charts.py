"""The files of a chart: its picture, and its table as CSV, each at an address of its own."""

import re
from collections.abc import Callable, Iterable
from html import unescape
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, path
from django.utils.html import strip_tags
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dashboard import formats
from dashboard.charts.frame import Owner, Table
from dashboard.charts.picture import Surroundings, picture
from dashboard.exports.grids import Grid
from dashboard.exports.stamps import STAMPS, name_at, owned, stamp
from dashboard.pages.files import file_of, sent
from dashboard.pages.overview.words import ChartWords
from dashboard.pages.parameters import declared
from dashboard.points import Reading

SVG = "image/svg+xml; charset=utf-8"
FIGURE = re.compile(rf"{formats.MINUS}?\d[\d,]*(\.\d+)?", re.ASCII)
View = Callable[..., HttpResponse]


def with_charts(route: str, view: View, *, name: str) -> list[URLPattern]:
    """Return the address of a page, and below it those of the files of its charts.

    The page renders late (TemplateResponse). It lists in `drawings` what it
    draws, and in `tables` by name what it shows as rows of bars. The files take
    its parameters and stand for its point in time, or for the chart's own.
    """
    files = f"{route}chart/<slug:chart>.<slug:suffix>"
    return [path(route, view, name=name), path(files, _file_of(view), name=f"{name}_chart")]


def _file_of(view: View) -> View:
    def chart_file(request: HttpRequest, chart: str, suffix: str, **arguments: str) -> HttpResponse:
        """Send one chart of a page as SVG, or its table as CSV."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(("GET", "HEAD"))
        response = view(request, **arguments)
        if response.status_code != 200:
            return response
        context: dict[str, Any] = getattr(response, "context_data", None) or {}
        found = {drawn.chart.name: drawn for drawn in context.get("drawings", ())}
        tables = {name: drawn.chart.table for name, drawn in found.items()}
        tables |= context.get("tables", {})
        if chart not in {"svg": found, "csv": tables}.get(suffix, {}):
            raise Http404
        own = found[chart].reading if chart in found else None
        reading: Reading = own or context["page"].reading
        if suffix == "csv":
            return file_of(table_grid(chart, tables[chart], reading), suffix, reading)
        page = request.get_host() + request.path.rsplit("chart/", 1)[0]
        drawing = picture(found[chart].chart, surroundings(found[chart], reading, page))
        return sent(drawing, SVG, f"{name_at(chart, reading)}.svg", reading)

    chart_file.parameters = declared(view)  # type: ignore[attr-defined]  # the page checks them
    return chart_file


def table_grid(name: str, table: Table, reading: Reading) -> Grid:
    """Return the table under a chart as it is shown, a number as a number.

    Each row is stamped with the caption, which names the unit, with its point, and with
    its own commitment and whether it is fiction, where the table tells whose it is.
    """
    asked = reading.commitment
    owners = table.owners or (Owner(asked.slug, asked.illustrative),) * len(table.rows)
    stamps = stamp(reading)
    rows = [
        [
            *(_cell(value) for value in row),
            _text(table.caption),
            *(stamps | _owned_by(owner, asked.slug)).values(),
        ]
        for row, owner in zip(table.rows, owners, strict=True)
    ]
    return Grid(name, (*table.heads, "_table", *STAMPS), rows)


def _owned_by(owner: Owner, asked: str) -> dict[str, str]:
    return owned(owner.commitment or asked, is_fictional=owner.is_fictional)


def _cell(value: object) -> str:
    words = _text(value)
    if FIGURE.fullmatch(words):
        return words.replace(formats.MINUS, "-").replace(",", "")
    return words


def _text(value: object) -> str:
    """Words without mark-up."""
    words = unescape(strip_tags(str(value))) if hasattr(value, "__html__") else str(value)
    return " ".join(words.split())


def surroundings(drawn: ChartWords, reading: Reading, page: str) -> Surroundings:
    """Return what a page says around a chart, to be written in its picture."""
    return Surroundings(
        title=_text(drawn.title),
        subtitle=_text(drawn.subtitle),
        language=get_language() or "en",
        label=_("Illustrative: these figures are fictional.")
        if reading.commitment.illustrative
        else "",
        legend=drawn.legend,
        foot=list(_foot(drawn.chart.sources, reading, page)),
    )


def _foot(sources: Iterable[object], reading: Reading, page: str) -> Iterable[str]:
    """The source line, the point in time and the licence, each a line."""
    named = _(", ").join(_text(source) for source in sources)
    if named:
        yield f"{_('Source:')} {named}"
    point = reading.point
    said = [
        formats.said_name(reading.commitment, "name"),
        _("as of %(day)s") % {"day": formats.long_day(point.as_of)},
    ]
    if point.published_by is not None:
        said.append(_("published by %(day)s") % {"day": formats.long_day(point.published_by)})
    if reading.cutoff is not None:
        said.append(_("newest document %(day)s") % {"day": formats.long_day(reading.cutoff)})
    said.append(_("revision r%(number)s") % {"number": point.revision})
    yield _("; ").join(said)
    words = _(
        "550 Tracker, %(page)s. Compiled facts are CC BY 4.0; the documents keep their own rights."
    )
    yield words % {"page": page}
