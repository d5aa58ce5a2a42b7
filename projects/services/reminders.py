"""Reminders of funding notices: 30, 15, 5 and 1 business days ahead, and when one is late."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commitments.calculations.dates import business_day
from commitments.models import Commitment, Job
from commitments.services.inbox import tell_of
from commitments.services.jobs import JobKind, Progress, register_daily, register_kind, submit
from projects.calculations.notices import Status, reminder_due
from projects.selectors import CommitmentRecord
from projects.selectors.notices import NoticeRecord
from projects.services.decisions import newest_point

KIND = "remind_of_notices"


@dataclass(frozen=True)
class Reminder:
    """News of one notice; the key holds the day it watches, so a corrected one is told anew."""

    commitment: Commitment
    key: str
    title: str
    body: str
    path: str


def reminders(*, today: date) -> list[Reminder]:
    """Return what is to be told about open notices on a day, each under its own reading.

    The nearest reminder not passed is given, so a desk that was away for a week
    is told once and not three times.
    """
    found = []
    for commitment in Commitment.objects.all():
        for record in CommitmentRecord(commitment, newest_point(today)).notice_records:
            reminder = _reminder(commitment, record)
            if reminder is not None:
                found.append(reminder)
    return found


def _reminder(commitment: Commitment, found: NoticeRecord) -> Reminder | None:
    chosen = found.standing
    if not chosen.is_open:
        return None
    if chosen.status == Status.LATE:
        return _news(commitment, found, "late", _("Late: %(notice)s was due on %(day)s"))
    days = reminder_due(chosen.days_left)
    if chosen.is_past or days is None:
        return None
    words = ngettext(
        "%(n)s business day left: %(notice)s, %(day)s",
        "%(n)s business days left: %(notice)s, %(day)s",
        chosen.days_left,
    )
    return _news(commitment, found, str(days), words)


def _news(commitment: Commitment, found: NoticeRecord, stage: str, words: str) -> Reminder:
    notice, chosen = found.notice, found.standing
    given = {
        "n": chosen.days_left,
        "notice": f"{notice.project.name}, {notice.number}",
        "day": chosen.watched_on.isoformat(),
    }
    body = _("%(unfunded)s of %(called)s US dollars are not received. %(nature)s") % {
        "unfunded": f"{found.clock.unfunded_usd:,.2f}",
        "called": f"{found.clock.called_usd:,.2f}",
        "nature": _("The day is the due date.")
        if chosen.due_on
        else _("The notice gives no date: the day is the first on which funds may be due."),
    }
    return Reminder(
        commitment=commitment,
        key=f"notice:{notice.ref}:{chosen.watched_on}:{stage}",
        title=words % given,
        body=body,
        path=f"/projects/{notice.project.slug}/",
    )


def request_reminders(*, now: datetime) -> list[Job]:
    """Ask for the day's reminders; asking twice in a day is one job."""
    day = business_day(now).isoformat()
    return [submit(KIND, f"{KIND}:{day}", {"day": day}, now=now)]


def _compute(payload: dict[str, Any], _report: Progress) -> list[Reminder]:
    return reminders(today=date.fromisoformat(payload["day"]))


def _write(_payload: dict[str, Any], found: list[Reminder]) -> None:
    for one in found:
        tell_of(
            one.commitment,
            one.key,
            kind="notice",
            title=one.title,
            body=one.body,
            path=one.path,
        )


def register_jobs() -> None:
    """Make the reminders known, and due every day."""
    register_kind(JobKind(KIND, _compute, _write, soft=15, hard=20, lease=25))
    register_daily(KIND, lambda now: request_reminders(now=now))
