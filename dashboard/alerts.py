"""The rules of alerts: which figures and clocks are watched, at which levels, and in what words."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.calculations.dates import business_day
from commitments.calculations.undefined import Undefined
from commitments.models import Alert, Commitment, Job, Revision
from commitments.selectors import point_at
from commitments.services.alerts import Finding, settle
from commitments.services.inbox import tell_of
from commitments.services.jobs import (
    JobKind,
    Progress,
    register_daily,
    register_kind,
    register_posted,
    subject_of,
    submit,
)
from dashboard import formats
from dashboard.chances import odds_of, told_odds
from projects.calculations.notices import Status
from projects.metrics.pace_lines import pace_lines
from projects.selectors import CommitmentRecord
from projects.selectors.forecasts import forecast_at

KIND = "watch_levels"

DEBT_DAYS = (30, 60, 120, 250, 500, 750)  # business days behind an even pace
ODDS = (1, 10, 25, 50, 75, 90, 99)  # in 100
"""Levels are conventions of the register: where a reader would want to be told."""


@dataclass(frozen=True)
class Rule:
    """One watched thing: its name, what raises it, how it is found and put in words.

    `in_inbox` is False where another job tells the desk already.
    """

    name: Any
    about: Any
    find: Callable[[CommitmentRecord], Iterator[Finding]]
    words: Callable[[Alert], str]
    in_inbox: bool = True


def _pace_debt(record: CommitmentRecord) -> Iterator[Finding]:
    try:
        lines = pace_lines(record, "funded")
    except Undefined:  # no start or no deadline is stated: there is no pace to fall behind
        return
    whole = next(line for line in lines if line.part.dimension == "programme")
    debt, days = (whole.values[f"debt_linear_{unit}"] for unit in ("usd", "business_days"))
    if not isinstance(debt, Decimal) or not isinstance(days, Decimal):
        return
    passed = [level for level in DEBT_DAYS if days > level]
    yield Finding(
        "pace_debt",
        "",
        str(passed[-1]) if passed else "",
        {"debt_usd": str(round(debt, 2)), "debt_business_days": int(days)},
    )


def _pace_debt_words(alert: Alert) -> str:
    words = _("Funding is no longer more than %(n)s business days behind an even pace")
    level = alert.previous
    if _number(alert.level) > _number(alert.previous):
        words = _("Funding is more than %(n)s business days behind an even pace")
        level = alert.level
    return words % {"n": level}


def _odds(record: CommitmentRecord) -> Iterator[Finding]:
    stored = forecast_at(record.commitment, record.point)
    if stored is None or stored.is_prior:
        return
    body = json.loads(stored.body)
    drawn, paths = body["results"]["variants"]["all"], body["inputs"]["paths"]
    low, _high = odds_of(drawn, "funded", paths)
    passed = [level for level in ODDS if low * 100 >= level]
    yield Finding(
        "odds",
        "",
        str(passed[-1]) if passed else "0",
        {**told_odds(drawn, "funded", paths), "forecast": stored.pk},
    )


def _odds_words(alert: Alert) -> str:
    given = {"n": alert.level}
    if alert.level == "0":
        return _("Odds that the target is funded in time are under 1 in 100")
    if alert.previous and _number(alert.level) < _number(alert.previous):
        given = {"n": alert.previous}
        return _("Odds that the target is funded in time fell below %(n)s in 100") % given
    return _("Odds that the target is funded in time are %(n)s in 100 or better") % given


def _late(record: CommitmentRecord) -> Iterator[Finding]:
    for found in record.notice_records:
        standing = found.standing
        is_late = standing.is_open and standing.status == Status.LATE
        yield Finding(
            "late_window",
            found.notice.ref,
            "late" if is_late else "",
            {
                "notice": found.notice.number,
                "project": found.notice.project.slug,
                "project_name": found.notice.project.name,
                "due_on": standing.watched_on.isoformat(),
                "unfunded_usd": str(round(found.clock.unfunded_usd, 2)),
            },
        )


def _late_words(alert: Alert) -> str:
    words = _("No longer late: %(notice)s of %(project)s")
    if alert.level:
        words = _("Late: %(notice)s of %(project)s, was due on %(day)s")
    return words % {
        "notice": alert.facts["notice"],
        "project": alert.facts["project_name"],
        "day": formats.day(date.fromisoformat(alert.facts["due_on"])),
    }


def _number(level: str) -> int:
    return int(level or 0)


RULES: dict[str, Rule] = {
    "pace_debt": Rule(
        gettext_lazy("Pace debt"),
        gettext_lazy(
            "Funded dollars fall behind the straight line from the start to the deadline by more "
            "than 30, 60, 120, 250, 500 or 750 business days, or catch up again."
        ),
        _pace_debt,
        _pace_debt_words,
    ),
    "odds": Rule(
        gettext_lazy("Odds"),
        gettext_lazy(
            "The newest published forecast, once it is more than a prior, puts the odds of "
            "funding the target in time across 1, 10, 25, 50, 75, 90 or 99 in 100."
        ),
        _odds,
        _odds_words,
    ),
    "late_window": Rule(
        gettext_lazy("Late window"),
        gettext_lazy(
            "A funding notice passes its day unpaid, under the reading it was recorded with, or is "
            "paid, declined or corrected after it was late."
        ),
        _late,
        _late_words,
        in_inbox=False,  # the reminders of notices tell the desk
    ),
}


def rule_name(alert: Alert) -> str:
    return str(RULES[alert.rule].name)


def alert_words(alert: Alert) -> str:
    """Return what an alert says, in the reader's language."""
    return RULES[alert.rule].words(alert)


def findings(record: CommitmentRecord) -> list[Finding]:
    """Return where everything watched stands: the same record, the same answer."""
    if record.point.as_of < (record.terms.day("start") or date.max):
        return []
    return [found for rule in RULES.values() for found in rule.find(record)]


def _tell(alert: Alert) -> None:
    key, words = f"alert:{alert.pk}", alert_words(alert)
    tell_of(alert.commitment, key, kind="alert", title=words, path="/changes/")


def _compute(payload: dict[str, Any], _report: Progress) -> list[Finding]:
    commitment, as_of, revision = subject_of(payload)
    return findings(CommitmentRecord(commitment, point_at(revision, as_of)))


def _write(payload: dict[str, Any], found: list[Finding]) -> None:
    commitment, as_of, revision = subject_of(payload)
    for alert in settle(commitment, found, as_of=as_of, revision=revision):
        is_crossing = alert.number > 1  # where it stood when first looked at is no news
        if is_crossing and RULES[alert.rule].in_inbox:
            _tell(alert)


def request_watch(*, now: datetime) -> list[Job]:
    """Ask for the levels to be looked at: once a day, a revision and a forecast, asked often."""
    newest = Revision.objects.order_by("-number").first()
    if newest is None:
        return []
    day = business_day(now)
    jobs = []
    for commitment in Commitment.objects.filter(projects__isnull=False).distinct():
        stored = forecast_at(commitment, point_at(newest, day))
        key = f"{KIND}:{commitment.slug}:{day}:r{newest.number}:f{stored.pk if stored else 0}"
        payload = {
            "commitment": commitment.slug,
            "as_of": day.isoformat(),
            "revision": newest.number,
        }
        jobs.append(submit(KIND, key, payload, now=now))
    return jobs


def register_jobs() -> None:
    """Make the watch known, due every day and after every posting."""
    register_kind(JobKind(KIND, _compute, _write, soft=25, hard=30, lease=35))
    register_daily(KIND, lambda now: request_watch(now=now))
    register_posted(KIND, lambda now: request_watch(now=now))
