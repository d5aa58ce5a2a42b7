from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from commitments.services import register
        from projects.services import entries, notices, progress, reconciliation, rules

        progress.register_jobs()
        reconciliation.register_jobs()
        register.register_taker(entries.KIND, entries.take_entries, entries.stored_entries)
        register.register_completion("fundingnotice", notices.complete_notice)
        register.register_rule(rules.events_in_order)
        register.register_rule(rules.notices_within_selected)
