"""A task that counts, and a view that sends it; besides the routes of the service.

The task belongs to an app of its own, so that the service's does not learn of it.
"""

from typing import Any, ClassVar

from celery import Celery
from django.urls import include, path
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config import urls
from core.progress import runs
from core.progress.answers import accepted
from core.progress.models import TaskRun
from core.progress.serializers import TaskRunOutput
from core.progress.tasks import TrackedTask

handler500 = urls.handler500

celery_app = Celery("tests", set_as_current=False)
celery_app.conf.update(task_always_eager=True, task_ignore_result=True)


class Seen:
    """What the task has seen of itself while it ran, and what it is to fail with, one at each try."""

    runs: ClassVar[list[TaskRun]] = []
    failures: ClassVar[list[BaseException]] = []


@celery_app.task(bind=True, base=TrackedTask, shared=False)
def count(self: TrackedTask, total: int = 3) -> None:
    """Count to ``total``, and look how far it is after the first."""
    self.progress.tell(done=1, total=total)
    Seen.runs += map(runs.latest, TaskRun.objects.filter(pk=self.request.id))
    if Seen.failures:
        raise Seen.failures.pop(0)
    for _ in range(total - 1):
        self.progress.advance()


class CountView(APIView):
    """Counts in the background."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(request=None, responses={202: TaskRunOutput})
    def post(self, request: Request) -> Response:
        return accepted(count.delay_on_commit(), request=request)


urlpatterns: list[Any] = [
    path("count/", CountView.as_view()),
    path("", include(urls)),
]
