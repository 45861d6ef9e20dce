"""The portal's settings as a school runs it, only that no files are gathered and compressed first."""

from tokenportal.settings import *  # noqa: F403  # whatever is set there

STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
