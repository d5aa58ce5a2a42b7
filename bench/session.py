"""A process that measures, on a register of its own size where it needs one."""

import concurrent.futures
import importlib
import multiprocessing
import os
import sys
import tempfile
from typing import Any


class Session:
    """A process that measures one call at a time; given an address it fills that database first."""

    def __init__(self, address: str = "", projects: int = 0, entries: int = 0) -> None:
        self.entries = entries
        self._pool = concurrent.futures.ProcessPoolExecutor(
            1, mp_context=multiprocessing.get_context("spawn")
        )
        self._ready = self._pool.submit(_begin, address, projects, entries)

    def wait(self) -> None:
        """Return once the process is ready; raise what went wrong there."""
        self._ready.result()

    def call(self, name: str, *args: Any) -> Any:
        """Call a function of the bench by its dotted name in the process; return its answer."""
        return self._pool.submit(_call, name, args).result()

    def end(self) -> None:
        self._pool.shutdown(cancel_futures=True)


def _begin(address: str, projects: int, entries: int) -> None:
    if address:
        os.environ["DATABASE_URL"] = address
    os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="bench-")
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    if address:
        _fill(projects, entries)


def _fill(projects: int, entries: int) -> None:
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    from bench.generate import generate

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")  # a page's limit, too short for a million rows
    print(f"generating {projects} projects and {entries:,} entries", file=sys.stderr, flush=True)
    generate(projects, entries)


def _call(name: str, args: tuple[Any, ...]) -> Any:
    module, _, function = name.rpartition(".")
    return getattr(importlib.import_module(f"bench.{module}"), function)(*args)
