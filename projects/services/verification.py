"""Whether the ledger is what was posted: its chain, its limits, its sums.

Every entry seals the one before it, so a change, a loss or a swap shows at the
first number it touches. The newest clean check is kept beside the ledger: what
is missing from the end, or sealed anew as a whole, no longer fits it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import connection, transaction
from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from commitments.calculations.bounds import Bounds, total
from commitments.calculations.dates import business_day
from commitments.calculations.metric import Scope
from commitments.calculations.point import PointInTime
from commitments.models import ApprovalCase, Commitment, Job, Revision
from commitments.services.cases import by_kind
from commitments.services.inbox import tell
from commitments.services.jobs import JobKind, Progress, register_daily, register_kind, submit
from commitments.services.one_commitment import strangers
from projects.metrics.financing import instrument_split
from projects.metrics.rungs import WHOLE
from projects.models import ClosedPeriod, LedgerCheck, LedgerEntry, Project
from projects.selectors import RUNGS, CommitmentRecord
from projects.selectors.ledger import wrongly_late
from projects.services.decisions import newest_point
from projects.services.entries import posted_refs
from projects.services.ledger import FIELDS, rollup_differences, sealed
from projects.services.limits import cash_problems, entry_beyond
from projects.services.rules import standing_faults

KIND = "verify_ledger"
CHUNK = 2000
MOST = 20  # findings of one check; the first is the one that matters
DIMENSIONS = ("project", "sector", "instrument", "state")
BOUNDS = ("low", "high")


@dataclass(frozen=True)
class Finding:
    """What is wrong, in words, and the number of the first entry it shows at, where it has one."""

    number: int | None
    words: str

    def __str__(self) -> str:
        return self.words if self.number is None else f"entry {self.number}: {self.words}"


@dataclass(frozen=True)
class Verdict:
    """How far the ledger reaches, the seal of its last entry, and what is wrong with it."""

    entries: int
    last_sha256: str
    findings: tuple[Finding, ...]

    @property
    def first_broken(self) -> int | None:
        numbers = [f.number for f in self.findings if f.number is not None]
        return min(numbers, default=None)


def verify_ledger(report: Progress) -> Verdict:
    """Recompute the chain, then limits, splits, roll-ups and sums; tell progress in percent."""
    chain = _Chain(report)
    findings = list(chain.findings())[:MOST] or list(_lost_findings(chain.number))
    with transaction.atomic():  # the sums are read at one moment
        findings += [*_limit_findings(), *_late_findings(), *_closing_findings()]
        findings += [*_rule_findings(), *_sum_findings()]
        findings += [Finding(None, words) for words in rollup_differences()]
    return Verdict(chain.number, chain.sha256, tuple(findings[:MOST]))


def keep_verdict(verdict: Verdict) -> LedgerCheck:
    """Keep what a check found, and tell the desk when the ledger does not hold."""
    check = LedgerCheck.objects.create(
        entries=verdict.entries,
        last_sha256=verdict.last_sha256,
        first_broken=verdict.first_broken,
        problems=[str(finding) for finding in verdict.findings],
    )
    if verdict.findings:
        tell(
            f"ledger-broken:{check.pk}",
            kind="ledger",
            title=_("The ledger does not verify: %(words)s") % {"words": verdict.findings[0]},
            body="\n".join(check.problems),
        )
    return check


class _Chain:
    """A walk along the chain: where it stands, and what it meets."""

    def __init__(self, report: Progress) -> None:
        self.report = report
        self.number, self.sha256 = 0, ""

    def findings(self) -> Iterator[Finding]:
        newest = LedgerEntry.objects.order_by("-number").values_list("number", flat=True).first()
        anchor = LedgerCheck.objects.filter(problems=[]).first()
        for row in _stored_rows():
            yield from self._judged(row)
            self.number, self.sha256 = row["number"], row["sha256"]
            if anchor and self.number == anchor.entries and self.sha256 != anchor.last_sha256:
                yield Finding(self.number, _("is not the one that was verified before"))
            if newest and self.number % CHUNK == 0:
                self.report(90 * self.number // newest)
        if anchor is not None and self.number < anchor.entries:
            given = {"last": anchor.entries, "day": anchor.checked_at.date()}
            words = _("is missing, and all up to %(last)d that were verified on %(day)s")
            yield Finding(self.number + 1, words % given)

    def _judged(self, row: Mapping[str, Any]) -> Iterator[Finding]:
        number = row["number"]
        if number != self.number + 1:
            yield Finding(self.number + 1, _("is missing"))
        if sealed(row) != row["sha256"]:
            was = _place_of(row)
            if was is None:
                yield Finding(number, _("was changed: its values do not give its seal"))
            else:
                yield Finding(number, _("stands here, but was posted as %(was)d") % {"was": was})
        elif row["previous_sha256"] != self.sha256 and number == self.number + 1:
            yield Finding(number, _("does not follow the entry before it"))


def _place_of(row: Mapping[str, Any]) -> int | None:
    """The number under which a row was sealed, if only its number was changed.

    It followed the entry whose seal it holds, or one that was moved with it.
    """
    before = LedgerEntry.objects.filter(sha256=row["previous_sha256"]).first()
    follows = 0 if before is None else before.number
    places = (follows + 1, row["number"] - 1, row["number"] + 1)
    return next((n for n in places if sealed({**row, "number": n}) == row["sha256"]), None)


def _stored_rows() -> Iterator[dict[str, Any]]:
    """Every entry as it lies in the table, by number, a few thousand at a time.

    Read past the models: what somebody wrote into the file need not be a date
    or a number any more.
    """
    columns = [str(f.column) for f in FIELDS.values()]
    dates = {str(f.column) for f in FIELDS.values() if f.get_internal_type() == "DateField"}
    as_text = dates if connection.vendor == "sqlite" else set()
    chosen = ", ".join(f"CAST({c} AS TEXT)" if c in as_text else c for c in columns)
    statement = (
        f"SELECT {chosen} FROM {LedgerEntry._meta.db_table} "  # noqa: S608  # names of our own model
        "WHERE number > %s ORDER BY number LIMIT %s"
    )
    last = -1
    while True:
        with connection.cursor() as cursor:
            cursor.execute(statement, [last, CHUNK])
            rows = cursor.fetchall()
        for values in rows:
            row = dict(zip(FIELDS, values, strict=True))
            row["fx_rate"] = _rate(row["fx_rate"])
            yield row
        if len(rows) < CHUNK:
            return
        last = rows[-1][columns.index("number")]


def _rate(stored: Any) -> Any:
    try:
        return None if stored is None else round(Decimal(str(stored)), 8)
    except InvalidOperation:
        return stored


def _lost_findings(last: int) -> Iterator[Finding]:
    """Say which entry was lost from the end of a chain that holds: one that a case posted."""
    newest = LedgerEntry.objects.filter(number=last).values_list("revision", flat=True).first()
    cases = ApprovalCase.objects.filter(
        state=ApprovalCase.State.APPROVED, revision__number__gte=newest or 0
    ).order_by("revision_id")
    for revision, changes in cases.values_list("revision", "changes").iterator():
        entries = by_kind(changes).get("ledgerentry", [])
        entries.sort(key=lambda record: bool(record.get("reverses")))  # the order of posting
        refs = [str(record["ref"]) for record in entries]
        there = set(posted_refs(refs))
        lost = next((ref for ref in refs if ref not in there), None)
        if lost is not None:
            given = {"ref": lost, "revision": revision}
            yield Finding(last + 1, _("is missing: %(ref)s, posted by r%(revision)s") % given)
            return


def _late_findings() -> Iterator[Finding]:
    """Say which entry lacks the reason a closed period asks for, or tells one for nothing."""
    for entry in wrongly_late()[:MOST]:
        if entry.late_reason:
            words = _("tells why it is late, and lies in no closed period")
        else:
            words = _("was posted into a closed period without a reason")
        yield Finding(entry.number, words)


def _closing_findings() -> Iterator[Finding]:
    """Say which closing that a case posted is gone, or no longer as it was posted."""
    versions: dict[str, list[ClosedPeriod]] = {}
    for version in ClosedPeriod.objects.order_by("-revision_id"):
        versions.setdefault(version.ref, []).append(version)
    cases = ApprovalCase.objects.annotate(text=Cast("changes", TextField())).filter(
        state=ApprovalCase.State.APPROVED, text__contains='"closedperiod"'
    )
    listed = cases.order_by("revision_id").values_list("revision", "changes")
    for revision, changes in listed.iterator():
        for record in by_kind(changes).get("closedperiod", []):
            found = versions.get(record["ref"], [])
            kept = next((v for v in found if v.revision_id <= revision), None)
            posted = (record["ends_on"], bool(record.get("withdrawn")))
            if kept is None or (str(kept.ends_on), kept.withdrawn) != posted:
                given = {"ref": record["ref"], "revision": revision}
                words = _("the closing %(ref)s is not as r%(revision)s posted it") % given
                yield Finding(None, words)


def _limit_findings() -> Iterator[Finding]:
    for over in cash_problems(list(Project.objects.values_list("pk", flat=True))):
        entry = entry_beyond(over)
        yield Finding(entry.number if entry else None, f"{over.what}: {over.words}")


def _rule_findings() -> Iterator[Finding]:
    """What is on record against a rule that every posting is held to."""
    newest = Revision.objects.first()
    if newest is None:
        return
    point = newest_point(business_day(newest.recorded_at))
    for refusal in (*strangers(), *standing_faults(point)):
        yield Finding(None, str(refusal))


def _sum_findings() -> Iterator[Finding]:
    """Compare every rung with its sums over each dimension, and the splits with what is selected."""
    newest = Revision.objects.first()
    if newest is None:
        return
    point = newest_point(business_day(newest.recorded_at))
    for commitment in Commitment.objects.all():
        yield from _sums_of(commitment, point)


def _sums_of(commitment: Commitment, point: PointInTime) -> Iterator[Finding]:
    record = CommitmentRecord(commitment, point)
    for rung in RUNGS:
        members = record.members(rung)
        whole = total(m.row.bounds for m in members)
        for dimension in DIMENSIONS:
            parts: dict[str, list[Bounds]] = {}
            for member in members:
                parts.setdefault(getattr(member, dimension), []).append(member.row.bounds)
            if total(total(part) for part in parts.values()) != whole:
                given = {"rung": rung, "dimension": dimension, "name": commitment.slug}
                words = _("%(name)s: %(rung)s by %(dimension)s does not sum to the whole") % given
                yield Finding(None, words)
    selected = [Scope(project=member.project) for member in record.members("selected")]
    for scope in (WHOLE, *selected):
        if not _split_holds(record, scope):
            what = scope.project or commitment.slug
            words = _("%(what)s: instruments and what is not stated do not sum to what is selected")
            yield Finding(None, words % {"what": what})


def _split_holds(record: CommitmentRecord, scope: Scope) -> bool:
    split = instrument_split(record, scope)
    parts = total(line.bounds for line in split.lines)
    return all(
        getattr(split, f"rest_{bound}") is None
        or (getattr(parts, bound) or 0) + getattr(split, f"rest_{bound}")
        == getattr(split.selected, bound)
        for bound in BOUNDS
    )


def request_verification(now: datetime) -> list[Job]:
    """Ask for the day's check of the ledger; asking twice in a day is one job."""
    return [submit(KIND, f"verify-ledger:{business_day(now)}", {}, now=now)]


def _compute(_payload: dict[str, Any], report: Progress) -> Verdict:
    return verify_ledger(report)


def _write(_payload: dict[str, Any], verdict: Verdict) -> None:
    keep_verdict(verdict)


def register_jobs() -> None:
    """Make the check known, and due every day."""
    register_kind(JobKind(KIND, _compute, _write, soft=540, hard=600, lease=630))
    register_daily(KIND, request_verification)
