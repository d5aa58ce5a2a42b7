from django.apps import AppConfig


class TariffsConfig(AppConfig):
    name = "tariffs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from tariffs.services import levers

        levers.register_jobs()
