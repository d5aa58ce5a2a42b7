"""The forecast's fan against drawing its random numbers alone, and the memory it takes."""

import time
import tracemalloc
from datetime import date
from functools import partial

import numpy as np

from bench.lines import Line
from bench.timing import race
from projects.calculations.analogue import PATHS, Paths, Programme, draw
from projects.calculations.donors import month_number
from projects.selectors.development import development_operations
from projects.selectors.donors import donor_library

PROJECTS = 300
MONTHS = 30
ORIGIN = month_number(date(2006, 12, 31))
MOST_BYTES = 300_000_000
ROUNDS = 12


def fan() -> Line:
    """Draw the fan of 300 projects over 30 months, by turns with as many random numbers alone.

    The floor is one uniform number for each path, project and month. Both are
    CPU time of the process: neither waits for anything. Raise MemoryError when the fan takes more than 300 MB.
    """
    known = [o for o in development_operations() if o.approved <= ORIGIN][:PROJECTS]
    programme = Programme(month=ORIGIN, horizon=MONTHS, operations=tuple(known))
    run = partial(_fan, programme)
    peak = _peak_bytes(run)
    if peak > MOST_BYTES:
        raise MemoryError(f"the fan takes {peak / 1e6:,.0f} MB, more than {MOST_BYTES / 1e6:,.0f}")
    took, floor = race(run, _numbers, times=ROUNDS, clock=time.process_time)
    what = f"CPU of {PATHS:,} paths, {PROJECTS} projects, {MONTHS} months; floor: draws"
    return Line(what, 0, took, floor, limit=2.0)


def _fan(programme: Programme) -> Paths:
    return draw(programme, donor_library(), seed=1, months=range(1, MONTHS + 1))


def _numbers() -> None:
    """Draw a number for each path, project and month, a project at a time."""
    rng = np.random.Generator(np.random.PCG64(1))
    for _project in range(PROJECTS):
        rng.random((PATHS, MONTHS))


def _peak_bytes(run: partial[Paths]) -> int:
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
