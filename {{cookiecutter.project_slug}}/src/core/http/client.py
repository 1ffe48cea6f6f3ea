"""The client: one for each service that is called, made once, shared by threads and coroutines."""

import asyncio
import json
import logging
import os
import re
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Any, TypedDict, Unpack

import httpx
import tenacity
from django.utils.asyncio import async_unsafe

from core.http import loop
from core.http.answers import TRY_LATER, Response, breakdown, read_body, refusal
from core.http.breaker import Breaker
from core.http.errors import HttpError, HttpUnavailableError
from core.http.upstream import Upstream
from core.identity.origin import current_origin
from core.identity.trace import current_trace

logger = logging.getLogger("core.http")

# https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2
IDEMPOTENT_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
# Other characters must be percent-encoded (urllib.parse.quote); a query goes in `params`.
PATH = re.compile(r"/(?!/)[A-Za-z0-9._~!$&'()*+,;=:@%/-]*")
DOT_SEGMENT = re.compile(r"/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)

# By scheme, host and port. A child process learns for itself who answers.
_breakers: dict[str, Breaker] = {}
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_breakers.clear)


class Options(TypedDict, total=False):
    """What a call may have: a query by name, a body of what JSON knows, headers.

    ``idempotency_key`` is sent as ``Idempotency-Key``, and lets a call of any method be repeated.
    """

    params: Mapping[str, str | int | float | bool | None]
    json: Any
    headers: Mapping[str, str]
    idempotency_key: str


class Client:
    """Calls one service.

    Calls that may be repeated, those with an idempotent method or an idempotency key, are tried
    again when no connection comes about or one breaks, and after 429 and 503.
    """

    def __init__(
        self,
        upstream: Upstream,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Open no connection yet.

        Args:
            upstream: whom to call.
            clock: what the breaker measures with, in seconds that only grow.
            sleep: what pauses between tries, for so many seconds.
        """
        self._upstream = upstream
        self._clock = clock
        self._sleep = sleep
        self._pool: tuple[asyncio.AbstractEventLoop, httpx.AsyncHTTPTransport] | None = None

    @async_unsafe("It blocks: where an event loop runs, use `await client.arequest()`.")
    def request(self, method: str, path: str, **options: Unpack[Options]) -> Response:
        """Call and wait, from code outside of event loops; all is as in ``arequest``."""
        future = loop.submit(self._run(Call(self._upstream, method, path, options)))
        try:
            return future.result()
        except BaseException:
            future.cancel()  # The time limit of a task, perhaps: nothing goes on behind its back.
            raise

    async def arequest(self, method: str, path: str, **options: Unpack[Options]) -> Response:
        """Call, and return the answer if its status is 2xx.

        Args:
            method: such as ``GET``.
            path: below the base URL, beginning with ``/``, its parts percent-encoded.
            options: see ``Options``.

        Raises:
            ValueError: if ``path`` is no path, or leads out of the base URL.
            HttpTransientError: if the same call may succeed later, and to repeat it does no harm:
                ``HttpTimeoutError``, ``HttpUnavailableError``, ``CircuitOpenError``.
            HttpOutcomeUnknownError: if it may have taken effect, and may not be repeated blindly.
            HttpRefusedError, UntrustedServerError, ResponseTooLargeError, BadResponseError: if it
                does not help to repeat it.
        """
        call = Call(self._upstream, method, path, options)
        return await asyncio.wrap_future(loop.submit(self._run(call)))

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        loop.submit(self._close()).result()

    async def _close(self) -> None:
        if self._pool:
            await self._pool[1].aclose()
        self._pool = None

    async def _run(self, call: "Call") -> Response:
        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception(call.is_worth_another_try),
            stop=tenacity.stop_after_attempt(self._upstream.attempts)
            | tenacity.stop_before_delay(self._upstream.total_seconds),
            wait=self._pause,
            sleep=self._sleep,
            reraise=True,
        )
        deadline = asyncio.get_running_loop().time() + self._upstream.total_seconds
        try:
            response: Response = await retrying(self._try, call, deadline)
        except HttpError as error:
            error.args = (f"{call.upstream.name}: {call.method} {call.shown_path} {error}",)
            call.log(error)
            raise
        call.log(None)
        return response

    async def _try(self, call: "Call", deadline: float) -> Response:
        breaker = self._breaker()
        call.attempts += 1
        call.status = call.size = None
        is_trying = breaker.enter()
        is_good: bool | None = None
        try:
            async with asyncio.timeout_at(deadline):
                response = await self._transport().handle_async_request(call.request)
                try:
                    call.status = response.status_code
                    is_good = call.status < 500
                    content = await read_body(response, self._upstream.max_bytes)
                finally:
                    await response.aclose()
        except httpx.LocalProtocolError:
            raise  # The caller's fault, such as a line break in a header.
        except (httpx.TransportError, TimeoutError) as error:
            is_good = None if isinstance(error, httpx.PoolTimeout) else False
            raise breakdown(error, is_repeatable=call.is_repeatable) from error
        finally:
            breaker.leave(is_trying=is_trying, is_good=is_good)
        call.size = len(content)
        if not 200 <= response.status_code < 300:
            raise refusal(response, content, is_repeatable=call.is_repeatable)
        return Response(response.status_code, response.headers, content)

    def _pause(self, state: tenacity.RetryCallState) -> float:
        """As long as it was asked to wait, and full jitter: who failed together comes back apart.

        https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
        """
        jitter = tenacity.wait_random_exponential(
            multiplier=self._upstream.backoff_seconds, max=self._upstream.backoff_max_seconds
        )
        error = state.outcome.exception() if state.outcome else None
        return (getattr(error, "retry_after", None) or 0) + jitter(state)

    def _breaker(self) -> Breaker:
        return _breakers.setdefault(
            self._upstream.origin,
            Breaker(
                failures=self._upstream.breaker_failures,
                seconds=self._upstream.breaker_seconds,
                clock=self._clock,
            ),
        )

    def _transport(self) -> httpx.AsyncHTTPTransport:
        """The transport and not httpx's client, which keeps cookies, and reads proxies and .netrc."""
        running = asyncio.get_running_loop()
        if not self._pool or self._pool[0] is not running:
            context = trusted(self._upstream.ca_file)
            limits = httpx.Limits(max_connections=self._upstream.max_connections)
            self._pool = running, httpx.AsyncHTTPTransport(verify=context, limits=limits)
        return self._pool[1]


class Call:
    """A call: what is sent, and how it goes."""

    def __init__(self, upstream: Upstream, method: str, path: str, options: Options) -> None:
        if not PATH.fullmatch(path) or DOT_SEGMENT.search(path):
            raise ValueError(f"{path!r} is no path below the base URL of {upstream.name}.")
        trusted(upstream.ca_file)  # Reads files: not in the loop, where it would hold up others.
        self.upstream = upstream
        self.method = method.upper()
        self.path = path
        headers = {
            "Accept": "application/json",
            "User-Agent": "{{ cookiecutter.project_slug }}",
            **upstream.headers,
            **options.get("headers", {}),
            **tracing_headers(),
            "Accept-Encoding": "gzip",  # What `read_body` can undo.
        }
        if key := options.get("idempotency_key"):
            headers["Idempotency-Key"] = key
        self.is_repeatable = self.method in IDEMPOTENT_METHODS or bool(key)
        self.request = httpx.Request(
            self.method,
            upstream.base_url.rstrip("/") + path,
            params=options.get("params"),
            json=options.get("json"),
            headers=headers,
            extensions={"timeout": upstream.timeouts()},
        )
        self.attempts = 0
        self.status: int | None = None
        self.size: int | None = None
        self._started = time.monotonic()

    @property
    def shown_path(self) -> str:
        """The path, for logs and errors."""
        return self.path if self.upstream.logs_path else "…"

    def is_worth_another_try(self, error: BaseException) -> bool:
        return (
            self.is_repeatable
            and isinstance(error, HttpUnavailableError)
            and error.status in (None, *TRY_LATER)
            and (error.retry_after or 0) <= self.upstream.retry_after_max_seconds
        )

    def log(self, error: HttpError | None) -> None:
        """Log the call as JSON, without its query, headers and bodies, which may hold secrets."""
        facts = {
            "upstream": self.upstream.name,
            "method": self.method,
            "path": self.shown_path,
            "status": self.status,
            "error": type(error).__name__ if error else None,
            "attempts": self.attempts,
            "milliseconds": round((time.monotonic() - self._started) * 1000),
            "bytes": self.size,
            "request_id": current_origin().request_id or None,
        }
        logger.log(
            logging.WARNING if error else logging.INFO,
            "call %s",
            json.dumps({name: value for name, value in facts.items() if value is not None}),
            extra={"call": facts},
        )


@cache
def trusted(ca_file: str | None) -> ssl.SSLContext:
    """Return whose certificates are trusted: public authorities, and those in ``ca_file``."""
    context = httpx.create_ssl_context()
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


def tracing_headers() -> dict[str, str]:
    """Return what lets the other side's logs be found by the request that caused the call."""
    request_id = current_origin().request_id
    trace = current_trace()
    named = {"X-Request-ID": request_id} if request_id else {}
    return {**named, **(trace.headers if trace else {})}
