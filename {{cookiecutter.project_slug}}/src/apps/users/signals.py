"""What the services announce.

A service cannot call what stands above it, such as a task. It sends a signal instead; receivers.py
says what follows. Signals are sent within the transaction: a receiver that raises undoes it.
"""

from django.dispatch import Signal

# Arguments: user, the new User with its roles.
user_created = Signal()
# Arguments: user, who is erased now; email, the address of before.
account_erased = Signal()
