"""The business: one package per domain, all built alike."""
