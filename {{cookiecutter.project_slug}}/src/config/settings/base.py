"""Settings that hold everywhere; the other modules of this package say what differs.

https://docs.djangoproject.com/en/stable/ref/settings/
"""

from pathlib import Path
from typing import Any

import environ
from celery.schedules import crontab
from whitenoise.compress import Compressor

from config.settings.authentication import *
from config.settings.database import database
from config.settings.mail import mail
from core.jobs.queues import Queue, task_queues

env = environ.Env()

PROJECT_DIR = Path(__file__).resolve().parents[3]
SOURCE_DIR = PROJECT_DIR / "src"

SECRET_KEY = env.str("SECRET_KEY", default="")
DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
RELEASE = env.str("RELEASE", default="") or "unreleased"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "corsheaders",
    "django_filters",
    "rest_framework",
    "drf_standardized_errors",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    *AUTHENTICATION_APPS,
    # % if cookiecutter.api_keys
    "core.security.api_keys",
    # % endif
    # % if cookiecutter.events
    "core.events",
    # % endif
    # % if cookiecutter.import_export
    "core.exchange",
    # % endif
    "apps.users",
    # % if cookiecutter.example_app
    "apps.orders",
    # % endif
]

MIDDLEWARE = [
    # First: a probe to a pod's address must pass neither the host check nor the HTTPS redirect.
    "core.health.middleware.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "core.identity.middleware.IdentityMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {
    "default": database(
        env,
        default=f"sqlite:///{PROJECT_DIR / 'db.sqlite3'}",
    ),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHE_URL = env.str("CACHE_URL", default="") or "locmemcache://"
CACHES = {"default": env.cache_url_config(CACHE_URL)}
if CACHES["default"]["BACKEND"].endswith("RedisCache"):
    # A cache that hangs must not hold a request: fail within a second.
    # https://redis.readthedocs.io/en/stable/connections.html
    CACHES["default"]["OPTIONS"] = {"socket_connect_timeout": 1, "socket_timeout": 1}

AUTH_USER_MODEL = "users.User"
# https://docs.djangoproject.com/en/stable/topics/auth/passwords/#using-argon2-with-django
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = PROJECT_DIR / "staticfiles"
# https://whitenoise.readthedocs.io/en/stable/django.html
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Pages name files by their hash, and source maps are for developers: both make the image larger.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]
MEDIA_ROOT = PROJECT_DIR / "media"

vars().update(mail(env))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="")
DEFAULT_FROM_EMAIL = DEFAULT_FROM_EMAIL or "noreply@{{ cookiecutter.domain_name }}"

X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "core.api.views.csrf_failure"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_URLS_REGEX = r"^/api/"
CORS_EXPOSE_HEADERS = ["Retry-After"]

# The package that shapes the bodies of answers and errors, and describes them in the schema.
RESPONSE_FORMAT = "core.api.formats.{{ cookiecutter.response_format }}"

# https://www.django-rest-framework.org/api-guide/settings/
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        *AUTHENTICATION_CLASSES,
        # % if cookiecutter.api_keys
        "core.security.api_keys.authentication.ApiKeyAuthentication",
        # % endif
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": [f"{RESPONSE_FORMAT}.renderer.Renderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "core.api.pagination.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
        "rest_framework.throttling.ScopedRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {"anon": "60/min", "user": "600/min", "sign-in": "10/min"},
    # By the caller's own address; what a proxy says of it is believed in production only.
    "NUM_PROXIES": 0,
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "core.api.exceptions.ExceptionHandler",
    "EXCEPTION_FORMATTER_CLASS": f"{RESPONSE_FORMAT}.formatter.Formatter",
    # A client gets the error contract in development too, never a stack trace.
    "ENABLE_IN_DEBUG_FOR_UNHANDLED_EXCEPTIONS": True,
}

# https://drf-spectacular.readthedocs.io/en/stable/settings.html
SPECTACULAR_SETTINGS = {
    "TITLE": "{{ cookiecutter.__project_name }}",
    "DESCRIPTION": "{{ cookiecutter.__description }}",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": r"/api/v[0-9]+",
    "COMPONENT_SPLIT_REQUEST": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    # % if cookiecutter.example_app
    "ENUM_NAME_OVERRIDES": {
        "OrderStatus": "apps.orders.models.OrderStatus",
        "PaymentStatus": "apps.orders.models.PaymentStatus",
        "PaymentMethod": "apps.orders.models.PaymentMethod",
    },
    # % endif
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        f"{RESPONSE_FORMAT}.schema.describe",
    ],
}

# https://docs.celeryq.dev/en/stable/userguide/configuration.html
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="")
# With no broker, a task runs in the process that sends it.
CELERY_TASK_ALWAYS_EAGER = not CELERY_BROKER_URL
# What a task has done stands in the database; nobody reads results.
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_QUEUES = task_queues()
CELERY_TASK_DEFAULT_QUEUE = Queue.DEFAULT.value
CELERY_TASK_CREATE_MISSING_QUEUES = False
# A message is acknowledged when its task has ended, so a killed worker loses none:
# https://docs.celeryq.dev/en/stable/userguide/tasks.html#Task.acks_late
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_SOFT_TIME_LIMIT = 5 * 60
CELERY_TASK_TIME_LIMIT = 6 * 60
# % if cookiecutter.broker == "redis"
# A message that no worker acknowledged is delivered again after this time, so it must be longer
# than the longest task: https://docs.celeryq.dev/en/stable/getting-started/backends-and-brokers/redis.html
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 30 * 60,
    "socket_connect_timeout": 2,
    "socket_timeout": 30,
}
# % else
# A message counts as sent when the broker has confirmed it:
# https://docs.celeryq.dev/en/stable/getting-started/backends-and-brokers/rabbitmq.html
CELERY_BROKER_TRANSPORT_OPTIONS = {"confirm_publish": True, "connect_timeout": 2}
# % endif
CELERY_BEAT_SCHEDULE = {
    "users-purge-expired-credentials": {
        "task": "apps.users.tasks.users_purge_expired_credentials",
        "schedule": crontab(hour="3", minute="17"),
    },
    # % if cookiecutter.events
    "events-publish-outbox": {
        "task": "core.events.tasks.outbox_publish",
        "schedule": 5.0,
        # While no worker runs, one message is as good as many.
        "options": {"expires": 5.0},
    },
    "events-purge-outbox": {
        "task": "core.events.tasks.outbox_purge",
        "schedule": crontab(hour="3", minute="47"),
    },
    # % endif
    # % if cookiecutter.import_export
    "exchange-purge": {
        "task": "core.exchange.tasks.exchange_purge",
        "schedule": crontab(hour="3", minute="57"),
    },
    # % endif
}

LOG_LEVEL = env.str("LOG_LEVEL", default="") or "INFO"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
    },
    "handlers": {"stdout": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stdout"], "level": LOG_LEVEL},
    # Its own handlers would print each record twice, or mail it.
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        # % if cookiecutter.database == "postgresql"
        # It logs each failed attempt with the address. Who needed the connection gets the error.
        "psycopg.pool": {"level": "ERROR"},
        # % endif
    },
}
