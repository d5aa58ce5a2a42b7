"""Measure the product against floors in the same run and print one table.

Starts its own throwaway Postgres. Ends with 1 when a ratio is over its limit.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import psycopg

from bench.lines import HEADER, Line
from bench.session import Session
from tests.services import postgres

ROUNDS = 8
OF_BOTH_SIZES = {
    "reads.overview_queries": 1.2,
    "reads.overview_queries_mid_history": None,  # adds the month's entries, which do grow
}
OF_EACH_SIZE = (
    *("reads.overview", "reads.overview_mid_history", "reads.overview_as_known_before"),
    *("reads.first_page", "reads.list_endpoint", "reads.list_queries"),
    *("writes.posting_one", "writes.posting_by_the_rules", "writes.posting_many"),
    *("writes.rebuild", "imports.importing", "imports.approving"),
)
OF_NO_SIZE = ("forecast.fan",)  # reads no register


def main() -> int:
    """Print a line for each measurement; return 1 when a ratio is over its limit."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--projects", type=int, default=200)
    parser.add_argument("--entries", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--only", nargs="+", default=[], help="parts of names of measurements")
    options = parser.parse_args()
    over = 0
    with ExitStack() as stack:
        server = stack.enter_context(postgres())
        sessions = []
        for entries in sorted(options.entries):
            address = _database(server, f"entries_{entries}")
            sessions.append(Session(address, options.projects, entries))
            stack.callback(sessions[-1].end)
        for session in sessions:
            session.wait()
        print(HEADER, flush=True)
        for line in _lines(sessions, options.only):
            print(line, flush=True)
            over += line.is_over
    print("every limit is kept" if not over else f"{over} over the limit")
    return 1 if over else 0


def _database(server: str, name: str) -> str:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{server.rpartition('/')[0]}/{name}"


def _lines(sessions: Sequence[Session], only: Sequence[str]) -> Iterator[Line]:
    def is_wanted(name: str) -> bool:
        return not only or any(part in name for part in only)

    for name, limit in OF_BOTH_SIZES.items():
        if is_wanted(name) and len(sessions) > 1:
            yield _growth(sessions[0], sessions[-1], name, limit)
    for name in OF_NO_SIZE:
        if is_wanted(name):
            yield sessions[0].call(name)
    for name in OF_EACH_SIZE:
        if is_wanted(name):
            for session in sessions:
                yield session.call(name, session.entries)


def _growth(small: Session, large: Session, name: str, limit: float | None) -> Line:
    """The overview's own statements at the larger size against the smaller, by turns."""
    best = {small: float("inf"), large: float("inf")}
    for _ in range(ROUNDS):
        for session in (small, large):
            best[session] = min(best[session], session.call(name))
    what = small.call(f"{name}_words", small.entries)
    return Line(what, large.entries, best[large], best[small], limit=limit)


if __name__ == "__main__":
    sys.exit(main())
