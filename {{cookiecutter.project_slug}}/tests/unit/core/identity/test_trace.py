"""A caller's trace goes on here, if it is one."""

import re

import pytest

from core.identity.headers import identity_headers, trace_of
from core.identity.trace import Trace, current_trace, trace_from, traced, well_formed

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
SPAN_ID = "b7ad6b7169203331"
TRACEPARENT = f"00-{TRACE_ID}-{SPAN_ID}-01"


@pytest.mark.parametrize(
    ("traceparent", "flags"),
    [
        (TRACEPARENT, "01"),
        (f"00-{TRACE_ID}-{SPAN_ID}-00", "00"),
        (f"00-{TRACE_ID}-{SPAN_ID}-ff", "03"),
        (f"cc-{TRACE_ID}-{SPAN_ID}-01", "01"),
        (f"cc-{TRACE_ID}-{SPAN_ID}-01-what-the-future-brings", "01"),
    ],
)
def test_well_formed_trace_goes_on_at_another_place(traceparent: str, flags: str) -> None:
    trace = trace_from(traceparent)

    assert (trace.trace_id, trace.flags, trace.state) == (TRACE_ID, flags, "")
    assert re.fullmatch("[0-9a-f]{16}", trace.span_id)
    assert trace.span_id != SPAN_ID


@pytest.mark.parametrize(
    "traceparent",
    [
        None,
        "",
        TRACEPARENT.upper(),
        f"00-{TRACE_ID}-{SPAN_ID}",
        f"00-{TRACE_ID}-{SPAN_ID}-1",
        f"00-{TRACE_ID}-{SPAN_ID}-01-more",
        f"ff-{TRACE_ID}-{SPAN_ID}-01",
        f"cc-{TRACE_ID}-{SPAN_ID}-01more",
        f"00-{'0' * 32}-{SPAN_ID}-01",
        f"00-{TRACE_ID}-{'0' * 16}-01",
        f"00-{TRACE_ID[1:]}g-{SPAN_ID}-01",
        f" {TRACEPARENT}",
        f"{TRACEPARENT}\n",
    ],
)
def test_trace_that_is_not_well_formed_begins_anew(traceparent: str | None) -> None:
    trace = trace_from(traceparent, "vendor=1")

    assert re.fullmatch("[0-9a-f]{32}", trace.trace_id)
    assert trace.trace_id != TRACE_ID
    assert (trace.flags, trace.state) == ("00", "")


@pytest.mark.parametrize(
    ("tracestate", "passed_on"),
    [
        ("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"),
        ("a=1 , b=2,,", "a=1,b=2"),
        ("1tenant@vendor=x y", "1tenant@vendor=x y"),
        ("", ""),
        ("a=1,a=2", ""),
        ("A=1", ""),
        ("a", ""),
        ("a=1=2", ""),
        ("a=ä", ""),
        ("a=b\r\nc", ""),
        (",".join(f"k{number}=1" for number in range(33)), ""),
        ("a=" + "x" * 511, ""),
    ],
)
def test_tracestate_is_passed_on_if_it_is_well_formed(tracestate: str, passed_on: str) -> None:
    assert well_formed(tracestate) == passed_on
    assert trace_from(TRACEPARENT, tracestate).state == passed_on


def test_trace_arrives_at_the_other_side() -> None:
    trace = Trace(trace_id=TRACE_ID, span_id=SPAN_ID, flags="01", state="a=1")
    with traced(trace):
        headers = identity_headers()

    assert headers == {"traceparent": TRACEPARENT, "tracestate": "a=1"}
    arrived = trace_of(headers)
    assert (arrived.trace_id, arrived.flags, arrived.state) == (TRACE_ID, "01", "a=1")
    assert current_trace() is None
