"""Puts the service's own site in the place of Django's: settings name it among the apps.

https://docs.djangoproject.com/en/stable/ref/contrib/admin/#overriding-the-default-admin-site
"""

from django.contrib.admin import apps


class AdminConfig(apps.AdminConfig):
    default_site = "core.security.second_factor.AdminSite"
