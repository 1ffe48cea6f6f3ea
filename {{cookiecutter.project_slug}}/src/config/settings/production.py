"""Settings for production: strict, and complete before anything starts.

https://docs.djangoproject.com/en/stable/howto/deployment/checklist/
"""

# The environment is checked before a setting stumbles over it.

from django.core.exceptions import ImproperlyConfigured

from config.environment import Env, require
from config.settings.variables import VARIABLES

require(Env.ENVIRON, VARIABLES)

from config.settings.base import *

# How many proxies stand before the service, each adding the address that it was called from: a
# caller could make up those further left, and escape its throttle.
# https://www.django-rest-framework.org/api-guide/throttling/#how-clients-are-identified
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES")
REST_FRAMEWORK["NUM_PROXIES"] = TRUSTED_PROXIES
if TRUSTED_PROXIES:
    # Whoever calls a service that has no proxy could claim to come over TLS.
    # https://docs.djangoproject.com/en/stable/ref/settings/#secure-proxy-ssl-header
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
# https://docs.djangoproject.com/en/stable/ref/middleware/#http-strict-transport-security
ONE_YEAR_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_SECONDS = int(env.str("HSTS_SECONDS", default="") or ONE_YEAR_SECONDS)
# Browsers carry the list of preloaded domains with them, so who is on it is bound for months after having
# asked to leave, with every subdomain: https://hstspreload.org/#removal
HSTS_PRELOAD = env.str("HSTS_PRELOAD", default="") == "true"
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HSTS_PRELOAD
if not HSTS_PRELOAD:
    # They ask for subdomains and preloading: those are for the owner of the domain to decide.
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
elif SECURE_HSTS_SECONDS < ONE_YEAR_SECONDS:
    raise ImproperlyConfigured(
        f"HSTS_PRELOAD needs HSTS_SECONDS of at least {ONE_YEAR_SECONDS}, or none: "
        "https://hstspreload.org/#submission-requirements"
    )
ADMIN_SECOND_FACTOR = env.str("ADMIN_SECOND_FACTOR", default="") != "false"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
