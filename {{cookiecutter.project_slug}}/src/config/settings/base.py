"""Settings that hold everywhere, some in modules of their own; development, production and test build on them.

https://docs.djangoproject.com/en/stable/ref/settings/
"""

from pathlib import Path
from typing import Any

from whitenoise.compress import Compressor

from config.environment import Env
from config.settings.api import *
from config.settings.authentication import *
from config.settings.database import database
from config.settings.headers import *
from config.settings.jobs import *
from config.settings.lockouts import *
from config.settings.mail import mail

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
CELERY_TIMEZONE = TIME_ZONE
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
