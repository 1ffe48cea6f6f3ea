"""What background work must remember: when schedules ran, and which effects are done."""

from typing import ClassVar

from django.db import models


class ScheduledTask(models.Model):
    """When an entry of ``CELERY_BEAT_SCHEDULE`` was last sent, by whichever scheduler."""

    name = models.CharField(max_length=255, primary_key=True)
    last_run_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Effect(models.Model):
    """Something outside of the database that happens once: at work until ``held_until``, or done.

    ``digest`` stands for ``key``, because databases differ in whether case counts; ``token`` names
    who is at work.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    key = models.CharField(max_length=255)
    token = models.UUIDField()
    held_until = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["held_until"], name="jobs_effect_held_until")]

    def __str__(self) -> str:
        return self.key
