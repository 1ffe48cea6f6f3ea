"""The environment of production, for tests that need one."""

from pathlib import Path

EXAMPLE = Path(__file__).with_name("production.env")


def example() -> dict[str, str]:
    """Return example values of all that production needs."""
    lines = EXAMPLE.read_text("utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    values = {name: value for name, _, value in pairs}
    return values | {"DJANGO_SETTINGS_MODULE": "config.settings.production"}
