"""docker-compose.yml is production: what it must say, one by one."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
APP = ("migrate", "web", "worker", "beat")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def test_the_services_are_those_of_production(services):
    assert set(services) == {"db", "redis", *APP}


def test_database_and_broker_publish_no_ports_and_have_passwords(services):
    for name in ("db", "redis"):
        assert "ports" not in services[name]
        assert services[name]["healthcheck"]["test"]
    assert ":?" in services["db"]["environment"]["POSTGRES_PASSWORD"]
    assert any(":?" in part for part in services["redis"]["command"])


def test_secrets_must_be_given(services):
    for name in APP:
        environment = services[name]["environment"]
        assert "${SECRET_KEY:?" in environment["SECRET_KEY"]
        assert "${REDIS_PASSWORD:?" in environment["REDIS_URL"]
        assert environment["MODE"] == "production"


def test_only_the_migration_owns_the_tables(services):
    owner = services["db"]["environment"]["POSTGRES_USER"]
    migrate = services["migrate"]
    assert migrate["environment"]["DATABASE_URL"].startswith(
        f"postgres://{owner}:${{POSTGRES_PASSWORD:?"
    )
    command = migrate["command"][-1]
    for name in ("web", "worker", "beat"):
        address = services[name]["environment"]["DATABASE_URL"]
        role = address.removeprefix("postgres://").split(":")[0]
        assert role != owner
        assert address.startswith(f"postgres://{role}:${{APP_PASSWORD:?")
        assert command.index("migrate") < command.index(f"grant_rights {role}")
        assert "POSTGRES_PASSWORD" not in str(services[name])


def test_app_containers_are_locked_down(services):
    for name in APP:
        service = services[name]
        assert service["user"] not in ("", "0", "root")
        assert service["read_only"] is True
        assert service["tmpfs"] == ["/tmp"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["mem_limit"]


def test_migrations_run_once_before_everything_else(services):
    assert services["migrate"]["restart"] == "no"
    assert services["migrate"]["depends_on"]["db"] == {"condition": "service_healthy"}
    for name in ("web", "worker", "beat"):
        waits = services[name]["depends_on"]
        assert waits["migrate"] == {"condition": "service_completed_successfully"}
        assert waits["redis"] == {"condition": "service_healthy"}


def test_two_workers_stop_gently_and_there_is_one_beat(services):
    assert services["worker"]["deploy"]["replicas"] >= 2
    assert services["worker"]["stop_grace_period"] == "30s"
    assert services["beat"]["deploy"]["replicas"] == 1


def test_every_setting_of_the_readme_reaches_the_containers(services):
    table = (ROOT / "README.md").read_text().split("| variable |")[1].split("\n\n")[0]
    named = {name for row in table.splitlines() for name in re.findall(r"`([A-Z_]{4,})`", row)}
    assert len(named) > 10
    for name in APP:
        assert named - {"VAR_DIR", "WARNING"} <= services[name]["environment"].keys()


def test_a_worker_that_misses_three_pings_is_ended(services, tmp_path):
    shell, script = services["worker"]["healthcheck"]["test"]
    assert (shell, services["worker"]["restart"]) == ("CMD-SHELL", "unless-stopped")
    told = (tmp_path / "killed", tmp_path / "celery")
    script = script.replace("$$", "$").replace("/tmp/missed", str(tmp_path / "missed"))
    script = script.replace("kill -QUIT 1", f"echo >> {told[0]}").replace("celery ", f"{told[1]} ")

    def pinged(answer: str) -> tuple[int, bool]:
        told[1].write_text(f"#!/bin/sh\nexit {answer}\n")
        told[1].chmod(0o755)
        done = subprocess.run(["/bin/sh", "-c", script], check=False, env={"PATH": "/usr/bin:/bin"})
        return done.returncode, told[0].exists()

    assert [pinged(answer) for answer in "110111"] == [
        *((1, False), (1, False), (0, False)),
        *((1, False), (1, False), (1, True)),
    ]


def test_redis_keeps_what_it_is_given(services):
    command = " ".join(services["redis"]["command"])
    assert "--appendonly yes --appendfsync everysec --maxmemory-policy noeviction" in command


def test_volumes_are_named(services):
    whole = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    used = {v.split(":")[0] for s in services.values() for v in s.get("volumes", [])}
    assert used == set(whole["volumes"]) == {"postgres-data", "redis-data"}


SECRETS = ("SECRET_KEY", "ALLOWED_HOSTS", "POSTGRES_PASSWORD", "APP_PASSWORD", "REDIS_PASSWORD")


def compose_config(given: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """What docker-compose says of the file; it needs no engine for that."""
    command = shutil.which("docker-compose")
    if command is None:
        pytest.skip("docker-compose is not on this machine")
    return subprocess.run(
        [command, "-f", str(ROOT / "docker-compose.yml"), "config", "-q"],
        env={"PATH": "/usr/bin:/bin", **dict.fromkeys(given, "x")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_compose_itself_accepts_the_file():
    done = compose_config(SECRETS)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("missing", SECRETS)
def test_compose_refuses_to_start_without_a_secret(missing):
    done = compose_config(tuple(name for name in SECRETS if name != missing))
    assert done.returncode != 0
    assert f"set {missing}" in done.stderr


def test_the_image_copies_every_room_and_runs_as_nobody_special():
    text = (ROOT / "Dockerfile").read_text()
    for room in ("config", "commitments", "projects", "tariffs", "dashboard", "templates"):
        assert f"COPY {room} {room}" in text
    assert "USER tracker" in text
    assert "--require-hashes" in text
