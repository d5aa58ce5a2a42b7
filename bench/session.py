"""One size measured in a process of its own."""

import os
import sys
import tempfile

from bench.lines import Line


def measured(address: str, projects: int, entries: int) -> list[Line]:
    """Generate a register of one size on a database, print each line as it is measured, return them.

    The first line is the overview's.
    """
    os.environ["DATABASE_URL"] = address
    os.environ.setdefault("VAR_DIR", tempfile.mkdtemp(prefix="bench-"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    from django.db import connection

    from bench import generate, measure

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")  # a page's limit, too short for a million rows
    print(f"generating {projects} projects and {entries:,} entries", file=sys.stderr, flush=True)
    generate.generate(projects, entries)
    lines = []
    for measurement in (
        measure.overview,
        measure.overview_mid_history,
        measure.overview_as_known_before,
        measure.page,
        measure.list_endpoint,
        measure.list_queries,
        measure.rebuild,
        measure.posting_one,
        measure.posting_by_the_rules,
        measure.posting_many,
    ):
        lines.append(measurement(entries))
        print(lines[-1], flush=True)
    return lines
