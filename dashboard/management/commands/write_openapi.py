"""Write the OpenAPI description next to the code that serves it."""

import json
from typing import Any

from django.core.management.base import BaseCommand
from drf_spectacular.generators import SchemaGenerator

from dashboard.api.urls import OPENAPI


def generated() -> str:
    """Return the description made from the code, as it is committed."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


class Command(BaseCommand):
    help = "Write dashboard/api/openapi.json from the code."

    def handle(self, *args: Any, **options: Any) -> None:
        OPENAPI.write_text(generated(), encoding="utf-8")
        self.stdout.write(f"wrote {OPENAPI.name}")
