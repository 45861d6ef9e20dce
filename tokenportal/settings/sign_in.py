"""The settings of django-allauth, under which everybody signs in: by password, or by what the school has for that."""

# What is ours of it: no messages, no addresses of its own, a line in the trail.
ACCOUNT_ADAPTER = "accounts.views.entering.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login_id"
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
# People come by a roster, or by what the school's own sign-in says; nobody adds themselves.
ACCOUNT_SIGNUP_ENABLED = False
ACCOUNT_EMAIL_VERIFICATION = "none"
# Addresses are the school's; two people may share one, as parents do.
ACCOUNT_UNIQUE_EMAIL = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_NOTIFICATIONS = False

SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # an address proves nothing about who somebody is here
SOCIALACCOUNT_STORE_TOKENS = False  # nothing is asked of the provider once somebody is in
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5  # seconds
