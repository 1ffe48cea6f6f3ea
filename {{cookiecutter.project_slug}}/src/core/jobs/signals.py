"""What rooms above may want to know of a task before it runs."""

from django.dispatch import Signal

# A message was delivered before: whoever ran it was killed, or lost the broker. Sent before it runs
# again, with ``task``; what a receiver raises fails the task.
task_redelivered = Signal()
