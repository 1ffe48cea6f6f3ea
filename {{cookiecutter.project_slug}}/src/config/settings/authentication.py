"""How a caller proves who it is."""

# % if cookiecutter.auth == "jwt"
from datetime import timedelta

# % endif
from config import environment

# % if cookiecutter.auth == "jwt"
env = environment.Env()

AUTHENTICATION_APPS = ["rest_framework_simplejwt.token_blacklist"]
AUTHENTICATION_CLASSES = ["apps.users.authentication.jwt.backend.JWTAuthentication"]
AUTHENTICATION_VARIABLES = [
    environment.Variable("JWT_SIGNING_KEY", "at least 50 random characters", environment.secret),
]
PURGE_CREDENTIALS_COMMANDS = ["clearsessions", "flushexpiredtokens"]
# https://django-rest-framework-simplejwt.readthedocs.io/en/stable/settings.html
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=5),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=1),
    # A refresh token is used up by getting the next pair, so a stolen one is found out.
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    # A new password ends all tokens that were made before it.
    "CHECK_REVOKE_TOKEN": True,
    "UPDATE_LAST_LOGIN": True,
    # Not SECRET_KEY, so that each can be replaced without the other.
    "SIGNING_KEY": env.str("JWT_SIGNING_KEY", default="") or "for-development-and-tests-only" * 2,
    # Claims that tokens get and must have, where several services share a signing key.
    "ISSUER": env.str("JWT_ISSUER", default=None),
    "AUDIENCE": env.str("JWT_AUDIENCE", default=None),
}
# % elif cookiecutter.auth == "oidc"
env = environment.Env()

AUTHENTICATION_APPS = ["apps.users.authentication.oidc"]
AUTHENTICATION_CLASSES = ["apps.users.authentication.oidc.backend.BearerAuthentication"]
AUTHENTICATION_VARIABLES = [
    environment.Variable(
        "OIDC_ISSUER",
        "the issuer's https:// URL, character by character as in the claim iss of its tokens",
        environment.issuer,
    ),
    environment.Variable(
        "OIDC_AUDIENCE",
        "this service's name at the issuer, as in the claim aud of its tokens",
        environment.text,
    ),
    environment.Variable(
        "OIDC_JWKS_URL",
        "the https:// URL of the issuer's keys, if its /.well-known/openid-configuration cannot be read",
        environment.url("https"),
        is_optional=True,
    ),
    environment.Variable(
        "OIDC_CLIENT_IDS",
        "clients whose tokens are taken, as in the claim azp of its tokens, comma-separated",
        environment.names,
        is_optional=True,
    ),
    environment.Variable(
        "OIDC_ROLES_CLAIM",
        "the claim that lists what people are at the issuer, such as realm_access.roles",
        environment.text,
        is_optional=True,
    ),
    environment.Variable(
        "OIDC_ROLES_MAPPING",
        "NAME=ROLE, comma-separated: a name in that claim, and the role that it gives here",
        environment.mapping,
        is_optional=True,
    ),
]
PURGE_CREDENTIALS_COMMANDS = ["clearsessions"]
# Without them the service starts, and refuses every token.
OIDC_ISSUER = env.str("OIDC_ISSUER", default="")
OIDC_AUDIENCE = env.str("OIDC_AUDIENCE", default="")
# Without it, the issuer's discovery document says where its keys are.
OIDC_JWKS_URL = env.str("OIDC_JWKS_URL", default="")
# Without any, every client of the issuer may call on behalf of its users.
OIDC_CLIENT_IDS = environment.items(env.str("OIDC_CLIENT_IDS", default=""))
# Without them, roles are given here alone.
OIDC_ROLES_CLAIM = env.str("OIDC_ROLES_CLAIM", default="")
OIDC_ROLES_MAPPING = environment.pairs(env.str("OIDC_ROLES_MAPPING", default=""))
# % else
AUTHENTICATION_APPS: list[str] = []
AUTHENTICATION_CLASSES = ["apps.users.authentication.session.backend.SessionAuthentication"]
AUTHENTICATION_VARIABLES: list[environment.Variable] = []
PURGE_CREDENTIALS_COMMANDS = ["clearsessions"]
# The pages of CORS_ALLOWED_ORIGINS send the cookie along.
# https://github.com/adamchainz/django-cors-headers#cors_allow_credentials-bool
CORS_ALLOW_CREDENTIALS = True
# % endif
