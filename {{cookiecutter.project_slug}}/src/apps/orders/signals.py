"""What the services announce.

A service cannot call what stands above it, such as a task. It sends a signal instead; receivers.py
says what follows. Signals are sent within the transaction: a receiver that raises undoes it.
"""

from django.dispatch import Signal

# Arguments: order, the new Order with its total, whose lines are written.
order_placed = Signal()
