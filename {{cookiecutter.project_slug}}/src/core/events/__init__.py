"""Events that other code reacts to: never lost, handled once, in order for each aggregate.

A service publishes what happened in the transaction that made it happen
(``core.events.outbox.publish``); handlers that subscribe (``core.events.subscriptions.subscribe``,
in the ``events.py`` of any app) run in a worker after the commit.
"""
