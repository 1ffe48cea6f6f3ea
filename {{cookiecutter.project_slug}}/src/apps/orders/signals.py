"""What the services announce.

A service cannot call what stands above it, such as a task. It sends a signal instead; receivers.py
says what follows. Signals are sent within the transaction: a receiver that raises undoes it.
"""

from django.dispatch import Signal

# Arguments: order, the new Order with its total, whose lines are written.
order_placed = Signal()
# Arguments: order, the Order that is paid now, and payment, the Payment of it.
order_paid = Signal()
# Arguments: stock, the Stock that has few pieces now; it is written when the transaction ends.
stock_low = Signal()
# Arguments: report, the new SalesReport that is to be computed.
sales_report_requested = Signal()
