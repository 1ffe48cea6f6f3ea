"""Who may do what to products, orders and reports."""

from apps.users.roles import Role
from core.rules import EVERY, Owned, Rule, Where

OWN = Owned("customer")
ON_SALE = Where("is_active", value=True)

product_see = Rule(
    {
        Role.CUSTOMER: ON_SALE,
        Role.STAFF: EVERY,
        Role.MANAGER: EVERY,
        Role.AUDITOR: EVERY,
        Role.ADMIN: EVERY,
    }
)
product_write = product_exchange = Rule({Role.MANAGER: EVERY, Role.ADMIN: EVERY})
stock_see = Rule({Role.STAFF: EVERY, Role.MANAGER: EVERY, Role.AUDITOR: EVERY, Role.ADMIN: EVERY})
product_history = Rule({Role.AUDITOR: EVERY, Role.ADMIN: EVERY})

order_see = Rule(
    {
        Role.CUSTOMER: OWN,
        Role.STAFF: EVERY,
        Role.MANAGER: EVERY,
        Role.AUDITOR: EVERY,
        Role.ADMIN: EVERY,
    }
)
order_place = Rule(
    {Role.CUSTOMER: OWN, Role.STAFF: OWN, Role.MANAGER: OWN, Role.ADMIN: OWN},
)
# It moves the payer's money: who works on an order does not pay for it.
order_pay = Rule({Role.CUSTOMER: OWN, Role.STAFF: OWN, Role.MANAGER: OWN, Role.ADMIN: EVERY})
order_cancel = order_refund = Rule(
    {Role.CUSTOMER: OWN, Role.STAFF: EVERY, Role.MANAGER: EVERY, Role.ADMIN: EVERY}
)
# Staff takes out its own only: all at once are a list of the customers.
order_export = Rule({Role.CUSTOMER: OWN, Role.STAFF: OWN, Role.MANAGER: EVERY, Role.ADMIN: EVERY})
order_history = Rule({Role.AUDITOR: EVERY, Role.ADMIN: EVERY})

report_see = Rule({Role.MANAGER: EVERY, Role.AUDITOR: EVERY, Role.ADMIN: EVERY})
report_request = Rule({Role.MANAGER: EVERY, Role.ADMIN: EVERY})
