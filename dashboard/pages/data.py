"""The data to take away: every table as a file, its columns, its templates."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from commitments.selectors import PointError
from commitments.services.register import kinds
from commitments.services.tables import Column, columns_of
from dashboard import formats
from dashboard.exports.stamps import name_at
from dashboard.exports.tables import (
    PART_ROWS,
    csv_lines,
    holds,
    rows_at,
    template_csv,
    template_xlsx,
    xlsx_file,
)
from dashboard.fact_words import table_words
from dashboard.facts_read import undated_rows
from dashboard.pages.columns_ja import ABOUT_JA, HELP_JA, holds_ja
from dashboard.pages.frame import checked, page, page_context, with_query
from dashboard.pages.parameters import takes
from dashboard.points import Reading

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SUFFIXES = ("csv", "xlsx")


@dataclass(frozen=True)
class Download:
    """One file to take: its format, its part where there are several, its address."""

    suffix: str
    part: int
    address: str


@dataclass(frozen=True)
class TableLine:
    """One table as the page lists it."""

    kind: str
    name: str
    about: str
    count: int
    address: str
    downloads: tuple[Download, ...]


@dataclass(frozen=True)
class DictionaryLine:
    column: Column
    holds: str
    help: str


@page
def data_list(request: HttpRequest, reading: Reading) -> HttpResponse:
    """List every table with its number of rows at the point and its files."""
    context = page_context(
        request,
        reading,
        left_out=sum(undated_rows(reading, model) for model in kinds().values()),
        title=_("Data"),
        tables=[_line(kind, reading) for kind in kinds()],
    )
    return render(request, "dashboard/data.html", context)


@page
def data_table(request: HttpRequest, reading: Reading, kind: str) -> HttpResponse:
    """Show the columns of one table: what each holds, its unit and its allowed values."""
    _known(kind)
    context = page_context(
        request,
        reading,
        left_out=undated_rows(reading, kinds()[kind]),
        title=_("Data: %(table)s") % {"table": table_words(kind)},
        table=_line(kind, reading),
        columns=[_dictionary_line(column) for column in columns_of(kind)],
        templates=[Download(s, 1, reverse("data_template", args=[kind, s])) for s in SUFFIXES],
    )
    return render(request, "dashboard/data_table.html", context)


@page
@takes("part")
def data_file(request: HttpRequest, reading: Reading, kind: str, suffix: str) -> Any:
    """Send a table at the point as a file: CSV line by line, XLSX as a whole."""
    _known(kind)
    part = _part(request)
    name = name_at(kind, reading)
    if reading.commitment.illustrative:
        name = f"illustrative_{name}"
    name += f"_part{part}" if part > 1 else ""
    headers = {"Content-Disposition": f'attachment; filename="{name}.{suffix}"'}
    if suffix == "csv":
        lines = csv_lines(kind, reading, part=part)
        return StreamingHttpResponse(lines, content_type=CSV, headers=headers)
    return HttpResponse(xlsx_file(kind, reading, part=part), content_type=XLSX, headers=headers)


@checked
def data_template(request: HttpRequest, kind: str, suffix: str) -> HttpResponse:
    """Send an empty file of a table, for an import to fill."""
    _known(kind)
    headers = {"Content-Disposition": f'attachment; filename="{kind}_template.{suffix}"'}
    if suffix == "csv":
        return HttpResponse(template_csv(kind), content_type=CSV, headers=headers)
    return HttpResponse(template_xlsx(kind), content_type=XLSX, headers=headers)


def _dictionary_line(column: Column) -> DictionaryLine:
    """What a column holds and means, in the reader's language."""
    if not formats.is_japanese():
        return DictionaryLine(column, holds(column), column.help)
    return DictionaryLine(column, holds_ja(holds(column)), HELP_JA.get(column.help, column.help))


def _known(kind: str) -> None:
    if kind not in kinds():
        raise Http404(_("There is no table “%(table)s”.") % {"table": kind})


def _part(request: HttpRequest) -> int:
    text = request.GET.get("part", "1")
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 6 and int(text) > 0):
        raise PointError("part", _("must be a whole number from 1; a part holds 10,000 rows"))
    return int(text)


def _line(kind: str, reading: Reading) -> TableLine:
    count = rows_at(kind, reading).count()
    return TableLine(
        kind=kind,
        name=table_words(kind),
        about=_about(kind),
        count=count,
        address=with_query(reverse("data_table", args=[kind]), reading),
        downloads=tuple(
            Download(suffix, part, _address(kind, suffix, part, reading))
            for part in range(1, max(1, -(-count // PART_ROWS)) + 1)
            for suffix in SUFFIXES
        ),
    )


def _about(kind: str) -> str:
    """Return what a table holds, in a sentence: in English what its model says of itself."""
    if formats.is_japanese():
        return ABOUT_JA[kind]
    words = (kinds()[kind].__doc__ or "").strip().splitlines()
    first = words[0] if words else ""
    return "" if first.startswith(kinds()[kind].__name__ + "(") else first


def _address(kind: str, suffix: str, part: int, reading: Reading) -> str:
    more = {"part": str(part)} if part > 1 else {}
    return with_query(reverse("data_file", args=[kind, suffix]), reading, **more)
