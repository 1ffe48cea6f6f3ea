"""Runs what is written for ``django.tasks`` in the workers of Celery.

https://docs.djangoproject.com/en/stable/topics/tasks/
"""
