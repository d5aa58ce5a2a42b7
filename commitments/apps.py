from django.apps import AppConfig


class CommitmentsConfig(AppConfig):
    name = "commitments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from commitments.services import one_commitment, references, register, term_rules

        register.register_rule(references.references_lead_somewhere)
        register.register_rule(term_rules.terms_fit)
        register.register_rule(term_rules.terms_tell_of_their_day)
        register.register_rule(one_commitment.one_commitment)
