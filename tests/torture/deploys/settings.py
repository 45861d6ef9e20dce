"""The settings of production, but for the static files: to collect and compress them takes half a minute."""

from tokenportal.settings import *  # noqa: F403 - settings are taken as a whole
from tokenportal.settings import STORAGES

STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
