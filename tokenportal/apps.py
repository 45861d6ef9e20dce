from django.apps import AppConfig


class TokenportalConfig(AppConfig):
    name = "tokenportal"
