"""The settings of production, with a route and a command more."""

from config.settings import production
from config.settings.production import *  # noqa: F403 (settings build on each other)

INSTALLED_APPS = [*production.INSTALLED_APPS, "tests.e2e.leaking"]
ROOT_URLCONF = "tests.e2e.leaking.urls"
