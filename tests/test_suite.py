"""Who bakes a service can test it at once: no server is needed."""

import subprocess
import sys

import pytest

from tests.baking import TEMPLATE


@pytest.mark.minutes
def test_suite_of_a_bake_passes_with_no_server():
    # The tutorial's test runs that of the default answers.
    command = [sys.executable, "-m", "tools.matrix", "--without-servers", "minimal"]

    done = subprocess.run(command, cwd=TEMPLATE, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
