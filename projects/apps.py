from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from commitments.services import register
        from commitments.services.undo import register_undo
        from projects.services import (
            entries,
            forecasts,
            imports,
            notices,
            progress,
            reconciliation,
            reminders,
            rules,
            scenarios,
            scores,
            undo,
            verification,
        )

        progress.register_jobs()
        forecasts.register_jobs()
        scores.register_jobs()
        scenarios.register_jobs()
        imports.register_jobs()
        reconciliation.register_jobs()
        verification.register_jobs()
        reminders.register_jobs()
        register.register_taker(entries.KIND, entries.take_entries, entries.stored_entries)
        register_undo(entries.KIND, undo.undo_entries)
        register.register_completion("fundingnotice", notices.complete_notice)
        for rule in rules.ALL:
            register.register_rule(rule)
