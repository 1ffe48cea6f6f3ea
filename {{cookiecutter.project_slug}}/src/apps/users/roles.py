"""The roles. What each may do stands in the ``rules.py`` of the apps."""

from django.db import models


class Role(models.TextChoices):
    """What a user may do. Each is one of Django's groups, so that permissions can hang on it."""

    CUSTOMER = "customer"
    STAFF = "staff"
    MANAGER = "manager"
    AUDITOR = "auditor"
    ADMIN = "admin"
