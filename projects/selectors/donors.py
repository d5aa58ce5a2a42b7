"""The development data and the donor library, read from `fixtures/backtest/`."""

import csv
import gzip
import io
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np

from projects.calculations.donors import Library, Operation, month_number

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "backtest"
DONORS = FOLDER / "donors.npz"
END = month_number(date(2011, 12, 1))  # the data's last month


def development_operations(folder: Path = FOLDER) -> list[Operation]:
    """The operations with a single approval, each with its payments by month."""
    paid: defaultdict[str, dict[int, float]] = defaultdict(dict)
    for row in _rows(folder / "wb_disbursements.csv.gz"):
        month = month_number(date.fromisoformat(f"{row['month']}-01"))
        of_project = paid[row["project_id"]]
        of_project[month] = of_project.get(month, 0.0) + float(row["amount_usd"])
    return [
        Operation(
            id=row["project_id"],
            commitment=float(row["commitment_usd"]),
            approved=month_number(date.fromisoformat(row["approval_date"])),
            paid=paid[row["project_id"]],
        )
        for row in _rows(folder / "wb_projects.csv.gz")
        if row["single_approval"] == "1"
    ]


@cache
def donor_library() -> Library:
    """The stored library, observed to the data's end; read once in a process."""
    with np.load(DONORS, allow_pickle=False) as stored:
        return Library(
            ids=tuple(stored["ids"].tolist()),
            commitments=stored["commitments"],
            approved=stored["approved"],
            shares=stored["shares"],
            seen=stored["seen"],
            weights=np.ones(len(stored["ids"])),
        )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    text = gzip.decompress(path.read_bytes()).decode("utf-8")
    yield from csv.DictReader(io.StringIO(text, newline=""))
