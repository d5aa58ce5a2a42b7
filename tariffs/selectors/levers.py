"""Levers as they stand: each trigger judged from facts at a point in time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from commitments.calculations.point import PointInTime
from commitments.models import Commitment, Reaction
from projects.calculations.notices import NATURES, Nature, Status
from projects.calculations.stages import Stage
from projects.selectors import CommitmentRecord, ProjectRecord
from projects.selectors.notices import NoticeRecord, nature_of
from tariffs.calculations.levers import (
    Rule,
    Sign,
    State,
    Window,
    softened,
    state_of,
    window_sign,
)
from tariffs.models import BY_START, Lever, LeverState, Measure, Supposition

RECENT = timedelta(days=90)


@dataclass(frozen=True)
class Standing:
    """A lever with its state, the facts used, and the state under the other reading of the window."""

    lever: Lever
    state: State
    signs: tuple[Sign, ...]
    rival_state: State | None = None


def lever_standings(record: CommitmentRecord, *, supposed: Sequence[Sign] = ()) -> list[Standing]:
    """Every lever of a commitment on the day described. `supposed` signs are added to the facts."""
    rows = Lever.objects.current(record.point).filter(commitment=record.commitment)
    levers = list(rows.select_related("document"))
    if not levers:
        return []
    default = nature_of(record.terms)
    other = next(nature for nature in NATURES if nature != default)
    judge = _Judge(record, tuple(supposed))
    return [
        Standing(lever, *judge.of(Rule(lever.rule), default), judge.rival(Rule(lever.rule), other))
        for lever in levers
    ]


@dataclass(frozen=True)
class Hit:
    """A lever that a supposition bears on, as it stands and as it would stand."""

    before: Standing
    after: Standing


def hits(event: str, project: str, record: CommitmentRecord) -> list[Hit]:
    """The levers hit if a project were declined, or its window missed. Nothing is written."""
    code = "declined_project" if event == Supposition.Event.DECLINED else "late"
    sign = Sign(code, State.MET, "project", project, record.point.as_of)
    pairs = zip(lever_standings(record), lever_standings(record, supposed=[sign]), strict=True)
    return [
        Hit(before, after)
        for before, after in pairs
        if sign.ref in [s.ref for s in after.signs if s not in before.signs]
    ]


def can_be_supposed(record: CommitmentRecord) -> list[ProjectRecord]:
    """The projects a supposition can be about: selected or in consultation, and not ended."""
    return [
        found
        for found in record.projects
        if found.standing.is_selected or found.standing.stage == Stage.IN_CONSULTATION
    ]


def lever_history(point: PointInTime, commitment: Commitment) -> list[LeverState]:
    """The stored changes of state up to a day and a revision, newest first."""
    rows = LeverState.objects.filter(
        lever__commitment=commitment, as_of__lte=point.as_of, revision__lte=point.revision
    )
    return list(rows.select_related("lever").order_by("-as_of", "-pk"))


class _Judge:
    """The signs of one record, each kind read once."""

    def __init__(self, record: CommitmentRecord, supposed: tuple[Sign, ...]) -> None:
        self.record, self.supposed = record, supposed
        self._kept: dict[tuple[Rule, Nature], tuple[Sign, ...]] = {}

    def of(self, rule: Rule, nature: Nature) -> tuple[State, tuple[Sign, ...]]:
        if (rule, nature) not in self._kept:
            self._kept[rule, nature] = self._signs(rule, nature)
        signs = self._kept[rule, nature]
        return state_of(rule, signs), signs

    def rival(self, rule: Rule, nature: Nature) -> State | None:
        """The state under the other reading, where the trigger hangs on the window."""
        if rule not in (Rule.NON_FUNDING, Rule.CONDUCT):
            return None
        return self.of(rule, nature)[0]

    def _signs(self, rule: Rule, nature: Nature) -> tuple[Sign, ...]:
        if rule is Rule.NON_FUNDING:
            return (*self._funding(nature), *self.supposed)
        if rule is Rule.CONDUCT:
            return softened((*self._funding(nature), *self.supposed))
        if rule is Rule.STATEMENT:
            return self._statements()
        return self._preparations()

    def _funding(self, nature: Nature) -> tuple[Sign, ...]:
        windows = (window_sign(_window(n, nature)) for n in self.record.notice_records)
        declined = (
            Sign("declined_project", State.MET, "project", p.slug, p.events[-1].occurred_on)
            for p in self.record.projects
            if p.standing.stage == Stage.DECLINED
        )
        return (*(sign for sign in windows if sign is not None), *declined)

    def _statements(self) -> tuple[Sign, ...]:
        """What the government of the host said critically in the last 90 days."""
        commitment, as_of = self.record.commitment, self.record.point.as_of
        rows = Reaction.objects.current(self.record.point).filter(
            commitment=commitment,
            country=commitment.host_code,
            actor_type="government",
            stance=Reaction.Stance.CRITICAL,
            occurred_on__gt=as_of - RECENT,
        )
        return tuple(
            Sign("critical_statement", State.WATCH, "reaction", r.ref, r.occurred_on)
            for r in rows.order_by("occurred_on", "ref")
        )

    def _preparations(self) -> tuple[Sign, ...]:
        """Measures on the country's goods that are investigated, or scheduled and public."""
        point, country = self.record.point, self.record.commitment.investor_code
        rows = Measure.objects.current(replace(point, published_by=_known_by(point)))
        signs = []
        for measure in rows.filter(country=country).order_by(BY_START, "ref"):
            begins = measure.effective_from
            if measure.listed_status == Measure.Listed.PENDING:
                signs.append(
                    Sign("investigated", State.WATCH, "measure", measure.ref, measure.published_on)
                )
            elif measure.listed_status == Measure.Listed.THREATENED or begins is None:
                continue
            elif begins > point.as_of and measure.rate_percent is not None:
                signs.append(Sign("scheduled", State.WATCH, "measure", measure.ref, begins))
        return tuple(signs)


def _known_by(point: PointInTime) -> date:
    if point.published_by is None:
        return point.as_of
    return min(point.published_by, point.as_of)


def _window(found: NoticeRecord, nature: Nature) -> Window:
    standing = found.standings[nature]
    return Window(
        ref=found.notice.ref,
        is_open=standing.is_open,
        is_late=standing.status == Status.LATE,
        declined_on=found.clock.declined_on,
        due_on=standing.due_on,
        watched_on=standing.watched_on,
        days_left=standing.days_left,
        days_off=standing.days_off,
    )
