"""What is announced here."""

from django.dispatch import Signal

# Each asks for a mail. Whether there is an account, nobody has looked yet. Arguments: email, in lower
# case.
registration_requested = Signal()
password_reset_requested = Signal()
# Arguments: user; email, the new address, in lower case.
email_change_requested = Signal()
# Arguments: user, whose sign-ins end: the password is another.
credentials_changed = Signal()
