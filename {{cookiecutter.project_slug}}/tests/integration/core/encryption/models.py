"""A table with encrypted fields, for tests."""

from django.db import models

from core.encryption.fields import EncryptedTextField


class Note(models.Model):
    text = EncryptedTextField(max_length=20)
    title = EncryptedTextField(null=True, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "encryption_tests"

    def __str__(self) -> str:
        return str(self.pk)
