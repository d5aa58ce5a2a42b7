"""Levers judged by a job: a change of state is stored once and told once."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.calculations.dates import business_day
from commitments.models import Commitment, Job, Revision
from commitments.selectors import point_at
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
from projects.selectors import CommitmentRecord
from tariffs.calculations.levers import Sign, State
from tariffs.models import Lever, LeverState
from tariffs.selectors.levers import lever_standings, turning_days

KIND = "judge_levers"
SIGNS = {
    "declined_notice": gettext_lazy("a notice was declined on %(day)s"),
    "declined_project": gettext_lazy("a project was declined on %(day)s"),
    "late": gettext_lazy("a payment is late since %(day)s"),
    "window_over": gettext_lazy("the window of a notice is over since %(day)s"),
    "window_ends": gettext_lazy("the window of a notice ends on %(day)s"),
    "critical_statement": gettext_lazy("a critical statement was made on %(day)s"),
    "investigated": gettext_lazy("an investigation runs since %(day)s"),
    "scheduled": gettext_lazy("a duty is scheduled from %(day)s"),
}


@dataclass(frozen=True)
class Judgement:
    """A lever's state on a day at a revision, with the facts used."""

    lever: Lever
    state: State
    signs: list[dict[str, Any]]


Judged = list[tuple[date, list[Judgement]]]
"""What was found day by day, oldest first."""


def judgements(commitment: Commitment, as_of: date, revision: Revision) -> list[Judgement]:
    """Judge every lever of a commitment as a revision knew it: the same arguments, the same answer."""
    return [
        Judgement(found.lever, found.state, [_plain(sign) for sign in found.signs])
        for found in lever_standings(CommitmentRecord(commitment, point_at(revision, as_of)))
    ]


def request_judgements(*, now: datetime) -> list[Job]:
    """Ask for the levers to be judged at the newest revision; asking twice in a day is one job."""
    newest = Revision.objects.order_by("-number").first()
    if newest is None:
        return []
    day = business_day(now).isoformat()
    slugs = Lever.objects.values_list("commitment__slug", flat=True).order_by().distinct()
    return [
        submit(
            KIND,
            f"{KIND}:{slug}:{day}:r{newest.number}",
            {"commitment": slug, "as_of": day, "revision": newest.number},
            now=now,
        )
        for slug in sorted(slugs)
    ]


def store_judgement(found: Judgement, as_of: date, revision: Revision) -> LeverState | None:
    """Store a lever's state where it differs from the one stored before; return what was stored.

    A judgement older than the stored one is let go: it can no longer be a change.
    """
    states = LeverState.objects.filter(lever=found.lever.root_key).order_by("-pk")
    before = states.first()
    if before is not None:
        is_older = (as_of, revision.number) <= (before.as_of, before.revision_id)
        if is_older or before.state == found.state:
            return None
    stored = LeverState.objects.create(
        lever_id=found.lever.root_key,
        as_of=as_of,
        revision=revision,
        state=found.state,
        signs=found.signs,
        previous=before.state if before else "",
    )
    if before is not None or found.state in (State.WATCH, State.MET):
        _tell(found, stored)
    return stored


def _tell(found: Judgement, stored: LeverState) -> None:
    words = _("Lever “%(title)s”: %(state)s from %(day)s")
    tell_of(
        found.lever.commitment,
        f"lever:{found.lever.ref}:{stored.as_of}:r{stored.revision_id}:{stored.state}",
        kind="lever",
        title=words
        % {
            "title": found.lever.title,
            "state": stored.get_state_display(),
            "day": stored.as_of.isoformat(),
        },
        body="\n".join(
            str(SIGNS[sign["code"]]) % {"day": sign["on"] or "–"} for sign in found.signs
        ),
        path="/tariffs/",
    )


def _plain(sign: Sign) -> dict[str, Any]:
    values = asdict(sign)
    values["state"] = str(sign.state)
    values["on"] = None if sign.on is None else sign.on.isoformat()
    return values


def _compute(payload: dict[str, Any], report: Progress) -> Judged:
    """Judge the days since the last change on which something may have changed, and the day itself.

    So the history holds the turns of what was recorded later, or while no job ran.
    """
    commitment, as_of, revision = subject_of(payload)
    held = CommitmentRecord(commitment, point_at(revision, as_of))
    days = turning_days(held, after=_last_change(commitment))
    judged = []
    for done, day in enumerate(days, 1):
        judged.append((day, judgements(commitment, day, revision)))
        report(100 * done // len(days))
    return judged


def _last_change(commitment: Commitment) -> date:
    states = LeverState.objects.filter(lever__commitment=commitment)
    return states.aggregate(last=Max("as_of"))["last"] or date.min


def _write(payload: dict[str, Any], judged: Judged) -> None:
    _commitment, _as_of, revision = subject_of(payload)
    for day, found in judged:
        for one in found:
            store_judgement(one, day, revision)


def register_jobs() -> None:
    """Make the judgement known, due every day and after every posting."""
    register_kind(JobKind(KIND, _compute, _write, soft=60, hard=80, lease=100))
    register_daily(KIND, lambda now: request_judgements(now=now))
    register_posted(KIND, lambda now: request_judgements(now=now))
