"""Production refuses to start half-configured; the locks carry versions and hashes alone."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMPLETE = {
    "MODE": "production",
    "SECRET_KEY": "k" * 60,
    "DATABASE_URL": "postgres://u:p@127.0.0.1:5432/none",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "ALLOWED_HOSTS": "example.org",
}


def start(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
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
    last = refused.stderr.strip().splitlines()[-1]
    assert refused.returncode != 0
    assert last.startswith(f"django.core.exceptions.ImproperlyConfigured: {missing} is not set")


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
