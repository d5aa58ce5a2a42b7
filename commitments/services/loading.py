"""Loading the curated facts: JSON files a person can review and edit."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

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


def load_register(folder: Path, *, reason: str) -> LoadReport:
    """Bring the register up to the files of a folder, as one revision or none.

    Raise LoadRefused, with every reason, when a record cannot be taken.
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
        if refusals:
            raise LoadRefused(refusals)
        return LoadReport(recorder.posted, recorder.outcome, refusals)


def read_records(folder: Path) -> tuple[dict[str, list[dict[str, Any]]], list[Refusal]]:
    """Return the records of every JSON file below a folder, by kind, and what is malformed."""
    records: dict[str, list[dict[str, Any]]] = {}
    refusals: list[Refusal] = []
    first_seen: dict[tuple[str, str], str] = {}
    for path in sorted(folder.rglob("*.json")):
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
        content = json.loads(path.read_text(encoding="utf-8"), parse_float=str)
    except ValueError as error:
        refusals.append(Refusal("file", name, "content", f"not JSON: {error}"))
        return
    model = kinds().get(content.get("kind", "")) if isinstance(content, dict) else None
    if model is None:
        refusals.append(Refusal("file", name, "kind", "names no kind of record"))
        return
    for number, record in enumerate(content.get("records", []), start=1):
        key = record.get(model.NATURAL_KEY) if isinstance(record, dict) else None
        if not key:
            refusals.append(
                Refusal("file", name, f"record {number}", f"has no {model.NATURAL_KEY}")
            )
            continue
        yield content["kind"], key, record
