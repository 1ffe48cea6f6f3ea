"""Requests that may be sent again: the same ``Idempotency-Key`` has one effect and one answer.

A view opts in with ``@idempotent`` (``core.idempotency.views``). The answer is kept in the
transaction of what the request did.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""
