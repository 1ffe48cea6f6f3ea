"""Bare bodies; errors as problem details (RFC 9457, https://www.rfc-editor.org/rfc/rfc9457)."""
