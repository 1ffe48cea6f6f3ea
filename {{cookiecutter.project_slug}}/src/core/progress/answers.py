"""How a view answers that has sent a task."""

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from core.progress.models import TaskRun
from core.progress.serializers import TaskRunOutput

# When to ask again how far a task is.
POLL_SECONDS = 2


def accepted(run: TaskRun, *, request: Request) -> Response:
    """Answer 202, with the address in ``Location`` that tells how far ``run`` is.

    https://www.rfc-editor.org/rfc/rfc9110#section-15.3.3
    """
    return Response(
        TaskRunOutput(run).data,
        status.HTTP_202_ACCEPTED,
        headers={
            "Location": reverse("task", [run.pk], request=request),
            "Retry-After": str(POLL_SECONDS),
        },
    )
