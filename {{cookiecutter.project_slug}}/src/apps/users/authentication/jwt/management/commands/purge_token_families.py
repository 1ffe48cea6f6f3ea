"""Deletes what expired tokens leave behind."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.users.authentication.jwt.services import families_purge


class Command(BaseCommand):
    help = "Delete the token families that have expired."

    def handle(self, *_: Any, **__: Any) -> None:
        self.stdout.write(f"Deleted {families_purge()} token families.")
