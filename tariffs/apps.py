from django.apps import AppConfig


class TariffsConfig(AppConfig):
    name = "tariffs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from commitments.services import register
        from tariffs.services import levers, rules

        levers.register_jobs()
        for rule in rules.ALL:
            register.register_rule(rule)
