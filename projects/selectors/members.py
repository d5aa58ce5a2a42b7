"""The amounts on the rungs, each with where it belongs: what every total is made of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from commitments.calculations.bounds import Bounds, exactly
from commitments.calculations.metric import Row, Scope
from commitments.selectors import Judged
from projects.calculations.guarantees import ClaimPaid
from projects.calculations.stages import Stage
from projects.models import Cover, Financing, FundingNotice, Project
from projects.selectors.cash import CASH_RUNGS
from projects.selectors.projects import NOT_STATED, ProjectRecord

NOBODY = Judged(Bounds(), (), ())
CLAIM_PAID = "claim paid"  # the note of a row for what was paid under a cover
RUNGS = ("candidate", "selected", "signed", "noticed", *CASH_RUNGS)


@dataclass(frozen=True)
class Member:
    """One amount on one rung with where it belongs: the atom every total is made of.

    `project`, `sector`, `instrument` and `state` are natural keys, or
    NOT_STATED where no document allocates the amount. `projects`, `sectors`
    and `states` are those it covers together: it may lie in any of them.
    """

    row: Row
    project: str = NOT_STATED
    sector: str = NOT_STATED
    instrument: str = NOT_STATED
    state: str = NOT_STATED
    claims: Judged = NOBODY
    projects: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    states: tuple[str, ...] = ()

    def is_in(self, scope: Scope) -> bool:
        return all(
            wanted in (None, mine)
            for wanted, mine in (
                (scope.project, self.project),
                (scope.sector, self.sector),
                (scope.instrument, self.instrument),
                (scope.state, self.state),
            )
        )

    def reaches_into(self, scope: Scope) -> bool:
        """True when part of the amount may lie in the scope, and no document says how much.

        A decision selects a project's whole amount and says nothing of its instruments.
        """
        instruments = (scope.instrument or "",) if self.row.kind == "project" else ()
        return not self.is_in(scope) and all(
            wanted in (None, mine) or (mine == NOT_STATED and wanted in possible)
            for wanted, mine, possible in (
                (scope.project, self.project, self.projects),
                (scope.sector, self.sector, self.sectors),
                (scope.instrument, self.instrument, instruments),
                (scope.state, self.state, self.states),
            )
        )


def project_member(record: ProjectRecord, rung: str) -> Member:
    """The amount of a project on a rung of decisions."""
    judged = record.amounts.get(rung, NOBODY)
    event = record.event_of(Stage(rung))
    documents = [c.document for c in judged.used] + ([event.document] if event else [])
    return Member(
        row=Row(
            label=record.project.name,
            kind="project",
            ref=record.slug,
            bounds=judged.bounds,
            documents=_slugs(documents),
            on=record.standing.reached.get(Stage(rung)),
            is_approximate=judged.is_approximate,
            is_recalled=judged.is_recalled,
        ),
        project=record.slug,
        sector=record.sector,
        state=record.state,
        claims=judged,
        projects=(record.slug,),
        states=record.states,
    )


def financing_member(
    financing: Financing, judged: Judged, places: Mapping[str, ProjectRecord], day: date
) -> Member:
    """The judged amount of a signed financing, where all its projects lie."""
    slugs = [project.slug for project in financing.projects.all()]
    records = [places[slug] for slug in slugs if slug in places]
    return Member(
        row=Row(
            label=financing.ref,
            kind="financing",
            ref=financing.ref,
            bounds=judged.bounds,
            documents=_slugs([*(c.document for c in judged.used), financing.document]),
            on=financing.signed_on,
            note=financing.note_at(day),
            is_approximate=judged.is_approximate,
            is_recalled=judged.is_recalled,
        ),
        project=_the_one(slugs),
        sector=_the_one([r.sector for r in records]),
        instrument=financing.instrument.slug,
        state=_the_one([r.state for r in records]),
        claims=judged,
        projects=tuple(slugs),
        sectors=tuple(r.sector for r in records),
        states=tuple(code for r in records for code in r.states),
    )


def cover_member(cover: Cover, financing: Member | None) -> Member:
    """The cover of a financing belongs where the financing does, as a guarantee."""
    stated = Bounds() if cover.amount_usd is None else exactly(cover.amount_usd)
    row = Row(
        label=str(cover.insurer),
        kind="cover",
        ref=cover.ref,
        bounds=stated,
        documents=_slugs([cover.document]),
        on=cover.in_force_on,
        is_recalled=cover.is_remembered("amount_usd"),
    )
    if financing is None:
        return Member(row=row, instrument="guarantee")
    return replace(financing, row=row, instrument="guarantee", claims=NOBODY)


def claimed_member(
    cover: Member, project: Project, paid: Sequence[tuple[ClaimPaid, Decimal]]
) -> Member:
    """What claims of a project paid under a cover take off it, where the cover belongs."""
    row = Row(
        label=project.name,
        kind="ledger",
        ref=f"{project.slug}:guarantee:guarantee_call",
        bounds=exactly(-sum((amount for _claim, amount in paid), Decimal(0))),
        documents=tuple(dict.fromkeys(claim.document for claim, _amount in paid)),
        on=max(claim.on for claim, _amount in paid),
        note=CLAIM_PAID,
    )
    return replace(cover, row=row)


def notice_member(
    notice: FundingNotice, called: Decimal, places: Mapping[str, ProjectRecord]
) -> Member:
    """The amount a funding notice calls for, US dollars, less what was declined of it."""
    member = Member(
        row=Row(
            label=f"{notice.project.name}, {notice.number}",
            kind="notice",
            ref=notice.ref,
            bounds=exactly(called),
            documents=_slugs([notice.document]),
            on=notice.received_on,
            is_recalled=notice.is_remembered("amount_usd"),
        ),
        project=notice.project.slug,
        instrument=notice.instrument.slug,
    )
    return _placed(member, places)


def cash_member(cell: Mapping[str, Any], places: Mapping[str, ProjectRecord]) -> Member:
    """The net cash of a project by instrument and kind."""
    member = Member(
        row=Row(
            label=cell["project__name"],
            kind="ledger",
            ref=f"{cell['project__slug']}:{cell['instrument__slug']}:{cell['kind']}",
            bounds=exactly(cell["total"]),
            documents=cell["documents"],
            on=cell["last"],
        ),
        project=cell["project__slug"],
        instrument=cell["instrument__slug"],
    )
    return _placed(member, places)


def _placed(member: Member, places: Mapping[str, ProjectRecord]) -> Member:
    record = places.get(member.project)
    if record is None:
        return member
    return replace(member, sector=record.sector, state=record.state, states=record.states)


def _the_one(values: Iterable[str]) -> str:
    found = set(values)
    return found.pop() if len(found) == 1 else NOT_STATED


def _slugs(documents: Iterable[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(d.slug for d in documents if d is not None))
