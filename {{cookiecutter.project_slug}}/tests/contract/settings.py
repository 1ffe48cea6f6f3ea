"""The settings of the tests, which limit nobody's requests.

Both sides have them: the service, and the tests that call it.
"""

# % if cookiecutter.auth == "jwt"
from datetime import timedelta

# % endif
from config.settings import base
from config.settings.test import *  # noqa: F403 (settings build on each other)

# The host that the client speaks to.
ALLOWED_HOSTS = base.ALLOWED_HOSTS
# Made-up passwords lock nobody out.
AXES_FAILURE_LIMIT = 10**9
# % if cookiecutter.auth == "jwt"
# A run may take longer than a token lives. The service takes the tokens that the tests sign.
SIMPLE_JWT = base.SIMPLE_JWT | {"ACCESS_TOKEN_LIFETIME": timedelta(days=1)}
JWT_SIGNING_KEY = "for-tests-of-the-contract-only" * 2
# % endif
