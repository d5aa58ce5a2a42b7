"""Run every measurement and print one table. Starts its own throwaway Postgres."""

import argparse
import concurrent.futures
import multiprocessing
import sys

from bench.lines import HEADER, Line
from bench.session import measured
from tests.services import postgres


def main() -> int:
    """Measure at each size; return 1 when a ratio misses its limit."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--projects", type=int, default=200)
    parser.add_argument("--entries", type=int, nargs="+", default=[100_000, 1_000_000])
    options = parser.parse_args()
    print(HEADER, flush=True)
    sizes = []
    for entries in options.entries:
        with postgres() as address:
            sizes.append(_in_process(address, options.projects, entries))
    missed = sum(line.is_missed for lines in sizes for line in lines)
    if len(sizes) == 2:
        small, large = (lines[0] for lines in sizes)
        growth = Line(
            "overview queries, floor: at the smaller size",
            large.size,
            large.floor,
            small.floor,
            1.2,
        )
        print(growth)
        missed += growth.is_missed
    return 1 if missed else 0


def _in_process(address: str, projects: int, entries: int) -> list[Line]:
    """Measure in a process of its own, so that each size starts with a fresh database."""
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(measured, address, projects, entries).result()


if __name__ == "__main__":
    sys.exit(main())
