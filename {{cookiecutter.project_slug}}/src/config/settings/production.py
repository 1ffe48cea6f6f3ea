"""Settings for production: strict, and complete before anything starts.

https://docs.djangoproject.com/en/stable/howto/deployment/checklist/
"""

# The environment is checked before a setting stumbles over it.

from config.environment import Env, require
from config.settings.variables import VARIABLES

require(Env.ENVIRON, VARIABLES)

from config.settings.base import *

# How many proxies stand before the service, each adding the address that it was called from: a
# caller could make up those further left, and escape its throttle.
# https://www.django-rest-framework.org/api-guide/throttling/#how-clients-are-identified
REST_FRAMEWORK["NUM_PROXIES"] = int(env.str("TRUSTED_PROXIES", default="") or 1)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
# https://docs.djangoproject.com/en/stable/ref/middleware/#http-strict-transport-security
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
