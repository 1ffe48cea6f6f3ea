"""The figures as they are printed: what was measured, its baseline, their ratio, the budget."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

HEAD = ("", "measured", "baseline", "ratio", "budget", "")


@dataclass(frozen=True)
class Line:
    """A figure beside its baseline.

    ``ratio`` is that of the two where rounds were compared one by one, else ``None``. ``is_met``
    is ``None`` where ``budget`` is empty.
    """

    what: str
    measured: str
    baseline: str = ""
    ratio: float | None = None
    budget: str = ""
    is_met: bool | None = None

    def cells(self) -> tuple[str, ...]:
        verdict = {True: "met", False: "missed", None: ""}[self.is_met]
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        return (self.what, self.measured, self.baseline, ratio, self.budget, verdict)


def percentile(values: Sequence[float], percent: int) -> float:
    """Return what ``percent`` of a hundred ``values`` do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)]


def median_ratio(ours: Sequence[float], baseline: Sequence[float]) -> float:
    """Return the median of the ratios of rounds that were played in turn."""
    return statistics.median(a / b for a, b in zip(ours, baseline, strict=True))


def at_least(what: str, measured: str, baseline: str, ratio: float, least: float) -> Line:
    return Line(what, measured, baseline, ratio, f">= {least}", is_met=ratio >= least)


def at_most(what: str, measured: str, baseline: str, ratio: float, most: float) -> Line:
    return Line(what, measured, baseline, ratio, f"<= {most}", is_met=ratio <= most)


def table(lines: Sequence[Line]) -> str:
    """Return ``lines`` in columns, names to the left and figures to the right."""
    rows = [HEAD, *(line.cells() for line in lines)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if 0 < index < 5 else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
