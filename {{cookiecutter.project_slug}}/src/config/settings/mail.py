"""How the service sends mail."""

from typing import Any

import environ

# An SMTP server that hangs must not hold a worker for ever.
TIMEOUT_SECONDS = 10


def mail(env: environ.Env) -> dict[str, Any]:
    """Return Django's settings for the server at ``EMAIL_URL``. Without one, mail is printed.

    https://docs.djangoproject.com/en/{{ cookiecutter.django_version }}/topics/email/
    """
    url: dict[str, Any] = env.email_url_config(env.str("EMAIL_URL", default="") or "consolemail://")
    # % if cookiecutter.django_version == "6.1"
    options = {
        "host": url["EMAIL_HOST"],
        "port": url["EMAIL_PORT"],
        "username": url["EMAIL_HOST_USER"],
        "password": url["EMAIL_HOST_PASSWORD"],
        "use_tls": url.get("EMAIL_USE_TLS", False),
        "use_ssl": url.get("EMAIL_USE_SSL", False),
        "timeout": TIMEOUT_SECONDS,
    }
    is_server = url["EMAIL_HOST"] is not None
    default = {"BACKEND": url["EMAIL_BACKEND"], "OPTIONS": options if is_server else {}}
    return {"MAILERS": {"default": default}}
    # % else
    return {**url, "EMAIL_TIMEOUT": TIMEOUT_SECONDS}
    # % endif
