"""What the README says is so."""

import re
from pathlib import Path

from django.core.management import get_commands
from django.test import Client

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_first_screen_holds_the_two_commands():
    first_screen = README.splitlines()[:22]
    assert any(line.startswith("make run") for line in first_screen)
    assert any(line.startswith("make test") for line in first_screen)


def test_every_command_exists():
    named = set(re.findall(r"manage\.py (\w+)", README))
    assert len(named) > 5
    assert named - set(get_commands()) == set()
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make (\w+)", README)) - targets == set()


def test_the_table_of_settings_is_that_of_the_code():
    code = (ROOT / "config" / "settings.py").read_text()
    read = set(re.findall(r'env\.(?:text|required|number|listed)\(\s*"([A-Z_]+)"', code))
    table = README.split("## Settings")[1].split("## Production")[0]
    told = set(
        re.findall(r"`([A-Z_]{4,})`", re.sub(r"\| [^|]*\|$", "|", table, flags=re.MULTILINE))
    )
    assert told == read


def test_every_example_of_the_api_answers(client: Client, register: None):
    examples = re.findall(r"curl -s http://127\.0\.0\.1:8000(\S+)", README)
    assert len(examples) == 2
    for address in examples:
        assert client.get(address).status_code == 200


def test_the_picture_is_there():
    for picture in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README):
        assert (ROOT / picture).stat().st_size > 10_000
