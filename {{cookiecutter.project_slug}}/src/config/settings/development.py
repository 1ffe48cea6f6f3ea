"""Settings for a developer's machine: nothing to install, everything visible."""

# .env must be read before the settings that use it.

from pathlib import Path

import environ

environ.Env.read_env(Path(__file__).resolve().parents[3] / ".env")

from config.settings.base import *

SECRET_KEY = SECRET_KEY or "django-insecure-for-development-only"
FIELD_ENCRYPTION_KEYS = FIELD_ENCRYPTION_KEYS or [f"development:{'A' * 43}"]
DEBUG = True
ALLOWED_HOSTS = ALLOWED_HOSTS or ["localhost", "127.0.0.1", "[::1]"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# % if cookiecutter.example_app
PAYMENT_PROVIDER = PAYMENT_PROVIDER or "apps.orders.providers.simulated.SimulatedProvider"
# % endif
