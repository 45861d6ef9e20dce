from django.apps import AppConfig


class TokensConfig(AppConfig):
    name = "tokens"

    def ready(self) -> None:
        from policies import catalogue
        from policies import holdings as policy_holdings
        from tokens import holdings, receivers, scopes

        receivers.connect()
        catalogue.offer_from(scopes.catalogue)
        policy_holdings.count_from(holdings.held)
