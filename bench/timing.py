"""How time is taken on a machine that has other things to do."""

import gc
import time
from collections.abc import Callable
from functools import partial
from typing import Any

Clock = Callable[[], float]
Run = Callable[..., object]


def race(
    first: Run,
    second: Run,
    *,
    times: int,
    clock: Clock = time.perf_counter,
    prepare: Callable[[], Any] | None = None,
) -> tuple[float, float]:
    """Run two things by turns; return the least seconds of each.

    What else a machine does only ever adds, so the least is the nearest to the
    truth, and by turns both meet the same machine. Each runs once unmeasured.
    What `prepare` returns is handed to a run, and its making is not measured.
    """
    best = [float("inf"), float("inf")]
    for round_ in range(times + 1):
        for place, run in enumerate((first, second)):
            took = seconds(run if prepare is None else partial(run, prepare()), clock=clock)
            if round_:
                best[place] = min(best[place], took)
    return best[0], best[1]


def seconds(run: Run, *, clock: Clock = time.perf_counter) -> float:
    """Return how long one run takes, the rubbish of runs before swept away."""
    gc.collect()
    begin = clock()
    run()
    return clock() - begin
