"""What production makes of its environment, in a process of its own: settings are read once."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings

from tests.production import example

NAMES = (
    "REST_FRAMEWORK",
    "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    "SECURE_HSTS_PRELOAD",
    "SECURE_HSTS_SECONDS",
    "SECURE_PROXY_SSL_HEADER",
    "SILENCED_SYSTEM_CHECKS",
)
PROGRAM = """
import json, sys
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}))
"""


def start(**variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *NAMES],
        cwd=settings.SOURCE_DIR,
        env={"PATH": os.environ["PATH"], **example(), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def production(**variables: str) -> dict[str, Any]:
    done = start(**variables)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_browsers_stay_with_https_for_a_year_on_this_host_alone() -> None:
    found = production()

    assert found["SECURE_HSTS_SECONDS"] == 31536000
    assert found["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is False
    assert found["SECURE_HSTS_PRELOAD"] is False
    assert found["SILENCED_SYSTEM_CHECKS"] == ["security.W005", "security.W021"]


def test_time_of_hsts_can_grow_step_by_step() -> None:
    assert production(HSTS_SECONDS="3600")["SECURE_HSTS_SECONDS"] == 3600


def test_preloading_is_one_switch_and_silences_no_check() -> None:
    found = production(HSTS_PRELOAD="true")

    assert found["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is True
    assert found["SECURE_HSTS_PRELOAD"] is True
    assert found["SILENCED_SYSTEM_CHECKS"] == []


def test_preloading_for_less_than_a_year_is_refused() -> None:
    done = start(HSTS_PRELOAD="true", HSTS_SECONDS="3600")

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "django.core.exceptions.ImproperlyConfigured: HSTS_PRELOAD needs HSTS_SECONDS of at least "
        "31536000, or none: https://hstspreload.org/#submission-requirements"
    )


@pytest.mark.parametrize(
    ("proxies", "header"), [("0", None), ("1", ["HTTP_X_FORWARDED_PROTO", "https"])]
)
def test_word_of_a_proxy_counts_where_there_is_one(proxies: str, header: list[str] | None) -> None:
    found = production(TRUSTED_PROXIES=proxies)

    assert found["SECURE_PROXY_SSL_HEADER"] == header
    assert found["REST_FRAMEWORK"]["NUM_PROXIES"] == int(proxies)
