"""Calls of other services over HTTP: bounded, retried where that does no harm, logged without secrets."""
