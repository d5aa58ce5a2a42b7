"""The backtest as it was last kept, read from `fixtures/backtest/`."""

import json
from functools import cache
from typing import Any

from projects.selectors.donors import FOLDER

RESULTS = FOLDER / "results.json"


@cache
def kept_backtest() -> dict[str, Any]:
    """The rows of the kept table with the tasks, paths and model that made them."""
    found: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return found
