"""Measure the product against floors in the same run and print one table.

What reads a register is measured on a throwaway Postgres of its own, which is
started and filled for that alone. Ends with 1 when a ratio is over its limit.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
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
OF_REGISTER = (*OF_BOTH_SIZES, *OF_EACH_SIZE)
OF_NO_SIZE = ("forecast.fan",)  # reads no register


def main() -> int:
    """Print a line for each measurement; return 1 when a ratio is over its limit."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--projects", type=int, default=200)
    parser.add_argument("--entries", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--only", nargs="+", default=[], help="parts of names of measurements")
    options = parser.parse_args()
    of_register, of_none = (_wanted(names, options.only) for names in (OF_REGISTER, OF_NO_SIZE))
    if not of_register and not of_none:
        parser.error(f"no measurement is named so: {', '.join(options.only)}")
    print(HEADER, flush=True)
    over = 0
    with ExitStack() as stack:
        for line in _lines(stack, of_none, of_register, options.projects, options.entries):
            print(line, flush=True)
            over += line.is_over
    print("every limit is kept" if not over else f"{over} over the limit")
    return 1 if over else 0


def _wanted(names: Iterable[str], only: Sequence[str]) -> list[str]:
    """The measurements of which a part is named; all where none is."""
    return [name for name in names if not only or any(part in name for part in only)]


def _lines(
    stack: ExitStack,
    of_none: Sequence[str],
    of_register: Sequence[str],
    projects: int,
    sizes: Sequence[int],
) -> Iterator[Line]:
    """Measure what reads no register in a process without one, then the rest on every size."""
    if of_none:
        bare = Session()
        stack.callback(bare.end)
        yield from (bare.call(name) for name in of_none)
    if of_register:
        yield from _lines_of_register(_sessions(stack, projects, sizes), of_register)


def _sessions(stack: ExitStack, projects: int, sizes: Sequence[int]) -> list[Session]:
    """A filled register of each size, smallest first."""
    server = stack.enter_context(postgres())
    sessions = []
    for entries in sorted(sizes):
        address = _database(server, f"entries_{entries}")
        sessions.append(Session(address, projects, entries))
        stack.callback(sessions[-1].end)
    for session in sessions:
        session.wait()
    return sessions


def _database(server: str, name: str) -> str:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{server.rpartition('/')[0]}/{name}"


def _lines_of_register(sessions: Sequence[Session], names: Sequence[str]) -> Iterator[Line]:
    for name in names:
        if name not in OF_BOTH_SIZES:
            yield from (session.call(name, session.entries) for session in sessions)
        elif len(sessions) > 1:
            yield _growth(sessions[0], sessions[-1], name, OF_BOTH_SIZES[name])


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
