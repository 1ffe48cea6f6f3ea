"""Bake rows of answers, check each bake and run its suite: ``python -m tools.matrix``.

Each row is baked, synced from its own lock on an interpreter of its own Python version, checked
with the commands of its own Makefile, and tested against the servers that it names.
"""

import argparse
import contextlib
import fcntl
import fnmatch
import os
import queue
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from tests.baking import TEMPLATE
from tools import combinations, interpreters, seed_lock, servers
from tools.bake import bake_logged
from tools.combinations import Row
from tools.processes import clean_environment, pytest_errors, run_logged, stop_all, tail

WORK = TEMPLATE / ".matrix"
TAIL_LINES = 40
STEP_TIMEOUT_SECONDS = 300
SUITE_TIMEOUT_SECONDS = 1200

# What touches the database, the broker or the sign-in: all that runs of a row's suite where the row
# is there for its cell alone. A path that a bake does not have is left out.
CELL_TESTS = (
    "tests/e2e/orders",
    "tests/e2e/test_accounts.py",
    "tests/e2e/test_connections.py",
    "tests/e2e/test_dead_letter_drain.py",
    "tests/e2e/test_dead_letter_keeping.py",
    "tests/e2e/test_dead_letter_queue.py",
    "tests/e2e/test_dead_letters.py",
    "tests/e2e/test_health.py",
    "tests/e2e/test_web.py",
    "tests/e2e/test_worker.py",
    "tests/integration/core/events",
    "tests/integration/core/health",
    "tests/integration/core/identity",
    "tests/integration/core/jobs",
    "tests/integration/core/records",
    "tests/integration/orders/test_concurrency.py",
    "tests/integration/users/authentication",
    "tests/integration/users/test_models.py",
)

# Rows whose bake keeps the contract of its OpenAPI document: each database, each sign-in, and both
# formats among them, all with the example. A row takes a minute more for it.
CONTRACT_ROWS = frozenset(
    {"postgresql-rabbitmq-session-6.1", "mysql-redis-jwt-6.1", "sqlite-redis-oidc-6.1"}
)
CONTRACT_EXAMPLES = 10
# Rows whose service is harmed while it works (`make drill`): each database and broker that several
# pods can share, one of them behind row-level security. A row takes five minutes more for it.
DRILL_ROWS = frozenset(
    {"postgresql-redis-jwt-6.1", "postgresql-rabbitmq-session-6.1", "mysql-rabbitmq-oidc-6.1"}
)
DRILL_OPERATIONS = 100
# Rows whose suite counts what it covers, which makes it half as long again, and keeps the floor: every
# answer that changes code is in one of them.
COVERED_ROWS = frozenset(
    {
        "postgresql-redis-oidc-5.2",
        "mysql-rabbitmq-session-6.1",
        "sqlite-redis-jwt-6.1",
        "defaults",
        "minimal",
        "everything",
    }
)
# Rows whose suite has its slow tests, which take minutes: each database, and each broker; each
# server of a database with the example, and with events.
SLOW_ROWS = frozenset(
    {
        "postgresql-redis-jwt-5.2",
        "postgresql-rabbitmq-oidc-6.1",
        "mysql-redis-jwt-6.1",
        "mysql-rabbitmq-oidc-5.2",
        "sqlite-redis-jwt-6.1",
    }
)

PASSED, FAILED, SKIPPED = "passed", "FAILED", "skipped"


@dataclass
class Workplace:
    """Where a row is worked on, and what its steps have found out.

    Everything that a row writes lies below ``work``, and nothing else is ever removed.
    """

    row: Row
    slot: servers.Slot
    work: Path
    interpreter: Path
    python: str = ""
    service_environment: dict[str, str] = field(default_factory=dict)
    may_skip_tests: bool = False
    tests: int = 0

    @property
    def bakes(self) -> Path:
        """The folder that holds the bake's folder; the same one for every row of a slot."""
        return self.work / f"slot-{self.slot.number}" / "bake"

    @property
    def project(self) -> Path:
        """The bake.

        Raises:
            FileNotFoundError: if nothing is baked.
        """
        for path in self.bakes.glob("*/pyproject.toml"):
            return path.parent
        raise FileNotFoundError(f"there is no bake in {self.bakes}")

    @property
    def logs(self) -> Path:
        return self.work / "rows" / self.row.name

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def run(
        self, name: str, *command: str, timeout_seconds: float = STEP_TIMEOUT_SECONDS, **extra: str
    ) -> str | None:
        """Run one command of the bake with its output in the log ``name``; return its fault."""
        environment = clean_environment(
            UV_PYTHON=str(self.interpreter),
            UV_PYTHON_DOWNLOADS="never",
            # What does not fit the lock is an error, never mended on the way.
            UV_LOCKED="1",
            # One for all rows of a slot with this Python: `uv sync` leaves exactly what the bake's
            # lock names in it, and what was compiled of that is not compiled again.
            UV_PROJECT_ENVIRONMENT=str(self.bakes.parent / f"venv-{self.python}"),
            # Bakes of one slot stand at one path, so what mypy learnt of the libraries stays true.
            MYPY_CACHE_DIR=str(self.bakes.parent / f"mypy-{self.row.answers['django_version']}"),
            # What hypothesis knows of all characters takes ten seconds to find out.
            HYPOTHESIS_STORAGE_DIRECTORY=str(self.bakes.parent / "hypothesis"),
            **extra,
        )
        return run_logged(
            list(command),
            cwd=self.project,
            environment=environment,
            log=self.log(name),
            timeout_seconds=timeout_seconds,
        )

    def remove(self, folder: Path) -> None:
        """Remove ``folder`` and all in it, if it is there.

        Raises:
            ValueError: if it does not lie inside ``work``. A row must never cost anybody a file.
        """
        if self.work.resolve() not in folder.resolve().parents:
            raise ValueError(f"{folder} is not inside {self.work}: it is not removed")
        if folder.is_dir():
            shutil.rmtree(folder)


@dataclass(frozen=True)
class Step:
    """One thing that is done with a row; ``run`` returns what is wrong, or ``None``.

    After a ``vital`` step that failed there is nothing left to look at. ``rows`` names the rows
    that it is for; it is for all of them where there are none.
    """

    name: str
    run: Callable[[Workplace], str | None]
    vital: bool = False
    rows: frozenset[str] = frozenset()

    def is_for(self, row: Row) -> bool:
        return not self.rows or row.name in self.rows


def bake(place: Workplace) -> str | None:
    # To lock, uv needs a Python that the bake allows.
    baked = bake_logged(
        place.row.answers, place.bakes, place.log("bake"), UV_PYTHON=str(place.interpreter)
    )
    return baked if isinstance(baked, str) else None


def check_render(place: Workplace) -> str | None:
    return run_logged(
        [sys.executable, "-m", "tools.render", str(place.project)],
        cwd=TEMPLATE,
        environment=os.environ,
        log=place.log("render"),
        timeout_seconds=STEP_TIMEOUT_SECONDS,
    )


def check_lock(place: Workplace) -> str | None:
    """The bake's lock is there, and holds nothing but what its seed holds."""
    path = place.project / "uv.lock"
    if not path.is_file():
        return "the bake has no uv.lock"
    seed = seed_lock.seed_path(str(place.row.answers["django_version"])).read_text("utf-8")
    text = path.read_text("utf-8")
    strangers = sorted(seed_lock.versions(text) - seed_lock.versions(seed))
    foreign = seed_lock.foreign_sources(text)
    place.log("lock").write_text(f"not in the seed: {strangers}\nforeign: {foreign}\n", "utf-8")
    return "the lock holds what its seed does not" if strangers or foreign else None


def sync(place: Workplace) -> str | None:
    return place.run("sync", "uv", "sync")


def make(target: str, **variables: str) -> Step:
    """Return the step that runs a target of the bake's own Makefile, with ``variables`` set."""
    return Step(target, lambda place: place.run(target, "make", target, **variables))


def run_suite(place: Workplace) -> str | None:
    """Run the bake's tests; one that is skipped although every server is there is a fault."""
    report = place.logs / "tests.xml"
    arguments = f"--junitxml='{report}'"
    if not place.row.runs_everything:
        paths = [path for path in CELL_TESTS if (place.project / path).exists()]
        arguments += f" --no-cov {' '.join(paths)}"
    elif place.row.name not in COVERED_ROWS:
        arguments += " --no-cov"
    if place.row.name not in SLOW_ROWS:
        arguments += " -m 'not slow'"
    fault = place.run(
        "test",
        *("make", "test", f"ARGS={arguments}"),
        timeout_seconds=SUITE_TIMEOUT_SECONDS,
        **place.service_environment,
    )
    if not report.is_file():
        return fault or "the suite wrote no report"
    counts = count_tests(report)
    place.tests = counts["tests"]
    if fault:
        return fault
    if counts["tests"] == counts["skipped"]:
        return "no test ran"
    skipped = skipped_tests(report)
    if skipped and not place.may_skip_tests:
        return f"skipped although every server is there: {', '.join(skipped)}"
    return None


def run_contract(place: Workplace) -> str | None:
    return place.run(
        "contract",
        *("make", "contract", f"EXAMPLES={CONTRACT_EXAMPLES}"),
        timeout_seconds=SUITE_TIMEOUT_SECONDS,
        **place.service_environment,
    )


def run_drill(place: Workplace) -> str | None:
    """Run the drills, which start servers of their own: those of this machine serve other rows."""
    if place.may_skip_tests:
        return None
    return place.run(
        "drill",
        *("make", "drill", f"OPERATIONS={DRILL_OPERATIONS}"),
        timeout_seconds=SUITE_TIMEOUT_SECONDS,
    )


def count_tests(report: Path) -> dict[str, int]:
    """Return how many tests a JUnit report counts: tests, failures, errors and skipped."""
    # Written by pytest a moment ago.
    root = ElementTree.parse(report).getroot()  # noqa: S314
    suites = list(root.iter("testsuite"))
    return {
        name: sum(int(suite.get(name, "0")) for suite in suites)
        for name in ("tests", "failures", "errors", "skipped")
    }


def skipped_tests(report: Path) -> list[str]:
    """Return the names of the tests that a JUnit report has as skipped."""
    root = ElementTree.parse(report).getroot()  # noqa: S314
    return [
        f"{case.get('classname')}.{case.get('name')}"
        for case in root.iter("testcase")
        if case.find("skipped") is not None
    ]


STEPS: list[Step] = [
    Step("bake", bake, vital=True),
    Step("render", check_render),
    Step("lock", check_lock),
    Step("sync", sync, vital=True),
    make("check-lock"),
    make("lint"),
    # The rest of `make security` is check-deploy, below, and tests, which the suite runs anyway. What
    # is known of the packages is no matter of a row, whose lock is a part of its seed: nobody is asked.
    make("security-static", AUDIT="off"),
    make("check-deploy"),
    make("check-migrations"),
    # Makes it valid or fails. The gates on breaking changes have nothing to compare in a new bake.
    make("schema"),
    Step("test", run_suite),
    Step("contract", run_contract, rows=CONTRACT_ROWS),
    Step("drill", run_drill, rows=DRILL_ROWS),
]


@dataclass(frozen=True)
class Result:
    """How a row ended. ``detail`` is one line: what ran, or why it did not end well."""

    row: Row
    outcome: str
    python: str
    detail: str
    seconds: float = 0.0
    log_tail: str = ""


def run_row(place: Workplace, python: str, steps: Iterable[Step]) -> Result:
    """Run ``steps`` one after the other, and all of them unless a vital one fails."""
    started = time.monotonic()
    place.remove(place.bakes)
    place.remove(place.logs)
    place.logs.mkdir(parents=True)
    done = 0
    faults = []
    tails = []
    for step in steps:
        if not step.is_for(place.row):
            continue
        began = time.monotonic()
        try:
            fault = step.run(place)
        except Exception as problem:  # noqa: BLE001 (one row's fault must not end the others)
            fault = f"{type(problem).__name__}: {problem}"
        done += 1
        with (place.logs / "seconds").open("a") as file:
            file.write(f"{time.monotonic() - began:7.1f} {step.name}\n")
        if fault:
            faults.append(f"{step.name}: {fault}")
            log = place.log(step.name)
            if log.is_file():
                tails += [str(log), *pytest_errors(log), tail(log, TAIL_LINES)]
            if step.vital:
                break
    if faults:
        keep_failed(place)
    place.remove(place.bakes)
    return Result(
        row=place.row,
        outcome=FAILED if faults else PASSED,
        python=python,
        detail="; ".join(faults) or what_ran(place, done),
        seconds=time.monotonic() - started,
        log_tail="\n".join(tails),
    )


def what_ran(place: Workplace, steps: int) -> str:
    suite = "whole suite" if place.row.runs_everything else "database, broker and sign-in"
    more = [step.name for step in STEPS if step.rows and step.is_for(place.row)]
    return f"{steps} steps, {place.tests} tests: {', '.join([suite, *more])}"


def keep_failed(place: Workplace) -> None:
    """Keep a bake that failed beside its logs."""
    if place.bakes.is_dir():
        place.bakes.rename(place.logs / "bake")


def run_rows(
    rows: list[Row],
    start: Callable[[Row, servers.Slot], Result],
    *,
    jobs: int,
    show: Callable[[str], None] = print,
) -> list[Result]:
    """Run ``start`` for every row, ``jobs`` at a time, each with a slot of its own meanwhile.

    A line is shown as each row ends. Results come in the order of ``rows``.
    """
    slots: queue.SimpleQueue[servers.Slot] = queue.SimpleQueue()
    for number in range(jobs):
        slots.put(servers.Slot(number))

    def in_slot(row: Row) -> Result:
        slot = slots.get()
        try:
            return start(row, slot)
        finally:
            slots.put(slot)

    results: dict[str, Result] = {}
    executor = ThreadPoolExecutor(jobs)
    try:
        # What takes longest first, so that no slot is left alone with it at the end.
        in_order = sorted(
            rows,
            key=lambda row: (
                row.name not in CONTRACT_ROWS | DRILL_ROWS,
                not row.runs_everything,
            ),
        )
        for future in as_completed([executor.submit(in_slot, row) for row in in_order]):
            result = future.result()
            results[result.row.name] = result
            show(
                f"[{len(results):{len(str(len(rows)))}}/{len(rows)}] {result.row.name}: "
                f"{result.outcome} in {result.seconds:.0f} s on Python {result.python}: "
                f"{result.detail}"
            )
            if result.log_tail:
                show(result.log_tail)
    except BaseException:
        # After Ctrl-C or SIGTERM what has not begun must not begin, and what runs must end.
        stop_all()
        raise
    finally:
        executor.shutdown(cancel_futures=True)
    return [results[row.name] for row in rows]


def table(results: list[Result]) -> str:
    """Return the results as a text table: row, Python, what ran, seconds, result."""
    lines = [("row", "python", "what ran", "seconds", "result")]
    lines += [
        (result.row.name, result.python, result.detail, f"{result.seconds:.0f}", result.outcome)
        for result in results
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def summary(results: list[Result], valid: set[combinations.Pair]) -> str:
    """Return the counts; the last line is ``N passed, N failed``, with what was skipped, if any."""
    outcomes = [result.outcome for result in results]
    proven: set[combinations.Pair] = set()
    for result in results:
        if result.outcome == PASSED and result.row.runs_everything:
            proven |= result.row.pairs & valid
    skipped = f", {outcomes.count(SKIPPED)} skipped" if SKIPPED in outcomes else ""
    return (
        f"{len(results)} rows, {len(proven)} of {len(valid)} valid pairs of answers passed\n"
        f"{outcomes.count(PASSED)} passed, {outcomes.count(FAILED)} failed{skipped}"
    )


def exit_code(results: list[Result]) -> int:
    """Return 1 if a row failed or if none passed, so that nothing at all never looks green."""
    outcomes = {result.outcome for result in results}
    return 0 if PASSED in outcomes and FAILED not in outcomes else 1


@dataclass
class Machine:
    """What rows find here: interpreters, and servers that are missing, with the reason."""

    pythons: Mapping[str, Path]
    missing: Mapping[str, str]
    use_servers: bool = True
    in_ci: bool = False
    steps: list[Step] = field(default_factory=lambda: STEPS)
    work: Path = WORK

    def start(self, row: Row, slot: servers.Slot) -> Result:
        """Run one row, or say by name what keeps it from running."""
        wanted = str(row.answers["python_version"])
        python = self.python_for(row)
        shown = f"{python} for {wanted}" if python and python != wanted else wanted
        needed = servers.needed_by(row.answers) if self.use_servers else []
        absent = [
            f"{name} is missing: {self.missing[name]}" for name in needed if name in self.missing
        ]
        if python is None:
            absent.insert(0, f"Python {wanted} is missing")
        if python is None or absent:
            return Result(row, FAILED if self.in_ci else SKIPPED, shown, "; ".join(absent))
        try:
            servers.prepare(slot, needed)
        except servers.ServerMissingError as problem:
            return Result(row, FAILED, shown, str(problem))
        place = Workplace(
            row=row,
            slot=slot,
            work=self.work,
            interpreter=self.pythons[python],
            python=python,
            service_environment=(
                servers.environment(slot, row.answers) if self.use_servers else {}
            ),
            may_skip_tests=not self.use_servers,
        )
        return run_row(place, shown, self.steps)

    def python_for(self, row: Row) -> str | None:
        """Return the version of the interpreter for ``row``, ``None`` if it is missing.

        A run without servers is everybody's quick check: any interpreter that the bake allows will
        do.
        """
        wanted = str(row.answers["python_version"])
        floor = "3.12" if row.answers["django_version"] == "6.1" else "3.11"
        if self.use_servers or wanted in self.pythons:
            return interpreters.choose(wanted, floor, dict(self.pythons))
        return interpreters.newest(floor, dict(self.pythons))


@contextlib.contextmanager
def alone(work: Path) -> Iterator[None]:
    """Keep a second run out: both would use the same databases.

    Raises:
        SystemExit: if there is one already.
    """
    work.mkdir(exist_ok=True)
    with (work / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit("Another run of the matrix is going on in this folder.") from None
        yield


def tidy_up(slot: servers.Slot, names: Iterable[str]) -> None:
    """Take the slot's corner of the servers away; a server that went away costs no result."""
    for name in names:
        try:
            servers.remove(slot, [name])
        except servers.ServerMissingError as problem:
            print(f"{slot.name} is left on {name}: {problem}", file=sys.stderr)


def pick(patterns: list[str]) -> list[Row]:
    """Return the rows whose names match one of ``patterns``; without any, the covering array.

    Raises:
        SystemExit: naming a pattern that fits no row.
    """
    every_row = combinations.rows()
    if not patterns:
        return every_row
    named = [*every_row, *combinations.named_rows()]
    for pattern in patterns:
        if not fnmatch.filter([row.name for row in named], pattern):
            raise SystemExit(f"No row is called {pattern!r}: `make matrix ARGS=--list` shows all.")
    return [row for row in named if any(fnmatch.fnmatch(row.name, one) for one in patterns)]


def main(arguments: list[str]) -> int:
    """Run the rows that ``arguments`` name; return 0 if all passed or were skipped by name."""
    parser = argparse.ArgumentParser(prog="python -m tools.matrix", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="names or patterns; default: all")
    parser.add_argument("--jobs", type=int, default=2, help="rows side by side (default: 2)")
    parser.add_argument(
        "--without-servers",
        action="store_true",
        help="run suites on SQLite and without a broker, on any Python that the bake allows",
    )
    parser.add_argument("--list", action="store_true", help="print the names of the rows")
    options = parser.parse_args(arguments)
    if not 1 <= options.jobs <= servers.SLOT_LIMIT:
        parser.error(f"--jobs must be from 1 to {servers.SLOT_LIMIT}")
    if options.list:
        print("\n".join(row.name for row in [*combinations.rows(), *combinations.named_rows()]))
        return 0
    chosen = pick(options.rows)
    needed = {name for row in chosen for name in servers.needed_by(row.answers)}
    if options.without_servers:
        needed = set()
    machine = Machine(
        pythons=interpreters.installed(),
        missing=servers.missing(needed),
        use_servers=not options.without_servers,
        in_ci=os.environ.get("CI", "").lower() == "true",
    )
    print(f"Python: {', '.join(machine.pythons) or 'none'}")
    for name in sorted(needed):
        print(f"{name}: {machine.missing.get(name, 'here')}")
    # `timeout` and CI end a run with SIGTERM: leave no process and no database behind then either.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with alone(machine.work):
        started = time.monotonic()
        try:
            results = run_rows(
                chosen, machine.start, jobs=options.jobs, show=lambda line: print(line, flush=True)
            )
        finally:
            for number in range(options.jobs):
                tidy_up(servers.Slot(number), needed - machine.missing.keys())
    valid = combinations.valid_pairs(combinations.questions(), combinations.impossible_parts())
    print(f"\n{table(results)}\n")
    print(f"Logs: {machine.work / 'rows'}. All in {time.monotonic() - started:.0f} s.")
    counts = summary(results, valid)
    (machine.work / "summary").write_text(f"{counts}\n", "utf-8")
    print(counts)
    return exit_code(results)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
