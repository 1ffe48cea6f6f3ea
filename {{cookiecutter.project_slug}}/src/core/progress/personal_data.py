"""A task that somebody may ask about says nothing of anybody."""

from core.personal import describe
from core.progress.models import TaskRun

describe(TaskRun, other=("name", "code"))
