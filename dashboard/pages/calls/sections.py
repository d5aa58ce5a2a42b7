"""Notices on other pages: those of one project, and the open ones of the first page."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.notice_words import business_days
from dashboard.pages.calls.calls import headline
from dashboard.pages.calls.clock import (
    ClockRow,
    NoticeRow,
    clock_row,
    notice_rows,
    open_first,
)
from dashboard.pages.frame import Cites, with_query

MOST_CLOCKS = 6


@dataclass(frozen=True)
class ProjectNotices:
    """The notices of one project: clocks of the open ones, every one in a table."""

    clocks: list[ClockRow]
    rows: list[NoticeRow]
    calls: str


def project_notices(cites: Cites, slug: str) -> ProjectNotices:
    """Return a project's notices, each under the reading it was recorded with."""
    record = cites.reading.record
    found = [r for r in record.notice_records if r.notice.project.slug == slug]
    return ProjectNotices(
        clocks=[clock_row(cites, one, None) for one in open_first(found, None)],
        rows=notice_rows(cites, found, None),
        calls=with_query(reverse("calls"), cites.reading),
    )


@dataclass(frozen=True)
class ClockSection:
    """The open notices with the fewest days left, in two columns, and where all are."""

    heading: str
    sub: str
    columns: list[list[ClockRow]]
    address: str


def clock_section(cites: Cites) -> ClockSection | None:
    """Return the clock of the first page; None while no notice is on record."""
    record = cites.reading.record
    if not record.notice_records:
        return None
    open_ = open_first(record.notice_records, None)
    rows = [clock_row(cites, found, None) for found in open_[:MOST_CLOCKS]]
    half = (len(rows) + 1) // 2
    days = record.notice_records[-1].notice.window_days
    return ClockSection(
        heading=headline(open_, len(record.notice_records) - len(open_), None, None),
        sub=_(
            "Each tick is one business day of a window of %(days)s. Red ticks are past the due date."
        )
        % {"days": business_days(days)},
        columns=[column for column in (rows[:half], rows[half:]) if column],
        address=with_query(reverse("calls"), cites.reading),
    )
