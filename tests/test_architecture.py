"""The house: rooms import downwards, calculations are pure, foreign keys point down."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("commitments", "projects", "tariffs", "dashboard", "config")
LAYERS = ("calculations", "models", "selectors", "metrics", "services", "tasks")
IMPURE = {
    "asyncio", "ftplib", "glob", "http", "io", "logging", "multiprocessing", "os", "pathlib",
    "random", "secrets", "shutil", "smtplib", "socket", "sqlite3", "ssl", "subprocess", "tempfile",
    "threading", "time", "urllib", "uuid",
}  # fmt: skip
BY_ORDER = ("order_by", "latest", "earliest")


def sources() -> Iterator[Path]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every name a file imports, in full, with its line; inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = path.relative_to(ROOT).parts[: -node.level] if node.level else ()
            module = ".".join([*package, *([node.module] if node.module else [])])
            yield from ((f"{module}.{alias.name}", node.lineno) for alias in node.names)


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
            is_calculation = layer_of(module) == "calculations"
            allowed = (
                (top in ROOMS and is_calculation)
                or top in ("numpy", "holidays", "nltk", "pyxirr")
                or (top in sys.stdlib_module_names and top not in IMPURE)
            )
            if not allowed:
                wrong.append(f"{where(path, line)} imports {module}")
    assert wrong == []


def test_calculations_read_no_clock_and_no_file():
    wrong = []
    for path in sources():
        if "calculations" not in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called in ("now", "utcnow", "today", "open", "print", "input"):
                wrong.append(f"{where(path, node.lineno)} calls {called}")
    assert wrong == []


def test_what_stands_beside_the_pages_imports_no_page():
    beside = [path for path in sorted((ROOT / "dashboard").glob("*.py")) if path.stem != "urls"]
    wrong = [
        f"{where(path, line)} imports {module}"
        for path in beside
        for module, line in imports(path)
        if module.startswith("dashboard.pages")
    ]
    assert wrong == []


def test_pages_import_nothing_of_the_api():
    """Answers may say what a page says; not the other way round."""
    wrong = [
        f"{where(path, line)} imports {module}"
        for path in sorted((ROOT / "dashboard" / "pages").rglob("*.py"))
        for module, line in imports(path)
        if module.startswith("dashboard.api")
    ]
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
    wrong = []
    for path in sources():
        layer = layer_of(".".join(path.relative_to(ROOT).with_suffix("").parts))
        if layer in ("calculations", "models", "selectors", "metrics", "services"):
            for module, line in imports(path):
                reads_settings = module.startswith(
                    "django.conf"
                ) and not _names_only_the_user_model(path)
                if reads_settings or module.startswith("django.utils.timezone"):
                    wrong.append(f"{where(path, line)} imports {module}")
    assert wrong == []


def _names_only_the_user_model(path: Path) -> bool:
    text = path.read_text(encoding="utf-8")
    return text.count("settings.") == text.count("settings.AUTH_USER_MODEL")


def orders(path: Path) -> Iterator[ast.Constant]:
    """The words by which a file orders rows: in a call, or as what a model or a list goes by."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        given: list[ast.expr] = []
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in BY_ORDER:
            given = [*node.args, *(k.value for k in node.keywords)]
        elif isinstance(node, ast.keyword) and node.arg in ("ordering", "order_by"):
            given = [node.value]
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            given = [node.value for t in targets if getattr(t, "id", "") == "ordering"]
        for part in (part for expression in given for part in ast.walk(expression)):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part


def test_nothing_is_ordered_by_a_revision_but_by_its_number():
    """By the bare key Django follows the order of revisions themselves, the newest first."""
    wrong = [
        f"{where(path, word.lineno)} orders by {word.value}"
        for path in sources()
        for word in orders(path)
        if word.value.lstrip("-+").split("__")[-1] == "revision"
    ]
    assert wrong == []


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


def test_imports_are_seen_however_they_are_written(monkeypatch, tmp_path):
    monkeypatch.setattr("tests.test_architecture.ROOT", tmp_path)
    service = tmp_path / "projects" / "services" / "ledger.py"
    service.parent.mkdir(parents=True)
    service.write_text(
        "import tariffs.selectors\n"
        "from projects import tasks\n"
        "from ..models import Project\n"
        "def late():\n"
        "    from django.utils import timezone\n",
        encoding="utf-8",
    )
    assert list(imports(service)) == [
        ("tariffs.selectors", 1),
        ("projects.tasks", 2),
        ("projects.models.Project", 3),
        ("django.utils.timezone", 5),
    ]
