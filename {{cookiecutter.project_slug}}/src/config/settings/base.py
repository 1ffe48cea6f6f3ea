"""Settings that hold everywhere; the other modules of this package say what differs.

https://docs.djangoproject.com/en/stable/ref/settings/
"""

from pathlib import Path
from typing import Any

from celery.schedules import crontab
from corsheaders.defaults import default_headers
from whitenoise.compress import Compressor

from config.environment import Env
from config.settings.authentication import *
from config.settings.database import database
from config.settings.headers import *
from config.settings.lockouts import *
from config.settings.mail import mail
from config.settings.tags import TAGS
from core.jobs.queues import Queue, task_queues

env = Env()

PROJECT_DIR = Path(__file__).resolve().parents[3]
SOURCE_DIR = PROJECT_DIR / "src"

SECRET_KEY = env.str("SECRET_KEY", default="")
# Former keys, with which nothing is signed any more and what was signed is still read.
# https://docs.djangoproject.com/en/stable/ref/settings/#secret-key-fallbacks
SECRET_KEY_FALLBACKS = env.items("SECRET_KEY_FALLBACKS")
# What encrypts columns, each as ID:KEY: the first encrypts, all open what they have encrypted.
FIELD_ENCRYPTION_KEYS = env.items("FIELD_ENCRYPTION_KEYS")
DEBUG = False
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS")
RELEASE = env.str("RELEASE", default="") or "unreleased"
# Where the admin is, without the first slash.
ADMIN_PATH = (env.str("ADMIN_PATH", default="") or "admin").strip("/") + "/"
# Whether the admin asks for a code beside the password: in production, unless it is set to false.
ADMIN_SECOND_FACTOR = env.str("ADMIN_SECOND_FACTOR", default="") == "true"
# Whose codes they are, as apps show them.
OTP_TOTP_ISSUER = "{{ cookiecutter.__project_name }}"
# Who has one of them may read the metrics; without one nobody may.
METRICS_TOKENS = env.items("METRICS_TOKEN")

INSTALLED_APPS = [
    "core.security.admin_config.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "auditlog",
    "axes",
    "corsheaders",
    "django_filters",
    "django_otp",
    "rest_framework",
    "drf_standardized_errors",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    *AUTHENTICATION_APPS,
    "core.encryption",
    "core.security",
    "core.jobs",
    "core.progress",
    "core.audit",
    "core.idempotency",
    "core.dead_letters",
    "core.security.sign_ins",
    # % if cookiecutter.django_version == "6.1"
    "core.django_tasks",
    # % endif
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
    # % if cookiecutter.row_level_security
    "config.row_security",
    # % endif
]

MIDDLEWARE = [
    *SECURITY_MIDDLEWARE,
    # Before all else: a probe to a pod's address must pass neither the host check nor the HTTPS redirect.
    "core.health.middleware.HealthMiddleware",
    # Around all that answers, so that whatever goes wrong has an id too.
    "core.api.middleware.OriginMiddleware",
    "core.api.middleware.ContractMiddleware",
    "core.api.middleware.RateLimitMiddleware",
    # As a probe, who collects metrics calls a pod's address.
    "core.telemetry.middleware.MetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Above all that makes answers, and below the files, which may be kept for ever.
    "core.cache.middleware.CacheControlMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "core.security.sessions.SessionLifetimeMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "core.identity.middleware.IdentityMiddleware",
    # % if cookiecutter.row_level_security
    "core.identity.rows.RowScopeMiddleware",
    # % endif
    "django.contrib.messages.middleware.MessageMiddleware",
    # Answers whoever is locked out, whatever the view said.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [SOURCE_DIR / "core" / "security" / "templates"],
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
# % if cookiecutter.row_level_security
# Whom the database shows the rows of others too, such as orders: those whom the rules let see them.
ROLES_THAT_REACH_ALL_ROWS = frozenset({"staff", "manager", "auditor", "admin"})
# % endif
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHE_URL = env.str("CACHE_URL", default="") or "locmemcache://"
CACHES = {"default": env.cache_url_config(CACHE_URL)}
if CACHES["default"]["BACKEND"].endswith("RedisCache"):
    CACHES["default"]["BACKEND"] = "core.cache.redis.RedisCache"
    # A cache that hangs must not hold a request: fail within a second.
    # https://redis.readthedocs.io/en/stable/connections.html
    CACHES["default"]["OPTIONS"] = {"socket_connect_timeout": 1, "socket_timeout": 1}

# Sessions that know their user, which Django's own do not.
SESSION_ENGINE = "core.security.sign_ins.backend"
# A session ends so long after the sign-in, and after the last request.
# https://docs.djangoproject.com/en/stable/ref/settings/#session-cookie-age
SESSION_COOKIE_AGE = int(env.str("SESSION_HOURS", default="") or 12) * 60 * 60
SESSION_IDLE_SECONDS = int(env.str("SESSION_IDLE_MINUTES", default="") or 60) * 60

AUTH_USER_MODEL = "users.User"
# https://docs.djangoproject.com/en/stable/topics/auth/passwords/#using-argon2-with-django
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
if url := env.str("BREACHED_PASSWORDS_URL", default=""):
    AUTH_PASSWORD_VALIDATORS.append(
        {"NAME": "core.security.breached.BreachedPasswordValidator", "OPTIONS": {"url": url}}
    )

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
# Pages of other origins have no use for them.
WHITENOISE_ALLOW_ALL_ORIGINS = False
# % if cookiecutter.import_export
MEDIA_ROOT = env.str("MEDIA_ROOT", default="") or PROJECT_DIR / "media"
# % endif

vars().update(mail(env))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="")
DEFAULT_FROM_EMAIL = DEFAULT_FROM_EMAIL or "noreply@{{ cookiecutter.domain_name }}"

CSRF_FAILURE_VIEW = "core.api.views.csrf_failure"
CSRF_TRUSTED_ORIGINS = env.items("CSRF_TRUSTED_ORIGINS")
CORS_ALLOWED_ORIGINS = env.items("CORS_ALLOWED_ORIGINS")
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

# % if cookiecutter.example_app
# The class that moves the money, as apps.orders.providers describes it. Without one, orders can be
# placed but not paid.
PAYMENT_PROVIDER = env.str("PAYMENT_PROVIDER", default="")
# A product of which so many pieces are left, or fewer, runs low; who is told, by mail.
STOCK_LOW_QUANTITY = int(env.str("STOCK_LOW_QUANTITY", default="") or 5)
STOCK_ALERT_RECIPIENTS = env.items("STOCK_ALERT_RECIPIENTS")

# % endif
# % if cookiecutter.api_keys
from config.settings.api_keys import *

# % endif
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
        "anon": env.str("ANON_RATE", default="") or "100/hour",
        "user": env.str("USER_RATE", default="") or "1000/hour",
        # Tries to sign in from one address.
        "sign-in": env.str("SIGN_IN_RATE", default="") or "5/minute",
        # % if cookiecutter.auth != "oidc"
        **ACCOUNT_RATES,
        # % endif
        # % if cookiecutter.import_export
        # Imports and exports that one user may ask for.
        "exchange": env.str("EXCHANGE_RATE", default="") or "60/hour",
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
IDEMPOTENCY_RETENTION_HOURS = int(env.str("IDEMPOTENCY_RETENTION_HOURS", default="") or 24)
# When a request that a crash cut off may be tried again: longer than any request takes.
IDEMPOTENCY_LEASE_SECONDS = int(env.str("IDEMPOTENCY_LEASE_SECONDS", default="") or 60)

# https://django-auditlog.readthedocs.io/en/latest/usage.html#settings
AUDITLOG_LOGENTRY_MODEL = "audit.AuditEntry"
# The libraries' own tables are not made: sign-ins are counted in the cache.
MIGRATION_MODULES = {"auditlog": None, "axes": None}
# Deleted rows too: the default managers hide them.
AUDITLOG_USE_BASE_MANAGER = True
AUDITLOG_STORE_JSON_CHANGES = True
AUDITLOG_MASK_CALLABLE = "core.audit.registry.mask"
# How long the entries are kept.
AUDIT_RETENTION_DAYS = int(env.str("AUDIT_RETENTION_DAYS", default="") or 365)

# % if cookiecutter.import_export
# Imports and exports: how large an upload may be, in bytes; how many rows a file may have; and how
# long jobs are kept, with their files.
EXCHANGE_UPLOAD_MAX_BYTES = int(
    env.str("EXCHANGE_UPLOAD_MAX_BYTES", default="") or 10 * 1024 * 1024
)
EXCHANGE_IMPORT_MAX_ROWS = int(env.str("EXCHANGE_IMPORT_MAX_ROWS", default="") or 10_000)
EXCHANGE_EXPORT_MAX_ROWS = int(env.str("EXCHANGE_EXPORT_MAX_ROWS", default="") or 200_000)
EXCHANGE_RETENTION_HOURS = int(env.str("EXCHANGE_RETENTION_HOURS", default="") or 7 * 24)

# % endif
# % if cookiecutter.events
# When an event that some subscriber has not handled is sent to it again, in seconds: doubled each
# time. And how often a handler may fail before it is given up.
EVENTS_RESEND_SECONDS = int(env.str("EVENTS_RESEND_SECONDS", default="") or 60)
EVENTS_MAX_ATTEMPTS = int(env.str("EVENTS_MAX_ATTEMPTS", default="") or 10)

# % endif
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

# https://docs.celeryq.dev/en/stable/userguide/configuration.html
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="")
# With no broker, a task runs in the process that sends it.
CELERY_TASK_ALWAYS_EAGER = not CELERY_BROKER_URL
# What a task has done stands in the database; nobody reads results.
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
# Of a task, as JSON. A broker is no store; and a row may have changed before its task runs.
TASK_ARGUMENTS_MAX_BYTES = 8 * 1024
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_QUEUES = task_queues()
CELERY_TASK_DEFAULT_QUEUE = Queue.DEFAULT.value
CELERY_TASK_CREATE_MISSING_QUEUES = False
# A message is acknowledged when its task has ended, so a killed worker loses none:
# https://docs.celeryq.dev/en/stable/userguide/tasks.html#Task.acks_late
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# How many messages wait in a worker for each of its processes. The commands of the workers, in
# docker-compose.yml and k8s, say more for short tasks: one long task would hold up what waits behind it.
# https://docs.celeryq.dev/en/stable/userguide/optimizing.html#prefetch-limits
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# At SIGTERM a worker takes no more messages and ends when its tasks have, which they do within
# CELERY_TASK_TIME_LIMIT: the grace periods of docker-compose.yml and k8s are longer. SIGQUIT and Ctrl-C
# give them this many seconds, and then put them back. Where processes are killed early, as on nodes that
# may be taken away, set REMAP_SIGTERM=SIGQUIT: https://docs.celeryq.dev/en/stable/userguide/workers.html#soft-shutdown
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10.0
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_SOFT_TIME_LIMIT = 5 * 60
CELERY_TASK_TIME_LIMIT = 6 * 60
# % if cookiecutter.broker == "redis"
CELERY_BROKER_TRANSPORT = "core.jobs.redis:Transport"
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
# Keeps messages that no task is there for: https://docs.celeryq.dev/en/stable/userguide/configuration.html#worker-consumer
CELERY_WORKER_CONSUMER = "core.dead_letters.consumer:Consumer"
# How often a message may come back from workers that did not end it, such as those that it ended.
# Less than ``DELIVERY_LIMIT`` of core.jobs.queues, which is RabbitMQ's own.
TASK_REDELIVERY_LIMIT = int(env.str("TASK_REDELIVERY_LIMIT", default="") or 5)
# For how many days dead letters are kept, sent again or not.
DEAD_LETTER_RETENTION_DAYS = int(env.str("DEAD_LETTER_RETENTION_DAYS", default="") or 90)
# When a worker takes over an effect (core.jobs.effects) that a killed one has begun: longer than any
# takes. And for how long effects are remembered: longer than a message can come again.
EFFECT_LEASE_SECONDS = 60
EFFECT_RETENTION_DAYS = 90
# For how many days clients may ask what became of a task.
TASK_RUN_RETENTION_DAYS = int(env.str("TASK_RUN_RETENTION_DAYS", default="") or 7)
# Several may run: what was sent when stands in the database.
CELERY_BEAT_SCHEDULER = "core.jobs.schedules:SharedScheduler"
# % if cookiecutter.django_version == "6.1"
# https://docs.djangoproject.com/en/6.1/ref/settings/#tasks
TASKS = {
    "default": {
        "BACKEND": "core.django_tasks.backend.CeleryBackend",
        "QUEUES": [queue.value for queue in Queue],
    },
}
# How long results are kept.
DJANGO_TASKS_RETENTION_DAYS = 14
# % endif
CELERY_BEAT_SCHEDULE = {
    "dead-letters-drain": {
        "task": "core.dead_letters.tasks.dead_letters_drain",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    },
    "dead-letters-purge": {
        "task": "core.dead_letters.tasks.dead_letters_purge",
        "schedule": crontab(hour="4", minute="7"),
    },
    "jobs-purge-effects": {
        "task": "core.jobs.tasks.effects_purge",
        "schedule": crontab(hour="3", minute="7"),
    },
    "progress-tidy": {
        "task": "core.progress.tasks.progress_tidy",
        "schedule": crontab(minute="*/10"),
    },
    "users-purge-expired-credentials": {
        "task": "apps.users.tasks.users_purge_expired_credentials",
        "schedule": crontab(hour="3", minute="17"),
    },
    "audit-purge": {
        "task": "core.audit.tasks.audit_purge",
        "schedule": crontab(hour="3", minute="37"),
    },
    # % if cookiecutter.api_keys
    "api-keys-purge": {
        "task": "core.security.api_keys.tasks.api_keys_purge",
        "schedule": crontab(hour="3", minute="57"),
    },
    # % endif
    "idempotency-purge": {
        "task": "core.idempotency.tasks.idempotency_purge",
        "schedule": crontab(minute="27"),
    },
    # % if cookiecutter.django_version == "6.1"
    "django-tasks-send": {
        "task": "core.django_tasks.tasks.django_tasks_send",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    },
    "django-tasks-purge": {
        "task": "core.django_tasks.tasks.django_tasks_purge",
        "schedule": crontab(hour="4", minute="7"),
    },
    # % endif
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
    # % if cookiecutter.example_app
    "orders-settle-payments": {
        "task": "apps.orders.tasks.orders_settle_payments",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    },
    "orders-report-sales": {
        "task": "apps.orders.tasks.orders_request_sales_report_of_last_month",
        "schedule": crontab(day_of_month="1", hour="4", minute="7"),
    },
    # % endif
    # % if cookiecutter.import_export
    "exchange-purge": {
        "task": "core.exchange.tasks.exchange_purge",
        "schedule": crontab(minute="57"),
    },
    "exchange-resume": {
        "task": "core.exchange.tasks.exchange_resume",
        "schedule": crontab(minute="*/10"),
    },
    # % endif
}

# Where errors that nobody handles are reported to, how this place is called there, and of how many
# requests and tasks times are, from 0 to 1. Without the first, nothing is reported.
SENTRY_DSN = env.str("SENTRY_DSN", default="")
SENTRY_ENVIRONMENT = env.str("SENTRY_ENVIRONMENT", default="") or "production"
SENTRY_TRACES_SAMPLE_RATE = float(env.str("SENTRY_TRACES_SAMPLE_RATE", default="") or 0)

# What no log may hold: the values of settings, and the passwords in URLs.
SECRET_SETTINGS = [
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "FIELD_ENCRYPTION_KEYS",
    "METRICS_TOKENS",
    "SENTRY_DSN",
    # % if cookiecutter.auth == "jwt"
    "JWT_SIGNING_KEY",
    # % endif
]
SECRET_URLS = [CACHE_URL, CELERY_BROKER_URL, env.str("EMAIL_URL", default="")]
LOG_LEVEL = env.str("LOG_LEVEL", default="") or "INFO"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "core.security.redaction.RedactingFormatter",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
    },
    "handlers": {"stdout": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stdout"], "level": LOG_LEVEL},
    # Its own handlers would print each record twice, or mail it.
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        # It logs each call with its headers, at DEBUG; core.http logs without secrets.
        "httpcore": {"level": "WARNING"},
        # % if cookiecutter.database == "postgresql"
        # It logs each failed attempt with the address. Who needed the connection gets the error.
        "psycopg.pool": {"level": "ERROR"},
        # % endif
    },
}
