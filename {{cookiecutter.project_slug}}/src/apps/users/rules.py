"""Who may do what to accounts."""

from apps.users.roles import Role
from core.rules import EVERY, Rule

user_list = user_history = Rule({Role.AUDITOR: EVERY, Role.ADMIN: EVERY})
user_create = user_export = Rule({Role.ADMIN: EVERY})
