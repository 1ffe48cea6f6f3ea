"""How the API answers, whom it lets in, and how it describes itself.

https://www.django-rest-framework.org/api-guide/settings/
"""

from typing import Any

from corsheaders.defaults import default_headers

from config.environment import Env
from config.settings import authentication
from config.settings.tags import TAGS

_env = Env()

CORS_ALLOWED_ORIGINS = _env.items("CORS_ALLOWED_ORIGINS")
CORS_URLS_REGEX = r"^/api/"
# https://github.com/adamchainz/django-cors-headers#cors_allow_headers-sequencestr
CORS_ALLOW_HEADERS = [
    *default_headers,
    "idempotency-key",
    "if-match",
    "if-none-match",
    "traceparent",
    "tracestate",
    "x-confirm-delete",
    "x-request-id",
]
CORS_EXPOSE_HEADERS = [
    "ETag",
    "Idempotent-Replayed",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-ID",
]

# A larger body is answered 413. Files of imports have a limit of their own.
# https://docs.djangoproject.com/en/stable/ref/settings/#data-upload-max-memory-size
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# How deep JSON may be nested, and how many values it may have all in all: 400 beyond.
JSON_MAX_DEPTH = 32
JSON_MAX_VALUES = 50_000

# The package that shapes the bodies of answers and errors, and describes them in the schema.
RESPONSE_FORMAT = "core.api.formats.{{ cookiecutter.response_format }}"

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        *authentication.AUTHENTICATION_CLASSES,
        # % if cookiecutter.api_keys
        "core.security.api_keys.authentication.ApiKeyAuthentication",
        # % endif
    ],
    # A view says who may call it; one that does not refuses everybody.
    "DEFAULT_PERMISSION_CLASSES": ["core.api.permissions.DenyAll"],
    "DEFAULT_RENDERER_CLASSES": [f"{RESPONSE_FORMAT}.renderer.Renderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.JSONParser"],
    # Which version a request asks for; routes without a namespace are those of v1:
    # https://www.django-rest-framework.org/api-guide/versioning/#namespaceversioning
    "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.NamespaceVersioning",
    "DEFAULT_VERSION": "v1",
    "ALLOWED_VERSIONS": ["v1"],
    "DEFAULT_PAGINATION_CLASS": "core.api.pagination.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": ["core.api.filters.FilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "core.api.throttles.AnonThrottle",
        "core.api.throttles.UserThrottle",
        "core.api.throttles.ScopedThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": _env.str("ANON_RATE", default="") or "100/hour",
        "user": _env.str("USER_RATE", default="") or "1000/hour",
        # Tries to sign in from one address.
        "sign-in": _env.str("SIGN_IN_RATE", default="") or "5/minute",
        # % if cookiecutter.auth != "oidc"
        **authentication.ACCOUNT_RATES,
        # % endif
        # % if cookiecutter.import_export
        # Imports and exports that one user may ask for.
        "exchange": _env.str("EXCHANGE_RATE", default="") or "60/hour",
        # % endif
    },
    # By the caller's own address; what a proxy says of it is believed in production only.
    "NUM_PROXIES": 0,
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
# The most items that one bulk request may have: it holds locks on all of them until it ends.
BULK_MAX_ITEMS = 1000
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "core.api.exceptions.ExceptionHandler",
    "EXCEPTION_FORMATTER_CLASS": f"{RESPONSE_FORMAT}.formatter.Formatter",
    # A client gets the error contract in development too, never a stack trace.
    "ENABLE_IN_DEBUG_FOR_UNHANDLED_EXCEPTIONS": True,
}

# https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
# How long the answer to a key is kept: clients try again for less than that.
IDEMPOTENCY_RETENTION_HOURS = int(_env.str("IDEMPOTENCY_RETENTION_HOURS", default="") or 24)
# When a request that a crash cut off may be tried again: longer than any request takes.
IDEMPOTENCY_LEASE_SECONDS = int(_env.str("IDEMPOTENCY_LEASE_SECONDS", default="") or 60)

# https://drf-spectacular.readthedocs.io/en/stable/settings.html
SPECTACULAR_SETTINGS = {
    "TITLE": "{{ cookiecutter.__project_name }}",
    "DESCRIPTION": "{{ cookiecutter.__description }}",
    "VERSION": "1.0.0",
    "TAGS": [{"name": name, "description": text} for name, text in TAGS.items()],
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": r"/api/v[0-9]+",
    "COMPONENT_SPLIT_REQUEST": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "JobStatus": "core.progress.models.Status",
        # % if cookiecutter.example_app
        "Currency": "apps.orders.money.Currency",
        "OrderStatus": "apps.orders.models.OrderStatus",
        "PaymentStatus": "apps.orders.models.PaymentStatus",
        "ReportStatus": "apps.orders.models.ReportStatus",
        "PaymentMethod": "apps.orders.models.PaymentMethod",
        # % endif
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        f"{RESPONSE_FORMAT}.schema.describe",
        "core.idempotency.schema.describe",
        "core.api.examples.describe",
    ],
}
