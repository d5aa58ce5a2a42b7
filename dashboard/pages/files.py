"""What pages show, to take away: where the files lie, and their answer."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.urls import reverse

from dashboard.exports.grids import Grid, grid_csv, grid_xlsx
from dashboard.exports.stamps import name_at
from dashboard.pages.data import CSV, XLSX
from dashboard.pages.frame import with_query
from dashboard.points import Reading


@dataclass(frozen=True)
class Files:
    """The addresses of a list as CSV, as XLSX and by the API, with its filters."""

    csv: str
    xlsx: str
    api: str


def files_of(reading: Reading, name: str, api: str, **asked: str) -> Files:
    """Return where a list leads, filters and point in time kept."""
    return Files(
        csv=with_query(reverse(name, args=["csv"]), reading, **asked),
        xlsx=with_query(reverse(name, args=["xlsx"]), reading, **asked),
        api=with_query(reverse(api), reading, **asked),
    )


def file_of(grid: Grid, suffix: str, reading: Reading) -> HttpResponse:
    """Send a grid, named by its commitment and the point it stands for."""
    return grid_file(grid, name_at(grid.name, reading), suffix, reading)


def grid_file(grid: Grid, name: str, suffix: str, reading: Reading) -> HttpResponse:
    """Return a grid to take away, as CSV or XLSX."""
    if suffix == "csv":
        return sent(grid_csv(grid), CSV, f"{name}.csv", reading)
    return sent(grid_xlsx(grid), XLSX, f"{name}.xlsx", reading)


def sent(body: str | bytes, content_type: str, name: str, reading: Reading) -> HttpResponse:
    """Return a file to take away, its name labelled where its figures are fictional."""
    if reading.commitment.illustrative:
        name = f"illustrative_{name}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(body, content_type=content_type, headers=headers)
