"""The tasks of the caller."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

from core.api.preconditions import PreconditionsMixin
from core.progress import runs
from core.progress.answers import POLL_SECONDS
from core.progress.models import TaskRun
from core.progress.serializers import TaskRunOutput

POLL = OpenApiParameter(
    "Retry-After",
    int,
    OpenApiParameter.HEADER,
    response=[200],
    description="When to ask again, in seconds; not there once the task has ended.",
)


@extend_schema_view(get=extend_schema(parameters=[POLL]))
class TaskRunView(PreconditionsMixin, generics.RetrieveAPIView[TaskRun]):
    """Tell how far a task is that the caller has caused, and how it ended."""

    permission_classes = (IsAuthenticated,)
    serializer_class = TaskRunOutput
    queryset = TaskRun.objects.none()

    def get_queryset(self) -> QuerySet[TaskRun]:
        return runs.task_run_list_of(user=self.request.user)

    def get_object(self) -> TaskRun:
        return runs.latest(super().get_object())

    def beside(self, record: TaskRun) -> Iterable[object]:
        return (record.done, record.total)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if isinstance(self._shown, TaskRun) and not self._shown.has_ended:
            response["Retry-After"] = str(POLL_SECONDS)
        return response
