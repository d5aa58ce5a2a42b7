"""Run every measurement and print one table. Starts its own throwaway Postgres."""

import argparse
import concurrent.futures
import multiprocessing
import sys

from bench.session import measured
from tests.services import postgres


def main() -> int:
    """Measure at each size; return 1 when a ratio misses its limit."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--projects", type=int, default=200)
    parser.add_argument("--entries", type=int, nargs="+", default=[100_000, 1_000_000])
    options = parser.parse_args()
    lines, queries = [], []
    for entries in options.entries:
        with postgres() as address:
            child = _in_process(address, options.projects, entries)
        lines += child[0]
        queries.append(child[1])
    return report(lines, queries, options.entries)


def _in_process(address: str, projects: int, entries: int):
    """Measure in a process of its own, so that each size starts with a fresh database."""
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(measured, address, projects, entries).result()


def report(lines, queries, sizes) -> int:
    width = max(len(line.what) for line in lines)
    print(f"{'measurement':{width}}  {'entries':>10}  {'ms':>9}  {'floor ms':>9}  ratio  limit")
    missed = 0
    for line in lines:
        limit = "" if line.limit is None else f"{line.limit:.1f}"
        print(
            f"{line.what:{width}}  {line.size:>10,}  {line.seconds * 1000:>9.1f}  "
            f"{line.floor * 1000:>9.1f}  {line.ratio:>5.2f}  {limit}"
        )
        missed += line.limit is not None and line.ratio > line.limit
    if len(sizes) == 2:
        ratio = queries[1] / queries[0]
        print(
            f"overview queries at {sizes[1]:,} against {sizes[0]:,} entries: {ratio:.2f} (limit 1.2)"
        )
        missed += ratio > 1.2
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
