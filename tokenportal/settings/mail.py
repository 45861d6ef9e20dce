"""Mail: by whom it is sent."""

from pathlib import Path

from tokenportal.settings.environment import BASE_DIR, DEBUG, env

EMAIL_BACKEND = env.str("EMAIL_BACKEND", f"django.core.mail.backends.{'filebased' if DEBUG else 'smtp'}.EmailBackend")
EMAIL_FILE_PATH = Path(env.str("TOKENPORTAL_DATA", str(BASE_DIR / "var"))) / "mail"
EMAIL_HOST = env.str("EMAIL_HOST", "localhost")
EMAIL_PORT = env.int("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 10
# Whom people ask who are stuck; named on the help page.
SUPPORT_EMAIL = env.str("SUPPORT_EMAIL", "")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Token Portal <tokens@localhost>")
