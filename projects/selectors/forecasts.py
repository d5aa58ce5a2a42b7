"""What the forecast of a commitment starts from, read from its record, and forecasts as stored."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from commitments.calculations.point import PointInTime
from commitments.calculations.undefined import Reason, Undefined
from commitments.models import Commitment, Revision
from commitments.selectors import point_at
from projects.calculations.donors import month_of
from projects.calculations.pipeline import STAGES, Outcome, Wait
from projects.calculations.stages import ENDS, Stage
from projects.models import Forecast, Scenario
from projects.selectors import CommitmentRecord, Member, ProjectRecord, record_with_kept_facts
from projects.selectors.members import project_member


@dataclass(frozen=True)
class Approval:
    """A selected project: dollars, the day of its selection, dollars funded by month.

    `is_ended` is one declined, withdrawn or cancelled since: it was approved all the same.
    """

    project: str
    amount: Decimal
    selected_on: date
    is_listed: bool
    is_ended: bool
    funded: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True)
class Named:
    """A project that may be selected: its stage and what its amount is said to be."""

    project: str
    stage: str
    low: Decimal | None
    high: Decimal | None


def approvals(record: CommitmentRecord) -> list[Approval]:
    """The projects selected by now with a stated amount: the low end, or the ceiling where that is all.

    Those that have ended since are among them, unless another project continues them.
    """
    funded = _funded_by_month(record)
    heirs = {project.continued_as for project in record.projects}
    found = []
    gone = [project_member(one, "selected") for one in record.projects if _was_selected(one)]
    for member in [*record.members("selected"), *gone]:
        project, bounds = record.by_slug[member.project], member.row.bounds
        amount = bounds.low if bounds.low is not None else bounds.high
        if not amount or member.row.on is None:
            continue
        is_listed = project.slug in heirs or any(s in project.standing.reached for s in STAGES)
        months = tuple(sorted(funded[project.slug].items()))
        is_ended = project.standing.stage in ENDS
        found.append(Approval(project.slug, amount, member.row.on, is_listed, is_ended, months))
    return found


def _was_selected(project: ProjectRecord) -> bool:
    """Whether a project was selected once and has ended, with none that continues it."""
    standing = project.standing
    was_selected = Stage.SELECTED in standing.reached and standing.stage in ENDS
    return was_selected and project.counts and project.continued_as is None


def named_candidates(record: CommitmentRecord) -> list[Named]:
    """The open candidates and the projects in consultation."""
    return [
        Named(member.project, stage, member.row.bounds.low, member.row.bounds.high)
        for stage in STAGES
        for member in _standing_at(record, stage)
    ]


def waits(record: CommitmentRecord) -> list[Wait]:
    """How long each project waited as a candidate or in consultation, and how that ended."""
    return [wait for project in record.projects for wait in _waits_of(project, record)]


def _standing_at(record: CommitmentRecord, stage: str) -> Iterable[Member]:
    return record.members(stage)


def _waits_of(project: ProjectRecord, record: CommitmentRecord) -> Iterator[Wait]:
    heir = record.by_slug.get(project.continued_as or "", project)
    reached = {**heir.standing.reached, **project.standing.reached}
    ended = next((e.occurred_on for e in reversed(heir.events) if e.kind in ENDS), None)
    for n, stage in enumerate(STAGES):
        begun = project.standing.reached.get(Stage(stage))
        if begun is None:
            continue
        later = [reached[Stage(s)] for s in (*STAGES[n + 1 :], "selected") if Stage(s) in reached]
        moved = min((on for on in later if on >= begun), default=None)
        if moved is not None:
            yield Wait(stage, (moved - begun).days, Outcome.MOVED)
        elif ended is not None and heir.standing.stage in ENDS:
            yield Wait(stage, (ended - begun).days, Outcome.FAILED)
        else:
            yield Wait(stage, (record.point.as_of - begun).days, Outcome.WAITING)


def _funded_by_month(record: CommitmentRecord) -> defaultdict[str, dict[str, Decimal]]:
    """Net cash funded by project and month, from the ledger."""
    found: defaultdict[str, dict[str, Decimal]] = defaultdict(dict)
    rows = (
        record.entries()
        .filter(kind="funding")
        .values_list("project__slug", "value_date", "amount_usd")
    )
    for slug, on, amount in rows.order_by("value_date", "pk"):
        of_project, month = found[slug], f"{on:%Y-%m}"
        of_project[month] = of_project.get(month, Decimal(0)) + amount
    return found


def forecast_at(commitment: Commitment, point: PointInTime) -> Forecast | None:
    """The newest forecast stored of a commitment that was known at the point; None without one.

    Forecasts are kept for what the register held, not for what was public by a day.
    """
    if point.published_by is not None:
        return None
    return (
        Forecast.objects.filter(
            commitment=commitment, as_of__lte=point.as_of, revision__number__lte=point.revision
        )
        .select_related("commitment", "revision")
        .order_by("-as_of", "-revision__number", "-pk")
        .first()
    )


def scenarios_at(commitment: Commitment, point: PointInTime) -> QuerySet[Scenario]:
    """The what-ifs on forecasts of a commitment that were known at the point, by its day.

    None of them by what was public, as of forecasts. By its key each is found at
    any point: its address names the forecast it changes.
    """
    if point.published_by is not None:
        return Scenario.objects.none()
    return Scenario.objects.filter(
        commitment=commitment,
        forecast__as_of__lte=point.as_of,
        forecast__revision__number__lte=point.revision,
    )


def record_drawn_from(stored: Forecast) -> CommitmentRecord:
    """The record as a stored forecast saw it, on its own day and at its own revision."""
    point = point_at(stored.revision, stored.as_of)
    return record_with_kept_facts(stored.commitment, point)


@dataclass(frozen=True)
class Goal:
    """What is to be reached: US dollars, from when and until when."""

    target: Decimal
    start: date
    deadline: date


def goal_of(record: CommitmentRecord) -> Goal:
    """What a forecast of a commitment is drawn towards; before the first approval it is drawn all the same.

    Raise Undefined where none can be drawn at the point: the texts state no such
    goal, nobody follows the projects, or no month is left.
    """
    terms, as_of = record.terms, record.point.as_of
    target, start, deadline = terms.usd("target"), terms.day("start"), terms.day("deadline")
    if target is None or start is None or deadline is None:
        raise Undefined(Reason.NOT_STATED)
    if not record.is_followed:
        raise Undefined(Reason.NO_PROJECTS)
    if as_of < start:
        raise Undefined(Reason.BEFORE_START)
    if deadline <= as_of:
        raise Undefined(Reason.DEADLINE_PASSED)
    if month_of(deadline) <= month_of(as_of):
        raise Undefined(Reason.NOT_KEPT_FOR_DAY)
    return Goal(target, start, deadline)


def why_no_forecast(record: CommitmentRecord) -> Reason:
    """Why no forecast is stored for a commitment at the point.

    "Not computed yet" only where one will be: they are drawn for today and the
    newest revision, never for a day gone by or what was known once.
    """
    point = record.point
    if record.why_unanswered is not None:
        return record.why_unanswered
    if point.published_by is not None:
        return Reason.NOT_KEPT_BY_PUBLICATION
    try:
        goal_of(record)
    except Undefined as undefined:
        return undefined.reason
    is_past = point.as_of < point.today
    if is_past or Revision.objects.filter(number__gt=point.revision).exists():
        return Reason.NOT_KEPT_FOR_DAY
    return Reason.NOT_COMPUTED_YET
