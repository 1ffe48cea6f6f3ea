"""Settings for the tests: SQLite and tasks in process, or the servers that the variables name."""

from config.settings.base import *

SECRET_KEY = "a-key-for-tests-only-that-is-long-enough-to-be-accepted"  # nosec B105 (for tests only)
FIELD_ENCRYPTION_KEYS = [f"test:{'A-key-for-tests-only' * 2}-AA"]
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
# Tests name its pages as they are without a path of its own, whatever the environment says.
ADMIN_PATH = "admin/"
# Tests of the second factor turn it on.
ADMIN_SECOND_FACTOR = False
# A strong hash takes a tenth of a second, for each user that a test makes.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# Nothing was collected, and whitenoise would warn that it finds no folder to read ahead.
WHITENOISE_AUTOREFRESH = True
# Tests of single throttles set their own rates.
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = dict.fromkeys(
    REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"],
)
# Tasks run in process even where a broker is named; end-to-end tests start a worker that uses it.
CELERY_TASK_ALWAYS_EAGER = True
# A task that fails fails the test; elsewhere it is logged, and tried again if that may help.
CELERY_TASK_EAGER_PROPAGATES = True
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, so that the processes that end-to-end tests start see the same database.
    DATABASES["default"]["TEST"] = {"NAME": PROJECT_DIR / ".test-db.sqlite3"}
# Code that asks the database once for each row fails the request, and so the test that made it.
# https://github.com/taobojlen/django-zeal
INSTALLED_APPS = ["zeal", *INSTALLED_APPS]
MIDDLEWARE = ["zeal.middleware.zeal_middleware", *MIDDLEWARE]
# The caller and the account that it reads are two, each with its roles.
ZEAL_NPLUSONE_THRESHOLD = 3
# % if cookiecutter.example_app
PAYMENT_PROVIDER = "apps.orders.providers.simulated.SimulatedProvider"
# % endif
