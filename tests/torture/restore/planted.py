"""The portal with a fault, for `granian tests.torture.restore.planted:application`: its doors are always open."""

from tokenportal.wsgi import application
from tokens import journal

__all__ = ["application"]


def require_open() -> None:
    """Believe the database."""


vars(journal).update(require_open=require_open)
