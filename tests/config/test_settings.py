"""Production refuses to start half-configured; the locks carry versions and hashes alone."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders import make_register

ROOT = Path(__file__).resolve().parents[2]
COMPLETE = {
    "MODE": "production",
    "SECRET_KEY": "k" * 60,
    "DATABASE_URL": "postgres://u:p@127.0.0.1:5432/none",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "ALLOWED_HOSTS": "example.org",
}


START = ("-c", "import django; django.setup()")


def start(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *(command or START)],
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "config.settings",
            **environment,
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_with_everything_it_needs():
    assert start(COMPLETE).returncode == 0


@pytest.mark.parametrize("missing", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS"])
def test_production_names_what_is_missing(missing):
    environment = {name: value for name, value in COMPLETE.items() if name != missing}
    refused = start(environment)
    [line] = refused.stderr.strip().splitlines()
    assert refused.returncode != 0
    assert line.startswith(f"Cannot start: {missing} is not set")


@pytest.mark.parametrize(
    "command",
    [
        ("manage.py", "check"),
        ("manage.py", "load_register"),
        ("-m", "celery", "-A", "config", "worker"),
        ("-c", "import config.wsgi"),
    ],
)
def test_whatever_starts_half_configured_says_so_in_one_line(command):
    refused = start({"MODE": "production"}, *command)
    [line] = refused.stderr.strip().splitlines()
    assert refused.returncode == (3 if "config.wsgi" in command[-1] else 1)
    assert line.startswith("Cannot start: SECRET_KEY is not set")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("MODE", "prod", "neither embedded nor production"),
        ("SECRET_KEY", "short", "shorter than 50"),
        ("NUM_PROXIES", "one", "not a whole number"),
    ],
)
def test_a_wrong_value_is_named(name, value, words):
    refused = start({**COMPLETE, name: value})
    assert refused.returncode != 0
    assert words in refused.stderr.strip().splitlines()[-1]


def test_every_dependency_has_its_reason():
    text = (ROOT / "pyproject.toml").read_text()
    lines = re.findall(r'^    "[A-Za-z][^"]*",.*$', text, re.MULTILINE)
    dependencies = [line for line in lines if re.search(r"[<>=]", line.split('"')[1])]
    assert len(dependencies) > 20
    assert [line for line in dependencies if "# " not in line] == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_locks_carry_hashes_and_no_address(name):
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert "--index" not in text
    pinned = re.findall(r"^[a-z0-9][\w.-]*==", text, re.MULTILINE | re.IGNORECASE)
    assert len(pinned) > 30
    assert text.count("--hash=sha256:") >= len(pinned)


def told_by_settings(environment: dict[str, str], expression: str) -> str:
    """What an expression over the settings says in a process with this environment."""
    code = f"from django.conf import settings; print({expression})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "config.settings",
            **environment,
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    "address", ["localhost:5432", "postgres://u:p@host:port/none", "oracle-db://u:p@host/none"]
)
def test_a_wrong_address_of_the_database_is_named_without_its_password(address):
    refused = start({**COMPLETE, "DATABASE_URL": address})
    last = refused.stderr.strip().splitlines()[-1]
    assert refused.returncode != 0
    assert "DATABASE_URL is not the address of a database" in last
    assert "u:p@" not in last


def test_production_refuses_sqlite():
    refused = start({**COMPLETE, "DATABASE_URL": "sqlite:////tmp/tracker.sqlite3"})
    assert refused.returncode != 0
    assert "DATABASE_URL is not of Postgres" in refused.stderr.strip().splitlines()[-1]


def test_options_of_the_database_address_stand_beside_our_timeouts():
    address = COMPLETE["DATABASE_URL"] + "?sslmode=require"
    options = told_by_settings(
        {**COMPLETE, "DATABASE_URL": address}, "settings.DATABASES['default']['OPTIONS']"
    )
    assert "'sslmode': 'require'" in options
    assert "statement_timeout=15000" in options
    assert "lock_timeout=5000" in options


@pytest.mark.parametrize(
    ("broker", "cache"),
    [
        ("redis://:secret@redis:6379/0", "redis://:secret@redis:6379/1"),
        ("redis://redis:6379", "redis://redis:6379/1"),
    ],
)
def test_the_cache_takes_another_database_of_the_same_redis(broker, cache):
    location = "settings.CACHES['default']['LOCATION']"
    assert told_by_settings({**COMPLETE, "REDIS_URL": broker}, location) == cache
    assert told_by_settings({**COMPLETE, "CACHE_URL": "redis://c/0"}, location) == "redis://c/0"


def test_sqlite_and_jobs_are_set_as_promised(tmp_path):
    options = told_by_settings(
        {"VAR_DIR": str(tmp_path)}, "settings.DATABASES['default']['OPTIONS']"
    )
    for promised in ("IMMEDIATE", "journal_mode=WAL", "foreign_keys=ON", "recursive_triggers=ON"):
        assert promised in options
    jobs = told_by_settings(
        COMPLETE,
        "settings.CELERY_TASK_ACKS_LATE, settings.CELERY_WORKER_PREFETCH_MULTIPLIER, "
        "settings.CELERY_TASK_IGNORE_RESULT, settings.CELERY_ACCEPT_CONTENT, "
        "settings.CELERY_BROKER_TRANSPORT_OPTIONS['socket_timeout'], "
        "settings.CELERY_TASK_PUBLISH_RETRY_POLICY['max_retries']",
    )
    assert jobs == "False 1 True ['json'] 5 1"


def test_the_secret_of_an_embedded_installation_is_made_once_and_readable_to_its_owner(tmp_path):
    first = told_by_settings({"VAR_DIR": str(tmp_path)}, "settings.SECRET_KEY")
    again = told_by_settings({"VAR_DIR": str(tmp_path)}, "settings.SECRET_KEY")
    assert first == again
    assert len(first) >= 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_workers_log_the_lines_the_settings_describe():
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import logging, config.celery as c; c.app.log.setup();"
            "logging.getLogger('celery.task').info('one\\ntwo')",
        ],
        env={"PATH": os.environ["PATH"], **COMPLETE},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    [line] = done.stderr.strip().splitlines()
    assert json.loads(line)["message"] == "one\ntwo"


@pytest.mark.django_db
def test_a_reader_may_follow_every_address_of_the_api_twice_in_a_minute(client):
    make_register()
    rate = "settings.REST_FRAMEWORK['DEFAULT_THROTTLE_RATES']['burst']"
    count, period = told_by_settings(COMPLETE, rate).split("/")
    addresses = len(client.get("/api/v1/").json()["links"])
    assert addresses > 40
    assert (period, int(count) >= 2 * addresses) == ("min", True)
