"""The peers' frame around our authentication: no middleware, no throttle, a view that does nothing."""

from tokenportal.settings import *  # noqa: F403  # so
from tokenportal.settings import REST_FRAMEWORK as OURS

ROOT_URLCONF = "tests.bench.portal.urls"
MIDDLEWARE = []
REST_FRAMEWORK = {"DEFAULT_RENDERER_CLASSES": OURS["DEFAULT_RENDERER_CLASSES"]}
