"""How a caller proves who it is."""

# % if cookiecutter.auth == "jwt"
from datetime import timedelta

# % endif
from config import environment

env = environment.Env()

# % if cookiecutter.auth == "jwt"
AUTHENTICATION_APPS = ["apps.users.authentication.jwt"]
AUTHENTICATION_CLASSES = ["apps.users.authentication.jwt.backend.JWTAuthentication"]
AUTHENTICATION_VARIABLES = [
    environment.Variable(
        "JWT_SIGNING_KEY",
        "at least 50 random characters, or a private key in PEM: RSA with 2048 bits or more, or Ed25519",
        environment.jwt_signing_key,
        is_secret=True,
    ),
    environment.Variable(
        "JWT_VERIFICATION_KEYS",
        "public keys in PEM, RSA with 2048 bits or more or Ed25519, one behind the other",
        environment.jwt_verification_keys,
        is_optional=True,
    ),
    environment.Variable(
        "JWT_ISSUER", "the claim iss of the tokens", environment.text, is_optional=True
    ),
    environment.Variable(
        "JWT_AUDIENCE", "the claim aud of the tokens", environment.text, is_optional=True
    ),
    environment.Variable(
        "JWT_ACCESS_MINUTES",
        "a whole number of minutes from 1 to 99999",
        environment.period,
        is_optional=True,
    ),
    environment.Variable(
        "JWT_REFRESH_DAYS",
        "a whole number of days from 1 to 99999",
        environment.period,
        is_optional=True,
    ),
    environment.Variable(
        "JWT_COOKIES", "true or false", environment.one_of("true", "false"), is_optional=True
    ),
]
PURGE_CREDENTIALS_COMMANDS = ["clearsessions", "purge_token_families"]
# Whether browsers may get their tokens as cookies.
JWT_COOKIES = env.str("JWT_COOKIES", default="") == "true"
if JWT_COOKIES:
    AUTHENTICATION_CLASSES.append("apps.users.authentication.jwt.backend.CookieAuthentication")
# Then the pages of CORS_ALLOWED_ORIGINS send the cookies along.
# https://github.com/adamchainz/django-cors-headers#cors_allow_credentials-bool
CORS_ALLOW_CREDENTIALS = JWT_COOKIES
# Not SECRET_KEY, so that each can be replaced without the other.
JWT_SIGNING_KEY = env.str("JWT_SIGNING_KEY", default="") or "for-development-and-tests-only" * 2
# Keys that sign no more, or not yet, and whose tokens are taken.
JWT_VERIFICATION_KEYS = env.str("JWT_VERIFICATION_KEYS", default="")
# https://django-rest-framework-simplejwt.readthedocs.io/en/stable/settings.html
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(
        minutes=int(env.str("JWT_ACCESS_MINUTES", default="") or 15)
    ),
    # From the last refresh on: who comes back within that time stays signed in.
    "REFRESH_TOKEN_LIFETIME": timedelta(days=int(env.str("JWT_REFRESH_DAYS", default="") or 7)),
    "AUTH_TOKEN_CLASSES": ("apps.users.authentication.jwt.tokens.AccessToken",),
    # A new password ends all tokens that were made before it.
    "CHECK_REVOKE_TOKEN": True,  # nosec B105 (no token)
    "UPDATE_LAST_LOGIN": True,
    # The service's own token classes have the keys above. The library's have none, so that nobody
    # signs with those by mistake.
    "SIGNING_KEY": None,
    # Claims that tokens get and must have, where several services share a signing key.
    "ISSUER": env.str("JWT_ISSUER", default="") or None,
    "AUDIENCE": env.str("JWT_AUDIENCE", default="") or None,
}
# % elif cookiecutter.auth == "oidc"
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
# % if cookiecutter.auth != "oidc"
# Whether people can make accounts themselves.
REGISTRATION_OPEN = env.str("REGISTRATION_OPEN", default="") != "false"
# For how long the tokens in mails are good.
ACCOUNT_TOKEN_HOURS = int(env.str("ACCOUNT_TOKEN_HOURS", default="") or 4)
# The front end, whose pages the mails lead to; without one they show the tokens.
FRONTEND_URL = env.str("FRONTEND_URL", default="")
# Calls about accounts by one user or from one address, and mails that these send to one address.
ACCOUNT_RATES = {
    "account": env.str("ACCOUNT_RATE", default="") or "20/hour",
    "account-mail": env.str("ACCOUNT_MAIL_RATE", default="") or "5/hour",
}
AUTHENTICATION_VARIABLES += [
    environment.Variable(
        "REGISTRATION_OPEN", "true or false", environment.one_of("true", "false"), is_optional=True
    ),
    environment.Variable(
        "ACCOUNT_TOKEN_HOURS",
        "a whole number of hours from 1 to 99999",
        environment.period,
        is_optional=True,
    ),
    environment.Variable(
        "FRONTEND_URL",
        "the https:// URL of the front end",
        environment.url("https"),
        is_optional=True,
    ),
    *(
        environment.Variable(
            name, "a number and a period, such as 20/hour", environment.rate, is_optional=True
        )
        for name in ("ACCOUNT_RATE", "ACCOUNT_MAIL_RATE")
    ),
]
# % endif
