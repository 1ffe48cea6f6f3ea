"""The matrix tells the truth: what fails, what is missing and what is skipped shows."""

import os
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from tests.baking import TEMPLATE
from tests.waiting import await_true
from tools import combinations, interpreters, matrix, processes, servers
from tools.combinations import Row
from tools.matrix import FAILED, PASSED, SKIPPED, Machine, Result, Step, Workplace

DEADLINE_SECONDS = 30
DEFAULTS, MINIMAL, _ = combinations.named_rows()
PYTHON = Path(sys.executable)
EVERY_PYTHON = dict.fromkeys(interpreters.VERSIONS, PYTHON)

FINE = Step("fine", lambda _: None)


@pytest.fixture(autouse=True)
def bystander(tmp_path, monkeypatch):
    """A file in the working directory that no run may touch; it is there after every test."""
    folder = tmp_path / "bystander"
    folder.mkdir()
    file = folder / "somebody's work"
    file.write_text("precious")
    monkeypatch.chdir(folder)
    yield
    assert file.read_text() == "precious"


@pytest.fixture
def work(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def broken(_: Workplace) -> str:
    return "it is broken"


def machine(work: Path, *steps: Step, **changes) -> Machine:
    """A machine with every interpreter and no server, whose rows run ``steps``."""
    arguments = {
        "pythons": EVERY_PYTHON,
        "missing": {},
        "use_servers": False,
        "steps": list(steps),
        "work": work,
    }
    return Machine(**(arguments | changes))


def run(here: Machine, *rows: Row, jobs: int = 1) -> list[Result]:
    return matrix.run_rows(list(rows), here.start, jobs=jobs, show=lambda _: None)


def workplace(work: Path, **changes) -> Workplace:
    return Workplace(DEFAULTS, servers.Slot(0), work, PYTHON, **changes)


def fake_bake(place: Workplace, makefile: str = "") -> Path:
    project = place.bakes / "my_service"
    project.mkdir(parents=True)
    (project / "pyproject.toml").write_text("")
    (project / "Makefile").write_text(makefile)
    return project


# What runs of a row's suite


@pytest.mark.parametrize(
    ("name", "runs_everything", "expected"),
    [
        ("defaults", True, ""),
        ("mysql-redis-jwt-5.2", True, " --no-cov"),
        ("defaults", False, " --no-cov tests/e2e/orders tests/integration/core/jobs"),
    ],
)
def test_row_for_its_cell_alone_runs_the_tests_of_its_servers(
    work, name, runs_everything, expected
):
    row = replace(DEFAULTS, name=name, runs_everything=runs_everything)
    place = replace(workplace(work), row=row)
    project = fake_bake(place, 'test:\n\t@echo "$(ARGS)"\n')
    for path in ("tests/e2e/orders", "tests/integration/core/jobs", "tests/unit"):
        (project / path).mkdir(parents=True)
    place.logs.mkdir(parents=True)

    matrix.run_suite(place)

    report = place.logs / "tests.xml"
    arguments = f"--junitxml='{report}'{expected} -m 'not slow'"
    assert place.log("test").read_text().splitlines()[-1] == arguments


def test_rows_that_keep_the_floor_of_coverage_hold_every_answer_that_changes_code():
    rows = [
        row
        for row in combinations.rows()
        if row.name in matrix.COVERED_ROWS and row.runs_everything
    ]

    for question, answers in combinations.questions().items():
        if question not in {"license", "python_version", "kubernetes", "ci"}:
            assert {row.answers[question] for row in rows} == set(answers), question


def test_tests_of_a_cell_are_there():
    service = TEMPLATE / "{{cookiecutter.project_slug}}"

    assert [path for path in matrix.CELL_TESTS if not (service / path).exists()] == []


# The outcome of rows


def test_row_whose_steps_are_fine_passes(work):
    results = run(machine(work, FINE, FINE), DEFAULTS)

    assert results[0].outcome == PASSED
    assert results[0].detail == "2 steps, 0 tests: whole suite"
    assert matrix.exit_code(results) == 0


def test_row_with_one_broken_step_fails_and_the_run_with_it(work):
    results = run(machine(work, FINE, Step("lint", broken), FINE), DEFAULTS)

    assert results[0].outcome == FAILED
    assert results[0].detail == "lint: it is broken"
    assert matrix.exit_code(results) == 1


def test_one_failed_row_among_others_fails_the_run(work):
    only_minimal = Step("lint", lambda place: broken(place) if place.row is MINIMAL else None)

    results = run(machine(work, only_minimal), DEFAULTS, MINIMAL, jobs=2)

    assert [result.outcome for result in results] == [PASSED, FAILED]
    assert matrix.exit_code(results) == 1


def test_steps_after_a_failed_one_still_run(work):
    results = run(machine(work, Step("lint", broken), Step("test", broken)), DEFAULTS)

    assert results[0].detail == "lint: it is broken; test: it is broken"


def test_step_for_another_row_does_not_run(work):
    elsewhere = Step("contract", broken, rows=frozenset({MINIMAL.name}))

    results = run(machine(work, FINE, elsewhere), DEFAULTS, MINIMAL)

    assert [result.detail for result in results] == [
        "1 steps, 0 tests: whole suite",
        "contract: it is broken",
    ]


@pytest.mark.parametrize("question", ["database", "auth", "response_format"])
def test_rows_that_keep_their_contract_have_every_answer(question):
    rows = [row for row in combinations.rows() if row.name in matrix.CONTRACT_ROWS]

    assert len(rows) == len(matrix.CONTRACT_ROWS)
    assert {row.answers[question] for row in rows} == set(combinations.questions()[question])


def test_rows_that_are_harmed_hold_every_database_and_broker_of_the_promise():
    rows = [row for row in combinations.rows() if row.name in matrix.DRILL_ROWS]

    assert len(rows) == len(matrix.DRILL_ROWS)
    assert {(row.answers["database"], row.answers["broker"]) for row in rows} == {
        ("postgresql", "redis"),
        ("postgresql", "rabbitmq"),
        ("mysql", "rabbitmq"),
    }
    assert all(row.answers["example_app"] and row.answers["events"] for row in rows)


def test_drill_that_loses_something_fails_its_row(work):
    place = workplace(work)
    fake_bake(place, "drill:\n\t@echo $(OPERATIONS) operations, 1 lost; false\n")
    place.logs.mkdir(parents=True)

    fault = matrix.run_drill(place)

    assert fault is not None
    assert "100 operations, 1 lost" in place.log("drill").read_text()


@pytest.mark.parametrize("question", ["database", "broker"])
def test_rows_with_slow_tests_run_everything_on_every_server(question):
    rows = [row for row in combinations.rows() if row.name in matrix.SLOW_ROWS]

    assert len(rows) == len(matrix.SLOW_ROWS)
    assert all(row.runs_everything for row in rows)
    assert {row.answers[question] for row in rows} == set(combinations.questions()[question])


def test_nothing_runs_after_a_vital_step_that_failed(work):
    steps = Step("bake", broken, vital=True), Step("test", broken)

    results = run(machine(work, *steps), DEFAULTS)

    assert results[0].detail == "bake: it is broken"


def test_exception_in_a_step_fails_its_row_alone(work):
    def crash(place: Workplace) -> str | None:
        return {}["no such key"] if place.row is DEFAULTS else None

    results = run(machine(work, Step("bake", crash)), DEFAULTS, MINIMAL)

    assert [result.outcome for result in results] == [FAILED, PASSED]
    assert results[0].detail == "bake: KeyError: 'no such key'"


def test_no_row_at_all_is_not_green():
    assert matrix.exit_code([]) == 1


def test_unknown_row_is_refused_by_name():
    with pytest.raises(SystemExit, match="No row is called 'oracle-\\*'"):
        matrix.pick(["oracle-*"])


# What is removed


@pytest.mark.parametrize("folder", [".", "..", "/", "../work", "../work/..", "../work/link"])
def test_only_what_lies_inside_the_work_folder_can_be_removed(work, tmp_path, folder):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (work / "link").symlink_to(elsewhere, target_is_directory=True)

    with pytest.raises(ValueError, match="it is not removed"):
        workplace(work).remove(Path(folder))

    assert elsewhere.is_dir()
    assert work.is_dir()


def test_row_that_passed_leaves_its_logs_and_no_bake(work):
    place = workplace(work)

    run(machine(work, Step("bake", lambda place: fake_bake(place) and None)), DEFAULTS)

    assert not place.bakes.exists()
    assert place.logs.is_dir()


def test_failed_step_shows_its_errors_and_the_tail_of_its_log_and_keeps_the_bake(work):
    def fail(place: Workplace) -> str:
        fake_bake(place)
        lines = ["E   too much", *(f"line {number}" for number in range(100))]
        place.log("lint").write_text("\n".join(lines))
        return "exit code 1"

    result = run(machine(work, Step("lint", fail)), DEFAULTS)[0]

    kept = work / "rows" / "defaults" / "bake" / "my_service"
    shown = result.log_tail.splitlines()
    assert shown[0] == str(work / "rows" / "defaults" / "lint.log")
    assert shown[1:] == ["E   too much", *(f"line {number}" for number in range(60, 100))]
    assert sorted(path.name for path in kept.iterdir()) == ["Makefile", "pyproject.toml"]


# Missing servers and interpreters


@pytest.mark.parametrize(("in_ci", "outcome", "code"), [(False, SKIPPED, 0), (True, FAILED, 1)])
def test_missing_server_is_named_and_fails_in_ci(work, in_ci, outcome, code):
    here = machine(work, FINE, missing={"PostgreSQL": "refused"}, use_servers=True, in_ci=in_ci)
    passed = Result(MINIMAL, PASSED, "3.13", "")

    results = run(here, DEFAULTS)

    assert results[0].outcome == outcome
    assert results[0].detail == "PostgreSQL is missing: refused"
    assert matrix.exit_code([*results, passed]) == code


@pytest.mark.parametrize(("in_ci", "outcome"), [(False, SKIPPED), (True, FAILED)])
def test_missing_interpreter_is_named_and_fails_in_ci(work, in_ci, outcome):
    here = machine(work, FINE, use_servers=True, in_ci=in_ci, pythons={"3.11": PYTHON})
    row = Row("sqlite", {**MINIMAL.answers, "python_version": "3.12"})

    result = here.start(row, servers.Slot(0))

    assert result.outcome == outcome
    assert result.detail == "Python 3.12 is missing"


def test_everything_skipped_is_not_green(work):
    results = run(machine(work, FINE, use_servers=True, pythons={}), DEFAULTS)

    assert [result.outcome for result in results] == [SKIPPED]
    assert matrix.exit_code(results) == 1


def test_row_of_a_python_that_is_not_here_says_what_it_runs_on(work):
    row = Row("newest", {**MINIMAL.answers, "python_version": "3.14"})
    here = machine(work, FINE, pythons={"3.13": PYTHON, "3.12": PYTHON})

    assert run(here, row)[0].python == "3.13 for 3.14"


def test_every_server_that_does_not_answer_is_missing(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    monkeypatch.setenv("MATRIX_POSTGRESQL_URL", f"postgres://root@127.0.0.1:{port}/postgres")
    monkeypatch.setenv("MATRIX_MYSQL_URL", f"mysql://root@127.0.0.1:{port}")
    monkeypatch.setenv("MATRIX_REDIS_URL", f"redis://127.0.0.1:{port}")
    monkeypatch.setenv("MATRIX_RABBITMQ_URL", f"amqp://guest:guest@127.0.0.1:{port}")
    names = {"PostgreSQL", "MariaDB", "Redis", "RabbitMQ"}

    missing = servers.missing(names)

    assert missing.keys() == names
    assert all(f"127.0.0.1:{port}: " in reason for reason in missing.values())


@pytest.mark.parametrize("row", combinations.rows(), ids=lambda row: row.name)
def test_row_needs_the_servers_that_its_environment_leads_to(row, monkeypatch):
    for variable in servers.DEFAULT_ADDRESSES:
        monkeypatch.delenv(variable, raising=False)
    schemes = {
        "postgres": "PostgreSQL",
        "mysql": "MariaDB",
        "redis": "Redis",
        "amqp": "RabbitMQ",
    }

    urls = servers.environment(servers.Slot(1), row.answers).values()

    named = {schemes[url.partition(":")[0]] for url in urls}
    assert named == set(servers.needed_by(row.answers))


def test_slots_share_no_database_queue_or_cache():
    other = {"database": "mysql", "broker": "rabbitmq"}
    of_slots = [
        {
            url
            for answers in (DEFAULTS.answers, other)
            for url in servers.environment(servers.Slot(number), answers).values()
        }
        for number in range(servers.SLOT_LIMIT)
    ]

    assert {len(urls) for urls in of_slots} == {5}
    assert len(set().union(*of_slots)) == 5 * servers.SLOT_LIMIT


# The suite's report


def suite(work: Path, *, may_skip_tests: bool, exit_code: int = 0, **counts: int) -> str | None:
    """The verdict on a suite that reports ``counts`` and ends with ``exit_code``."""
    place = workplace(work, may_skip_tests=may_skip_tests)
    place.logs.mkdir(parents=True)
    fake_bake(place, f"test:\n\t@exit {exit_code}\n")
    if counts:
        attributes = {"failures": 0, "errors": 0, "skipped": 0} | counts
        text = " ".join(f'{name}="{count}"' for name, count in attributes.items())
        cases = "".join(
            f'<testcase classname="tests.e2e" name="test_{number}"><skipped/></testcase>'
            for number in range(attributes["skipped"])
        )
        (place.logs / "tests.xml").write_text(
            f"<testsuites><testsuite {text}>{cases}<testcase/></testsuite></testsuites>"
        )
    return matrix.run_suite(place)


def test_suite_that_passes_is_fine(work):
    assert suite(work, may_skip_tests=False, tests=3) is None


def test_skipped_test_is_a_fault_where_every_server_is_there(work):
    verdict = suite(work, may_skip_tests=False, tests=3, skipped=1)

    assert verdict == "skipped although every server is there: tests.e2e.test_0"


def test_skipped_test_is_none_without_servers(work):
    assert suite(work, may_skip_tests=True, tests=3, skipped=1) is None


def test_suite_in_which_nothing_ran_is_a_fault(work):
    assert suite(work, may_skip_tests=True, tests=2, skipped=2) == "no test ran"


def test_suite_that_fails_is_a_fault(work):
    verdict = suite(work, may_skip_tests=True, tests=3, failures=1, exit_code=1)

    assert verdict == "exit code 2"


def test_suite_without_a_report_is_a_fault(work):
    assert suite(work, may_skip_tests=True) == "the suite wrote no report"


# What is printed


def test_table_has_a_line_for_each_row_and_the_summary_counts_them():
    valid = combinations.valid_pairs(combinations.questions(), combinations.impossible_parts())
    results = [
        Result(DEFAULTS, PASSED, "3.13", "9 steps, 214 tests", 71.4),
        Result(MINIMAL, FAILED, "3.13 for 3.14", "lint: exit code 2", 12.0),
        Result(
            Row("postgresql-redis-session-6.1", {}), SKIPPED, "3.12", "Redis is missing: refused"
        ),
    ]

    assert matrix.table(results).splitlines() == [
        "row                           python         what ran                   seconds  result",
        "defaults                      3.13           9 steps, 214 tests         71       passed",
        "minimal                       3.13 for 3.14  lint: exit code 2          12       FAILED",
        "postgresql-redis-session-6.1  3.12           Redis is missing: refused  0        skipped",
    ]
    assert matrix.summary(results, valid).splitlines() == [
        f"3 rows, {len(DEFAULTS.pairs)} of {len(valid)} valid pairs of answers passed",
        "1 passed, 1 failed, 1 skipped",
    ]


def test_whole_covering_array_proves_every_pair():
    valid = combinations.valid_pairs(combinations.questions(), combinations.impossible_parts())
    results = [Result(row, PASSED, "3.13", "") for row in combinations.rows()]

    assert matrix.summary(results, valid).splitlines() == [
        f"36 rows, {len(valid)} of {len(valid)} valid pairs of answers passed",
        "36 passed, 0 failed",
    ]


# Processes


def test_command_that_does_not_end_is_stopped_with_its_children(work):
    fault = processes.run_logged(
        ["sh", "-c", "sleep 600 & echo $!; wait"],
        cwd=work,
        environment=os.environ,
        log=work / "log",
        timeout_seconds=1,
    )

    child = int((work / "log").read_text().splitlines()[1])
    assert fault == "not done after 1 s"
    await_end(child)


def test_command_that_cannot_start_is_a_fault(work):
    fault = processes.run_logged(
        [str(work / "missing")],
        cwd=work,
        environment=os.environ,
        log=work / "log",
        timeout_seconds=1,
    )

    assert fault is not None
    assert fault.startswith(f"cannot start {work / 'missing'}: ")


def test_terminated_run_leaves_no_process_behind(work):
    """`timeout` and CI end a run with SIGTERM."""
    pid_file = work / "pid"
    program = f"""
import signal, sys
from pathlib import Path
from tools import matrix
from tools.combinations import named_rows
from tools.matrix import Machine, Step
work = Path({str(work)!r})
def wait(place):
    project = place.bakes / "my_service"
    project.mkdir(parents=True)
    (project / "pyproject.toml").touch()
    script = "echo $$ > " + str(work / "part") + "; mv " + str(work / "part") + " {pid_file}"
    return place.run("wait", "sh", "-c", script + "; exec sleep 600")
machine = Machine({{"3.13": Path(sys.executable)}}, {{}}, False, False, [Step("wait", wait)], work)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
matrix.run_rows(named_rows()[:1], machine.start, jobs=1)
"""
    process = subprocess.Popen([sys.executable, "-c", program], cwd=TEMPLATE)
    await_true(pid_file.exists, seconds=DEADLINE_SECONDS)

    process.send_signal(signal.SIGTERM)

    assert process.wait(DEADLINE_SECONDS) == 1
    await_end(int(pid_file.read_text()))


def test_second_run_in_the_same_folder_is_kept_out(work):
    with matrix.alone(work), pytest.raises(SystemExit, match="Another run"):
        matrix.alone(work).__enter__()


def test_rows_run_side_by_side_in_slots_of_their_own():
    """Neither row ends before both have begun."""
    both = threading.Barrier(2, timeout=DEADLINE_SECONDS)
    slots = {}

    def start(row: Row, slot: servers.Slot) -> Result:
        slots[row.name] = slot.number
        both.wait()
        return Result(row, PASSED, "3.13", "")

    matrix.run_rows([DEFAULTS, MINIMAL], start, jobs=2, show=lambda _: None)

    assert sorted(slots.values()) == [0, 1]


def test_clean_environment_keeps_proxies_and_drops_what_is_not_the_bakes(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid:3128")
    monkeypatch.setenv("VIRTUAL_ENV", "/elsewhere")
    monkeypatch.setenv("DATABASE_URL", "postgres://production.invalid/service")
    monkeypatch.setenv("ADMIN_PATH", "back-office/")
    monkeypatch.setenv("MAKEFLAGS", "-j")
    monkeypatch.setenv("ARGS", "--jobs 3")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")

    environment = processes.clean_environment(CACHE_URL="redis://127.0.0.1/5")

    assert environment["HTTPS_PROXY"] == "http://proxy.invalid:3128"
    assert environment["CACHE_URL"] == "redis://127.0.0.1/5"
    dropped = {"VIRTUAL_ENV", "DATABASE_URL", "ADMIN_PATH", "MAKEFLAGS", "ARGS"}
    assert not (dropped | {"PYTHONDONTWRITEBYTECODE"}) & environment.keys()


def await_end(process_id: int) -> None:
    """Wait until a process, not necessarily a child of this one, is gone or a zombie."""

    def gone() -> bool:
        try:
            status = Path(f"/proc/{process_id}/stat").read_text()
        except FileNotFoundError:
            return True
        return status.rpartition(")")[2].split()[0] == "Z"

    await_true(gone, seconds=DEADLINE_SECONDS)
