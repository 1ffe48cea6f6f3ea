"""What the environment must hold before production starts."""

from config import environment
from config.environment import Variable
from config.settings.authentication import AUTHENTICATION_VARIABLES

REQUIRED = [
    Variable("SECRET_KEY", "at least 50 random characters", environment.secret),
    Variable("ALLOWED_HOSTS", "host names, comma-separated", environment.hosts),
    # % if cookiecutter.database == "postgresql"
    Variable(
        "DATABASE_URL",
        "postgres://USER:PASSWORD@HOST:5432/NAME",
        environment.url("postgres", "postgresql"),
    ),
    # % elif cookiecutter.database == "mysql"
    Variable(
        "DATABASE_URL",
        "mysql://USER:PASSWORD@HOST:3306/NAME",
        environment.url("mysql"),
    ),
    # % else
    Variable(
        "DATABASE_URL",
        "sqlite:////PATH/ON/A/VOLUME/db.sqlite3",
        environment.url("sqlite", host=False),
    ),
    # % endif
    Variable("CACHE_URL", "redis://HOST:6379/1", environment.url("redis", "rediss")),
    # % if cookiecutter.broker == "redis"
    Variable("CELERY_BROKER_URL", "redis://HOST:6379/0", environment.url("redis", "rediss")),
    # % else
    Variable(
        "CELERY_BROKER_URL",
        "amqp://USER:PASSWORD@HOST:5672/VHOST",
        environment.url("amqp", "amqps"),
    ),
    # % endif
    Variable(
        "EMAIL_URL",
        "smtp+tls://USER:PASSWORD@HOST:587, or consolemail:// to print mail to the log",
        environment.email_url,
    ),
    Variable("DEFAULT_FROM_EMAIL", "an e-mail address", environment.email),
    Variable(
        "CSRF_TRUSTED_ORIGINS",
        "https:// origins of the browsers' pages, comma-separated",
        environment.urls("https"),
    ),
    *AUTHENTICATION_VARIABLES,
]
