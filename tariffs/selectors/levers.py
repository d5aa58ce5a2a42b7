"""Levers as they stand: each trigger judged from facts at a point in time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import QuerySet

from commitments.calculations.calendars import business_days_between
from commitments.calculations.point import PointInTime
from commitments.models import Commitment, Reaction, Term
from projects.calculations.notices import (
    NATURES,
    Clock,
    Nature,
    Status,
    standing,
)
from projects.calculations.notices import Standing as NoticeStanding
from projects.calculations.stages import Stage
from projects.selectors import CommitmentRecord, ProjectRecord
from projects.selectors.notices import NoticeRecord, nature_of
from tariffs.calculations.levers import (
    SOON,
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


OFFICIAL = "official statement"
NOTHING: Mapping[Nature, tuple[Sign, ...]] = dict.fromkeys(NATURES, ())


@dataclass(frozen=True)
class Standing:
    """A lever with its state and the facts used, under the reading of the terms.

    A notice that was recorded with a reading of its own is judged by that one.
    `rival_state` is the state with every window under the other reading, None
    where the trigger does not hang on it. `readings` are the terms that say how
    the clause is read, each key's default first.
    """

    lever: Lever
    readings: tuple[Term, ...]
    reading: Nature
    state: State
    signs: tuple[Sign, ...]
    rival_state: State | None = None

    @property
    def rival_reading(self) -> Nature:
        return next(nature for nature in NATURES if nature != self.reading)


def lever_standings(
    record: CommitmentRecord, *, supposed: Mapping[Nature, tuple[Sign, ...]] = NOTHING
) -> list[Standing]:
    """Every lever of a commitment on the day described. `supposed` signs are added to the facts."""
    rows = Lever.objects.current(record.point).filter(commitment=record.commitment)
    levers = list(rows.select_related("document"))
    if not levers:
        return []
    default = nature_of(record.terms)
    other = next(nature for nature in NATURES if nature != default)
    judge = _Judge(record, supposed)
    return [
        Standing(
            lever,
            tuple(t for key in lever.terms for t in record.terms.readings.get(key, ())),
            default,
            *judge.of(Rule(lever.rule), default),
            judge.rival(Rule(lever.rule), other),
        )
        for lever in levers
    ]


@dataclass(frozen=True)
class Hit:
    """A lever that a supposition bears on, as it stands and as it would stand."""

    before: Standing
    after: Standing


def hits(event: str, project: str, record: CommitmentRecord) -> list[Hit]:
    """The levers hit if a project were declined, or its window missed. Nothing is written."""
    supposed = {nature: (_supposed(event, project, record, nature),) for nature in NATURES}
    pairs = zip(lever_standings(record), lever_standings(record, supposed=supposed), strict=True)
    return [
        Hit(before, after)
        for before, after in pairs
        if project in [s.ref for s in after.signs if s not in before.signs]
    ]


def _supposed(event: str, project: str, record: CommitmentRecord, nature: Nature) -> Sign:
    """The sign a supposed fact would give, by the rule that judges facts on record.

    A missed window is one that ended the day before; where a notice of the
    project names its day, that day is taken as missed.
    """
    as_of = record.point.as_of
    if event == Supposition.Event.DECLINED:
        return Sign("declined_project", State.MET, "project", project, as_of)
    eve = as_of - timedelta(days=1)
    is_named = any(
        n.notice.project.slug == project and n.standing.is_open and n.clock.specified_on
        for n in record.notice_records
    )
    clock = Clock(eve, eve, Decimal(1), specified_on=eve if is_named else None)
    sign = window_sign(_window(project, clock, standing(clock, nature, as_of=as_of)))
    if sign is None:
        raise AssertionError("a window that is over gives a sign under every reading")
    return replace(sign, kind="project")


def can_be_supposed(record: CommitmentRecord) -> list[ProjectRecord]:
    """The projects a supposition can be about: selected or in consultation, and not ended."""
    return [
        found
        for found in record.projects
        if found.standing.is_selected or found.standing.stage == Stage.IN_CONSULTATION
    ]


def turning_days(record: CommitmentRecord, *, after: date) -> list[date]:
    """The days after one on which a lever may have turned, and the day described, oldest first.

    Between them nothing that a trigger is judged by begins, ends or comes near.
    """
    point, commitment = record.point, record.commitment
    levers = Lever.objects.current(point).filter(commitment=commitment)
    days: set[date | None] = {*levers.values_list("stated_on", flat=True), point.as_of}
    for found in record.notice_records:
        days |= {found.clock.declined_on, *(receipt.on for receipt in found.clock.receipts)}
        for stands in found.standings.values():
            days |= {_near(stands.watched_on, found.clock), stands.watched_on + timedelta(days=1)}
    for project in record.projects:
        if project.standing.stage == Stage.DECLINED:
            days |= {event.occurred_on for event in project.events}
    for spoken in _critical(record):
        days |= {spoken.true_since, spoken.occurred_on + RECENT}
    for measure in Measure.objects.current(point).filter(country=commitment.investor_code):
        days |= {measure.document_on, measure.published_on, measure.effective_from}
    return sorted(day for day in days if day is not None and after < day <= point.as_of)


def _near(watched_on: date, clock: Clock) -> date:
    """The first day from which a window's end is near."""
    day = watched_on
    while business_days_between(day - timedelta(days=1), watched_on, clock.calendar) <= SOON:
        day -= timedelta(days=1)
    return day


def turns(point: PointInTime, commitment: Commitment) -> QuerySet[LeverState]:
    """The stored changes of state up to a day and a revision.

    With published_by they end on that day and are of levers that were public by it. Each
    was judged from all facts of its revision, also from those made public later.
    """
    rows = LeverState.objects.filter(
        lever__commitment=commitment, as_of__lte=point.seen_until, revision__lte=point.revision
    )
    if point.published_by is not None:
        rows = rows.filter(lever__published_on__lte=point.published_by)
    return rows


def lever_history(point: PointInTime, commitment: Commitment) -> list[LeverState]:
    """The stored changes of state, newest first."""
    rows = turns(point, commitment)
    return list(rows.select_related("lever").order_by("-as_of", "-pk"))


class _Judge:
    """The signs of one record, each kind read once."""

    def __init__(
        self, record: CommitmentRecord, supposed: Mapping[Nature, tuple[Sign, ...]]
    ) -> None:
        self.record, self.supposed = record, supposed
        self.default = nature_of(record.terms)
        self._kept: dict[tuple[Rule, Nature], tuple[Sign, ...]] = {}

    def of(self, rule: Rule, nature: Nature) -> tuple[State, tuple[Sign, ...]]:
        if (rule, nature) not in self._kept:
            self._kept[rule, nature] = self._signs(rule, nature)
        signs = self._kept[rule, nature]
        return state_of(rule, signs), signs

    def rival(self, rule: Rule, nature: Nature) -> State | None:
        """The state under the other reading, where the trigger hangs on the window."""
        if rule is Rule.STATEMENT:
            return None
        return self.of(rule, nature)[0]

    def _signs(self, rule: Rule, nature: Nature) -> tuple[Sign, ...]:
        if rule is Rule.NON_FUNDING:
            return (*self._funding(nature), *self.supposed[nature])
        if rule is Rule.CONDUCT:
            return softened((*self._funding(nature), *self.supposed[nature]))
        if rule is Rule.STATEMENT:
            return self._statements()
        return (*self._funding(nature), *self.supposed[nature], *self._preparations())

    def _funding(self, nature: Nature) -> tuple[Sign, ...]:
        """Windows and refusals. A refusal made good says nothing any more: the money is there.

        The clauses speak of investments the President selected: a project declined
        before that is none of theirs.
        """
        notices = self.record.notice_records
        good = _made_good(notices)
        of_all = None if nature == self.default else nature
        windows = (
            window_sign(_window(n.notice.ref, n.clock, n.under(of_all)))
            for n in notices
            if n.notice.ref not in good
        )
        declined = (
            Sign("declined_project", State.MET, "project", p.slug, p.events[-1].occurred_on)
            for p in self.record.projects
            if p.standing.stage == Stage.DECLINED and Stage.SELECTED in p.standing.reached
        )
        return (*(sign for sign in windows if sign is not None), *declined)

    def _statements(self) -> tuple[Sign, ...]:
        """What the government of the host said of the commitment critically in the last 90 days.

        A statement on another country's deal or on a duty of its own is none on the
        commitment's implementation: it must name the commitment, a term or a project of it.
        """
        commitment = self.record.commitment
        rows = _critical(self.record).filter(occurred_on__gt=self.record.point.as_of - RECENT)
        named = {
            f"commitment:{commitment.slug}",
            *(f"project:{project.slug}" for project in self.record.projects),
            *(f"term:{t.ref}" for found in self.record.terms.readings.values() for t in found),
        }
        return tuple(
            Sign("critical_statement", State.WATCH, "reaction", r.ref, r.occurred_on)
            for r in rows.order_by("occurred_on", "ref")
            if named.intersection(r.about)
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


def _critical(record: CommitmentRecord) -> QuerySet[Reaction]:
    """What the government of the host said critically and officially."""
    return Reaction.objects.current(record.point).filter(
        commitment=record.commitment,
        country=record.commitment.host_code,
        actor_type="government",
        kind=OFFICIAL,
        stance=Reaction.Stance.CRITICAL,
    )


def _known_by(point: PointInTime) -> date:
    if point.published_by is None:
        return point.as_of
    return min(point.published_by, point.as_of)


def _made_good(notices: Sequence[NoticeRecord]) -> set[str]:
    """The refusals that later notices of their project made good, by the ref of the notice.

    The terms say nothing of how a refusal ends. The reading: it stands until it is
    reversed in the record, or until what it left unpaid was called again in full and
    paid. Of a smaller sum it stays a refusal. Nothing paid lifts two, the oldest first.
    """
    left = {n.notice.ref: n.clock.called_usd for n in notices if n.clock.funded_on is not None}
    good = set()
    for found in sorted(notices, key=lambda n: n.clock.declined_on or date.max):
        refused_on = found.clock.declined_on
        if refused_on is None:
            break
        later = [
            n.notice.ref
            for n in notices
            if n.notice.ref in left
            and n.notice.project_id == found.notice.project_id
            and n.clock.received_on >= refused_on
        ]
        missing = min(found.clock.declined_usd, found.clock.amount_usd - found.clock.received_usd)
        if sum(left[ref] for ref in later) < missing:
            continue
        good.add(found.notice.ref)
        for ref in later:
            used = min(left[ref], missing)
            left[ref] -= used
            missing -= used
    return good


def _window(ref: str, clock: Clock, stands: NoticeStanding) -> Window:
    return Window(
        ref=ref,
        is_open=stands.is_open,
        is_late=stands.status == Status.LATE,
        declined_on=clock.declined_on,
        due_on=stands.due_on,
        watched_on=stands.watched_on,
        days_left=stands.days_left,
        is_past=stands.is_past,
        days_off=stands.days_off,
    )
