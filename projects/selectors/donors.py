"""The stored donor library, read from `fixtures/backtest/`."""

from functools import cache
from pathlib import Path

import numpy as np

from projects.calculations.donors import Library

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "backtest"
DONORS = FOLDER / "donors.npz"


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
