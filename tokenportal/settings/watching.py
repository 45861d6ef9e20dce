"""Metrics and logs."""

from pathlib import Path

from environs import validate

from tokenportal.settings.environment import BASE_DIR, DEBUG, env

# What a Prometheus has to present at /metrics. Without it there is no such page, and nothing is counted.
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
METRICS_DIR = Path(env.str("TOKENPORTAL_DATA", str(BASE_DIR / "var"))) / "metrics"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request": {"()": "tokenportal.logs.AddRequestId"},
        "secrets": {"()": "tokens.secrets.MaskSecrets"},
    },
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        "json": {"()": "tokenportal.logs.JsonFormatter"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": env.str("LOG_FORMAT", "line" if DEBUG else "json", validate=validate.OneOf(["line", "json"])),
            "filters": ["request", "secrets"],
        }
    },
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {
        # Django's own handlers, which mask nothing, are taken away; what they would say comes to ours.
        "django": {"handlers": [], "level": "INFO"},
        # A refusal has its line from `tokenportal.requests`; runserver's own lines hold query strings.
        "django.request": {"level": "ERROR"},
        # So has whoever names another host; that is strangers' doing, and none of our errors.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "django.server": {"handlers": [], "level": "ERROR", "propagate": True},
        # A job that came and went is no news; one that failed is an error. axes says hello in every process.
        **{
            name: {"level": "WARNING"}
            for name in ("axes", "fido2", "celery.app.trace", "celery.beat", "celery.worker.strategy")
        },
        # What it would say at DEBUG is all that Canvas answers: names and addresses of the whole school.
        "canvasapi": {"level": "WARNING"},
    },
}
