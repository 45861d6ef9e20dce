"""The peers' frame around our authentication: no middleware but one, no throttle, a view that does nothing."""

from tokenportal.settings import *  # noqa: F403  # so
from tokenportal.settings import REST_FRAMEWORK as OURS

ROOT_URLCONF = "tests.bench.portal.urls"
MIDDLEWARE = ["allauth.account.middleware.AccountMiddleware"]  # without it django-allauth does not start
REST_FRAMEWORK = {"DEFAULT_RENDERER_CLASSES": OURS["DEFAULT_RENDERER_CLASSES"]}
