"""A view that says who acts."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.identity.actor import current_user_id


class ActorView(APIView):
    permission_classes = (AllowAny,)

    def get(self, request: Request) -> Response:
        return Response({"actor": current_user_id()})


def actor(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"actor": current_user_id()})


urlpatterns = [path("api/v1/", ActorView.as_view()), path("page/", actor)]
