"""The project: settings, entrances, and what holds the apps together."""

from tokenportal.celery import app as celery_app

__all__ = ["celery_app"]
