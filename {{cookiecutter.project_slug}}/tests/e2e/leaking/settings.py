"""The settings of production, and a route more."""

from config.settings.production import *  # noqa: F403 (settings build on each other)

ROOT_URLCONF = "tests.e2e.leaking.urls"
