"""Effects are named by keys of rows, schedules by the settings."""

from core.jobs.models import Effect, ScheduledTask
from core.personal import describe

describe(Effect, other=("digest", "key"))
describe(ScheduledTask, other=("name",))
