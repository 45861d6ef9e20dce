"""The peers' settings: what their manuals say, nothing that would slow them down."""

import os
from datetime import timedelta

import dj_database_url

DEBUG = False
SECRET_KEY = "a benchmark keeps no secrets, but simplejwt signs with this"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "tests.bench.peers.urls"
WSGI_APPLICATION = "tests.bench.peers.wsgi.application"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "rest_framework",
    "rest_framework.authtoken",
    "rest_framework_api_key",
    "knox",
    "oauth2_provider",
]
MIDDLEWARE: list[str] = []
DATABASES = {"default": dj_database_url.parse(os.environ["PEERS_DATABASE_URL"], conn_max_age=None)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
LONG = timedelta(days=30)  # longer than any run
SIMPLE_JWT = {"ACCESS_TOKEN_LIFETIME": LONG}
REST_KNOX = {"TOKEN_TTL": LONG}
OAUTH2_PROVIDER = {"SCOPES": {"read": "Read", "introspection": "Ask about tokens"}}
