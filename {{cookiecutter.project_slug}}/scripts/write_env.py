"""Write .env from .env.example, with a random secret for each variable that is empty there."""

import os
import re
import secrets
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
# Django wants 50 characters at least, and 48 bytes make 64:
# https://docs.djangoproject.com/en/stable/ref/checks/#security
SECRET_BYTES = 48
FIELD_KEY_BYTES = 32


def write_env(project: Path) -> bool:
    """Write ``.env``, for its owner's eyes only; tell whether it was written.

    One that exists is somebody's and stays as it is.
    """
    filled = re.sub(
        r"(?m)^([A-Z][A-Z0-9_]*)=$",
        lambda match: f"{match[1]}={secret(match[1])}",
        (project / ".env.example").read_text("utf-8"),
    )
    try:
        descriptor = os.open(project / ".env", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
        file.write(filled)
    return True


def secret(name: str) -> str:
    """Return a new secret in the form that the variable ``name`` has."""
    if name == "FIELD_ENCRYPTION_KEYS":
        return f"k1:{secrets.token_urlsafe(FIELD_KEY_BYTES)}"
    return secrets.token_urlsafe(SECRET_BYTES)


if __name__ == "__main__":
    if not write_env(PROJECT):
        sys.exit(".env exists and stays as it is. Remove it first to get new secrets.")
