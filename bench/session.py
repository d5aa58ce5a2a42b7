"""One size measured in a process of its own."""

import os
import sys
import tempfile


def measured(address: str, projects: int, entries: int):
    """Generate a register of one size on a database and return its lines and the overview's floor."""
    os.environ["DATABASE_URL"] = address
    os.environ.setdefault("VAR_DIR", tempfile.mkdtemp(prefix="bench-"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    from bench import generate, measure

    print(f"generating {projects} projects and {entries:,} entries", file=sys.stderr, flush=True)
    generate.generate(projects, entries)
    overview = measure.overview(entries)
    lines = [
        overview,
        measure.page(entries),
        measure.list_endpoint(entries),
        measure.list_queries(entries),
        measure.posting(entries, 1, times=60),
        measure.posting(entries, 100_000, times=1),
        measure.rebuild(entries),
    ]
    return lines, overview.floor
