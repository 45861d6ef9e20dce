from django.apps import AppConfig


class TokensConfig(AppConfig):
    name = "tokens"

    def ready(self) -> None:
        from policies import catalogue
        from tokens import receivers, scopes

        receivers.connect()
        catalogue.offer_from(scopes.catalogue)
