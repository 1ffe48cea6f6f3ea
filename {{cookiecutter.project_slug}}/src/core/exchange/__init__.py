"""Import and export of whole tables, as background jobs.

An app says what there is to exchange in its ``exchange.py``: ``core.exchange.registry.register``.
Files stand in the default storage: the API and its workers must share it.
"""
