"""The bench: what it starts for what is asked, and the clock of the forecast's line."""

import time

import pytest

from bench import __main__ as bench
from bench import forecast
from bench.lines import Line


class Asked:
    """A process of the bench that measures nothing and keeps what it was asked for."""

    made: list["Asked"]

    def __init__(self, address: str = "", projects: int = 0, entries: int = 0) -> None:
        self.address, self.entries, self.names = address, entries, []
        Asked.made.append(self)

    def wait(self) -> None: ...

    def end(self) -> None: ...

    def call(self, name, *args):
        self.names.append(name)
        return Line(name, 0, 1.0, 1.0, limit=2.0)


@pytest.fixture(autouse=True)
def _no_processes(monkeypatch):
    Asked.made = []
    monkeypatch.setattr(bench, "Session", Asked)


def no_server():
    raise AssertionError("a database was started")


def test_what_reads_no_register_fills_none(monkeypatch):
    monkeypatch.setattr(bench, "postgres", no_server)
    monkeypatch.setattr("sys.argv", ["bench", "--only", "forecast.fan"])
    assert bench.main() == 0
    assert [(one.address, one.names) for one in Asked.made] == [("", ["forecast.fan"])]


def test_a_name_of_no_measurement_is_refused(monkeypatch):
    monkeypatch.setattr(bench, "postgres", no_server)
    monkeypatch.setattr("sys.argv", ["bench", "--only", "forecast.fun"])
    with pytest.raises(SystemExit, match="2"):
        bench.main()
    assert Asked.made == []


def test_the_fan_and_its_floor_are_both_cpu_time(monkeypatch):
    clocks = []

    def race(first, second, *, times, clock=time.perf_counter):
        clocks.append(clock)
        return 1.0, 1.0

    monkeypatch.setattr(forecast, "race", race)
    monkeypatch.setattr(forecast, "_peak_bytes", lambda run: 0)
    forecast.fan()
    assert clocks == [time.process_time]
