from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import facts
        from accounts.founding import found_school

        facts.explain_all()
        post_migrate.connect(found_school, sender=self)
