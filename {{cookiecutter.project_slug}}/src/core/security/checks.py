"""What ``manage.py check --deploy`` finds beyond Django's own checks, in settings and in routes.

What stands in a variable alone, such as a key that is too short, lets production not even start
(``config/settings/variables.py``): it is not asked again here.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.module_loading import import_string
from rest_framework.authentication import BasicAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.settings import api_settings

from core.security.deploy import deploy_check
from core.security.redaction import RedactingFormatter

# https://pages.nist.gov/800-63-4/sp800-63b.html: after that, who is signed in signs in again.
SESSION_MAXIMUM_SECONDS = 30 * 24 * 60 * 60
ONE_YEAR_SECONDS = 365 * 24 * 60 * 60
BODY_MAXIMUM_BYTES = 10 * 1024 * 1024
DEBUGGING_APPS = ("debug_toolbar", "django_extensions", "silk")
DEBUGGING_VIEWS = ("django.views.static", "django.contrib.staticfiles.views", "debug_toolbar")
LAX_SOURCES = {"*", "data:", "http:", "https:", "'unsafe-eval'", "'unsafe-inline'"}


@deploy_check(
    "deploy.W001",
    hint="Put Argon2PasswordHasher first in PASSWORD_HASHERS.",
    link="https://docs.djangoproject.com/en/stable/topics/auth/passwords/#using-argon2-with-django",
)
def passwords_are_hashed_with_argon2() -> Iterator[str]:
    if not settings.PASSWORD_HASHERS[0].endswith(".Argon2PasswordHasher"):
        yield "New passwords are not hashed with Argon2."


@deploy_check(
    "deploy.W002",
    hint="Have them in AUTH_PASSWORD_VALIDATORS.",
    link="https://docs.djangoproject.com/en/stable/topics/auth/passwords/#password-validation",
)
def weak_passwords_are_refused() -> Iterator[str]:
    names = {
        validator["NAME"].rpartition(".")[2] for validator in settings.AUTH_PASSWORD_VALIDATORS
    }
    for needed in ("MinimumLengthValidator", "CommonPasswordValidator"):
        if needed not in names:
            yield f"Passwords are not checked by {needed}."


@deploy_check(
    "deploy.W003",
    hint="Name each origin in CORS_ALLOWED_ORIGINS, with https://.",
    link="https://github.com/adamchainz/django-cors-headers#configuration",
)
def only_named_origins_call_the_api() -> Iterator[str]:
    if getattr(settings, "CORS_ALLOW_ALL_ORIGINS", False):
        yield "CORS_ALLOW_ALL_ORIGINS lets the pages of every origin call the API."
    if getattr(settings, "CORS_ALLOWED_ORIGIN_REGEXES", []):
        yield "CORS_ALLOWED_ORIGIN_REGEXES may let in more origins than it seems."
    if not all(origin.startswith("https://") for origin in settings.CORS_ALLOWED_ORIGINS):
        yield "CORS_ALLOWED_ORIGINS has an origin that anybody on its way can speak for."


@deploy_check(
    "deploy.W004",
    hint="Name each origin in CSRF_TRUSTED_ORIGINS, with https://.",
    link="https://docs.djangoproject.com/en/stable/ref/settings/#csrf-trusted-origins",
)
def only_named_origins_send_forms() -> Iterator[str]:
    for origin in settings.CSRF_TRUSTED_ORIGINS:
        if "*" in origin or not origin.startswith("https://"):
            yield "CSRF_TRUSTED_ORIGINS trusts more than single origins with https://."
            return


@deploy_check(
    "deploy.W005",
    hint="SESSION_HOURS and SESSION_IDLE_MINUTES set the times; the middleware keeps them.",
    link="https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html#session-expiration",
)
def sessions_end() -> Iterator[str]:
    if settings.SESSION_COOKIE_AGE > SESSION_MAXIMUM_SECONDS:
        yield "A session lasts for longer than 30 days."
    if settings.SESSION_IDLE_SECONDS > settings.SESSION_COOKIE_AGE:
        yield "A session may be idle for longer than it lasts."
    if "core.security.sessions.SessionLifetimeMiddleware" not in settings.MIDDLEWARE:
        yield "Nothing ends sessions: SessionLifetimeMiddleware is not in MIDDLEWARE."


@deploy_check(
    "deploy.W006",
    hint="Lax or Strict, or pages of other sites have it sent.",
    link="https://docs.djangoproject.com/en/stable/ref/settings/#session-cookie-samesite",
)
def cookies_stay_on_the_site() -> Iterator[str]:
    for name in ("SESSION_COOKIE_SAMESITE", "CSRF_COOKIE_SAMESITE"):
        if getattr(settings, name) not in ("Lax", "Strict"):
            yield f"{name} is neither Lax nor Strict."


@deploy_check(
    "deploy.W007",
    hint="Deny by default, and open what is public in its view.",
    link="https://www.django-rest-framework.org/api-guide/permissions/#setting-the-permission-policy",
)
def views_deny_by_default() -> Iterator[str]:
    classes: Any = api_settings.DEFAULT_PERMISSION_CLASSES
    if not classes or AllowAny in classes:
        yield "DEFAULT_PERMISSION_CLASSES lets everybody in."


@deploy_check(
    "deploy.W008",
    hint="Name its permission_classes; AllowAny, if everybody may.",
    link="https://www.django-rest-framework.org/api-guide/permissions/",
)
def every_view_has_a_permission() -> Iterator[str]:
    for name in sorted(
        {view.__name__ for view, given in _api_views() if not _given(view, given, "permission")}
    ):
        yield f"{name} has no permission class, so everybody may do what it does."


@deploy_check(
    "deploy.W009",
    hint="Give it a rate in DEFAULT_THROTTLE_RATES.",
    link="https://www.django-rest-framework.org/api-guide/throttling/",
)
def everybody_is_throttled() -> Iterator[str]:
    if not api_settings.DEFAULT_THROTTLE_CLASSES:
        yield "DEFAULT_THROTTLE_CLASSES is empty: nobody is throttled."
    asked = {getattr(view, "throttle_scope", None) for view, _ in _api_views()}
    # A property tells it for each request.
    for scope in sorted({"anon", "user", *(one for one in asked if isinstance(one, str))}):
        if not api_settings.DEFAULT_THROTTLE_RATES.get(scope):
            yield f"The throttle scope {scope!r} has no rate."


@deploy_check(
    "deploy.W010",
    hint="Take it out of DEFAULT_AUTHENTICATION_CLASSES, and out of the views.",
    link="https://www.django-rest-framework.org/api-guide/authentication/#basicauthentication",
)
def passwords_are_not_sent_with_every_request() -> Iterator[str]:
    classes: set[Any] = set(api_settings.DEFAULT_AUTHENTICATION_CLASSES)
    for view, given in _api_views():
        classes.update(_given(view, given, "authentication"))
    if any(issubclass(one, BasicAuthentication) for one in classes):
        yield "BasicAuthentication takes passwords with every request, and counts no tries."


@deploy_check(
    "deploy.W011",
    hint="TRUSTED_PROXIES alone says whom to believe; config/settings/production.py applies it.",
    link="https://www.django-rest-framework.org/api-guide/throttling/#how-clients-are-identified",
)
def only_trusted_proxies_are_believed() -> Iterator[str]:
    proxies = getattr(settings, "TRUSTED_PROXIES", 0)
    if proxies != api_settings.NUM_PROXIES:
        yield "NUM_PROXIES is not TRUSTED_PROXIES: callers may make up their address."
    if settings.SECURE_PROXY_SSL_HEADER and not proxies:
        yield "SECURE_PROXY_SSL_HEADER is set without a proxy: callers may claim TLS."
    if settings.USE_X_FORWARDED_HOST or settings.USE_X_FORWARDED_PORT:
        yield "The host or the port is taken from X-Forwarded-Host or X-Forwarded-Port."


@deploy_check(
    "deploy.W012",
    hint="config/settings/headers.py says what every answer has.",
    link="https://owasp.org/www-project-secure-headers/",
)
def pages_run_nothing_foreign() -> Iterator[str]:
    if settings.MIDDLEWARE[: len(settings.SECURITY_MIDDLEWARE)] != settings.SECURITY_MIDDLEWARE:
        yield "SECURITY_MIDDLEWARE does not stand around all other middleware."
    for name in ("SECURE_CSP", "SECURE_CSP_PAGES"):
        policy = getattr(settings, name)
        sources = policy.get("script-src", policy.get("default-src", ["*"]))
        if LAX_SOURCES & set(sources):
            yield f"{name} lets pages run scripts of others."


@deploy_check(
    "deploy.W013",
    hint="Keep it in config/settings/development.py.",
    link="https://docs.djangoproject.com/en/stable/howto/static-files/#serving-static-files-during-development",
)
def nothing_is_there_for_debugging() -> Iterator[str]:
    for name in settings.INSTALLED_APPS:
        if name.split(".")[0] in DEBUGGING_APPS:
            yield f"{name} is among INSTALLED_APPS."
    for pattern in _patterns(get_resolver().url_patterns):
        module = getattr(pattern.callback, "__module__", "")
        if module.startswith(DEBUGGING_VIEWS):
            yield f"The route {pattern.pattern} is for debugging."


@deploy_check(
    "deploy.W014",
    hint='Give it the formatter "line" of LOGGING in config/settings/base.py.',
    link="https://cheatsheetseries.owasp.org/cheatsheets/Logging_Cheat_Sheet.html#data-to-exclude",
)
def logs_are_redacted() -> Iterator[str]:
    logging: Any = settings.LOGGING
    for name, handler in logging["handlers"].items():
        formatter = logging["formatters"].get(handler.get("formatter"), {})
        made_by = formatter.get("()")
        made_by = import_string(made_by) if isinstance(made_by, str) else made_by
        if not (isinstance(made_by, type) and issubclass(made_by, RedactingFormatter)):
            yield f"The log handler {name!r} writes secrets as they come."


@deploy_check(
    "deploy.W015",
    hint="Make one for each: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'.",
    link="https://cheatsheetseries.owasp.org/cheatsheets/Key_Management_Cheat_Sheet.html#key-usage",
)
def each_key_has_one_use() -> Iterator[str]:
    keys = Counter(
        key
        for name in settings.SECRET_SETTINGS
        for key in _as_list(getattr(settings, name, ""))
        if key
    )
    if any(uses > 1 for uses in keys.values()):
        yield f"Two of {', '.join(settings.SECRET_SETTINGS)} are one and the same."


@deploy_check(
    "deploy.W016",
    hint="Name a mail server in EMAIL_URL.",
    link="https://docs.djangoproject.com/en/stable/topics/email/#console-backend",
)
def mail_is_sent() -> Iterator[str]:
    # % if cookiecutter.django_version == "6.1"
    mailers: dict[str, Any] = getattr(settings, "MAILERS", {})
    backends = [mailer["BACKEND"] for mailer in mailers.values()]
    # % else
    backends = [settings.EMAIL_BACKEND]
    # % endif
    if any(not backend.endswith("smtp.EmailBackend") for backend in backends):
        yield "Mail goes to no server: nobody gets it, and the log has what was meant for one."


@deploy_check(
    "deploy.W017",
    hint="Leave DATA_UPLOAD_MAX_MEMORY_SIZE at 10 MiB or less; files have limits of their own.",
    link="https://docs.djangoproject.com/en/stable/ref/settings/#data-upload-max-memory-size",
)
def bodies_are_bounded() -> Iterator[str]:
    size = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if size is None or size > BODY_MAXIMUM_BYTES:
        yield "A request may fill the memory with its body."
    if settings.DATA_UPLOAD_MAX_NUMBER_FIELDS is None:
        yield "A form may have any number of fields."


@deploy_check(
    "deploy.W018",
    hint="Leave DEBUG_PROPAGATE_EXCEPTIONS off.",
    link="https://docs.djangoproject.com/en/stable/ref/settings/#debug-propagate-exceptions",
)
def errors_stay_inside() -> Iterator[str]:
    if settings.DEBUG_PROPAGATE_EXCEPTIONS:
        yield "DEBUG_PROPAGATE_EXCEPTIONS hands errors to the web server, past the error contract."


@deploy_check(
    "deploy.W019",
    hint="Leave ADMIN_SECOND_FACTOR on, and give staff one: manage.py enrol_second_factor EMAIL.",
    link="https://cheatsheetseries.owasp.org/cheatsheets/Multifactor_Authentication_Cheat_Sheet.html",
)
def the_admin_asks_for_a_second_factor() -> Iterator[str]:
    if not settings.ADMIN_SECOND_FACTOR:
        yield "A password alone opens the admin: ADMIN_SECOND_FACTOR is off."


@deploy_check(
    "deploy.I001",
    hint="Raise HSTS_SECONDS, or leave it out, when all works over HTTPS.",
    link="https://docs.djangoproject.com/en/stable/ref/middleware/#http-strict-transport-security",
)
def browsers_stay_with_https() -> Iterator[str]:
    if settings.SECURE_HSTS_SECONDS < ONE_YEAR_SECONDS:
        yield "Browsers are told to stay with HTTPS for less than a year."


@deploy_check(
    "deploy.I002",
    hint="Set TRUSTED_PROXIES, unless the service itself ends TLS.",
    link="https://docs.djangoproject.com/en/stable/ref/settings/#secure-proxy-ssl-header",
)
def somebody_ends_tls() -> Iterator[str]:
    if not getattr(settings, "TRUSTED_PROXIES", 0):
        yield "No proxy is trusted: what comes through one is sent to HTTPS for ever."


def _as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _patterns(patterns: Iterable[Any]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern.url_patterns)
        else:
            yield pattern


def _api_views() -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield the views of the API that routes lead to, each with what its route gives it."""
    for pattern in _patterns(get_resolver().url_patterns):
        view = getattr(pattern.callback, "cls", None)
        if view is not None:
            yield view, getattr(pattern.callback, "initkwargs", {})


def _given(view: Any, given: dict[str, Any], what: str) -> list[Any]:
    name = f"{what}_classes"
    return list(given.get(name, getattr(view, name)))
