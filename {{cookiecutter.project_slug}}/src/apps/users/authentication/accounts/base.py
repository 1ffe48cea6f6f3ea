"""What the views of accounts share."""

from typing import cast

from django.conf import settings
from django.utils.decorators import method_decorator
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.views import APIView

from apps.users.models import User


@method_decorator(never_cache, name="dispatch")
class OwnAccountView(APIView):
    """Takes who has signed in, and nobody who has but an API key."""

    permission_classes = (IsAuthenticated,)

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [import_string(path)() for path in settings.AUTHENTICATION_CLASSES]

    @property
    def user(self) -> User:
        """The caller."""
        return cast("User", self.request.user)


@method_decorator(never_cache, name="dispatch")
class OpenView(APIView):
    """Takes everybody, and looks at no credentials: what comes with the body has to do."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_scope = "account"
