"""Who signs in, and how often they may try."""

from environs import validate

from tokenportal.settings.environment import env

AUTH_USER_MODEL = "accounts.User"
# The name is unique, whatever its letters' case, by a constraint that Django's check does not see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
AUTH_PASSWORD_VALIDATORS.append({"NAME": "accounts.passwords.OurWordsValidator"})
# Words of the school that no password may be made of, beside its name and those in accounts/passwords.py.
PASSWORD_WORDS: list[str] = env.list("PASSWORD_WORDS", [])
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "tokens:mine"
LOGOUT_REDIRECT_URL = "login"

# Before what weighs much, whoever signed in longer ago is asked again who they are; 0 asks nobody.
RECENT_SIGN_IN_MINUTES = env.int("RECENT_SIGN_IN_MINUTES", 60, validate=validate.Range(min=0))

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
# It keeps what was sent with a refused attempt; not these.
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "proof_password", "proof_code", "proof_passkey", "credential"]
