"""Of each secret SECURITY.md says how it is replaced, and no log has it."""

import re
from pathlib import Path

from django.conf import settings

from config.settings.variables import VARIABLES

SECURITY = Path(__file__).parents[3] / "SECURITY.md"
SECRET = {variable.name for variable in VARIABLES if variable.is_secret}
# What looks like a secret by its name, and is none, with the reason.
PUBLIC = {
    "BREACHED_PASSWORDS_URL": "an address",
    # % if cookiecutter.database == "sqlite"
    "DATABASE_URL": "the path of a file",
    # % endif
    "FRONTEND_URL": "an address",
    "JWT_VERIFICATION_KEYS": "public keys",
    "OIDC_JWKS_URL": "an address",
}


def test_what_looks_like_a_secret_is_marked_as_one() -> None:
    like = {
        variable.name
        for variable in VARIABLES
        if re.search(r"(KEY|KEYS|FALLBACKS|TOKEN|TOKENS|SECRET|PASSWORD|URL|DSN)$", variable.name)
    }

    assert like - PUBLIC.keys() == SECRET


def test_security_md_says_of_each_secret_how_it_is_replaced() -> None:
    section = SECURITY.read_text("utf-8").partition("\n## Secrets\n")[2].partition("\n## ")[0]
    first_cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| ")]

    assert {name for cell in first_cells for name in re.findall("`([A-Z_]+)`", cell)} == SECRET


def test_no_log_has_a_secret() -> None:
    # By the setting of the same name, or of its list; the passwords of URLs are masked by other means.
    masked = set(settings.SECRET_SETTINGS)
    keys = {name for name in SECRET if not name.endswith("_URL")}

    assert {name for name in keys if not masked & {name, f"{name}S"}} == set()
    assert len(settings.SECRET_URLS) == len(SECRET - keys - {"DATABASE_URL"})
