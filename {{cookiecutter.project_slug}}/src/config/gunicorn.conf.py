"""How gunicorn serves: ``gunicorn --config src/config/gunicorn.conf.py``.

WSGI with threads by default. ``SERVER_INTERFACE=asgi`` serves the same routes with uvicorn, for
services that hold many slow connections in async views.

https://gunicorn.org/reference/settings/
"""

import os
from pathlib import Path
from typing import Any


def whole_number(name: str, default: int, *, least: int = 1) -> int:
    """Return the environment variable ``name`` as an integer of at least ``least``."""
    text = os.environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or int(text) < least:
        message = f"{name} is {text!r}. Expected: a whole number from {least} on."
        raise SystemExit(message)
    return int(text)


interface = os.environ.get("SERVER_INTERFACE") or "wsgi"
if interface not in {"wsgi", "asgi"}:
    message = f"SERVER_INTERFACE is {interface!r}. Expected: wsgi or asgi."
    raise SystemExit(message)

chdir = str(Path(__file__).resolve().parents[1])
wsgi_app = f"config.{interface}:application"
worker_class = {"wsgi": "gthread", "asgi": "uvicorn_worker.UvicornWorker"}[interface]
bind = f"{os.environ.get('HOST') or '0.0.0.0'}:{whole_number('PORT', 8000)}"  # noqa: S104 (a container's own interface) # nosec B104
workers = whole_number("WEB_CONCURRENCY", 2)
threads = whole_number("WEB_THREADS", 4)

# A request has this long to end after SIGTERM. Kubernetes must wait longer before it kills:
# terminationGracePeriodSeconds.
graceful_timeout = whole_number("GRACEFUL_TIMEOUT_SECONDS", 30)
# A worker that shows no life for so long is replaced.
timeout = 60
# Longer than a load balancer keeps idle connections (AWS: 60 s), so that the balancer closes first.
keepalive = 75
# Bounds what a slow leak can take, spread so that workers do not restart together.
max_requests = 10_000
max_requests_jitter = 1_000

# What a request may have before its body. Under ASGI all of it together is bounded, where it comes in
# pieces, by the 64 KiB of https://www.uvicorn.org/settings/#http (h11_max_incomplete_event_size).
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190

# The heartbeat file must not be on a disk that can block:
# https://gunicorn.org/faq/#how-do-i-avoid-gunicorn-excessively-blocking-in-osfchmod
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 (gunicorn makes it, under a random name) # nosec B108
# It would be written to HOME, which is read-only in the image.
control_socket_disable = True
accesslog = "-"
# Who may say that a request came over TLS is decided in one place, by TRUSTED_PROXIES: gunicorn would
# believe everybody on its own machine. https://gunicorn.org/reference/settings/#forwarded_allow_ips
forwarded_allow_ips = ""


def post_worker_init(worker: Any) -> None:
    """Have the server itself answer in the error contract: what it refuses never reaches Django.

    Its logs hold no secrets from here on.

    https://gunicorn.org/reference/settings/#post_worker_init
    """
    from core.security.early import refusal  # noqa: PLC0415 (Django is set up now)
    from core.security.redaction import redact  # noqa: PLC0415

    # They write in a form of their own. A request line may hold what somebody put there by mistake.
    redact(worker.log.error_log)
    redact(worker.log.access_log)

    if interface == "wsgi":
        from gunicorn import util  # type: ignore[import-untyped]  # noqa: PLC0415

        def write_error(client: Any, status: int, *_: str) -> None:
            util.write_nonblock(client, refusal(status))

        util.write_error = write_error
    else:
        from uvicorn.protocols.http.h11_impl import H11Protocol  # noqa: PLC0415

        def send_400_response(self: H11Protocol, msg: str) -> None:  # noqa: ARG001
            self.transport.write(refusal(400))
            self.transport.close()

        H11Protocol.send_400_response = send_400_response  # type: ignore[method-assign]
        # Django does not know it, and what it raises then would be reported as an error at each start:
        # https://asgi.readthedocs.io/en/latest/specs/lifespan.html
        worker.config.lifespan = "off"
