"""Wiring: settings, routes and entry points. Nothing imports this package but the servers."""

# Every process that can send a task needs Celery's app, or @shared_task would use a bare one.
# https://docs.celeryq.dev/en/stable/django/first-steps-with-django.html
from config.celery import app as celery_app

__all__ = ["celery_app"]
