"""Signs callers in with tokens that the service itself makes (RFC 7519)."""
