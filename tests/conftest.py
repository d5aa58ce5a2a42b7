"""What every test stands on: the database asked for, the services, the browser."""

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st


def on_postgres() -> bool:
    from django.db import connection

    return connection.vendor == "postgresql"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One process a core, and one more where tests wait for workers and beat."""
    return (os.cpu_count() or 1) + (os.environ.get("REQUIRE_SERVICES") == "1")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what needs Postgres on SQLite, saying so; fail instead where services are required.

    On Postgres leave out what knows no database or only renders what it holds: it ran on SQLite,
    and would run the same.
    """
    if on_postgres() or os.environ.get("REQUIRE_SERVICES") == "1":
        knowing = [item for item in items if _knows_a_database(item)]
        if knowing:  # a file that knows none, asked for by name, is run all the same
            config.hook.pytest_deselected(items=[i for i in items if not _knows_a_database(i)])
            items[:] = knowing
        return
    reason = "needs Postgres: run with TEST_DATABASE=postgres"
    for item in items:
        if item.get_closest_marker("pg") or item.get_closest_marker("redis"):
            item.add_marker(pytest.mark.skip(reason=reason))


def _knows_a_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("rendering"):
        return False
    marked = any(item.get_closest_marker(name) for name in ("django_db", "pg", "redis"))
    return marked or bool({"db", "transactional_db"} & set(getattr(item, "fixturenames", ())))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Do once in a process, before its first test, what would slow down tests it comes upon."""
    _collect_less_garbage()
    if any(hasattr(getattr(item, "obj", None), "hypothesis") for item in session.items):
        _draw_many_numbers()


def _collect_less_garbage() -> None:
    """Leave what is imported by now out of every collection: a tenth of the suite's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@settings(
    max_examples=2,  # the first is the simplest, of which nothing is drawn
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.lists(st.integers(), min_size=300, max_size=300))
def _draw_many_numbers(_numbers: list[int]) -> None:
    """Let Hypothesis read the project's modules before its first property.

    It reads them once in a process, for the constants in them, at whichever draw first asks for
    one: a second or more, for which that property would be called too slow. So many are drawn
    that one of them asks: each does so one time in twenty.
    """


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """Leave no test in the language of the one before it."""
    from django.utils import translation

    translation.activate("en")
    yield
    translation.activate("en")


@pytest.fixture(scope="session", autouse=True)
def _flush_with_guards() -> Iterator[None]:
    """Let a test's flush pass the triggers that nothing else may pass."""
    from django.core.management.commands import flush
    from django.db import connection

    from commitments.models import guards

    original = flush.Command.handle

    def handle(self: flush.Command, **options: object) -> None:
        guards.remove(connection)
        try:
            original(self, **options)
        finally:
            guards.install(connection)

    flush.Command.handle = handle  # type: ignore[method-assign]  # the one door for tests
    yield
    flush.Command.handle = original  # type: ignore[method-assign]  # as it was


@pytest.fixture(scope="session")
def _shipped(_flush_with_guards: None, django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """Load the shipped facts once, for tests to stand on."""
    from django.conf import settings
    from django.core.management import call_command

    from commitments.services.loading import load_register
    from tests import shipped

    folder = Path(settings.BASE_DIR) / "fixtures" / "register"
    with django_db_blocker.unblock():
        shipped.keep(
            ("register", lambda: load_register(folder, reason="test")),
            ("illustrative", lambda: call_command("load_illustrative", verbosity=0)),
        )
    yield
    with django_db_blocker.unblock():
        shipped.stand_on(None)


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef, request) -> None:
    """Put under a test what its fixtures name, before the transaction of the test begins."""
    if fixturedef.argname != "_django_db_helper":
        return
    from tests import shipped

    names = set(request.fixturenames)
    name = next((ground for ground in ("illustrative", "register") if ground in names), None)
    if name:
        marked = request.node.get_closest_marker("django_db")
        assert not (marked and marked.kwargs), "a test that commits loads what it stands on itself"
        request.getfixturevalue("_shipped")
    blocker = request.getfixturevalue("django_db_blocker")
    with blocker.unblock():
        shipped.stand_on(name)


@pytest.fixture
def register(db: None) -> None:
    """The shipped facts, loaded as revision 1."""


@pytest.fixture
def illustrative(db: None) -> None:
    """The shipped facts and, in a commitment of its own, the fictional scenario."""


@pytest.fixture
def redis_server() -> Iterator[object]:
    from tests.services import redis

    with redis() as server:
        yield server


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser of this machine; without one browser tests fail in CI and are skipped elsewhere."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    mac = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    if Path(mac).exists():
        return mac
    message = "no Chromium or Chrome on this machine"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)
