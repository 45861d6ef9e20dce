from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TokensConfig(AppConfig):
    name = "tokens"

    def ready(self) -> None:
        from accounts import dependents, lookout
        from policies import catalogue
        from policies import holdings as policy_holdings
        from tokens import facts, holdings, lifecycle, receivers, scopes, texts
        from tokens.journal.founding import found_book
        from tokens.signals import facts as signal_facts
        from tokens.signals.founding import found_watches

        lookout.look_out_with(texts.holds_secret, texts.without_secrets)
        facts.explain_all()
        signal_facts.explain_all()
        receivers.connect()
        catalogue.offer_from(scopes.catalogue)
        policy_holdings.count_from(holdings.held)
        policy_holdings.list_from(holdings.treated)
        dependents.count_from(holdings.in_use)
        dependents.hold_with(lifecycle.hold_all)
        post_migrate.connect(found_book, sender=self)
        post_migrate.connect(found_watches)  # whichever app comes after the one that founds the school
