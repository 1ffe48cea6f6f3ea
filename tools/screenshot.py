"""Make the picture of the API's page that README.md shows: ``python -m tools.screenshot``."""

import sys
import tempfile
from pathlib import Path

from tests.baking import TEMPLATE, bake
from tools.browser import find_chromium, open_swagger, started, visit_of
from tools.demo import served

PICTURE = TEMPLATE / "docs" / "api.png"


def main() -> int:
    """Bake, serve and look; return 1 where there is no browser."""
    program = find_chromium()
    if program is None:
        print("Chromium is missing: `apt-get install chromium` brings it.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="screenshot-") as name:
        project = bake({"database": "sqlite"}, Path(name)).path
        with served(project, Path(name) / "server.log") as base, started(program) as browser:
            visit = visit_of(browser, base)
            open_swagger(visit)
            PICTURE.parent.mkdir(exist_ok=True)
            visit.page.screenshot(path=PICTURE)
    print(f"{PICTURE.relative_to(TEMPLATE)}: {PICTURE.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
