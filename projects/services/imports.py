"""A file of records: taken in, read and judged by a job, then one case of one person.

Judging writes the records and takes them back, so an import is held to exactly
what an approval will be held to. One wrong cell, and nothing becomes a case.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from commitments.calculations.dates import business_day
from commitments.calculations.metric import Figure, Scope
from commitments.models import ApprovalCase, AuditEntry, Commitment, ImportBatch, Job, Revision
from commitments.services.cases import (
    FORCE,
    CaseRefused,
    FieldChange,
    computed_changes,
    draft_case,
    record_change,
    stored_records,
    submit_case,
)
from commitments.services.jobs import JobKind, Progress, register_kind, submit
from commitments.services.register import Outcome, Recorder, Refusal, filled_by, kinds
from commitments.services.revisions import post_revision
from commitments.services.sheets import SheetRefused, read_sheet, suspicious
from commitments.services.tables import CELL_SHOWN, CellError, Row, columns_of, rows_of
from projects.metrics import BY_KEY, evaluate
from projects.selectors import CommitmentRecord
from projects.services.decision_records import commitment_of
from projects.services.decisions import newest_point
from projects.services.effects import MOVED, SHOWN

KIND = "import"
SOFT, HARD, LEASE = 540, 600, 630
LADDER = (
    *("candidate_usd", "in_consultation_usd", "selected_usd", "signed_usd"),
    *("noticed_usd", "funded_usd", "disbursed_usd", "distributed_usd", "guaranteed_usd"),
)
TOTALS = tuple(k for k in (*SHOWN, *MOVED) if BY_KEY[k].unit.startswith("usd") and k not in LADDER)
READ_BY, MADE_BY = 30, 60  # percent of a job done once the file is read, and made records
MOST_LISTED = 1_000  # errors, and rows that differ, kept for the page; all are counted
State = ImportBatch.State


@dataclass
class Judgement:
    """What a file would do: counts of rows, what is wrong, what differs, totals before and after."""

    errors: list[CellError] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    totals: list[dict[str, Any]] = field(default_factory=list)
    revision: int = 0


def upload_file(
    table: str, filename: str, content: bytes, *, actor: User, now: datetime
) -> ImportBatch:
    """Keep a file and put the job that judges it on the table.

    A file sent twice before it was read, by a double click, is one batch.
    Raise CaseRefused without the permission, SheetRefused for a file that is
    not even opened, LookupError for a table that does not exist.
    """
    if not actor.has_perm("commitments.add_importbatch"):
        raise CaseRefused("permission", _("Your role does not include this step."))
    if table not in kinds():
        raise LookupError(_("There is no table “%(table)s”.") % {"table": table})
    if reason := suspicious(content, filename):
        raise SheetRefused(reason)
    sha256 = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        User.objects.select_for_update().get(pk=actor.pk)
        unread = ImportBatch.objects.filter(
            created_by=actor,
            table=table,
            filename=filename[-200:],
            sha256=sha256,
            job__state__in=(Job.State.PENDING, Job.State.RUNNING),
        )
        if waiting := unread.select_related("job").first():
            return waiting
        batch = ImportBatch.objects.create(
            table=table,
            filename=filename[-200:],
            sha256=sha256,
            content=content,
            created_by=actor,
        )
        payload = {"batch": batch.pk, "today": business_day(now).isoformat()}
        batch.job = submit(KIND, f"import:{batch.pk}", payload, now=now)
        batch.save(update_fields=["job"])
        _note(batch, "uploaded", actor)
    return batch


def confirm_import(batch_id: int, *, actor: User, now: datetime, reason: str = "") -> ApprovalCase:
    """Submit the case a judged file became, with a public reason if one is given.

    Another person decides on it. Raise CaseRefused.
    """
    with transaction.atomic():
        batches = ImportBatch.objects.select_for_update(of=("self",)).select_related("case")
        batch = batches.defer("content", "case__changes").get(pk=batch_id)
        if batch.created_by_id != actor.pk:
            raise CaseRefused("permission", _("Only the person who entered a case can do this."))
        if batch.state != State.READ or batch.case is None:
            words = _("This import is “%(state)s”; there is nothing to submit.")
            raise CaseRefused("state", words % {"state": batch.get_state_display()})
        if reason.strip():
            ApprovalCase.objects.filter(pk=batch.case.pk).update(reason=reason.strip())
        case = submit_case(
            batch.case.pk,
            actor=actor,
            version=batch.case.version,
            now=now,
            rehearsed_at=batch.report["revision"],
        )
        batch.state = State.IN_CASE
        batch.save(update_fields=["state"])
        _note(batch, "submitted", actor)
    return case


def same_file(batch: ImportBatch) -> list[ImportBatch]:
    """Earlier imports of the same bytes into the same table that became a case."""
    earlier = ImportBatch.objects.filter(
        sha256=batch.sha256, table=batch.table, state=State.IN_CASE, pk__lt=batch.pk
    )
    return list(earlier.select_related("case__revision").defer("content", "case__changes"))


def register_jobs() -> None:
    """Make the job that judges a file known."""
    register_kind(JobKind(KIND, judge_file, keep_judgement, soft=SOFT, hard=HARD, lease=LEASE))


def judge_file(payload: dict[str, Any], report: Progress) -> Judgement:
    """Read a file and find out, by doing it and taking it back, what it would do."""
    batch = ImportBatch.objects.get(pk=payload["batch"])
    try:
        sheet = read_sheet(
            bytes(batch.content), batch.filename, lambda done: report(done * READ_BY // 100)
        )
    except SheetRefused as refused:
        return _wrong([CellError(refused.row, refused.column, "", refused.reason)], rows=0)
    span = MADE_BY - READ_BY
    rows, errors = rows_of(sheet, batch.table, lambda done: report(READ_BY + done * span // 100))
    report(MADE_BY)
    return rehearsed(
        batch.table,
        rows,
        errors,
        today=date.fromisoformat(payload["today"]),
        may_force=batch.created_by.has_perm(FORCE),
    )


def keep_judgement(payload: dict[str, Any], judged: Judgement) -> None:
    """Keep what a file would do on its batch, and its changes as a draft of who uploaded it."""
    batch = ImportBatch.objects.select_for_update().defer("content").get(pk=payload["batch"])
    batch.report = {
        "counts": judged.counts,
        "errors": [asdict(error) for error in judged.errors[:MOST_LISTED]],
        "rows": judged.rows,
        "totals": judged.totals,
        "revision": judged.revision,
    }
    batch.state = State.REFUSED if judged.errors else State.READ
    if judged.changes:
        title = _("Import of %(file)s into %(table)s") % {
            "file": batch.filename,
            "table": kinds()[batch.table]._meta.verbose_name_plural,
        }
        batch.case = draft_case(judged.changes, title=title[:200], actor=batch.created_by)
    batch.save(update_fields=["report", "state", "case"])


def rehearsed(
    kind: str, rows: list[Row], errors: list[CellError], *, today: date, may_force: bool = False
) -> Judgement:
    """Judge rows by posting them and taking them back; errors of cells are known already.

    Where some rows are wrong, the others are held to the limits without them.
    A row that sets a rule aside is wrong unless its sender `may_force` one; a reason
    that is on record just so is kept, as by an empty cell.
    """
    if not may_force:
        _leave_carried(kind, rows)
    records = [row.record for row in rows]
    own = commitment_of({"kind": kind, "data": record} for record in records)
    commitment = own or Commitment.objects.filter(is_default=True).first()
    newest = newest_point(today).revision
    ragged = len({error.row for error in errors} - {None, 1, *(row.number for row in rows)})
    before = _figures(commitment, today)
    recorder = _recorder()
    with transaction.atomic():
        try:
            with transaction.atomic():
                refusals = recorder.record(kind, records)
                refusals += recorder.broken_rules()
        except IntegrityError:
            words = _("together these rows would break a rule of the register")
            refusals = [Refusal(kind, "", "", words)]
        forced = [] if may_force else _forced(kind, rows, recorder.outcome)
        is_wrong = bool(refusals or errors or forced)
        after = {} if is_wrong else _figures(commitment, today)
        computed = {} if is_wrong else _computed(kind, records, recorder)
        transaction.set_rollback(True)
    if is_wrong:
        errors = [*errors, *forced]
        told = _errors_of(refusals, rows, kind, partial=bool(errors))
        named = {row.record[kinds()[kind].NATURAL_KEY] for row in rows}
        by_themselves = bool(errors) or any(refusal.ref in named for refusal in refusals)
        errors += told
        if by_themselves:
            errors += _beyond_limits(kind, rows, errors)
        errors.sort(key=lambda error: error.row or 0)
        return _wrong(errors, rows=len(rows) + ragged)
    judged = _differing(kind, rows, recorder.outcome, computed)
    judged.totals = [
        _total(key, before[key], after[key])
        for key in before
        if key in LADDER or _bounds(before[key]) != _bounds(after[key])
    ]
    judged.revision = newest
    return judged


def _recorder() -> Recorder:
    return Recorder(
        lambda: post_revision(kind=Revision.Kind.IMPORT, actor=None, reason="rehearsal"),
        loading=False,
    )


def _leave_carried(kind: str, rows: Sequence[Row]) -> None:
    """Leave out of rows what a correction keeps by saying nothing, where it is as on record."""
    key = kinds()[kind].NATURAL_KEY
    for name in _carried(kind):
        said = [row.record for row in rows if row.record.get(name)]
        stored = stored_records([{"kind": kind, "data": record} for record in said])
        for record in said:
            if stored.get((kind, record[key]), {}).get(name) == record[name]:
                del record[name]


def _carried(kind: str) -> frozenset[str]:
    found: frozenset[str] = getattr(kinds()[kind], "CARRIED", frozenset())
    return found


def _forced(kind: str, rows: Sequence[Row], outcome: Outcome) -> list[CellError]:
    """The rows that set a rule aside, those left out that are on record just so."""
    same, key = _keys(outcome.unchanged), kinds()[kind].NATURAL_KEY
    words = _("only an administrator sets a rule aside: leave this empty")
    return [
        _cell(row, "override_reason", words)
        for row in rows
        if row.record.get("override_reason")
        and not row.record.get("reverses")  # refused whoever sends it
        and row.record[key] not in same
    ]


def _beyond_limits(kind: str, rows: list[Row], errors: Sequence[CellError]) -> Iterator[CellError]:
    """What the sound rows of a file break together, when its wrong rows are left out."""
    wrong = {error.row for error in errors}
    sound = [row for row in rows if row.number not in wrong]
    if None in wrong or not wrong or not sound:
        return
    recorder = _recorder()
    with transaction.atomic():
        try:
            with transaction.atomic():
                refused = recorder.record(kind, [row.record for row in sound])
                broken = [] if refused else recorder.broken_rules()
        except IntegrityError:
            broken = []  # told once the wrong rows are mended
        transaction.set_rollback(True)
    words = _("%(reason)s (rows that are wrong are not counted)")
    for error in _errors_of(broken, sound, kind, partial=False):
        yield replace(error, reason=words % {"reason": error.reason})


def _keys(lines: Sequence[str]) -> set[str]:
    """The keys of the records that an outcome lists as "kind key"."""
    return {line.partition(" ")[2] for line in lines}


def _computed(
    kind: str, records: Sequence[Mapping[str, Any]], recorder: Recorder
) -> dict[str, tuple[FieldChange, ...]]:
    """What the register set itself in the rows that are listed, by their keys."""
    if recorder.posted is None:
        return {}
    same, key = _keys(recorder.outcome.unchanged), kinds()[kind].NATURAL_KEY
    listed = [record for record in records if record[key] not in same][:MOST_LISTED]
    changes = [{"kind": kind, "data": record} for record in listed]
    found = computed_changes(changes, posted=recorder.posted)
    return {record[key]: fields for record, fields in zip(listed, found, strict=True)}


def _differing(
    kind: str,
    rows: Sequence[Row],
    outcome: Outcome,
    computed: Mapping[str, tuple[FieldChange, ...]],
) -> Judgement:
    same, key = _keys(outcome.unchanged), kinds()[kind].NATURAL_KEY
    alone = same | _keys(outcome.added)
    others = [row.record for row in rows if row.record[key] not in alone]
    stored = stored_records([{"kind": kind, "data": record} for record in others])
    judged = Judgement()
    new = 0
    for row in rows:
        name = row.record[key]
        if name in same:
            continue
        old = stored.get((kind, name))
        record = row.record if old is None else _with_emptied(kind, row.record, old)
        new += old is None
        judged.changes.append({"kind": kind, "data": record, "before": old})
        if len(judged.rows) < MOST_LISTED:
            differs = (*record_change(kind, record, old).fields, *computed.get(name, ()))
            fields = {f.name: [_shown(f.old), _shown(f.new)] for f in differs}
            judged.rows.append(
                {"row": row.number, "ref": name, "new": old is None, "fields": fields}
            )
    judged.counts = {
        "rows": len(rows),
        "new": new,
        "changed": len(judged.changes) - new,
        "same": len(rows) - len(judged.changes),
        "error": 0,
    }
    return judged


def _with_emptied(kind: str, record: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """Say outright which fields an empty cell takes a value away from, so that people see it.

    Not so where the register fills what is left empty, or keeps it.
    """
    filled = (*filled_by(kinds()[kind]), *_carried(kind))
    emptied = {
        column.name: column.empty
        for column in columns_of(kind)
        if column.name not in (*record, *filled) and old.get(column.name) != column.empty
    }
    return {**record, **emptied}


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(str, value))[:CELL_SHOWN]
    return "" if value is None else str(value)[:CELL_SHOWN]


def _errors_of(
    refusals: Sequence[Refusal], rows: Sequence[Row], kind: str, *, partial: bool
) -> list[CellError]:
    """Refusals by row, column and value.

    Where some rows cannot be read, or are refused each by itself, what is wrong
    with several together says nothing yet.
    """
    key = kinds()[kind].NATURAL_KEY
    by_key = {row.record[key]: row for row in rows} if refusals else {}
    of_rows = [refusal for refusal in refusals if refusal.ref in by_key]
    of_several = [refusal for refusal in refusals if refusal.ref not in by_key]
    errors = []
    filled = filled_by(kinds()[kind])
    for refusal in of_rows:
        row = by_key[refusal.ref]
        unread = filled.get(refusal.field) in row.wrong and not row.cell(refusal.field)
        if refusal.field not in row.wrong and not unread:
            errors.append(_cell(row, refusal.field, refusal.message))
    if partial or errors:
        return errors
    for refusal in of_several:
        text = f"{refusal.ref}: {refusal.message}" if refusal.ref else refusal.message
        found = by_key.get(refusal.at) or _last_naming(refusal.ref, rows)
        if found is None:
            errors.append(CellError(None, refusal.field, "", text))
        else:
            errors.append(_cell(found, refusal.field, text))
    return errors


def refused_cells(case: ApprovalCase | None, refused: CaseRefused) -> list[CellError]:
    """Where in its file an imported case is refused; nothing of another case.

    The file is read again: refusals after it was judged are rare, and its rows many.
    """
    batch = case and ImportBatch.objects.filter(case=case).first()
    if not batch or not refused.refusals:
        return []
    sheet = read_sheet(bytes(batch.content), batch.filename, lambda _done: None)
    rows, _errors = rows_of(sheet, batch.table, lambda _done: None)
    return _errors_of(refused.refusals, rows, batch.table, partial=False)


def _cell(row: Row, column: str, reason: str) -> CellError:
    return CellError(row.number, column, row.cell(column)[:CELL_SHOWN], reason)


def _last_naming(ref: str, rows: Sequence[Row]) -> Row | None:
    """The last row that speaks of a project or a notice, with which it went wrong."""
    for row in reversed(rows):
        if ref and ref in (row.record.get("project"), row.record.get("notice")):
            return row
    return None


def _wrong(errors: list[CellError], *, rows: int) -> Judgement:
    wrong = len({error.row for error in errors if error.row})
    return Judgement(errors=errors, counts={"rows": rows, "error": wrong, "errors": len(errors)})


def _figures(commitment: Commitment | None, today: date) -> dict[str, Figure]:
    if commitment is None:
        return {}
    record = CommitmentRecord(commitment, newest_point(today))
    return {key: evaluate(BY_KEY[key], record, Scope()) for key in (*LADDER, *TOTALS)}


def _total(key: str, before: Figure, after: Figure) -> dict[str, Any]:
    return {"key": key, "before": _bounds(before), "after": _bounds(after)}


def _bounds(figure: Figure) -> dict[str, str | None]:
    low, high = figure.bounds.low, figure.bounds.high
    return {
        "low": None if low is None else str(low),
        "high": None if high is None else str(high),
        "reason": str(figure.reason) if figure.reason else None,
    }


def _note(batch: ImportBatch, action: str, actor: User) -> None:
    AuditEntry.objects.create(
        actor=actor,
        action=action,
        kind="importbatch",
        ref=str(batch.pk),
        after={"table": batch.table, "filename": batch.filename, "sha256": batch.sha256},
    )
