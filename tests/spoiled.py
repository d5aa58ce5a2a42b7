"""An app that spoils the refresh before the rooms register their jobs."""

from django.apps import AppConfig


class SpoiledConfig(AppConfig):
    name = "tests"
    label = "spoiled"

    def ready(self) -> None:
        from tests.workers import spoil

        spoil()
