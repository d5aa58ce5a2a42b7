"""The house: rooms import downwards, calculations are pure, foreign keys point down."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("commitments", "projects", "tariffs", "dashboard", "config")
LAYERS = ("calculations", "models", "selectors", "metrics", "services", "tasks")
IMPURE = {"os", "socket", "subprocess", "sqlite3", "urllib", "http", "shutil", "tempfile", "random"}


def sources() -> Iterator[Path]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every module a file imports, at any depth, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno


def where(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def layer_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in LAYERS else None


def test_rooms_import_only_downwards():
    wrong = []
    for path in sources():
        room = path.relative_to(ROOT).parts[0]
        for module, line in imports(path):
            target = module.split(".")[0]
            if target in ROOMS and ROOMS.index(target) > ROOMS.index(room):
                wrong.append(f"{where(path, line)} imports {module}")
    assert wrong == []


def test_layers_of_a_room_import_only_downwards():
    wrong = []
    for path in sources():
        parts = path.relative_to(ROOT).with_suffix("").parts
        own = layer_of(".".join(parts))
        for module, line in imports(path):
            layer = layer_of(module)
            same_room = module.split(".")[0] == parts[0]
            if own and layer and same_room and LAYERS.index(layer) > LAYERS.index(own):
                wrong.append(f"{where(path, line)} ({own}) imports {module}")
    assert wrong == []


def test_calculations_import_nothing_but_calculations_numbers_and_dates():
    wrong = []
    for path in sources():
        if "calculations" not in path.parts:
            continue
        for module, line in imports(path):
            top = module.split(".")[0]
            is_calculation = ".calculations" in module or module.endswith("calculations")
            allowed = (
                (top in ROOMS and is_calculation)
                or top in ("numpy", "holidays")
                or (top in sys.stdlib_module_names and top not in IMPURE)
            )
            if not allowed:
                wrong.append(f"{where(path, line)} imports {module}")
    assert wrong == []


def test_charts_import_no_django():
    wrong = [
        f"{where(path, line)} imports {module}"
        for path in sorted((ROOT / "dashboard" / "charts").rglob("*.py"))
        for module, line in imports(path)
        if module.split(".")[0] in ("django", "rest_framework", *ROOMS[:3])
    ]
    assert wrong == []


def test_foreign_keys_point_down():
    wrong = []
    for model in apps.get_models():
        room = model._meta.app_label
        if room not in ROOMS:
            continue
        for field in model._meta.get_fields():
            target = getattr(field.related_model, "_meta", None)
            concrete = getattr(field, "concrete", False)
            if target is None or not concrete or target.app_label not in ROOMS:
                continue
            if ROOMS.index(target.app_label) > ROOMS.index(room):
                wrong.append(f"{model.__name__}.{field.name} -> {target.label}")
    assert wrong == []


def test_below_tasks_and_views_nothing_reads_the_clock_or_the_settings():
    forbidden = {"django.conf", "django.utils.timezone"}
    wrong = []
    for path in sources():
        layer = layer_of(".".join(path.relative_to(ROOT).with_suffix("").parts))
        if layer in ("calculations", "models", "selectors", "metrics", "services"):
            for module, line in imports(path):
                if module in forbidden and not _names_only_the_user_model(path):
                    wrong.append(f"{where(path, line)} imports {module}")
    assert wrong == []


def _names_only_the_user_model(path: Path) -> bool:
    text = path.read_text(encoding="utf-8")
    return text.count("settings.") == text.count("settings.AUTH_USER_MODEL")


def test_no_room_is_called_common_core_or_utils():
    names = {part for path in sources() for part in path.relative_to(ROOT).with_suffix("").parts}
    assert names & {"common", "core", "utils", "helpers"} == set()


def test_the_top_level_holds_what_was_agreed():
    agreed = {
        "manage.py", "pyproject.toml", "commitments", "projects", "tariffs", "dashboard",
        "templates", "fixtures", "tests", "docker-compose.yml", "README.md", "config", "bench",
        "Makefile", "Dockerfile", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md",
        "requirements.lock", "requirements-dev.lock", "var",
    }  # fmt: skip
    found = {p.name for p in ROOT.iterdir() if not p.name.startswith(".")}
    assert found - agreed == set()
