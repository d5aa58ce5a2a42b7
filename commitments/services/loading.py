"""Loading the curated facts: JSON files a person can review and edit."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from commitments.calculations.strict_json import parse_json
from commitments.models import Revision
from commitments.services.register import Outcome, Recorder, Refusal, kinds
from commitments.services.revisions import post_revision


@dataclass(frozen=True)
class LoadReport:
    """What a load did: the revision it posted, if any, and what became of each record."""

    revision: Revision | None
    outcome: Outcome
    refusals: list[Refusal]


class LoadRefused(Exception):
    """The files hold records that cannot be taken; nothing was written."""

    def __init__(self, refusals: list[Refusal]) -> None:
        self.refusals = refusals
        super().__init__(f"{len(refusals)} records refused")


def load_register(
    folder: Path, *, reason: str, answers_for: Callable[[str], bool] = bool
) -> LoadReport:
    """Bring the register up to the files of a folder, as one revision or none.

    `answers_for` says of a ref whether it should stand in these files, so that
    only such are reported as gone; all by default. Raise LoadRefused, with
    every reason, when a record cannot be taken.
    """
    records, refusals = read_records(folder)
    if refusals:
        raise LoadRefused(refusals)
    with transaction.atomic():
        recorder = Recorder(
            lambda: post_revision(kind=Revision.Kind.LOAD, actor=None, reason=reason),
            loading=True,
        )
        for kind in kinds():
            refusals += recorder.record(kind, records.get(kind, []))
        if refusals := refusals or recorder.broken_rules():
            raise LoadRefused(refusals)
        outcome = recorder.outcome
        outcome.gone = [line for line in outcome.gone if answers_for(line.split(" ", 1)[1])]
        return LoadReport(recorder.posted, outcome, refusals)


def read_records(folder: Path) -> tuple[dict[str, list[dict[str, Any]]], list[Refusal]]:
    """Return the records of every JSON file below a folder, by kind, and what is malformed."""
    records: dict[str, list[dict[str, Any]]] = {}
    refusals: list[Refusal] = []
    first_seen: dict[tuple[str, str], str] = {}
    for path in sorted(p for p in folder.rglob("*.json") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        for kind, key, record in _records_of(path, name, refusals):
            if (kind, key) in first_seen:
                places = f"{first_seen[kind, key]} and {name}"
                refusals.append(Refusal(kind, key, "ref", f"stands twice, in {places}"))
            first_seen[kind, key] = name
            records.setdefault(kind, []).append(record)
    return records, refusals


def _records_of(
    path: Path, name: str, refusals: list[Refusal]
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    try:
        content = parse_json(path.read_text(encoding="utf-8"))
    except ValueError as error:
        refusals.append(Refusal("file", name, "content", f"not JSON: {error}"))
        return
    kind = content.get("kind") if isinstance(content, dict) else None
    model = kinds().get(kind) if isinstance(kind, str) else None
    if kind is None or model is None:
        refusals.append(Refusal("file", name, "kind", "names no kind of record"))
        return
    for unknown in sorted(content.keys() - {"kind", "records"}):
        refusals.append(Refusal("file", name, str(unknown), "no such field of a file"))
    records = content.get("records")
    if not isinstance(records, list):
        refusals.append(Refusal("file", name, "records", "must be a list of records"))
        return
    for number, record in enumerate(records, start=1):
        place, natural = f"record {number}", model.NATURAL_KEY
        key = record.get(natural) if isinstance(record, dict) else None
        if not isinstance(record, dict):
            refusals.append(Refusal("file", name, place, "is not an object of fields"))
        elif not isinstance(key, str) or not key:
            refusals.append(Refusal("file", name, place, f"has no {natural} in words"))
        else:
            yield kind, key, record
