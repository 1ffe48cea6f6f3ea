"""The distributed trace that the running code is a part of.

https://www.w3.org/TR/trace-context/
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_KEY = r"(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})"
_VALUE = r"[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]"
TRACESTATE_MEMBER = re.compile(f"({_KEY})={_VALUE}")
TRACESTATE_MAX_MEMBERS = 32
# What everybody must be able to pass on; more is left out.
TRACESTATE_MAX_LENGTH = 512
# It is not recorded here. Who records sets the lowest bit.
NOT_SAMPLED = "00"
# Sampled, and random: the others must not be passed on.
KNOWN_FLAGS = 0b11


@dataclass(frozen=True, kw_only=True)
class Trace:
    """A place in a trace.

    Args:
        trace_id: of the whole, 32 lower-case hexadecimal digits, not all 0.
        span_id: of the request or task that runs here, 16 such digits.
        flags: 2 such digits, as the caller sent them.
        state: the ``tracestate``, what vendors add; may be empty.
    """

    trace_id: str
    span_id: str
    flags: str = NOT_SAMPLED
    state: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """What says it to whoever is called, over HTTP or in a message."""
        parent = {"traceparent": f"00-{self.trace_id}-{self.span_id}-{self.flags}"}
        return {**parent, "tracestate": self.state} if self.state else parent


_trace: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current_trace() -> Trace | None:
    """Return where in which trace the running code is; ``None`` outside of requests and tasks."""
    return _trace.get()


@contextmanager
def traced(trace: Trace) -> Iterator[None]:
    """Run the block as a part of ``trace``."""
    token = _trace.set(trace)
    try:
        yield
    finally:
        _trace.reset(token)


def trace_from(traceparent: str | None, tracestate: str | None = None) -> Trace:
    """Return a new place in the trace that the caller names, or in a new trace.

    A ``traceparent`` that is not well-formed begins a new trace, a ``tracestate`` that is not is left
    out: https://www.w3.org/TR/trace-context/#mutating-the-traceparent-field
    """
    span_id = os.urandom(8).hex()
    found = TRACEPARENT.fullmatch(traceparent) if traceparent else None
    if found is None:
        return Trace(trace_id=os.urandom(16).hex(), span_id=span_id)
    version, trace_id, parent_id, flags, more = found.groups()
    is_invalid = version == "ff" or (version == "00" and more)
    if is_invalid or not int(trace_id, 16) or not int(parent_id, 16):
        return Trace(trace_id=os.urandom(16).hex(), span_id=span_id)
    trace = Trace(trace_id=trace_id, span_id=span_id, flags=f"{int(flags, 16) & KNOWN_FLAGS:02x}")
    return replace(trace, state=well_formed(tracestate)) if tracestate else trace


def well_formed(tracestate: str) -> str:
    """Return ``tracestate`` if it can be passed on, else nothing.

    https://www.w3.org/TR/trace-context/#tracestate-header
    """
    if len(tracestate) > TRACESTATE_MAX_LENGTH:
        return ""
    members = [member for part in tracestate.split(",") if (member := part.strip(" \t"))]
    found = [TRACESTATE_MEMBER.fullmatch(member) for member in members]
    keys = {match[1] for match in found if match}
    is_well_formed = len(keys) == len(members) <= TRACESTATE_MAX_MEMBERS
    return ",".join(members) if is_well_formed else ""
