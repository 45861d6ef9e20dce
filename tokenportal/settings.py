"""Every setting, read from the environment; `.env.example` documents each name."""

import base64
import json
import re
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from environs import Env, validate

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()

DEBUG = env.bool("DEBUG", False)


def required(name: str, demo: str) -> str:
    """Return a setting that production must choose itself; the demo value serves only while DEBUG is on."""
    value = env.str(name, demo if DEBUG else "")
    if not value:
        raise ImproperlyConfigured(f"Set {name}: with DEBUG off there is no default. See .env.example.")
    return value


SECRET_KEY = required("SECRET_KEY", "demo-only-secret-key-that-production-refuses-to-start-with")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"] if DEBUG else [])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])

# --- the house -------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "tokenportal",
    "tokens",
    "policies",
    "accounts",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "axes",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "accounts.middleware.RequestContextMiddleware",
    "tokenportal.request_log.RequestLogMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tokenportal.middleware.LanguageMiddleware",  # asks whose request it is; whatever refuses it after, in their words
    "tokenportal.refused_acts.RefusedActsMiddleware",
    "tokenportal.middleware.ApiGuardMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.TimeZoneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
if DEBUG:
    MIDDLEWARE.append("tokenportal.middleware.NotFoundMiddleware")
MESSAGE_STORAGE = "tokenportal.sayings.ReadByPeople"
ROOT_URLCONF = "tokenportal.urls"
WSGI_APPLICATION = "tokenportal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "tokenportal.context.shell",
            ],
            "builtins": [
                "tokenportal.templatetags.ui",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "django.contrib.humanize.templatetags.humanize",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
        },
    }
]
FORM_RENDERER = "tokenportal.renderers.FieldRenderer"

# --- storage ---------------------------------------------------------------------------------------------------

# Statements are prepared only where the code asks for it (prepare=True, see tokens/verification.py);
# the threshold that psycopg counts to by itself is out of reach.
DATABASES = {
    "default": env.dj_db_url("DATABASE_URL", "postgres:///tokenportal", conn_max_age=None, conn_health_checks=True)
}
DATABASES["default"].setdefault("OPTIONS", {}).update(
    prepare_threshold=1_000_000_000,
    connect_timeout=5,
    options="-c plan_cache_mode=force_generic_plan",  # what is prepared is planned once, not at each request
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.str("REDIS_URL", "redis://localhost:6379/0")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# How many proxies of ours stand in front; that many entries of X-Forwarded-For are believed.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)

# --- people ----------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
# The name is unique, whatever its letters' case, by a constraint that Django's check does not see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "tokens:mine"
LOGOUT_REDIRECT_URL = "login"

# Five wrong passwords for one name from one address close that pair for a quarter of an hour.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
# Without these two axes counts for nobody: it looks for our login_id among credentials that name it username.
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "accounts.views.sign_in.name_tried"
AXES_CLIENT_IP_CALLABLE = "accounts.middleware.client_address"
AXES_LOCKOUT_CALLABLE = "accounts.views.sign_in.too_many_attempts"
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True

# --- tokens ----------------------------------------------------------------------------------------------------

TOKEN_PREFIX = env.str("TOKEN_PREFIX", "tpat")
VERIFIER_PREFIX = env.str("VERIFIER_PREFIX", "tpvs")
# Where people and services find this portal: the issuer of its answers (RFC 7662, RFC 8414). No slash at the end.
PUBLIC_URL = env.str(
    "PUBLIC_URL", f"http://localhost:{env.str('PORT', '8000')}" if DEBUG else f"https://{''.join(ALLOWED_HOSTS[:1])}"
).rstrip("/")


def key_ring(text: str) -> dict[str, bytes]:
    """Read `id:base64key,id:base64key`; the first key is the primary one, each holds at least 32 bytes."""
    ring = {}
    for item in text.split(","):
        key_id, _sep, key = item.strip().partition(":")
        ring[key_id] = base64.b64decode(key)
        if not key_id or len(ring[key_id]) < 32:
            raise ImproperlyConfigured("TOKEN_KEYS: write id:base64key, each key of 32 bytes or more.")
        if key_id == "sha256":
            raise ImproperlyConfigured("TOKEN_KEYS: “sha256” stands for tokens of other systems; call the key another.")
    return ring


TOKEN_KEYS = key_ring(
    required("TOKEN_KEYS", "demo:" + base64.b64encode(b"demo-only-token-key, never for real use").decode())
)


def shape_of_foreign(text: str) -> str:
    """Read the regular expression of tokens of another system, which may hold anything but what means nothing."""
    try:
        pattern = re.compile(text, re.ASCII)
    except re.error as error:
        raise ImproperlyConfigured(f"FOREIGN_TOKENS is no regular expression: {error}.") from error
    if text and pattern.fullmatch(""):
        raise ImproperlyConfigured("FOREIGN_TOKENS: write what a whole token of the other system looks like.")
    return text


# What tokens brought from another system look like (`manage.py import_tokens`): Canvas' are \d+~[0-9A-Za-z]{64}.
FOREIGN_TOKENS = shape_of_foreign(env.str("FOREIGN_TOKENS", ""))


def leak_keys(text: str) -> dict[str, str]:
    """Read the keys of secret scanners, PEM by name, from the JSON that GitHub gives out; those not current are left.

    https://api.github.com/meta/public_keys/secret_scanning
    """
    if not text.strip():
        return {}
    try:
        listed = json.loads(text)["public_keys"]
        return {each["key_identifier"]: each["key"] for each in listed if each.get("is_current", True)}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ImproperlyConfigured("LEAK_KEYS: write the JSON of GitHub's public keys for secret scanning.") from error


# Whose reports of leaked tokens are believed at /leaks. Without a key there is no such address.
LEAK_KEYS = leak_keys(env.str("LEAK_KEYS", ""))
# Hosts that webhooks may be sent to though their addresses are not of the internet.
WEBHOOK_PRIVATE_HOSTS: list[str] = env.list("WEBHOOK_PRIVATE_HOSTS", [])
# How long the days on which a token was used are kept.
USAGE_DAYS = env.int("USAGE_DAYS", 400)
# Keys that no longer decide: their tokens are checked by Argon2id once and tagged anew.
TOKEN_KEYS_RETIRED: list[str] = env.list("TOKEN_KEYS_RETIRED", [])
TOKEN_ARGON2 = {"time_cost": 2, "memory_cost": 19 * 1024, "parallelism": 1}

# --- the audit trail -------------------------------------------------------------------------------------------

# A file to which the head of the chain over the trail is added daily, best where this database's owner cannot write.
AUDIT_HEADS = env.str("AUDIT_HEADS", "")

# --- web -------------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ar", _("Arabic"))]
LOCALE_PATHS = [BASE_DIR / "tokenportal" / "locale"]
FORMAT_MODULE_PATH = "tokenportal.formats"
LANGUAGE_COOKIE_NAME = "language"
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

# No inline script, no inline style, no eval, no other host.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "tokenportal.errors.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
if not DEBUG:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|livez|readyz|metrics)$"]  # asked from inside, over plain HTTP
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 2 * 365 * 86400)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    if env.bool("BEHIND_TLS_PROXY", False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

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

# --- API -------------------------------------------------------------------------------------------------------

# Programs that ask for a token, by address; codes that one person tries (RFC 8628, section 5.1).
DEVICE_RATES = {"device": "30/min", "device_poll": "120/min", "user_code": "60/hour"}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "tokens.authentication.BearerAuthentication",
        "tokens.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "tokens.permissions.HoldsScope",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "tokenportal.negotiation.AlwaysJson",
    "DEFAULT_PARSER_CLASSES": [
        "tokenportal.parsers.JSONParser",
        "tokenportal.parsers.FormParser",
        "tokenportal.parsers.MultiPartParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    # Per person and web process; it stops a runaway script, not an attacker, who is turned away by authentication.
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "user": env.str("API_RATE", "1200/min"),
        "revoke": "60/min",
        "leaks": "30/min",
        "calendar": "120/min",
        **DEVICE_RATES,
    },
    "EXCEPTION_HANDLER": "tokenportal.errors.api_exception_handler",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Token Portal",
    "VERSION": "1",
    "DESCRIPTION": (
        "Personal API tokens of a school. "
        "Where Canvas LMS has the endpoint, path, parameters and fields are Canvas' own.\n\n"
        "Forms say `token[purpose]=…` and `token[scopes][]=…`. A slash at the end of a path changes nothing. "
        "With `Accept: application/json+canvas-string-ids` every id is a string."
    ),
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": ["tokenportal.openapi.name_the_codes"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- jobs ------------------------------------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_TIMEZONE = TIME_ZONE
# Seconds. Nothing waits for these jobs to be correct: a token is dead by the clock, not by a job (rule R8).
CELERY_BEAT_SCHEDULE = {
    "expire-tokens": {"task": "tokens.tasks.expire_tokens", "schedule": env.float("EXPIRE_EVERY", 60)},
    "clamp-tokens": {"task": "tokens.tasks.clamp_tokens", "schedule": env.float("CLAMP_EVERY", 86400)},
    "tell-of-changes": {"task": "tokens.tasks.tell_of_changes", "schedule": 60.0},
    "apply-changes": {"task": "tokens.tasks.apply_changes", "schedule": 10.0},
    "carry-out-bulk": {"task": "tokens.tasks.carry_out_bulk", "schedule": 10.0},
    "report-pauses": {"task": "tokens.tasks.report_pauses", "schedule": 10.0},
    "make-class-tokens": {"task": "tokens.tasks.make_class_tokens", "schedule": 60.0},
    "tend-reviews": {"task": "tokens.tasks.tend_reviews", "schedule": 60.0},
    "lapse-requests": {"task": "tokens.tasks.lapse_requests", "schedule": 3600.0},
    "announce-requests": {"task": "tokens.tasks.announce_requests", "schedule": 300.0},
    "warn-of-exemptions": {"task": "tokens.tasks.warn_of_exemptions", "schedule": 86400.0},
    "tend-unused-tokens": {"task": "tokens.tasks.tend_unused_tokens", "schedule": 86400.0},
    "remind-of-ends": {"task": "tokens.tasks.remind_of_ends", "schedule": 3600.0},
    "send-digests": {"task": "tokens.tasks.send_digests", "schedule": 3600.0},
    "look-for-signals": {"task": "tokens.tasks.look_for_signals", "schedule": 3600.0},
    "settle-leaks": {"task": "tokens.tasks.settle_leaks", "schedule": 10.0},
    "roll-up-usage": {"task": "tokens.tasks.roll_up_usage", "schedule": 10.0},
    "forget-uses": {"task": "tokens.tasks.forget_uses", "schedule": 86400.0},
    "forget-superseded": {"task": "tokens.tasks.forget_superseded", "schedule": 86400.0},
    "forget-idempotency-keys": {"task": "tokens.tasks.forget_idempotency_keys", "schedule": 3600.0},
    "forget-device-codes": {"task": "tokens.tasks.forget_device_codes", "schedule": 3600.0},
    "seal-audit": {"task": "accounts.tasks.seal_audit", "schedule": 10.0},
    "note-audit-head": {"task": "accounts.tasks.note_audit_head", "schedule": 86400.0},
    "verify-audit": {"task": "accounts.tasks.verify_audit", "schedule": 86400.0},
    "send-webhooks": {"task": "tokens.tasks.send_webhooks", "schedule": 10.0},
    "forget-webhook-messages": {"task": "tokens.tasks.forget_webhook_messages", "schedule": 86400.0},
    "deliver-notices": {"task": "tokens.tasks.deliver_notices", "schedule": 10.0},
    # One that no worker took within its minute says nothing of the present.
    "note-beat": {"task": "tokenportal.tasks.note_beat", "schedule": 60.0, "options": {"expires": 60}},
}

# --- watching --------------------------------------------------------------------------------------------------

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
        "django.server": {"handlers": [], "level": "ERROR", "propagate": True},
        # A job that came and went is no news; one that failed is an error. axes says hello in every process.
        **{
            name: {"level": "WARNING"} for name in ("axes", "celery.app.trace", "celery.beat", "celery.worker.strategy")
        },
    },
}
