"""Query parameters of lists."""

import django_filters

from apps.users.models import User
from apps.users.roles import Role


class UserFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Narrows the list of accounts."""

    email = django_filters.CharFilter(lookup_expr="icontains", help_text="A part of the address.")
    role = django_filters.ChoiceFilter(field_name="groups__name", choices=Role.choices)

    class Meta:
        model = User
        fields = ("email", "role")
