"""The Canvas of this school, as the settings name it."""

from django.conf import settings

from accounts.canvas.asking import Canvas


def school_canvas() -> Canvas | None:
    """Return it; None where none is set."""
    return Canvas(settings.CANVAS_URL, settings.CANVAS_TOKEN) if settings.CANVAS_URL else None
