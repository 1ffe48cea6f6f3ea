"""What the environment must hold before production starts, and what it may hold."""

from config import environment
from config.environment import Variable
from config.settings.authentication import AUTHENTICATION_VARIABLES
from core.encryption.keys import key_fault

VARIABLES = [
    Variable("SECRET_KEY", "at least 50 random characters", environment.secret, is_secret=True),
    Variable(
        "SECRET_KEY_FALLBACKS",
        "former keys, each of at least 50 random characters, comma-separated",
        environment.secrets,
        is_optional=True,
        is_secret=True,
    ),
    Variable(
        "FIELD_ENCRYPTION_KEYS",
        "ID:KEY, comma-separated, each key 32 random bytes in base64url; the first encrypts",
        key_fault,
        is_secret=True,
    ),
    Variable("ALLOWED_HOSTS", "host names, comma-separated", environment.hosts),
    # % if cookiecutter.database == "postgresql"
    Variable(
        "DATABASE_URL",
        "postgres://USER:PASSWORD@HOST:5432/NAME",
        environment.url("postgres", "postgresql", path="database"),
        is_secret=True,
    ),
    Variable(
        "DATABASE_POOL_MAX_SIZE",
        "a whole number from 1 on",
        environment.whole_number,
        is_optional=True,
    ),
    # % elif cookiecutter.database == "mysql"
    Variable(
        "DATABASE_URL",
        "mysql://USER:PASSWORD@HOST:3306/NAME",
        environment.url("mysql", path="database"),
        is_secret=True,
    ),
    # % else
    Variable(
        "DATABASE_URL",
        "sqlite:////PATH/ON/A/VOLUME/db.sqlite3",
        environment.sqlite_url,
    ),
    # % endif
    Variable(
        "CACHE_URL", "redis://HOST:6379/1", environment.url("redis", "rediss"), is_secret=True
    ),
    # % if cookiecutter.broker == "redis"
    Variable(
        "CELERY_BROKER_URL",
        "redis://HOST:6379/0",
        environment.url("redis", "rediss"),
        is_secret=True,
    ),
    # % else
    Variable(
        "CELERY_BROKER_URL",
        "amqp://USER:PASSWORD@HOST:5672/VHOST",
        environment.url("amqp", "amqps"),
        is_secret=True,
    ),
    # % endif
    Variable(
        "EMAIL_URL",
        "smtp+tls://USER:PASSWORD@HOST:587, or consolemail:// to print mail to the log",
        environment.email_url,
        is_secret=True,
    ),
    Variable("DEFAULT_FROM_EMAIL", "an e-mail address", environment.email),
    Variable(
        "CSRF_TRUSTED_ORIGINS",
        "https:// origins of the browsers' pages, comma-separated",
        environment.origins,
    ),
    Variable(
        "CORS_ALLOWED_ORIGINS",
        "https:// origins of the pages that call the API, comma-separated",
        environment.origins,
        is_optional=True,
    ),
    Variable("TRUSTED_PROXIES", "a whole number from 0 to 9", environment.digit),
    Variable(
        "HSTS_SECONDS", "a whole number from 1 on", environment.whole_number, is_optional=True
    ),
    Variable(
        "HSTS_PRELOAD", "true or false", environment.one_of("true", "false"), is_optional=True
    ),
    *AUTHENTICATION_VARIABLES,
    Variable(
        "ADMIN_PATH",
        "a path such as back-office/, away from the service's other routes",
        environment.admin_path,
        is_optional=True,
    ),
    Variable(
        "ADMIN_SECOND_FACTOR",
        "true or false",
        environment.one_of("true", "false"),
        is_optional=True,
    ),
    Variable(
        "METRICS_TOKEN",
        "at least 50 random letters, digits, - and _; several while one is replaced, comma-separated",
        environment.bearer_tokens,
        is_optional=True,
        is_secret=True,
    ),
    Variable(
        "SERVER_INTERFACE", "wsgi or asgi", environment.one_of("wsgi", "asgi"), is_optional=True
    ),
    Variable(
        "AUDIT_RETENTION_DAYS",
        "a whole number of days from 1 to 99999",
        environment.period,
        is_optional=True,
    ),
    # % if cookiecutter.api_keys
    *(
        Variable(
            name,
            "a whole number of days from 1 to 99999",
            environment.period,
            is_optional=True,
        )
        for name in ("API_KEY_MAX_DAYS", "API_KEY_RETENTION_DAYS")
    ),
    # % endif
    Variable(
        "DEAD_LETTER_RETENTION_DAYS",
        "a whole number of days from 1 to 99999",
        environment.period,
        is_optional=True,
    ),
    Variable(
        "TASK_REDELIVERY_LIMIT",
        "a whole number from 1 on",
        environment.whole_number,
        is_optional=True,
    ),
    Variable(
        "TASK_RUN_RETENTION_DAYS",
        "a whole number of days from 1 to 99999",
        environment.period,
        is_optional=True,
    ),
    Variable(
        "IDEMPOTENCY_RETENTION_HOURS",
        "a whole number from 1 to 99999",
        environment.period,
        is_optional=True,
    ),
    Variable(
        "IDEMPOTENCY_LEASE_SECONDS",
        "a whole number from 1 to 99999",
        environment.period,
        is_optional=True,
    ),
    # % if cookiecutter.import_export
    Variable("MEDIA_ROOT", "/PATH/ON/A/VOLUME", environment.folder),
    Variable(
        "EXCHANGE_UPLOAD_MAX_BYTES",
        "a whole number from 1 on",
        environment.whole_number,
        is_optional=True,
    ),
    Variable(
        "EXCHANGE_IMPORT_MAX_ROWS",
        "a whole number from 1 on",
        environment.whole_number,
        is_optional=True,
    ),
    Variable(
        "EXCHANGE_EXPORT_MAX_ROWS",
        "a whole number from 1 on",
        environment.whole_number,
        is_optional=True,
    ),
    Variable(
        "EXCHANGE_RETENTION_HOURS",
        "a whole number from 1 to 99999",
        environment.period,
        is_optional=True,
    ),
    Variable(
        "EXCHANGE_RATE",
        "a number and a period, such as 60/hour",
        environment.rate,
        is_optional=True,
    ),
    # % endif
    Variable(
        "SESSION_HOURS",
        "a whole number of hours from 1 to 99999",
        environment.period,
        is_optional=True,
    ),
    Variable(
        "SESSION_IDLE_MINUTES",
        "a whole number of minutes from 1 to 99999",
        environment.period,
        is_optional=True,
    ),
    *(
        Variable(
            name,
            "a number and a period, such as 100/hour",
            environment.rate,
            is_optional=True,
        )
        for name in ("ANON_RATE", "USER_RATE", "SIGN_IN_RATE")
    ),
    Variable(
        "SIGN_IN_FAILURE_LIMIT",
        "a whole number from 1 to 99999",
        environment.period,
        is_optional=True,
    ),
    Variable(
        "SIGN_IN_COOLOFF_MINUTES",
        "a whole number of minutes from 1 to 99999",
        environment.period,
        is_optional=True,
    ),
    Variable(
        "BREACHED_PASSWORDS_URL",
        "the https:// URL of a service that knows breached passwords",
        environment.url("https"),
        is_optional=True,
    ),
    Variable("WEB_THREADS", "a whole number from 1 on", environment.whole_number, is_optional=True),
    # % if cookiecutter.example_app
    Variable(
        "PAYMENT_PROVIDER",
        "the dotted path of a class, as in package.module.Class",
        environment.dotted_path,
        is_optional=True,
    ),
    # % endif
    Variable(
        "SENTRY_DSN",
        "https://KEY@HOST/PROJECT",
        environment.sentry_dsn,
        is_optional=True,
        is_secret=True,
    ),
    Variable(
        "SENTRY_ENVIRONMENT",
        "a name of at most 64 characters without blanks and slashes",
        environment.sentry_environment,
        is_optional=True,
    ),
    Variable(
        "SENTRY_TRACES_SAMPLE_RATE",
        "a number from 0 to 1",
        environment.share,
        is_optional=True,
    ),
    Variable(
        "LOG_LEVEL",
        "DEBUG, INFO, WARNING, ERROR or CRITICAL",
        environment.one_of("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
        is_optional=True,
    ),
]
