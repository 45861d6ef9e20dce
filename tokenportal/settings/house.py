"""What the house is made of: apps, middleware, templates, and where its data is."""

from tokenportal.settings.environment import BASE_DIR, DEBUG, env, required

SECRET_KEY = required("SECRET_KEY", "demo-only-secret-key-that-production-refuses-to-start-with")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"] if DEBUG else [])

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
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.saml",
    "allauth.mfa",
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
    "tokenportal.hanging.HangingMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "tokenportal.middleware.LanguageMiddleware",  # asks whose request it is; whatever refuses it after, in their words
    "accounts.middleware.BrowserMiddleware",
    "tokenportal.refused_acts.RefusedActsMiddleware",
    "tokenportal.middleware.ApiGuardMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.TimeZoneMiddleware",
    "tokenportal.middleware.SetUpFirstMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "allauth.account.middleware.AccountMiddleware",
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
                "tokenportal.templatetags.agents",
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

# Statements are prepared only where the code asks for it (prepare=True, see tokens/verification.py);
# the threshold that psycopg counts to by itself is out of reach.
DATABASES = {
    "default": env.dj_db_url("DATABASE_URL", "postgres:///tokenportal", conn_max_age=None, conn_health_checks=True)
}
DATABASES["default"].setdefault("OPTIONS", {}).update(
    prepare_threshold=1_000_000_000,
    # libpq's, in seconds and milliseconds: what to do about a machine that vanished; see tokenportal.hanging, too.
    connect_timeout=5,
    keepalives_idle=10,
    keepalives_interval=5,
    keepalives_count=3,
    tcp_user_timeout=20_000,
    options="-c plan_cache_mode=force_generic_plan",  # what is prepared is planned once, not at each request
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.str("REDIS_URL", "redis://localhost:6379/0")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# How many proxies of ours stand in front; that many entries of X-Forwarded-For are believed.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)
