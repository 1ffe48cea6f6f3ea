"""When an address may no longer try passwords: https://django-axes.readthedocs.io/en/latest/4_configuration.html"""

from datetime import timedelta

from config.environment import Env

env = Env()

AUTHENTICATION_BACKENDS = ["core.security.lockouts.PasswordBackend"]
# Counted in the cache, so that an attack writes nothing into the database.
AXES_HANDLER = "core.security.lockouts.LockoutHandler"
# An account is locked for the address that guessed, so nobody locks its owner out from elsewhere.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = int(env.str("SIGN_IN_FAILURE_LIMIT", default="") or 5)
AXES_COOLOFF_TIME = timedelta(minutes=int(env.str("SIGN_IN_COOLOFF_MINUTES", default="") or 15))
# As throttles and the audit trail see it: proxies are believed as far as TRUSTED_PROXIES says.
AXES_CLIENT_IP_CALLABLE = "core.api.middleware.remote_address"
AXES_LOCKOUT_CALLABLE = "core.security.lockouts.answer"
AXES_RESET_ON_SUCCESS = True
# Who is locked out waits as long as it was told, and no longer.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# The library's tables are empty, and it would log addresses of mail.
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
