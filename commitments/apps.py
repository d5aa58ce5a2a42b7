from django.apps import AppConfig


class CommitmentsConfig(AppConfig):
    name = "commitments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from commitments.services import (
            evidence_rules,
            labels,
            one_commitment,
            references,
            register,
            term_rules,
        )

        register.register_rule(references.references_lead_somewhere)
        for rule in labels.ALL:
            register.register_rule(rule)
        register.register_rule(term_rules.terms_fit)
        register.register_rule(term_rules.terms_tell_of_their_day)
        register.register_rule(one_commitment.one_commitment)
        register.register_rule(evidence_rules.one_ruling_stands)
        register.register_rule(evidence_rules.rulings_name_their_figure)
        register.register_rule(evidence_rules.ranks_keep_their_documents)
