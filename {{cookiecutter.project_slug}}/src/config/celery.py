"""Celery entry point: ``celery --app config.celery worker``.

https://docs.celeryq.dev/en/stable/django/first-steps-with-django.html
"""

import os
from logging import Logger
from typing import Any

from celery import Celery
from celery.signals import after_setup_logger, after_setup_task_logger

from core.security.redaction import redact

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

app = Celery("{{ cookiecutter.project_slug }}", task_cls="core.jobs.tasks:BaseTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@after_setup_logger.connect
@after_setup_task_logger.connect
def keep_secrets_out(logger: Logger, **_: Any) -> None:
    """Celery writes in a form of its own, which says which process of a worker it was."""
    redact(logger)
