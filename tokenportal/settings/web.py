"""Pages: languages, files, headers and cookies."""

from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from tokenportal.settings.environment import BASE_DIR, DEBUG, env
from tokenportal.settings.tokens import PUBLIC_URL

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ar", _("Arabic"))]
LOCALE_PATHS = [BASE_DIR / "tokenportal" / "locale"]
FORMAT_MODULE_PATH = "tokenportal.formats"
# The prefix makes a browser refuse what another host of the domain, or plain HTTP, would put in a cookie's place.
_HOST = "" if DEBUG else "__Host-"
LANGUAGE_COOKIE_NAME = f"{_HOST}language"
LANGUAGE_COOKIE_AGE = 365 * 86400
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", "UTC")

STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(BASE_DIR / "var" / "static")))
STORAGES = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
if DEBUG:  # files straight from the source tree: no collectstatic between a change and a reload
    STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site has a use for them

# No inline script, no inline style, no eval, no other host.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "object-src": [NONE],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
THEME_COOKIE_NAME = f"{_HOST}theme"
SESSION_COOKIE_NAME = f"{_HOST}sessionid"
CSRF_COOKIE_NAME = f"{_HOST}csrftoken"
# Hours from signing in, whatever is done meanwhile; minutes without any use (NIST SP 800-63B-4, AAL2: 24 and 60).
SESSION_HOURS = env.int("SESSION_HOURS", 12)
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", 60)
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
# A proxy may tell the host that was asked for without its port, which a browser names with its forms.
CSRF_TRUSTED_ORIGINS: list[str] = [*env.list("CSRF_TRUSTED_ORIGINS", []), PUBLIC_URL]
CSRF_FAILURE_VIEW = "tokenportal.responses.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
if not DEBUG:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
    # Asked from inside, over plain HTTP; and the API, which refuses that: who is led on never learns to say https.
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|livez|readyz|metrics)$", r"^api/"]
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 2 * 365 * 86400)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    if env.bool("BEHIND_TLS_PROXY", False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
