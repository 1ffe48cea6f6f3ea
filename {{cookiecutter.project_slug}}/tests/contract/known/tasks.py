"""Tasks that the caller has caused."""

from apps.users.models import User
from core.progress.models import TaskRun
from tests.contract.known import Known


def known(user: User) -> Known:
    run = TaskRun.objects.create(name="recount", created_by=user)
    return Known(ids={"tasks": [str(run.pk)]})
