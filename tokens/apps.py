from django.apps import AppConfig


class TokensConfig(AppConfig):
    name = "tokens"

    def ready(self) -> None:
        from accounts import dependents
        from policies import catalogue
        from policies import holdings as policy_holdings
        from tokens import facts, holdings, receivers, scopes

        facts.explain_all()
        receivers.connect()
        catalogue.offer_from(scopes.catalogue)
        policy_holdings.count_from(holdings.held)
        policy_holdings.list_from(holdings.treated)
        dependents.count_from(holdings.in_use)
