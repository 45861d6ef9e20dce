"""The REST API and its document."""

from tokenportal.settings.environment import env

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
        "accounts.api.recent.RecentSignIn",
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
    "DEFAULT_THROTTLE_CLASSES": ["accounts.rates.UserRate"],
    "DEFAULT_THROTTLE_RATES": {
        "user": env.str("API_RATE", "1200/min"),
        "revoke": "60/min",
        "leaks": "30/min",
        "calendar": "120/min",
        **DEVICE_RATES,
    },
    "EXCEPTION_HANDLER": "tokenportal.responses.api_exception_handler",
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
