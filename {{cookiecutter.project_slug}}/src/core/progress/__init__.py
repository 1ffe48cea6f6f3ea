"""How far long work is, for whoever waits for it.

A task that takes long has the base ``core.progress.tasks.TrackedTask``.
"""
