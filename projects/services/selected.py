"""What is called and signed is held to what is selected, on every day.

Notices of a project are held to the high end of what is selected of it, and agreements,
together with those that share their projects, to what is selected of all these. What a
revision adds beyond that, or takes from what is selected beneath it, needs a reason of its
own, as `projects.calculations.limits` says: that of the notices or agreements, or of the end
of a project. A correction of a notice keeps its reason and gives none.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from commitments.calculations.bounds import Bounds
from commitments.calculations.dates import business_day
from commitments.calculations.point import PointInTime
from commitments.models import Claim, Revision, Ruling
from commitments.services.register import Refusal
from projects.calculations.limits import (
    ZERO,
    Amounts,
    Limits,
    Passed,
    beyond,
    first_passed,
    running,
    unreasoned,
    worst,
)
from projects.calculations.stages import ENDS, STAGE_OF_KIND, Stage
from projects.models import (
    Financing,
    FundingNotice,
    Project,
    ProjectLink,
    ProjectProfile,
    StageEvent,
)
from projects.selectors import ProjectRecord
from projects.selectors.history import ProjectHistory, signed_at_most
from projects.services.decisions import newest_point

Place = tuple[str, str, str]  # kind, key and field of what a revision posted
MOST_UNIONS = 500


@dataclass
class Touched:
    """The keys a revision touched, each with where it did so last."""

    places: dict[str, Place] = field(default_factory=dict)
    records: set[tuple[str, str]] = field(default_factory=set)  # kind and key of each

    def add(self, key: str, kind: str, ref: str, name: str) -> None:
        self.places[key] = (kind, ref, name)
        self.records.add((kind, ref))


def amounts_touched(revision: Revision, kind: str, aspect: str) -> Touched:
    """The keys of one kind of subject whose amount a revision's claims and rulings speak of."""
    touched = Touched()
    for model, name in ((Claim, "high"), (Ruling, "claims")):
        if not revision.wrote(model):
            continue
        posted = model._default_manager.filter(revision=revision).filter(
            Q(aspect=aspect) | Q(supersedes__aspect=aspect)
        )
        fields = ("ref", "withdrawn", "subject", "supersedes__subject")
        for ref, withdrawn, *subjects in posted.order_by("pk").values_list(*fields):
            for subject in filter(None, subjects):
                of, _colon, key = subject.partition(":")
                if of == kind:
                    place = "withdrawn" if withdrawn else name
                    touched.add(key, str(model._meta.model_name), ref, place)
    return touched


def _selection_touched(revision: Revision, *models: tuple[Any, str]) -> Touched:
    """The projects of which a revision says what is selected, and what `models` hold of them."""
    touched = amounts_touched(revision, "project", "amount.selected")
    for model, name in models:
        if not revision.wrote(model):
            continue
        kind = str(model._meta.model_name)
        posted = model._default_manager.filter(revision=revision).order_by("pk")
        columns = ("ref", "project__slug", "supersedes__project__slug")
        for ref, *slugs in posted.values_list(*columns):
            for slug in filter(None, slugs):
                touched.places.setdefault(slug, (kind, ref, name))
    return touched


def notices_within_selected(revision: Revision) -> list[Refusal]:
    """Refuse what leaves more noticed on a project than the high end of what is selected of it.

    That is a notice too many, and as well a selection lowered, taken back,
    ruled otherwise, ended or kept out of the totals while its notices stand.
    """
    touched = _selection_touched(
        revision,
        (ProjectProfile, "count_in_totals"),
        (ProjectLink, "relation"),
        (StageEvent, "kind"),
    )
    posted = FundingNotice.objects.filter(revision=revision).order_by()
    named = set(touched.places)
    for ref, *slugs in posted.values_list("ref", "project__slug", "supersedes__project__slug"):
        touched.records.add(("fundingnotice", ref))
        named |= set(filter(None, slugs))
    found = Project.objects.filter(slug__in=named, notices__isnull=False)
    point = newest_point(business_day(revision.recorded_at))
    return list(called_beyond(set(found.values_list("pk", flat=True)), point, touched))


def called_beyond(
    projects: Collection[int], point: PointInTime, touched: Touched | None = None
) -> Iterator[Refusal]:
    """Yield the projects whose notices call more than was selected of them, or before it was.

    That is by what the revision of a point posted, where it is told what it touched; or
    by anything on record.
    """
    if not projects:
        return
    history = ProjectHistory(projects, point)
    for project in Project.objects.filter(pk__in=projects).order_by("slug"):
        group = _Group(history, frozenset({project.pk}), "fundingnotice")
        judged = group.judged(point.revision if touched else None, point.revision)
        record = history.at(point.revision).get(project.pk)
        if judged is None:
            continue
        selected_on = record.standing.reached.get(Stage.SELECTED) if record else None
        if selected_on is not None and judged.passed.on < selected_on:
            yield from _called_early(project.slug, selected_on, judged)
        else:
            words = f"{project.slug}: {_called_words(record, judged)}"
            place, also = _where_called(project.slug, judged, touched), judged.blamed
            end = _end_by(record, point.revision) if touched and record else None
            if end is not None and not judged.grown:
                place, also = ("stageevent", end, "kind"), (("stageevent", end),)
            yield Refusal(*place, words, also=also)


def _end_by(record: ProjectRecord, revision: int) -> str | None:
    """The step by which a revision ended a project without a reason."""
    ends = (event for event in record.events if STAGE_OF_KIND.get(event.kind) in ENDS)
    new = (e.ref for e in ends if e.revision_id == revision and not e.override_reason)
    return next(new, None)


def _called_words(record: ProjectRecord | None, judged: "_Judged") -> str:
    """Say why a project cannot have what its notices call, on the day on which it cannot."""
    passed = judged.passed
    given = {"called": f"{passed.amount:,.2f}", "most": f"{passed.limit or ZERO:,.2f}"}
    if passed.on != date.max:
        words = _("noticed %(called)s USD by %(day)s, but selected at most %(most)s USD by then")
        if judged.is_lost:
            words = _(
                "noticed %(called)s USD by %(day)s, but no selected amount would be stated by then"
            )
        return words % {**given, "day": passed.on}
    if judged.is_closed and record is not None:
        return _("“%(project)s” has ended") % {"project": record.slug}
    if record is None or not (record.standing.is_selected or record.ended_for_a_reason):
        if record and any(STAGE_OF_KIND.get(e.kind) in ENDS for e in record.events):
            words = _(
                "noticed %(called)s USD, so it ends only once those notices are declined, or lowered to"
                " what came in on them"
            )
            return words % given
        return _("the project is not selected, so nothing of it can be called")
    if not record.counts:
        return _("noticed %(called)s USD, so it cannot be left out of the totals") % given
    now = record.amounts["selected"].bounds if "selected" in record.amounts else Bounds()
    if now.high is not None:
        return _("noticed %(called)s USD, but selected at most %(most)s USD") % given
    if now.is_stated:
        return _("noticed %(called)s USD, but no upper selected amount would be stated") % given
    return _("noticed %(called)s USD, but no selected amount would be stated") % given


def _where_called(slug: str, judged: "_Judged", touched: Touched | None) -> Place:
    """The first notice with which too much is called by a day, else what was said of the project.

    Of what a revision touched that is one it posted, and that added to what is called.
    """
    on, limit = judged.passed.on, judged.passed.limit or ZERO
    said = touched.places.get(slug) if touched else None
    called, posted = ZERO, []
    for part in judged.parts if touched or on != date.max else ():
        called += part.by(on)
        is_posted = touched is None or ("fundingnotice", part.ref) in touched.records
        if is_posted and part.by(on) and (said is None or part.ref in judged.grown):
            posted.append(part.ref)
            if called > limit:
                break
    if posted:
        return ("fundingnotice", posted[-1], "amount_usd")
    return said or ("fundingnotice", slug, "amount_usd")


def _called_early(slug: str, selected_on: date, judged: "_Judged") -> Iterator[Refusal]:
    """Yield the notices to blame that were received before their project was selected."""
    for notice in judged.parts:
        place, received_on = ("fundingnotice", notice.ref), notice.moves[0][0]
        if place in judged.blamed and received_on < selected_on:
            words = _(
                "%(project)s: received on %(day)s, but the project was selected on %(selected)s"
            )
            given = {"project": slug, "day": received_on, "selected": selected_on}
            yield Refusal(*place, "received_on", words % given, also=(place,))


def signed_within_selected(revision: Revision) -> list[Refusal]:
    """Refuse what leaves more signed for projects than the high end of what is selected of them."""
    signed = amounts_touched(revision, "financing", "amount.signed")
    agreed = Financing.objects.filter(revision=revision).values_list("ref", flat=True)
    for ref in agreed if revision.wrote(Financing) else ():
        signed.add(ref, "financing", ref, "projects")
    selected = _selection_touched(revision, (StageEvent, "kind"))
    if not signed.places and not selected.places:
        return []
    of = Financing.objects.heads().filter(withdrawn=False)
    of = of.filter(Q(ref__in=signed.places) | Q(projects__slug__in=selected.places))
    point = newest_point(business_day(revision.recorded_at))
    touched = Touched(selected.places, signed.records)
    return list(signed_beyond(projects_of_agreements(of.order_by()), point, touched))


def projects_of_agreements(among: QuerySet[Financing] | None = None) -> list[frozenset[int]]:
    """The projects of each standing agreement; of some, and of all that share projects with them."""
    pairs = Financing.objects.heads().filter(withdrawn=False, projects__isnull=False)
    projects_of: dict[int, set[int]] = {}
    for pk, project in pairs.order_by("pk").values_list("pk", "projects"):
        projects_of.setdefault(pk, set()).add(project)
    if among is None:
        return list(dict.fromkeys(map(frozenset, projects_of.values())))
    found, projects = set(among.values_list("pk", flat=True)), set[int]()
    while more := set().union(*(projects_of.get(pk, set()) for pk in found)) - projects:
        projects |= more
        found |= {pk for pk, own in projects_of.items() if own & projects}
    return list(dict.fromkeys(frozenset(o) for o in projects_of.values() if o & projects))


def signed_beyond(
    sets: Collection[frozenset[int]], point: PointInTime, touched: Touched | None = None
) -> Iterator[Refusal]:
    """Yield some sets of projects for which more is signed than was selected of them.

    Where the amount of one is not stated no limit is known. That is by what the revision of
    a point posted, where it is told what it touched; or by anything on record.
    """
    projects = frozenset[int]().union(*sets)
    if not projects:
        return
    history = ProjectHistory(projects, point)
    slugs = dict(Project.objects.filter(pk__in=projects).values_list("pk", "slug"))
    refused: list[frozenset[int]] = []
    for together in held_together(sets, slugs):
        if together not in sets and any(smaller <= together for smaller in refused):
            continue  # told by the agreements that alone are too much
        group = _Group(history, together, "financing")
        judged = group.judged(point.revision if touched else None, point.revision)
        if judged is None:
            continue
        refused.append(together)
        passed, names = judged.passed, sorted(slugs[pk] for pk in together)
        words = _("%(projects)s: signed %(signed)s USD, but selected at most %(most)s USD")
        if judged.is_lost:
            words = _("%(projects)s: signed %(signed)s USD, but no selected amount would be stated")
        elif passed.on != date.max:
            words = _(
                "%(projects)s: signed %(signed)s USD by %(day)s, but selected at most %(most)s USD"
                " by then"
            )
        given = {"projects": ", ".join(names), "signed": f"{passed.amount:,.2f}"}
        given |= {"most": f"{passed.limit or ZERO:,.2f}", "day": str(passed.on)}
        yield Refusal(*_where_signed(names, judged, touched), words % given, also=judged.blamed)


def held_together(
    sets: Collection[frozenset[int]], names: Mapping[int, str]
) -> list[frozenset[int]]:
    """Some sets of projects by name, then the unions of those that share one, smallest first.

    Unions are as many as MOST_UNIONS, and each whole to which no more can be added.
    """

    def by_name(one: frozenset[int]) -> list[str]:
        return sorted(names[pk] for pk in one)

    unions = dict.fromkeys(sorted(sets, key=by_name))
    for one in [*unions]:
        whole = one
        while more := [other for other in sets if other & whole and not other <= whole]:
            whole = whole.union(*more)
        unions[whole] = None
    waiting = [*unions]
    while waiting and len(unions) < MOST_UNIONS:
        one = waiting.pop(0)
        new = [one | other for other in sets if one & other and one | other not in unions]
        unions.update(dict.fromkeys(new))
        waiting += new
    own = [one for one in unions if one in sets]
    joined = (one for one in unions if one not in sets)
    return own + sorted(joined, key=lambda one: (len(one), by_name(one)))


def _where_signed(slugs: Sequence[str], judged: "_Judged", touched: Touched | None) -> Place:
    """The last agreement that a revision posted, else what it says of the projects."""
    touched = touched or Touched()
    refs = [part.ref for part in judged.parts]
    posted = [ref for ref in refs if ("financing", ref) in touched.records]
    blamed = [ref for _kind, ref in judged.blamed]
    if posted or not touched.places:
        return ("financing", (posted or blamed or refs)[-1], "projects")
    places = [touched.places[slug] for slug in slugs if slug in touched.places]
    return places[0] if places else ("financing", (blamed or refs)[-1], "projects")


@dataclass(frozen=True)
class _Part:
    """A notice or an agreement: the dollars that it adds on some days, and the reason it carries.

    `is_fresh` says that the version itself gave that reason.
    """

    ref: str
    root: int
    revision: int
    moves: Sequence[tuple[date, Decimal]]
    has_reason: bool
    is_fresh: bool

    def by(self, day: date) -> Decimal:
        return running(self.moves, [day])[0]


@dataclass(frozen=True)
class _Selected:
    """What was selected of a project by a day: None where it is not selected, as it stands.

    `is_ahead` on days before its selection, of agreements: other rules hold those.
    `is_over` where it has ended: what was called and came in stays, or what was let through by
    the reason of its end, and nothing is added.
    """

    bounds: Bounds | None = None
    is_ahead: bool = False
    is_over: bool = False


@dataclass(frozen=True)
class _State:
    """What is held to what is selected of some projects, as one revision left both."""

    revision: int
    parts: Sequence[_Part]
    records: Sequence[ProjectRecord | None]


@dataclass(frozen=True)
class _Judged:
    """Where a sum passes what is selected without a reason: its parts, and which of them to blame.

    `grown` names those with which the sum grew. `is_lost` says that an upper amount was stated
    there before, and is no more; `is_closed` that the project has ended.
    """

    passed: Passed
    parts: Sequence[_Part]
    blamed: tuple[tuple[str, str], ...]
    grown: frozenset[str]
    is_lost: bool
    is_closed: bool


@dataclass(frozen=True)
class _Step:
    """One revision of a group: what it found and left, and their limits on some days."""

    was: _State
    now: _State
    days: Sequence[date]
    known: Limits
    limits: Limits
    closed: Sequence[bool]  # whether nothing can be added on a day
    grown: Amounts  # what no reason was given for before it, of all,
    left: Amounts  # and of what carries none

    @property
    def fresh(self) -> set[int]:
        """The parts that this revision gave a reason for."""
        return {p.root for p in self.now.parts if p.is_fresh and p.revision == self.now.revision}

    def sums(self, state: _State, but: Collection[int] = ()) -> list[Decimal]:
        moves = (move for part in state.parts if part.root not in but for move in part.moves)
        return running(moves, self.days)

    def faults(self, but: Collection[int] = ()) -> tuple[list[Decimal], list[Decimal]]:
        """The excess of each day that no reason was given for, some more parts left aside:
        of all, and of what carries no reason.
        """
        but = self.fresh.union(but)
        was, now = self.sums(self.was, but), self.sums(self.now, but)
        grown = unreasoned(self.grown, beyond(was, self.known), beyond(now, self.limits))
        added = beyond(
            [sum_ if shut else ZERO for sum_, shut in zip(now, self.closed, strict=True)], was
        )
        reasoned = ({p.root for p in state.parts if p.has_reason} for state in (self.was, self.now))
        was, now = (
            self.sums(state, but.union(own))
            for state, own in zip((self.was, self.now), reasoned, strict=True)
        )
        left = unreasoned(self.left, beyond(was, self.known), beyond(now, self.limits))
        return worst(grown, added), left

    def blamed(self, day: date) -> list[_Part]:
        """The parts on which a reason would set the limit aside.

        Those that grew; where the limit was lowered, those let through before if that is
        enough, else all.
        """
        if grown := self.grown_by(day):
            return grown
        plain = [part for part in self.now.parts if part.root not in self.fresh]
        reasoned = [part for part in plain if part.has_reason]
        is_enough = not any(worst(*self.faults([part.root for part in reasoned])))
        return reasoned if reasoned and is_enough else plain

    def grown_by(self, day: date) -> list[_Part]:
        """The parts that stand for more by a day than before, and give no reason for it."""
        older = {part.root: part.by(day) for part in self.was.parts}
        plain = (part for part in self.now.parts if part.root not in self.fresh)
        return [part for part in plain if part.by(day) > older.get(part.root, ZERO)]


@dataclass(frozen=True)
class _Group:
    """Some projects, and the notices or agreements held to what is selected of them."""

    history: ProjectHistory
    projects: frozenset[int]
    kind: str

    def judged(self, revision: int | None, newest: int) -> _Judged | None:
        """Where the sum passes its limit without a reason, of one revision or of any up to one."""
        if revision is None and not self._may_be_passed(newest):
            return None
        judged = self.history.revisions if revision is None else [revision]
        states = [self._state(number) for number in (judged[0] - 1, *judged)]
        days = self._days(states)
        grown: Amounts = [ZERO] * len(days)
        left, faults = grown, grown
        limits = self._limits(states[0], states[0], days, grown, faults)
        for was, now in pairwise(states):
            known, limits = limits, self._limits(was, now, days, limits, faults)
            step = _Step(was, now, days, known, limits, self._closed(now, days), grown, left)
            grown, left = step.faults()
            faults = worst(grown, left)
        place = first_passed(faults)
        if place is None:
            return None
        passed = Passed.at(place, days, step.sums(now), limits)
        is_lost = self._limits(now, now, days, limits, [ZERO] * len(days))[place] is None
        blamed = tuple((self.kind, part.ref) for part in step.blamed(days[place]))
        added = frozenset(part.ref for part in step.grown_by(days[place]))
        is_closed = step.closed[place] and bool(added)
        return _Judged(passed, now.parts, blamed, added, is_lost, is_closed)

    def _may_be_passed(self, revision: int) -> bool:
        """Whether the sum is beyond its limit as of a revision, or no limit is known on a day."""
        state = self._state(revision)
        days = self._days([state])
        none = [ZERO] * len(days)
        limits = self._limits(state, state, days, none, none)
        moves = [move for part in state.parts for move in part.moves]
        return bool(moves) and (None in limits or any(beyond(running(moves, days), limits)))

    def _state(self, revision: int) -> _State:
        read = self._calls if self.kind == "fundingnotice" else self._agreements
        records = self.history.at(revision)
        return _State(revision, list(read(revision)), [records.get(pk) for pk in self.projects])

    def _calls(self, revision: int) -> Iterator[_Part]:
        for notice in self.history.notices(revision):
            if notice.project_id in self.projects and notice.amount_called:
                moves = [(notice.received_on, notice.amount_called)]
                yield _part(notice, moves)

    def _agreements(self, revision: int) -> Iterator[_Part]:
        for agreement, own, judged in self.history.agreements(revision):
            if own and own <= self.projects:
                signed_on = agreement.signed_on or date.max
                days = sorted({max(signed_on, day) for day in (signed_on, *judged.changed_on)})
                levels = [signed_at_most(judged.on(day)) for day in days]
                rises = (level - low for low, level in zip([ZERO, *levels], levels, strict=False))
                yield _part(agreement, list(zip(days, rises, strict=True)))

    def _days(self, states: Iterable[_State]) -> list[date]:
        """The days on which a sum or its limit moves, and the end."""
        found = {date.max}
        for state in states:
            found |= {day for part in state.parts for day, _amount in part.moves}
            found = found.union(*(record.changed_on for record in state.records if record))
        return sorted(found)

    def _limits(
        self, was: _State, now: _State, days: Sequence[date], known: Limits, faults: Amounts
    ) -> list[Decimal | None]:
        """The most that is selected of the projects by each day; None where that is not stated.

        An upper amount that was stated, and is no more, leaves what is selected at least. So
        it stays while that holds something for which no reason was given.
        """
        found: list[Decimal | None] = []
        for day, most, fault in zip(days, known, faults, strict=True):
            highs: list[Decimal | None] = []
            for old, new in zip(was.records, now.records, strict=True):
                before = self._by(old, day, was.revision)
                selected = self._by(new, day, now.revision)
                own = selected.bounds
                high = ZERO if own is None else own.high
                if own is not None and high is None and not selected.is_ahead:
                    is_lost = before.bounds is not None and before.bounds.high is not None
                    if is_lost or (most is not None and fault):
                        high = own.low or ZERO
                highs.append(None if selected.is_ahead else high)
            stated = [high for high in highs if high is not None]
            found.append(sum(stated, ZERO) if len(stated) == len(highs) else None)
        return found

    def _by(self, record: ProjectRecord | None, day: date, revision: int) -> _Selected:
        """What is selected of a project by a day; of agreements, whatever became of it."""
        if record is None or Stage.SELECTED not in record.standing.reached:
            return _Selected()
        then = self.history.by(record, day)
        if self.kind == "financing" and day < record.standing.reached[Stage.SELECTED]:
            return _Selected(is_ahead=True)
        has_ended = then.standing.stage in ENDS
        if self.kind == "fundingnotice" and has_ended and not then.ended_for_a_reason:
            funded = self.history.funded(record.project.pk, revision)
            return _Selected(Bounds(funded, funded), is_over=True)
        stands = (then.standing.is_selected or has_ended) and then.counts
        if self.kind == "fundingnotice" and not stands:
            return _Selected()
        judged = then.amounts.get("selected")
        return _Selected(judged.bounds if judged else Bounds(), is_over=has_ended)

    def _closed(self, state: _State, days: Sequence[date]) -> list[bool]:
        """Whether, of notices, the project had ended by each day."""
        if self.kind == "financing":
            return [False] * len(days)
        return [
            any(self._by(record, day, state.revision).is_over for record in state.records)
            for day in days
        ]


def _part(version: FundingNotice | Financing, moves: Sequence[tuple[date, Decimal]]) -> _Part:
    named = (version.ref, version.root_key, version.revision_id)
    has_reason, is_fresh = bool(version.override_reason), version.gives_reason(version.supersedes)
    return _Part(*named, moves, has_reason, is_fresh)
