"""Look for faults in what was rendered: ``python -m tools.render PROJECT`` prints one on each line.

A process of its own, as the parsers turn warnings into errors, which threads cannot do side by side.
"""

import sys
from pathlib import Path

from tests.baking import BakedProject
from tests.rendering import render_faults


def main(project: Path) -> int:
    """Print the faults of the bake at ``project``; return 1 if there is one."""
    faults = render_faults(BakedProject(project))
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
