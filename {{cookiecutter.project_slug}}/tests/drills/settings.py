"""The settings of production, with less time to wait where only time passes."""

from config.settings import production
from config.settings.production import *  # noqa: F403 (settings build on each other)

# The load of a drill comes from one address.
rates = production.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]
production.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = dict.fromkeys(rates)
# % if cookiecutter.events
# A minute otherwise.
EVENTS_RESEND_SECONDS = 5
# % endif
# % if cookiecutter.broker == "redis"
# Half an hour otherwise; longer than any task of a drill all the same.
production.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] = 5
# % endif
