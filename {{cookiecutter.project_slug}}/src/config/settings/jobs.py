"""Work in the background: Celery, and when the periodic tasks run."""

from celery.schedules import crontab

from config.environment import Env
from core.jobs.queues import Queue, task_queues

_env = Env()

# https://docs.celeryq.dev/en/stable/userguide/configuration.html
CELERY_BROKER_URL = _env.str("CELERY_BROKER_URL", default="")
# With no broker, a task runs in the process that sends it.
CELERY_TASK_ALWAYS_EAGER = not CELERY_BROKER_URL
# What a task has done stands in the database; nobody reads results.
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
# Of a task, as JSON. A broker is no store; and a row may have changed before its task runs.
TASK_ARGUMENTS_MAX_BYTES = 8 * 1024
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
# What has lost its connection can never be acknowledged, and is delivered to somebody else:
# https://docs.celeryq.dev/en/stable/userguide/configuration.html#worker-cancel-long-running-tasks-on-connection-loss
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
# A worker waits for its broker, so that both may start in any order.
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# After the first a task gets an exception, with which it may tidy up; after the second its process is
# killed: https://docs.celeryq.dev/en/stable/userguide/workers.html#time-limits
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
TASK_REDELIVERY_LIMIT = int(_env.str("TASK_REDELIVERY_LIMIT", default="") or 5)
# For how many days dead letters are kept, sent again or not.
DEAD_LETTER_RETENTION_DAYS = int(_env.str("DEAD_LETTER_RETENTION_DAYS", default="") or 90)
# When a worker takes over an effect (core.jobs.effects) that a killed one has begun: no task takes
# longer. And for how long effects are remembered: a dead letter may be sent again until it is purged.
EFFECT_LEASE_SECONDS = CELERY_TASK_TIME_LIMIT
EFFECT_RETENTION_DAYS = DEAD_LETTER_RETENTION_DAYS + 7
# For how many days clients may ask what became of a task.
TASK_RUN_RETENTION_DAYS = int(_env.str("TASK_RUN_RETENTION_DAYS", default="") or 7)
# % if cookiecutter.events
# When an event that some subscriber has not handled is sent to it again, in seconds: doubled each
# time. And how often a handler may fail before it is given up.
EVENTS_RESEND_SECONDS = int(_env.str("EVENTS_RESEND_SECONDS", default="") or 60)
EVENTS_MAX_ATTEMPTS = int(_env.str("EVENTS_MAX_ATTEMPTS", default="") or 10)
# % endif
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
    "orders-resume-sales-reports": {
        "task": "apps.orders.tasks.orders_resume_sales_reports",
        "schedule": crontab(minute="*/10"),
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
