"""What the drills have shown, printed at their end."""

from dataclasses import dataclass

import pytest

COLUMNS = ("fault", "operations", "lost", "doubled", "seconds to recover")


@dataclass(frozen=True)
class Drill:
    """One run of a drill.

    ``seconds`` go from the end of the fault until all was done that was asked for.
    """

    fault: str
    operations: int
    lost: int
    doubled: int
    seconds: float


class Table:
    """Collects what the drills report, and prints it."""

    def __init__(self) -> None:
        self._drills: list[Drill] = []

    @pytest.fixture
    def table(self) -> "Table":
        return self

    def add(self, drill: Drill) -> None:
        """Note ``drill``, and fail where something was lost or doubled."""
        self._drills.append(drill)
        assert (drill.lost, drill.doubled) == (0, 0), drill

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        rows = [COLUMNS] + [
            (
                drill.fault,
                str(drill.operations),
                str(drill.lost),
                str(drill.doubled),
                f"{drill.seconds:.1f}",
            )
            for drill in self._drills
        ]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        terminalreporter.write_line("")
        for row in rows:
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
            terminalreporter.write_line("  ".join(cells).rstrip())
