"""Reads that are kept for a while (``core.cache.selectors``), and what other caches may keep."""
