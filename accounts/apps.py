from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in, user_logged_out

        from accounts import facts, receivers
        from accounts.founding import found_school

        facts.explain_all()
        post_migrate.connect(found_school, sender=self)
        user_logged_in.connect(receivers.note_browser)
        user_logged_out.connect(receivers.forget_browser)
